import type { Proof } from './apply/prove.ts';
import type { Config } from './config/config.ts';
import { nodeContext, type TaskContext, taskContext, withVolatile } from './context/context.ts';
import { collectTasks, type Standing } from './drain/collect.ts';
import { ensureLink, removeLink } from './drain/links.ts';
import type { State, StateStore } from './drain/state.ts';
import { NvlError } from './errors.ts';
import type { Log } from './log.ts';
import type { Asked, Asker } from './nomad/asker.ts';
import { digestOf, makePlan, type Plan } from './plan/plan.ts';
import { type Block, blocksOf } from './render/file.ts';
import { type Refused, type Rendered, renderNode } from './render/render.ts';
import type { Templates } from './render/templates.ts';
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
  plan: Plan;
  refused: readonly Refused[];
  standings: readonly Standing[];
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
  disk: {
    readLive(): Promise<string | undefined>;
    /** Writes the text beside the live file, to be proven. */
    stage(text: string): Promise<void>;
    /** Puts what was staged live. */
    swap(): Promise<void>;
    /** Remembers the live text as one that Vector runs well. */
    keepGeneration(text: string): Promise<void>;
    lastGeneration(): Promise<string | undefined>;
  };
  /** Proves what is staged. */
  prove(candidate: { text: string; blocks: readonly Block[] }): Promise<Proof>;
  /** `died`: Vector ended over it, and is started again by whoever runs it. */
  reload(options: { added: string[]; signal: AbortSignal }): Promise<ReloadResult | { kind: 'died'; why: string }>;
  now(): number;
  log: Log;
  signal: AbortSignal;
};

/** What one daemon knows and no file: which bytes Vector refused, and which it died of. */
export type Memory = { barred: Map<string, { text: string; error: NvlError }>; deadly: Map<string, NvlError> };

export const newMemory = (): Memory => ({ barred: new Map(), deadly: new Map() });

/** One pass over the node, top to bottom. */
export const runCycle = async (world: World): Promise<CycleResult> => {
  const looked = await look(world);
  const proven = await thinkAndProve({ looked, world });
  const { plan } = proven;
  await setLinks({ standings: looked.standings, asked: looked.asked, world });
  const { outcome, why } = proven.refusal === undefined ? await act({ plan, world }) : refusedOutcome(proven.refusal);
  remember({ looked, world, plan, outcome });
  const due = looked.standings.flatMap(({ verdict }) => verdict.lookAgainMs ?? []);
  return {
    outcome,
    ...(why === undefined ? {} : { why }),
    plan,
    refused: proven.rendered.refused,
    standings: looked.standings,
    lookAgainMs: due.length === 0 ? undefined : Math.min(...due),
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
};

/** Ask: Nomad, the files and Vector's positions of what has finished, what is live, what was remembered. */
const look = async (world: World): Promise<Looked> => {
  const { asker, config, dataDir, ownAllocId, signal } = world;
  const [asked, live] = await Promise.all([asker.ask({ signal }), world.disk.readLive()]);
  const state = world.store.read();
  const now = world.now();
  const { isRecorded } = world;
  const standings = await collectTasks({ asked, asker, state, config, dataDir, ownAllocId, isRecorded, now, signal });
  return { asked, state, live, standings };
};

/** Context → render → plan. Pure. */
const think = ({ looked, world }: { looked: Looked; world: World }): { rendered: Rendered; plan: Plan } => {
  const { asked, live, state, standings } = looked;
  const collected = standings.filter(({ verdict }) => verdict.isCollected);
  const rendered = renderNode({
    templates: world.templates,
    tasks: contextsOf({ asked, standings: collected, linksDir: world.linksDir }),
    node: { ...nodeContext(asked.node), ...asked.node.status },
    sinkTask: withStatusOf({ asked, standings: collected }),
    hasSinks: world.config.sinks !== 'none',
    linksDir: world.linksDir,
    live: blocksOf(live ?? ''),
    carried: new Set(collected.filter(({ listed }) => listed === undefined).map(({ id }) => id)),
    barred: world.memory.barred,
  });
  return { rendered, plan: makePlan({ rendered: rendered.text, live, loaded: state.loaded?.digest }) };
};

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
            chosen: { profile: listed.profile, params: listed.params },
          }),
        ],
  );
};

export type Proven = { rendered: Rendered; plan: Plan; refusal: NvlError | undefined };

/** Each refusal that can be blamed on a block costs a round; a node with more than these at once is not proven in this cycle. */
const MAX_PROOFS = 20;

/** Think → stage → prove; whoever Vector refuses is left out, and the rest is proven again. */
const thinkAndProve = async ({ looked, world }: { looked: Looked; world: World }): Promise<Proven> => {
  for (let round = 1; ; round += 1) {
    const { rendered, plan } = think({ looked, world });
    const deadly = world.memory.deadly.get(plan.digest);
    if (deadly !== undefined) return { rendered, plan, refusal: deadly };
    if (!plan.swap && !plan.reload) return { rendered, plan, refusal: undefined };
    await world.disk.stage(plan.text);
    const proof = await world.prove({ text: plan.text, blocks: rendered.blocks });
    if (proof.ok) return { rendered, plan, refusal: undefined };
    if (proof.blamed.length === 0 || round === MAX_PROOFS) return { rendered, plan, refusal: proof.error };
    for (const { block, error } of proof.blamed) {
      world.log.error({ block: block.key, of: block.heading, code: error.code, ...error.facts }, error.message);
      world.memory.barred.set(block.key, { text: block.text, error });
    }
  }
};

