import { nodeContext, taskContext } from '../context/context.ts';
import { readSwitch } from '../context/enabled.ts';
import { chooseProfile } from '../context/profile.ts';
import { describeError } from '../errors.ts';
import type { LogStream } from '../link-name.ts';
import type { Allocation, Task } from '../nomad/allocation.ts';
import { readChunks } from '../nomad/log-chunks.ts';
import { readFrames } from '../nomad/log-frames.ts';
import type { Node } from '../nomad/node.ts';
import { INSTEAD_WORDS } from '../render/refused.ts';
import { type FollowedAllocation, hasTaskStarted, isTaskOver } from './followed-allocation.ts';
import { type LogMemory, readLog } from './read-log.ts';
import { inSlot } from './slots.ts';
import type { TailDeps } from './tail.ts';
import { makeTailPipeline } from './tail-pipeline.ts';
import { taskLabel } from './tailed-task.ts';
import { createTaskEngine, type TaskEngine } from './task-engine.ts';

/** A task that is followed. `isNew`: it began after nvl did, so all of its lines are new. */
export type FollowedTask = {
  allocation: Allocation;
  task: Task;
  node: Node;
  watched: FollowedAllocation;
  isNew: boolean;
};

/** Shows what a task writes until it is over for good, also over restarts. */
export const followTask = async (followed: FollowedTask, deps: TailDeps): Promise<void> => {
  const { task, watched, isNew } = followed;
  const { signal, follows, before, streams } = deps;
  if (task.logs.disabled) {
    deps.say(`${labelOf(followed)}: its job has logs.disabled, so there is nothing to read`);
    return;
  }
  await untilStarted({ followed, deps });
  if (!hasTaskStarted(watched.now(), task.name)) return;
  const engine = await openEngine({ followed, deps });
  if (engine === undefined) return;
  const logs = streams.map((stream) => ({ stream, memory: newMemory(isNew ? undefined : before) }));
  try {
    while (!signal.aborted) {
      await Promise.all(logs.map((log) => readOne({ ...log, followed, engine, deps })));
      if (signal.aborted) return;
      await engine.end();
      if (!follows) return;
      await watched.until((state) => isForGood(followed) || !isTaskOver(state, task.name), signal);
      if (isForGood(followed)) return;
    }
  } finally {
    engine.close();
  }
};

const newMemory = (before: number | undefined): LogMemory => ({ before, position: undefined });

const labelOf = ({ allocation, task }: FollowedTask): string => taskLabel({ allocId: allocation.id, task: task.name });

/** Nothing of its allocation will run again. */
const isForGood = ({ watched }: FollowedTask): boolean => watched.now().isOver || watched.now().isGone;

const untilStarted = async ({ followed, deps }: { followed: FollowedTask; deps: TailDeps }): Promise<void> => {
  const { watched, task } = followed;
  if (hasTaskStarted(watched.now(), task.name)) return;
  deps.say(`${labelOf(followed)}: has not started yet`);
  if (!deps.follows) return;
  await watched.until((state) => hasTaskStarted(state, task.name) || isForGood(followed), deps.signal);
};

const openEngine = async ({
  followed,
  deps,
}: {
  followed: FollowedTask;
  deps: TailDeps;
}): Promise<TaskEngine | undefined> => {
  const { allocation, task, node } = followed;
  const { parts, rules, say, print, where, fail } = deps;
  const label = labelOf(followed);
  if (!readSwitch({ allocation, task }).isOn) say(`${label}: is not collected on its node, as its meta says`);
  const chosen = chooseProfile({ allocation, task, rules });
  const context = taskContext({ allocation, task, node: nodeContext(node), linksDir: parts.linksDir, chosen });
  const pipeline = await makeTailPipeline({ context, parts });
  for (const { instead, errors } of pipeline.refused)
    say(`${label}: ${INSTEAD_WORDS[instead]}, since\n${errors.map(describeError).join('\n').replaceAll(/^/gm, '  ')}`);
  if (pipeline.id === undefined) return undefined;
  const told = new Set<string>();
  return createTaskEngine({
    context,
    pipeline,
    linksDir: parts.linksDir,
    emit: async (events) => print({ allocId: allocation.id, task: task.name }, await where(events)),
    onFailed: (failed) => {
      for (const { error } of failed) {
        if (!told.has(error.message)) say(`${label}: lines are lost here: ${error.message}`);
        told.add(error.message);
      }
    },
    onBug: fail,
  });
};

const readOne = async ({
  stream,
  memory,
  followed,
  engine,
  deps,
}: {
  stream: LogStream;
  memory: LogMemory;
  followed: FollowedTask;
  engine: TaskEngine;
  deps: TailDeps;
}): Promise<void> => {
  const { allocation, task, watched } = followed;
  const { client, follows, signal, troubles, slots, say, onUnread } = deps;
  const about = labelOf(followed);
  const read = () =>
    readLog({
      ask: (question) => {
        const pieces = client.logs(allocation.id, { task: task.name, stream, signal, ...question });
        return readChunks({ frames: readFrames(pieces), origin: question.origin });
      },
      memory,
      follows,
      isOver: () => isTaskOver(watched.now(), task.name),
      take: ({ index, bytes }) => engine.push({ stream, index, bytes }),
      onTrouble: (error) => {
        onUnread();
        troubles.add({ about, part: stream, error });
      },
      onGood: () => troubles.settle({ about, part: stream }),
      onLost: () => say(`${about}: Nomad rotated lines of ${stream} away before nvl could read them`),
      signal,
    });
  await inSlot({ slots, signal }, read).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
};
