import { act } from './apply/act.ts';
import { tellUnproven, trySuspects } from './apply/suspects.ts';
import { collectTasks } from './collect/collect.ts';
import { optedOut } from './collect/node-tasks.ts';
import { closeLinks, openLinks, tellLinkFaults } from './collect/set-links.ts';
import type { Acted, Candidate, CycleDeps, CycleResult, Looked, Proven } from './cycle-deps.ts';
import { resultOf } from './cycle-result.ts';
import type { NvlError } from './errors.ts';
import { positionsReader } from './files/checkpoints.ts';
import { knownRows } from './pipelines/known-rows.ts';
import { seatsIn } from './pipelines/seats.ts';
import { loadedSince, type Plan } from './plan/plan.ts';
import { quarantineBlock } from './quarantine/quarantine-block.ts';
import { whyNotLoad } from './quarantine/refused-loads.ts';
import { rememberLoaded, rememberTasks, seatsOf } from './remember.ts';
import { recallGood, rememberGood } from './remember-good.ts';
import type { Rendered } from './render/render.ts';
import { frozen, goingOf, think } from './think.ts';

/** One pass over the node, top to bottom. */
export const runCycle = async (deps: CycleDeps): Promise<CycleResult> => {
  const looked = await look(deps);
  const proven = await thinkAndProve({ looked, deps });
  const { going, refusal, unproven } = proven;
  if (unproven !== undefined) tellUnproven({ unproven, deps });
  // Written down before any link is removed. After a crash nvl would else put the link back, and Vector would read all of its files again.
  rememberTasks({ looked, going, deps });
  const linking = { ...looked, ...deps };
  const closing = closeLinks(linking);
  const went = going === undefined ? undefined : await act({ ...going, looked, deps });
  if (going !== undefined && went !== undefined) rememberLoaded({ acted: went, going, deps });
  // Only now: of a line whose row Vector does not have, it could not say whose it is.
  const opening = openLinks({ ...linking, pipelineOf: seatsOf({ acted: went, going, looked }) });
  deps.memory.linkFaults = tellLinkFaults({
    ...deps,
    faults: [...closing, ...opening],
    knownFaults: deps.memory.linkFaults ?? '',
  });
  const acted = refusal === undefined && went !== undefined ? went : refusedOutcome(refusal);
  const isSearching = refusal === undefined && (await trySuspects({ blocks: proven.rendered.blocks, deps }));
  await rememberGood({ acted, proven, deps });
  return resultOf({ looked, proven, acted, isSearching, deps });
};

/** The same pass without its last steps: nothing is written, and Vector is told nothing. */
export const planCycle = async (deps: CycleDeps): Promise<{ rendered: Rendered; plan: Plan; looked: Looked }> => {
  const looked = await look(deps);
  return { ...(await think({ looked, deps })), looked };
};

/** The same pass up to the proof, also where nothing would change. */
export const proveCycle = async (deps: CycleDeps): Promise<Proven> => {
  const looked = await look(deps);
  return thinkAndProve({ looked: { ...looked, live: undefined }, deps });
};

/** Ask: Nomad, the files and Vector's positions of what has finished, what is live, what was remembered. */
const look = async (deps: CycleDeps): Promise<Looked> => {
  const { nodeSource, signal } = deps;
  await recallGood(deps);
  const [snapshot, live, table] = await Promise.all([
    nodeSource.ask({ signal }),
    deps.disk.readLive(),
    deps.disk.readTable(),
  ]);
  const state = deps.store.read();
  const positionsOf = positionsReader(deps.dataDir);
  const now = deps.now();
  const { nodeTasks, running } = deps.memory;
  const tasks = nodeTasks.of({ ...deps, snapshot });
  const collectedTasks = await collectTasks({ ...deps, snapshot, tasks, running, state, positionsOf, now });
  const known = knownRows({ table, memory: deps.memory });
  const rows = table === deps.memory.table?.text ? known : [];
  const hasTables = live === undefined || (await deps.disk.hasTables({ text: live, rows }));
  const seen = { live, table, rows, hasTables, ...seatsIn({ rows: known, tasks: state.tasks, now }) };
  return { ...seen, snapshot, state, positionsOf, nodeTasks: tasks, collectedTasks, optedOut: optedOut(tasks) };
};

/** Each refusal that can be blamed on a block costs a round; a node with more than these at once is not proven in this cycle. */
const MAX_PROOFS = 20;

/** Think → stage → prove. Blocks that Vector refuses are left out, and the rest is proven again. */
const thinkAndProve = async ({ looked, deps }: { looked: Looked; deps: CycleDeps }): Promise<Proven> => {
  for (let round = 1; ; round += 1) {
    const { rendered, plan } = await think({ looked, deps });
    const whyNot = plan.prove ? whyNotLoad({ digest: plan.digest, deps }) : undefined;
    const refused = (refusal: NvlError): Proven => ({
      rendered,
      plan,
      refusal,
      going: frozen({ rendered, looked }),
    });
    const going = goingOf({ plan, rendered });
    if (whyNot !== undefined) return refused(whyNot);
    // One more task is one more row: Vector has judged all of the rest already.
    if (!plan.prove) return { rendered, plan, refusal: undefined, going };
    await deps.disk.stage(plan.text);
    await deps.takeOwnFiles?.(plan.text);
    const proof = await deps.prove({ text: plan.text, blocks: rendered.blocks, ...runningIn(looked) });
    if (proof.ok) return { rendered, plan, refusal: undefined, going, unproven: proof.unproven ?? [] };
    if (proof.blamed.length === 0 || round === MAX_PROOFS) return refused(proof.error);
    for (const { block, error } of proof.blamed) {
      deps.log.debug({ block: block.key, of: block.heading, ...error.facts }, error.message);
      quarantineBlock({ block, error, memory: deps.memory });
    }
  }
};

/** The live file, and since when Vector runs it; the time is unknown unless Vector confirmed that file. */
const runningIn = ({ live, state: { loaded } }: Looked): Pick<Candidate, 'live' | 'loadedAt'> => ({
  live,
  loadedAt: loadedSince({ live, loaded }),
});

const refusedOutcome = (why: NvlError | undefined): Acted => ({ outcome: 'rejected', ...(why && { why }) });