const refusedOutcome = (why: NvlError): { outcome: Outcome; why: NvlError } => ({ outcome: 'rejected', why });

/** A link is there before its source, and away before its source goes. */
const setLinks = async ({
  standings,
  asked,
  world,
}: {
  standings: readonly Standing[];
  asked: Asked;
  world: World;
}): Promise<void> => {
  const { config, linksDir } = world;
  for (const { id, verdict } of standings) {
    const target = verdict.record?.logDir;
    if (!verdict.isLinked) await removeLink({ linksDir, id });
    else if (target !== undefined) await ensureLink({ linksDir, id, target: asVectorSees({ target, asked, config }) });
    if (verdict.event !== undefined) logEvent({ id, event: verdict.event, log: world.log });
  }
};

/** A Vector in a container may see the allocations' folder under another path. */
const asVectorSees = ({ target, asked, config }: { target: string; asked: Asked; config: Config }): string =>
  config.vector.allocDir !== undefined && target.startsWith(`${asked.allocDir}/`)
    ? `${config.vector.allocDir}${target.slice(asked.allocDir.length)}`
    : target;

const logEvent = ({
  id,
  event,
  log,
}: {
  id: string;
  event: NonNullable<Standing['verdict']['event']>;
  log: Log;
}): void => {
  if (event.kind === 'ceiling') {
    log.warn({ task: id, bytesLeft: Number(event.bytesLeft) }, 'gave up waiting for Vector to read a finished task');
  } else log.debug({ task: id }, `task ${event.kind}`);
};

/** Swap → reload → confirm. */
const act = async ({ plan, world }: { plan: Plan; world: World }): Promise<{ outcome: Outcome; why?: NvlError }> => {
  if (!plan.swap && !plan.reload) return { outcome: 'unchanged' };
  if (plan.swap) await world.disk.swap();
  const added = plan.changes.added.filter(({ kind }) => kind === 'source').map(({ id }) => id);
  const reloaded = await world.reload({ added, signal: world.signal });
  if (reloaded.kind === 'reloaded') {
    await world.disk.keepGeneration(plan.text);
    return { outcome: 'reloaded' };
  }
  const why = reloadError(reloaded);
  if (reloaded.kind === 'unconfirmed' || reloaded.kind === 'needsRestart') return { outcome: reloaded.kind, why };
  if (reloaded.kind === 'died') world.memory.deadly.set(plan.digest, why);
  const isBack = await rollBack({ deadly: plan.digest, world });
  if (isBack && reloaded.kind === 'failed') await world.reload({ added: [], signal: world.signal });
  return { outcome: isBack ? 'rolledBack' : 'unconfirmed', why };
};

/**
 * Puts the last good generation live again: its blocks, never links of tasks that are drained since. False when there is
 * none but the one that is bad.
 */
export const rollBack = async ({ deadly, world }: { deadly: string; world: Pick<World, 'disk'> }): Promise<boolean> => {
  const good = await world.disk.lastGeneration();
  if (good === undefined || digestOf(good) === deadly) return false;
  await world.disk.stage(good);
  await world.disk.swap();
  return true;
};

const reloadError = ({ kind, why }: { kind: string; why: string }): NvlError =>
  new NvlError('reloadFailed', {
    message: RELOAD_WORDS[kind] ?? 'Vector did not load the new config',
    facts: { said: why },
    advice:
      kind === 'needsRestart'
        ? 'restart Vector: it loads what is live'
        : 'nvl tries again with growing pauses; see what Vector logged',
  });

const RELOAD_WORDS: Readonly<Record<string, string>> = {
  unconfirmed: 'Vector was told to reload, and nothing confirms that it did',
  needsRestart: 'Vector cannot load the new config without a restart',
  failed: 'Vector did not load the new config; the last good one is live again',
  died: 'Vector died of the new config; the last good one is live again',
};

/** One write per cycle, and none when nothing changed. */
const remember = ({
  looked,
  world,
  plan,
  outcome,
}: {
  looked: Looked;
  world: World;
  plan: Plan;
  outcome: Outcome;
}): void => {
  const { loaded: before, ...state } = world.store.read();
  const loaded =
    outcome === 'reloaded' ? { digest: plan.digest, at: world.now() } : outcome === 'unchanged' ? before : undefined;
  world.store.write({
    ...state,
    nodeId: looked.asked.node.id,
    tasks: Object.fromEntries(
      looked.standings.flatMap(({ id, verdict }) => (verdict.record === undefined ? [] : [[id, verdict.record]])),
    ),
    ...(loaded === undefined ? {} : { loaded }),
  });
};
