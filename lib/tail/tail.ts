import type { Config } from '../config/config.ts';
import { NvlError } from '../errors.ts';
import type { LogStream } from '../link-name.ts';
import type { Allocation } from '../nomad/allocation.ts';
import type { AllocationStub } from '../nomad/allocation-stub.ts';
import type { NomadClient } from '../nomad/client.ts';
import type { Node } from '../nomad/node.ts';
import type { Target } from './find-target.ts';
import { firstChoice } from './first-choice.ts';
import { followAllocation } from './follow-allocation.ts';
import { followList } from './follow-list.ts';
import { createFollowed, type FollowedAllocation } from './followed-allocation.ts';
import type { Printer } from './printer.ts';
import type { Slots } from './slots.ts';
import type { PipelineParts } from './tail-pipeline.ts';
import type { Troubles } from './troubles.ts';
import type { Where } from './where.ts';

/** What following needs of the outside, and what is asked for. */
export type TailDeps = {
  client: NomadClient;
  parts: PipelineParts;
  rules: Config['rules'];
  /** How many lines are shown of what is there already, of each log. */
  before: number;
  streams: readonly LogStream[];
  /** The only task; undefined: all of them. */
  task: string | undefined;
  follows: boolean;
  where: Where;
  print: Printer;
  /** A line for people. */
  say: (line: string) => void;
  troubles: Troubles;
  /** How many logs may be read at once. */
  slots: Slots;
  /** How many other questions may be asked at once. */
  questions: Slots;
  nodeOf: (allocation: Pick<Allocation, 'nodeId' | 'nodeName'>) => Promise<Node>;
  /** Something could not be read. */
  onUnread: () => void;
  /** A bug: everything ends. */
  fail: (error: unknown) => void;
  signal: AbortSignal;
};

/**
 * Shows what a target's allocations write: those that are there, and those that join, until the signal aborts, or with one allocation until that is over;
 * without `follows`, what is there now. Throws what the first question for the list throws, and `usage` where nothing has a task of that name.
 */
export const tail = async ({ target, deps }: { target: Target; deps: TailDeps }): Promise<void> => {
  const { follows, troubles, signal } = deps;
  const watched = new Map<string, FollowedAllocation>();
  const running = new Set<Promise<void>>();
  const join = (stub: AllocationStub, isNew: boolean): void => {
    const one = createFollowed(stub);
    watched.set(stub.id, one);
    const followed = followAllocation({ watched: one, isNew }, deps)
      .catch(deps.fail)
      .finally(() => running.delete(followed));
    running.add(followed);
  };
  const at = { about: 'the list of allocations', part: '' };
  const lists = followList({
    target,
    onTrouble: (error) => troubles.add({ ...at, error }),
    onGood: () => troubles.settle(at),
    signal,
  });
  let passed: ReadonlySet<string> | undefined;
  for await (const list of lists) {
    if (passed === undefined) {
      checkTask({ list, task: deps.task });
      const chosen = firstChoice(list);
      for (const stub of chosen) join(stub, false);
      passed = new Set(list.filter((stub) => !chosen.includes(stub)).map(({ id }) => id));
      if (chosen.length === 0) deps.say(target.mayGrow && follows ? 'no allocations yet' : 'no allocations');
    } else take({ list, watched, passed, join });
    if (!follows) break;
    if (!target.mayGrow && list.every(({ isOver }) => isOver)) break;
  }
  await Promise.all(running);
};

/** A newer list: what is known is updated, what is not joins, what is gone leaves. */
const take = ({
  list,
  watched,
  passed,
  join,
}: {
  list: readonly AllocationStub[];
  watched: Map<string, FollowedAllocation>;
  /** Those that were over before nvl came. */
  passed: ReadonlySet<string>;
  join: (stub: AllocationStub, isNew: boolean) => void;
}): void => {
  const listed = new Map(list.map((stub) => [stub.id, stub]));
  for (const [id, one] of watched) {
    const stub = listed.get(id);
    one.update(stub);
    if (stub === undefined) watched.delete(id);
  }
  for (const stub of list) if (!watched.has(stub.id) && !passed.has(stub.id)) join(stub, true);
};

const checkTask = ({ list, task }: { list: readonly AllocationStub[]; task: string | undefined }): void => {
  const known = [...new Set(list.flatMap(({ tasks }) => [...tasks.keys()]))].sort();
  if (task === undefined || known.length === 0 || known.includes(task)) return;
  throw new NvlError('usage', { message: `no allocation has a task ${task}`, facts: { tasks: known.join(', ') } });
};
