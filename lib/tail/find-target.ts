import { NvlError } from '../errors.ts';
import { objectOf } from '../json.ts';
import { type AllocationStub, readStubs } from '../nomad/allocation-stub.ts';
import type { NomadClient } from '../nomad/client.ts';
import type { StubList, StubQuestion } from '../nomad/job-questions.ts';

/** What a name on the command line stands for. */
export type Target = {
  /** The allocations of it, blocking until that may have changed. */
  list(question: { index?: number | undefined; signal: AbortSignal }): Promise<TargetList>;
  /** The name of the one task that is meant; undefined for all of them. */
  task: string | undefined;
  /** Whether more may join; one allocation stays one. */
  mayGrow: boolean;
};

export type TargetList = { index: number; stubs: readonly AllocationStub[] };

type Asking = { client: NomadClient; namespace: string | undefined; signal: AbortSignal };

/**
 * Finds what is meant: a job by its id, with the children of a periodic or parameterized one; else an allocation by its id or the beginning of it; else
 * a job and one of its tasks, `JOB/TASK`. Throws `jobUnknown`, `usage` for a beginning that several share, and what Nomad's client throws.
 */
export const findTarget = async ({ name, ...asking }: Asking & { name: string }): Promise<Target> => {
  const found = await findWhole({ ...asking, name });
  if (found !== undefined) return found;
  const slash = name.lastIndexOf('/');
  const [job, task] = [name.slice(0, slash), name.slice(slash + 1)];
  const ofTask = slash <= 0 || task === '' ? undefined : await findWhole({ ...asking, name: job });
  if (ofTask !== undefined) return { ...ofTask, task };
  throw unknown({ name, namespace: asking.namespace });
};

const findWhole = async (asking: Asking & { name: string }): Promise<Target | undefined> =>
  (await findJob(asking)) ?? (await findAllocation(asking));

const findJob = async ({ client, name, namespace = 'default', signal }: Asking & { name: string }) => {
  const whole = (list: Target['list']): Target => ({ list, task: undefined, mayGrow: true });
  const family = whole((question) =>
    client.allocations({ namespace, filter: familyFilter(name), ...question }).then(readList),
  );
  if (namespace === '*') return (await family.list({ signal })).stubs.length > 0 ? family : undefined;
  const own = whole((question) => client.jobAllocations(name, { namespace, ...question }).then(readList));
  const job = await client.job(name, { namespace, signal }).catch((error: unknown) => {
    // It may be an allocation of a namespace that the token may read.
    if (error instanceof NvlError && error.code === 'nomadRefused' && ALLOCATION.test(name)) return undefined;
    throw error;
  });
  if (job !== undefined) return isParent(job) ? family : own;
  // A job that was purged may have left allocations.
  return !ALLOCATION.test(name) && (await own.list({ signal })).stubs.length > 0 ? own : undefined;
};

const readList = ({ index, stubs }: StubList): TargetList => ({ index, stubs: readStubs(stubs) });

const isParent = (job: unknown): boolean => {
  const { Periodic, ParameterizedJob } = objectOf(job);
  return (Periodic ?? undefined) !== undefined || (ParameterizedJob ?? undefined) !== undefined;
};

/**
 * A job and its children, whose ids Nomad makes of its own.
 *
 * @source https://developer.hashicorp.com/nomad/api-docs#filtering
 */
const familyFilter = (id: string): string => {
  const pattern = `^${id.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)}/(periodic|dispatch)-`;
  return `JobID == ${JSON.stringify(id)} or JobID matches ${JSON.stringify(pattern)}`;
};

/** An id, or so much of it that it means something. */
const ALLOCATION = /^[0-9a-f]{4}[0-9a-f-]{0,32}$/;

const findAllocation = async ({ client, name, namespace, signal }: Asking & { name: string }) => {
  if (!ALLOCATION.test(name)) return undefined;
  const ask = async (prefix: string, question: Omit<StubQuestion, 'namespace'>): Promise<TargetList> => {
    const { index, stubs } = readList(
      await client.allocations({ namespace: namespace ?? '*', prefix: evenPrefix(prefix), ...question }),
    );
    return { index, stubs: stubs.filter(({ id }) => id.startsWith(prefix)) };
  };
  const [one, ...others] = (await ask(name, { signal })).stubs;
  if (one === undefined) return undefined;
  if (others.length > 0) throw ambiguous(name, [one, ...others]);
  const target: Target = { list: (question) => ask(one.id, question), task: undefined, mayGrow: false };
  return target;
};

/** Nomad takes no half of a byte. */
const evenPrefix = (prefix: string): string => {
  const plain = prefix.replace(/-+$/, '');
  return plain.replaceAll('-', '').length % 2 === 0 ? plain : plain.slice(0, -1);
};

const ambiguous = (name: string, found: readonly AllocationStub[]): NvlError =>
  new NvlError('usage', {
    message: `${found.length} allocations have an id that begins with ${name}`,
    facts: { they: found.map(({ id, name: of }) => `${id} ${of}`).join('\n') },
    advice: 'write more of it',
  });

const unknown = ({ name, namespace }: { name: string; namespace: string | undefined }): NvlError =>
  new NvlError('jobUnknown', {
    message: `Nomad knows no job ${name} in namespace ${namespace ?? 'default'}, and no allocation whose id begins so`,
    advice: 'name its namespace with --namespace (`*` for all of them); nomad job status lists the jobs',
  });
