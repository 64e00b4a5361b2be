import { NvlError } from '../errors.ts';
import type { DoctorContext } from './doctor-context.ts';
import { type Finding, fail, failOf, notChecked, ok, warn } from './finding.ts';

/** Does the agent answer, is it the client of this node, and may the token ask it? */
export const checkAgent = async ({ agent, config, group }: DoctorContext): Promise<Finding[]> => {
  if (group !== undefined) return [ok('not asked: nvl is a task of a group, and asks for its allocation alone')];
  const { nodeId, allocDir } = config.nomad;
  const isNeeded = nodeId === undefined || allocDir === undefined;
  try {
    const seen = await agent();
    const answers = ok(`Nomad ${seen.version} answers at ${config.nomad.address}`);
    if (seen.nodeId === undefined) {
      return [
        answers,
        fail(
          'this agent is no client: it has no node and no allocations',
          'give nvl the address of a client agent, and run it on that machine',
        ),
      ];
    }
    if (nodeId !== undefined && nodeId !== seen.nodeId) {
      const text = `nomad.nodeId is ${nodeId}, and the agent here is node ${seen.nodeId}`;
      return [answers, warn(text, 'leave nomad.nodeId out, unless this machine sees the files of that node')];
    }
    return [answers, ok(`the agent is a client, node ${seen.nodeId}`)];
  } catch (error) {
    if (isRefused(error) && !isNeeded) return [ok('agent:read is refused, and not needed: node and folder are set')];
    throw error;
  }
};

/** May the token read the node and its allocations, and all of them? */
export const checkAllocations = async (context: DoctorContext): Promise<Finding[]> => {
  const { node, list, agent, config } = context;
  if (context.group !== undefined) return [await checkGroup(context)];
  if ((await context.nodeId().catch(() => undefined)) === undefined) return [await checkNodeRight(context)];
  const { status, name } = await node();
  const { allocations, faults, hasLeader } = await list();
  const tasks = await context.tasks();
  const findings = [
    ok(`node ${name} is ${status.status}, with ${allocations.length} allocations and ${tasks.length} tasks to collect`),
  ];
  if (!hasLeader) {
    findings.push(
      warn('the Nomad servers have no leader, so the list may be old', 'see: nomad operator raft list-peers'),
    );
  }
  for (const { heading, error } of faults.slice(0, MOST_NAMED))
    findings.push(warn(`${heading}: ${error.message}: ${error.facts.why}`, String(error.advice)));
  const known = await agent().catch(() => undefined);
  const isSameNode = config.nomad.nodeId === undefined || config.nomad.nodeId === known?.nodeId;
  const missing = isSameNode ? (known?.allocations ?? 0) - allocations.length - faults.length : 0;
  if (missing > 0) {
    findings.push(
      warn(
        `the agent holds ${known?.allocations} allocations and the token shows ${allocations.length}: Nomad leaves out, without a word, what a token may not read`,
        'give the token the capability read-job in every namespace to collect (jobspecs/acl-policy.hcl)',
      ),
    );
  }
  return findings;
};

const checkGroup = async ({ list, tasks }: DoctorContext): Promise<Finding> => {
  const [own] = (await list()).allocations;
  if (own !== undefined) return ok(`allocation ${own.name}, with ${(await tasks()).length} tasks to collect`);
  return fail('Nomad does not know the allocation that nvl runs in', 'see: nomad alloc status, with NOMAD_ALLOC_ID');
};

const MOST_NAMED = 5;

/** Where the event stream is asked for: is it open to the token? A refusal of Nomad's looks like silence. */
export const checkEvents = async ({ client, config, io }: DoctorContext): Promise<Finding[]> => {
  if (config.nomad.news !== 'events') return [];
  try {
    for await (const _ of client.allocationEvents({ index: 0, signal: io.signal })) break;
    return [ok("Nomad's event stream is open to the token")];
  } catch (error) {
    const { text, advice = 'set nomad.news = "list"' } = failOf(error);
    return [warn(`no events, so nvl follows the list as without them: ${text}`, advice)];
  }
};

/** Nomad looks at the token before it looks for the node, so a node that nobody has tells what the token may. */
const NO_NODE = '00000000-0000-0000-0000-000000000000';

const checkNodeRight = async ({ client, agent, io }: DoctorContext): Promise<Finding> => {
  const away = await agent().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isRefused(away)) return notChecked('nothing says which node this is');
  try {
    await client.node(NO_NODE, { signal: io.signal });
  } catch (error) {
    if (isRefused(error)) return failOf(error);
  }
  return notChecked('node:read is granted, and nothing says which node this is');
};

const isRefused = (error: unknown): boolean => error instanceof NvlError && error.code === 'nomadRefused';
