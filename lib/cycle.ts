import { act } from './apply/act.ts';
import { tellUnproven, trySuspects } from './apply/suspects.ts';
import { collectTasks, optedOut } from './collect/collect.ts';
import { contextsOf, optOutNotes, withStatusOf } from './collect/contexts.ts';
import { setLinks } from './collect/set-links.ts';
import { nodeContext } from './context/context.ts';
import type { NvlError } from './errors.ts';
import { digestOf, makePlan, type Plan } from './plan/plan.ts';
import { bar } from './quarantine/bar.ts';
import { barredIn, whyNotLoad } from './quarantine/refused-loads.ts';
import { rememberGood, rememberLoaded, rememberTasks } from './remember.ts';
import { blocksOf } from './render/file.ts';
import { type Rendered, renderNode } from './render/render.ts';
import type { Acted, Candidate, CycleResult, Looked, Proven, World } from './world.ts';

/** One pass over the node, top to bottom. */
export const runCycle = async (world: World): Promise<CycleResult> => {
  const looked = await look(world);
  const proven = await thinkAndProve({ looked, world });
  const { plan, unproven } = proven;
  if (unproven !== undefined) tellUnproven({ unproven, world });
  // Before a link goes: one that came back after a crash would have Vector read all of its files again.
  rememberTasks({ looked, world });
  const { standings, snapshot } = looked;
  const { config, linksDir, memory, log } = world;
  memory.linkFaults = await setLinks({ standings, snapshot, config, linksDir, told: memory.linkFaults ?? '', log });
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

/** Ask: Nomad, the files and Vector's positions of what has finished, what is live, what was remembered. */
const look = async (world: World): Promise<Looked> => {
  const { nodeSource, config, dataDir, ownAllocId, signal } = world;
  const [snapshot, live] = await Promise.all([nodeSource.ask({ signal }), world.disk.readLive()]);
  const state = world.store.read();
  const now = world.now();
  const { isRecorded } = world;
  const standings = await collectTasks({
    snapshot,
    nodeSource,
    state,
    config,
    dataDir,
    ownAllocId,
    isRecorded,
    now,
    signal,
  });
  return { snapshot, state, live, standings, optedOut: optedOut({ snapshot, config, ownAllocId }) };
};

/** Context → render → plan. Pure. */
const think = ({ looked, world }: { looked: Looked; world: World }): { rendered: Rendered; plan: Plan } => {
  const { snapshot, live, state, standings } = looked;
  const collected = standings.filter(({ verdict }) => verdict.isCollected);
  const blocks = renderNode({
    templates: world.templates,
    tasks: contextsOf({ snapshot, standings: collected, linksDir: world.linksDir }),
    node: { ...nodeContext(snapshot.node), ...snapshot.node.status },
    sinkTask: withStatusOf({ snapshot, standings: collected }),
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
