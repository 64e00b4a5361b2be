import { type Acted, act, bar } from './apply/act.ts';
import type { Proof, Unproven } from './apply/prove.ts';
import { newProofMemory, type ProofMemory } from './apply/prove-memory.ts';
import { barredIn, type RefusedLoad, whyNotLoad } from './apply/refused-loads.ts';
import { tellUnproven, trySuspects } from './apply/suspects.ts';
import { collectTasks, type OptedOut, optedOut, type Standing } from './collect/collect.ts';
import type { Config } from './config/config.ts';
import { indexOfName, nodeContext, type TaskContext, taskContext, withVolatile } from './context/context.ts';
import type { NvlError } from './errors.ts';
import { setLinks } from './files/set-links.ts';
import type { Log } from './log.ts';
import type { Asked, Asker } from './nomad/asker.ts';
import { digestOf, makePlan, type Plan } from './plan/plan.ts';
import { type Block, blocksOf, namesHeading } from './render/file.ts';
import { type LastGood, noLastGood, withSound } from './render/last-good.ts';
import type { Note, Refused } from './render/refused.ts';
import { type Rendered, renderNode } from './render/render.ts';
import type { Templates } from './render/templates.ts';
import type { TaskRecord } from './state/record.ts';
import type { State, StateStore } from './state/state.ts';
import type { DeliveryTrouble } from './vector/delivery.ts';
import type { ReloadResult } from './vector/reloader.ts';

/**
 * What came of a cycle. `unchanged`: Vector already runs these bytes. `reloaded`: it has confirmed them.
 * `unconfirmed`: it was told, and said nothing. `rejected`: nothing live was touched. `needsRestart`: a global changed.
 * `rolledBack`: the reload failed, or Vector died of it, and the last good generation is live again.
 */
export type Outcome = 'unchanged' | 'reloaded' | 'unconfirmed' | 'rejected' | 'needsRestart' | 'rolledBack';

export type CycleResult = {
  outcome: Outcome;
  why?: NvlError;
  /** `unconfirmed`, and Vector is not told again: it is taken to run these bytes. */
  isAssumed: boolean;
  plan: Plan;
  refused: readonly Refused[];
  /** What of jobs' meta is not understood. */
  notes: readonly Note[];
  standings: readonly Standing[];
  troubles: readonly DeliveryTrouble[];
  /** When to look again without any news, in ms; undefined: at the next interval. */
  lookAgainMs: number | undefined;
};

/** The outside world, handed in; each part is real in `bin/` and small enough to be made by a test. */
export type World = {
  config: Config;
  asker: Asker;
  templates: Templates;
  store: StateStore;
  memory: Memory;
  /** Where links lie, as nvl writes them and as Vector reads them. */
  linksDir: string;
  /** Vector's data folder, for its positions in files; undefined when it is not known. */
  dataDir: string | undefined;
  ownAllocId: string | undefined;
  /** The node is a recording: no file of it is on this machine, and each is taken to be there and unread. */
  isRecorded: boolean;
  /** A digest of all that Vector loads besides the live file; undefined where it is not looked at. */
  surroundings?: string | undefined;
  /** Which components of the running Vector do not deliver, where that is seen. */
  troubles?: () => readonly DeliveryTrouble[];
  disk: {
    readLive(): Promise<string | undefined>;
    /** Writes the text beside the live file, to be proven. */
    stage(text: string): Promise<void>;
    /** Puts what was staged live. */
    swap(): Promise<void>;
    /** Remembers the live text as one that Vector runs well. */
    keepGeneration(text: string): Promise<void>;
    /** Puts this text live, whatever is staged: a Vector may die while a cycle proves its next file. */
    restore(text: string): Promise<void>;
    /** The newest text that Vector ran well and that fits. */
    lastGeneration(fits: (text: string) => boolean): Promise<string | undefined>;
  };
  /** Proves what is staged. */
  prove(candidate: Candidate): Promise<Proof>;
  /** `died`: Vector ended over it, and is started again by whoever runs it. */
  reload(options: { added: string[]; signal: AbortSignal }): Promise<ReloadResult>;
  now(): number;
  log: Log;
  signal: AbortSignal;
};

/** A set to be proven, beside what is live and since when Vector runs that; undefined where that is not known. */
export type Candidate = {
  text: string;
  blocks: readonly Block[];
  live?: string | undefined;
  loadedAt?: number | undefined;
  /** Whether it comes to an end is all that is asked: nobody is to be blamed. */
  isTrial?: boolean;
};

/** What one daemon knows and no file. */
export type Memory = {
  /** Block texts that Vector refused, by the block's key. */
  barred: Map<string, Map<string, NvlError>>;
  /** What Vector did not load, or died of, though it was proven; undefined until it was read from the state. */
  refusedLoads?: readonly RefusedLoad[];
  /** How often Vector was told to load a file without any sign that it did. */
  told?: { digest: string; times: number };
  proofs: ProofMemory;
  /** The links that could not be set in the last cycle, and why. */
  linkFaults?: string;
  /** What Vector last took of each profile. */
  lastGood: LastGood;
};

