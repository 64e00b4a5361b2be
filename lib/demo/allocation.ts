/** A job as the demo describes it: the few things that differ between jobs. */
export type DemoJob = {
  /** Also its name. May hold slashes, as the children of periodic and dispatched jobs do. */
  id: string;
  type?: 'service' | 'batch' | 'system';
  namespace?: string;
  parentId?: string;
  meta?: Record<string, string>;
  group?: string;
  groupMeta?: Record<string, string>;
  /** Of services that the group offers. */
  tags?: string[];
  count?: number;
  tasks: [DemoTask, ...DemoTask[]];
};

export type DemoTask = {
  name: string;
  driver?: string;
  meta?: Record<string, string>;
  isSidecar?: boolean;
  logsDisabled?: boolean;
  maxFiles?: number;
  maxFileSizeMB?: number;
};

/** One run of a job's group on the node, as the demo keeps it. */
export type DemoAllocation = {
  id: string;
  evalId: string;
  job: DemoJob;
  /** Which of the group's `count` it is. */
  index: number;
  version: number;
  clientStatus: 'pending' | 'running' | 'complete' | 'failed';
  isAskedToStop: boolean;
  createIndex: number;
  modifyIndex: number;
  createdAt: Date;
  modifiedAt: Date;
  startedAt: Date | undefined;
  finishedAt: Date | undefined;
  port: number;
};

export const groupOf = (job: DemoJob): string => job.group ?? job.id;
export const namespaceOf = (job: DemoJob): string => job.namespace ?? 'default';

/** The allocation as `GET /v1/node/:id/allocations` answers (api/allocations.go); only fields that a reader may want. */
export const toAnswer = ({ allocation, node }: { allocation: DemoAllocation; node: { id: string; name: string } }) => {
  const { job, clientStatus } = allocation;
  return {
    ID: allocation.id,
    EvalID: allocation.evalId,
    Name: `${job.id}.${groupOf(job)}[${allocation.index}]`,
    Namespace: namespaceOf(job),
    NodeID: node.id,
    NodeName: node.name,
    JobID: job.id,
    Job: toJob(allocation),
    TaskGroup: groupOf(job),
    AllocatedResources: {
      Shared: {
        DiskMB: 300,
        Networks: null,
        Ports: [{ HostIP: '127.0.0.1', Label: 'http', To: 0, Value: allocation.port }],
      },
      Tasks: byTask(job, () => ({
        Cpu: { CpuShares: 100 },
        Memory: { MemoryMB: 64, MemoryMaxMB: 0 },
        Devices: null,
        Networks: null,
      })),
    },
    DesiredStatus: allocation.isAskedToStop ? 'stop' : 'run',
    DesiredDescription: allocation.isAskedToStop ? 'alloc not needed due to job update' : '',
    ClientStatus: clientStatus,
    ClientDescription: clientStatus === 'pending' ? 'No tasks have started' : DESCRIPTIONS[clientStatus],
    TaskStates: clientStatus === 'pending' ? null : byTask(job, () => toTaskState(allocation)),
    DeploymentStatus: null,
    NetworkStatus: null,
    CreateIndex: allocation.createIndex,
    ModifyIndex: allocation.modifyIndex,
    AllocModifyIndex: allocation.createIndex,
    CreateTime: toNs(allocation.createdAt),
    ModifyTime: toNs(allocation.modifiedAt),
  };
};

const DESCRIPTIONS = { running: 'Tasks are running', complete: 'All tasks have completed', failed: 'Failed tasks' };

const toJob = ({ job, version, createIndex, createdAt, clientStatus }: DemoAllocation) => ({
  ID: job.id,
  Name: job.id,
  Namespace: namespaceOf(job),
  ParentID: job.parentId ?? '',
  Region: 'global',
  Type: job.type ?? 'service',
  Priority: 50,
  Datacenters: ['dc1'],
  NodePool: 'default',
  Meta: job.meta ?? null,
  Version: version,
  SubmitTime: toNs(createdAt),
  Status: clientStatus === 'running' ? 'running' : 'pending',
  Stop: false,
  Stable: version > 0,
  Dispatched: job.id.includes('/dispatch-'),
  Periodic: null,
  ParameterizedJob: null,
  CreateIndex: createIndex,
  ModifyIndex: createIndex,
  JobModifyIndex: createIndex,
  TaskGroups: [
    {
      Name: groupOf(job),
      Count: job.count ?? 1,
      Meta: job.groupMeta ?? null,
      Networks: [{ Mode: 'host', DynamicPorts: [{ Label: 'http', Value: 0, To: 0, HostNetwork: 'default' }] }],
      Services:
        job.tags === undefined
          ? null
          : [{ Name: `${groupOf(job)}-http`, Tags: job.tags, PortLabel: 'http', Provider: 'nomad' }],
      EphemeralDisk: { Migrate: false, SizeMB: 300, Sticky: false },
      RestartPolicy: { Attempts: 2, Delay: 15_000_000_000, Interval: 1_800_000_000_000, Mode: 'fail' },
      Volumes: null,
      Tasks: job.tasks.map(toTask),
    },
  ],
});

const toTask = (task: DemoTask) => ({
  Name: task.name,
  Driver: task.driver ?? 'exec',
  Meta: task.meta ?? null,
  User: '',
  Kind: '',
  Leader: false,
  Lifecycle: task.isSidecar === true ? { Hook: 'prestart', Sidecar: true } : null,
  KillTimeout: 5_000_000_000,
  ShutdownDelay: 0,
  Config: { command: `/usr/bin/${task.name}` },
  LogConfig: {
    Disabled: task.logsDisabled ?? false,
    MaxFiles: task.maxFiles ?? 10,
    MaxFileSizeMB: task.maxFileSizeMB ?? 10,
  },
  Resources: { CPU: 100, Cores: 0, MemoryMB: 64, MemoryMaxMB: 0 },
  Services: null,
});

const toTaskState = ({ clientStatus, startedAt, finishedAt }: DemoAllocation) => ({
  State: clientStatus === 'running' ? 'running' : 'dead',
  Failed: clientStatus === 'failed',
  Restarts: 0,
  LastRestart: null,
  StartedAt: startedAt?.toISOString() ?? null,
  FinishedAt: finishedAt?.toISOString() ?? null,
  Events: [
    ...(startedAt === undefined
      ? []
      : [{ Type: 'Started', Time: toNs(startedAt), DisplayMessage: 'Task started by client', ExitCode: 0, Signal: 0 }]),
    ...(finishedAt === undefined
      ? []
      : [
          {
            Type: 'Terminated',
            Time: toNs(finishedAt),
            DisplayMessage: 'Exit Code',
            ExitCode: clientStatus === 'failed' ? 1 : 0,
            Signal: 0,
          },
        ]),
  ],
});

const byTask = <T>(job: DemoJob, value: () => T): Record<string, T> =>
  Object.fromEntries(job.tasks.map(({ name }) => [name, value()]));

/** Nomad's times are nanoseconds; a number holds them to the quarter microsecond, as JSON readers in JavaScript do. */
const toNs = (date: Date): number => date.getTime() * 1e6;
