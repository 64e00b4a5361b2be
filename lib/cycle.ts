import { act } from './apply/act.ts';
import { tellUnproven, trySuspects } from './apply/suspects.ts';
import { collectTasks, optedOut } from './collect/collect.ts';
import { contextsOf, listNotes, optOutNotes, withStatusOf } from './collect/contexts.ts';
import { setLinks } from './collect/set-links.ts';
import { nodeContext } from './context/context.ts';
import type { Acted, Candidate, CycleDeps, CycleResult, Looked, Proven } from './cycle-deps.ts';
import { resultOf } from './cycle-result.ts';
import type { NvlError } from './errors.ts';
import { digestOf, makePlan, type Plan } from './plan/plan.ts';
import { quarantineBlock } from './quarantine/quarantine-block.ts';
import { quarantinedIn, whyNotLoad } from './quarantine/refused-loads.ts';
import { rememberGood, rememberLoaded, rememberTasks } from './remember.ts';
import { blocksOf } from './render/file.ts';
import { type Rendered, renderNode } from './render/render.ts';

/** One pass over the node, top to bottom. */
export const runCycle = async (deps: CycleDeps): Promise<CycleResult> => {
  const looked = await look(deps);
  const proven = await thinkAndProve({ looked, deps });
  const { plan, unproven } = proven;
  if (unproven !== undefined) tellUnproven({ unproven, deps });
  // Written down before any link is removed. After a crash nvl would else put the link back, and Vector would read all of its files again.
  rememberTasks({ looked, deps });
  deps.memory.linkFaults = await setLinks({ ...looked, ...deps, knownFaults: deps.memory.linkFaults ?? '' });
  const acted =
    proven.refusal === undefined ? await act({ plan, live: looked.live, deps }) : refusedOutcome(proven.refusal);
  rememberLoaded({ acted, proven, deps });
  const isSearching = proven.refusal === undefined && (await trySuspects({ blocks: proven.rendered.blocks, deps }));
  rememberGood({ acted, proven, memory: deps.memory });
  return resultOf({ looked, proven, acted, isSearching, deps });
};

/** The same pass without its last steps: nothing is written, and Vector is told nothing. */
export const planCycle = async (deps: CycleDeps): Promise<{ rendered: Rendered; plan: Plan; looked: Looked }> => {
  const looked = await look(deps);
  return { ...think({ looked, deps }), looked };
};

/** The same pass up to the proof, also where nothing would change. */
export const proveCycle = async (deps: CycleDeps): Promise<Proven> => {
  const looked = await look(deps);
  return thinkAndProve({ looked: { ...looked, live: undefined }, deps });
};

/** Ask: Nomad, the files and Vector's positions of what has finished, what is live, what was remembered. */
const look = async (deps: CycleDeps): Promise<Looked> => {
  const { nodeSource, signal } = deps;
  const [snapshot, live] = await Promise.all([nodeSource.ask({ signal }), deps.disk.readLive()]);
  const state = deps.store.read();
  const collectedTasks = await collectTasks({ ...deps, snapshot, state, now: deps.now() });
  return { snapshot, state, live, collectedTasks, optedOut: optedOut({ ...deps, snapshot }) };
};

/** Context → render → plan. Pure. */
const think = ({ looked, deps }: { looked: Looked; deps: CycleDeps }): { rendered: Rendered; plan: Plan } => {
  const { snapshot, live, state, collectedTasks } = looked;
  const collected = collectedTasks.filter(({ decision }) => decision.isCollected);
  const blocks = renderNode({
    templates: deps.templates,
    tasks: contextsOf({ snapshot, collectedTasks: collected, logAccess: deps.logAccess }),
    node: { ...nodeContext(snapshot.node), ...snapshot.node.status },
    sinkTask: withStatusOf({ snapshot, collectedTasks: collected }),
    hasSinks: deps.config.sinks !== 'none',
    linksDir: deps.linksDir,
    live: blocksOf(live ?? ''),
    carried: new Set(collected.filter(({ listed }) => listed === undefined).map(({ id }) => id)),
    quarantined: quarantinedIn(deps),
    lastGood: deps.memory.lastGood,
  });
  const rendered = { ...blocks, notes: [...listNotes(snapshot), ...optOutNotes(looked.optedOut), ...blocks.notes] };
  return { rendered, plan: makePlan({ rendered: rendered.text, live, loaded: state.loaded?.digest }) };
};

/** Each refusal that can be blamed on a block costs a round; a node with more than these at once is not proven in this cycle. */
const MAX_PROOFS = 20;

/** Think → stage → prove. Blocks that Vector refuses are left out, and the rest is proven again. */
const thinkAndProve = async ({ looked, deps }: { looked: Looked; deps: CycleDeps }): Promise<Proven> => {
  for (let round = 1; ; round += 1) {
    const { rendered, plan } = think({ looked, deps });
    const whyNot = plan.swap || plan.reload ? whyNotLoad({ digest: plan.digest, deps }) : undefined;
    if (whyNot !== undefined) return { rendered, plan, refusal: whyNot };
    if (!plan.swap && !plan.reload) return { rendered, plan, refusal: undefined };
    await deps.disk.stage(plan.text);
    const proof = await deps.prove({ text: plan.text, blocks: rendered.blocks, ...runningIn(looked) });
    if (proof.ok) return { rendered, plan, refusal: undefined, unproven: proof.unproven ?? [] };
    if (proof.blamed.length === 0 || round === MAX_PROOFS) return { rendered, plan, refusal: proof.error };
    for (const { block, error } of proof.blamed) {
      deps.log.debug({ block: block.key, of: block.heading, ...error.facts }, error.message);
      quarantineBlock({ block, error, memory: deps.memory });
    }
  }
};

/** The live file, and since when Vector runs it; the time is unknown unless Vector confirmed that file. */
const runningIn = ({ live, state: { loaded } }: Looked): Pick<Candidate, 'live' | 'loadedAt'> => ({
  live,
  loadedAt: live !== undefined && loaded?.digest === digestOf(live) ? loaded.at : undefined,
});

const refusedOutcome = (why: NvlError): Acted => ({ outcome: 'rejected', why });