export const newMemory = (): Memory => ({ barred: new Map(), proofs: newProofMemory(), lastGood: noLastGood });

/** One pass over the node, top to bottom. */
export const runCycle = async (world: World): Promise<CycleResult> => {
  const looked = await look(world);
  const proven = await thinkAndProve({ looked, world });
  const { plan, unproven } = proven;
  if (unproven !== undefined) tellUnproven({ unproven, world });
  // Before a link goes: one that came back after a crash would have Vector read all of its files again.
  rememberTasks({ looked, world });
  const { standings, asked } = looked;
  const { config, linksDir, memory, log } = world;
  memory.linkFaults = await setLinks({ standings, asked, config, linksDir, told: memory.linkFaults ?? '', log });
  const acted =
    proven.refusal === undefined ? await act({ plan, live: looked.live, world }) : refusedOutcome(proven.refusal);
  rememberLoaded({ acted, proven, world });
  const isSearching = proven.refusal === undefined && (await trySuspects({ blocks: proven.rendered.blocks, world }));
  rememberGood({ acted, proven, memory: world.memory });
  const due = looked.standings.flatMap(({ verdict }) => verdict.lookAgainMs ?? []);
  return {
    outcome: acted.outcome,
    ...(acted.why === undefined ? {} : { why: acted.why }),
    isAssumed: acted.isAssumed === true,
    plan,
    refused: proven.rendered.refused,
    notes: proven.rendered.notes,
    standings: looked.standings,
    troubles: world.troubles?.() ?? [],
    lookAgainMs: isSearching ? 0 : due.length === 0 ? undefined : Math.min(...due),
  };
};

/** The same pass without its last steps: nothing is written, and Vector is told nothing. */
export const planCycle = async (world: World): Promise<{ rendered: Rendered; plan: Plan; looked: Looked }> => {
  const looked = await look(world);
  return { ...think({ looked, world }), looked };
};

/** The same pass up to the proof, also where nothing would change. */
export const proveCycle = async (world: World): Promise<Proven> => {
  const looked = await look(world);
  return thinkAndProve({ looked: { ...looked, live: undefined }, world });
};

export type Looked = {
  asked: Asked;
  state: State;
  live: string | undefined;
  standings: readonly Standing[];
  /** Tasks that are not collected as their meta says so. */
  optedOut: readonly OptedOut[];
};

/** Ask: Nomad, the files and Vector's positions of what has finished, what is live, what was remembered. */
const look = async (world: World): Promise<Looked> => {
  const { asker, config, dataDir, ownAllocId, signal } = world;
  const [asked, live] = await Promise.all([asker.ask({ signal }), world.disk.readLive()]);
  const state = world.store.read();
  const now = world.now();
  const { isRecorded } = world;
  const standings = await collectTasks({ asked, asker, state, config, dataDir, ownAllocId, isRecorded, now, signal });
  return { asked, state, live, standings, optedOut: optedOut({ asked, config, ownAllocId }) };
};

/** Context → render → plan. Pure. */
const think = ({ looked, world }: { looked: Looked; world: World }): { rendered: Rendered; plan: Plan } => {
  const { asked, live, state, standings } = looked;
  const collected = standings.filter(({ verdict }) => verdict.isCollected);
  const blocks = renderNode({
    templates: world.templates,
    tasks: contextsOf({ asked, standings: collected, linksDir: world.linksDir }),
    node: { ...nodeContext(asked.node), ...asked.node.status },
    sinkTask: withStatusOf({ asked, standings: collected }),
    hasSinks: world.config.sinks !== 'none',
    linksDir: world.linksDir,
    live: blocksOf(live ?? ''),
    carried: new Set(collected.filter(({ listed }) => listed === undefined).map(({ id }) => id)),
    barred: barredIn(world),
    lastGood: world.memory.lastGood,
  });
  const rendered = { ...blocks, notes: [...optOutNotes(looked.optedOut), ...blocks.notes] };
  return { rendered, plan: makePlan({ rendered: rendered.text, live, loaded: state.loaded?.digest }) };
};

/** Opt-outs that are no clear ones. */
export const optOutNotes = (tasks: readonly OptedOut[]): Note[] =>
  tasks.flatMap(({ id, allocation: { namespace, job, groupName, name }, task, fault }) => {
    if (fault === undefined) return [];
    const names = { namespace, job: job.id, group: groupName, index: indexOfName(name), task: task.name };
    return [{ key: id, heading: namesHeading(names), errors: [fault] }];
  });

/** Sinks may use what changes while a task runs: they are rendered once per node, and restart no source. */
const withStatusOf = ({ asked, standings }: { asked: Asked; standings: readonly Standing[] }) => {
  const listed = new Map(standings.map((standing) => [standing.id, standing.listed]));
  return (context: TaskContext): object => {
    const found = listed.get(context.id);
    return found === undefined ? context : withVolatile({ context, ...found, node: asked.node });
  };
};

