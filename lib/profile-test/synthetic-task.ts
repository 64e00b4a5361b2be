import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { type NodeContext, nodeContext, type TaskContext, taskContext } from '../context/context.ts';
import type { Allocation, Task } from '../nomad/allocation.ts';
import { readNode } from '../nomad/node.ts';
import { readAllocation } from '../nomad/read-allocation.ts';
import type { TestCase } from './case.ts';

/** Where the links of such tasks are said to be, in a run that has no files. Nothing lies there. */
export const LINKS_DIR = '/nvl/links';

/** A task that Nomad never knew, as templates see it. */
export type SyntheticTask = { allocId: string; task: string; context: TaskContext };

/**
 * The task of a case: an allocation of its own, read the way Nomad's answers are. Equal cases give equal tasks,
 * wherever their files lie. Pure.
 */
export const syntheticTask = ({
  testCase,
  linksDir,
}: {
  testCase: Omit<TestCase, 'bytes' | 'events' | 'isExact'>;
  linksDir: string;
}): SyntheticTask => {
  const { profile, file, position, task: given, params } = testCase;
  const names = {
    job: given.job ?? profile,
    group: given.group ?? 'group',
    task: given.task ?? 'task',
    node: given.node ?? 'node',
    namespace: given.namespace ?? 'default',
  };
  const allocId = uuidOf([profile, basename(file), String(position)]);
  const { allocation, task } = allocationOf({ allocId, names, given });
  const context = taskContext({
    allocation,
    task,
    node: syntheticNode(names.node),
    linksDir,
    chosen: { profile, params: { ...params } },
  });
  return { allocId, task: names.task, context };
};

export const syntheticNode = (name: string): NodeContext =>
  nodeContext(
    readNode({
      ID: uuidOf(['node', name]),
      Name: name,
      Datacenter: 'dc1',
      NodePool: 'default',
      HTTPAddr: '127.0.0.1:4646',
    }),
  );

type Names = { job: string; group: string; task: string; node: string; namespace: string };

const allocationOf = ({
  allocId,
  names,
  given,
}: {
  allocId: string;
  names: Names;
  given: TestCase['task'];
}): { allocation: Allocation; task: Task } => {
  const allocation = readAllocation({
    ID: allocId,
    Name: `${names.job}.${names.group}[0]`,
    Namespace: names.namespace,
    NodeID: uuidOf(['node', names.node]),
    NodeName: names.node,
    JobID: names.job,
    TaskGroup: names.group,
    ClientStatus: 'running',
    DesiredStatus: 'run',
    CreateTime: CREATED_NS,
    CreateIndex: 1,
    Job: {
      ID: names.job,
      Name: names.job,
      Namespace: names.namespace,
      Region: 'global',
      Type: given.type ?? 'service',
      Datacenters: ['dc1'],
      NodePool: 'default',
      TaskGroups: [
        {
          Name: names.group,
          Count: 1,
          Tasks: [
            {
              Name: names.task,
              Driver: given.driver ?? 'exec',
              Meta: given.meta ?? null,
              LogConfig: { MaxFiles: 10, MaxFileSizeMB: 10 },
            },
          ],
        },
      ],
    },
  });
  const task = allocation?.tasks[0];
  if (allocation === undefined || task === undefined) throw new Error('a synthetic allocation could not be read');
  return { allocation, task };
};

const CREATED_NS = Date.UTC(2024, 0, 1) * 1e6;

const uuidOf = (parts: readonly string[]): string => {
  const hex = createHash('sha256').update(parts.join('\0')).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
};