export const contextsOf = ({
  asked,
  standings,
  linksDir,
}: {
  asked: Asked;
  standings: readonly Standing[];
  linksDir: string;
}): TaskContext[] => {
  const node = nodeContext(asked.node);
  return standings.flatMap(({ listed }) =>
    listed === undefined
      ? []
      : [
          taskContext({
            allocation: listed.allocation,
            task: listed.task,
            node,
            linksDir,
            chosen: { profile: listed.profile, params: listed.params, sink: listed.sink },
          }),
        ],
  );
};

export type Proven = {
  rendered: Rendered;
  plan: Plan;
  refusal: NvlError | undefined;
  /** What of it could not be proven on this machine. */
  unproven?: readonly Unproven[];
};

/** Each refusal that can be blamed on a block costs a round; a node with more than these at once is not proven in this cycle. */
const MAX_PROOFS = 20;

/** Think → stage → prove; whoever Vector refuses is left out, and the rest is proven again. */
const thinkAndProve = async ({ looked, world }: { looked: Looked; world: World }): Promise<Proven> => {
  for (let round = 1; ; round += 1) {
    const { rendered, plan } = think({ looked, world });
    const whyNot = plan.swap || plan.reload ? whyNotLoad({ digest: plan.digest, world }) : undefined;
    if (whyNot !== undefined) return { rendered, plan, refusal: whyNot };
    if (!plan.swap && !plan.reload) return { rendered, plan, refusal: undefined };
    await world.disk.stage(plan.text);
    const proof = await world.prove({ text: plan.text, blocks: rendered.blocks, ...runningIn(looked) });
    if (proof.ok) return { rendered, plan, refusal: undefined, unproven: proof.unproven ?? [] };
    if (proof.blamed.length === 0 || round === MAX_PROOFS) return { rendered, plan, refusal: proof.error };
    for (const { block, error } of proof.blamed) {
      world.log.debug({ block: block.key, of: block.heading, ...error.facts }, error.message);
      bar({ block, error, memory: world.memory });
    }
  }
};

/** What Vector runs as far as nvl knows: the live file, where that is what it confirmed. */
const runningIn = ({ live, state: { loaded } }: Looked): Pick<Candidate, 'live' | 'loadedAt'> => ({
  live,
  loadedAt: live !== undefined && loaded?.digest === digestOf(live) ? loaded.at : undefined,
});

const refusedOutcome = (why: NvlError): Acted => ({ outcome: 'rejected', why });

/** Nothing is written where nothing changed. */
const rememberTasks = ({ looked, world }: { looked: Looked; world: World }): void => {
  const { troubles: _, ...state } = world.store.read();
  const troubles = world.troubles?.() ?? [];
  // A Vector that ended while this cycle looked took with it what was known of it.
  const ofVector = ({ id, record }: { id: string; record: TaskRecord }): TaskRecord => {
    const hasEnded = looked.state.tasks[id]?.loadedAt !== undefined && state.tasks[id]?.loadedAt === undefined;
    const { loadedAt: __, ...rest } = record;
    return hasEnded ? rest : record;
  };
  world.store.write({
    ...state,
    ...(troubles.length === 0 ? {} : { troubles }),
    nodeId: looked.asked.node.id,
    tasks: Object.fromEntries(
      looked.standings.flatMap(({ id, verdict: { record } }) =>
        record === undefined ? [] : [[id, ofVector({ id, record })]],
      ),
    ),
  });
};

/** What Vector has taken is good, until it dies of it. */
const rememberGood = ({ acted, proven, memory }: { acted: Acted; proven: Proven; memory: Memory }): void => {
  const isTaken = acted.outcome === 'reloaded' || acted.outcome === 'unchanged' || acted.isAssumed === true;
  if (isTaken) memory.lastGood = withSound(memory.lastGood, proven.rendered.sound);
};

/** What Vector runs now; a refused file leaves that as it was. It has happened, so a full disk changes nothing about it. */
const rememberLoaded = ({ acted, proven, world }: { acted: Acted; proven: Proven; world: World }): void => {
  const { loaded: before, tasks, ...state } = world.store.read();
  const { outcome, isAssumed, isRunning } = acted;
  const isKept = outcome === 'unchanged' || outcome === 'rejected' || isRunning === true;
  const isNew = outcome === 'reloaded' || isAssumed === true;
  const loaded = isNew ? { digest: proven.plan.digest, at: world.now() } : isKept ? before : undefined;
  const runs = loaded?.digest === proven.plan.digest;
  const keys = new Set(runs ? proven.rendered.blocks.map(({ key }) => key) : []);
  world.store.hold({
    ...state,
    tasks: Object.fromEntries(
      Object.entries(tasks).map(([id, record]) => [
        id,
        record.loadedAt === undefined && record.phase === 'collected' && keys.has(id)
          ? { ...record, loadedAt: world.now() }
          : record,
      ]),
    ),
    ...(loaded === undefined ? {} : { loaded }),
  });
};
