import {
  flagOf,
  listOf,
  mapOf,
  msOfNs,
  numberOf,
  objectOf,
  type Raw,
  textMapOf,
  textOf,
  textsOf,
  timeOfNs,
} from '../json.ts';
import { compare, inKeyOrder } from '../order.ts';

/**
 * One allocation of `GET /v1/node/:id/allocations`, with every field that templates may see and none that may hold a
 * secret: `Job.Payload`, `Env`, the driver's whole `Config`, `Templates`, `Vault`, `Secrets`, `Identity` and
 * `NomadTokenID` are never read. Times are RFC 3339, durations milliseconds, absent texts ''.
 * Field names: Nomad's API (api/allocations.go, jobs.go, tasks.go), in camelCase.
 */
export type Allocation = {
  id: string;
  name: string;
  namespace: string;
  nodeId: string;
  nodeName: string;
  previousId: string;
  createTime: string;
  createIndex: number;
  groupName: string;
  job: Job;
  group: Group;
  tasks: Task[];
  ports: Record<string, { value: number; to: number; hostIp: string }>;
  diskMB: number;
  status: AllocationStatus;
  jobStatus: JobStatus;
  groupCount: number;
  /** True where the answer lacks the job or the group: only names and states are known, and no meta. */
  isPartial: boolean;
};

/** What changes while an allocation lives. */
export type AllocationStatus = {
  clientStatus: string;
  clientDescription: string;
  desiredStatus: string;
  desiredDescription: string;
  modifyTime: string;
  modifyIndex: number;
  allocModifyIndex: number;
  evalId: string;
  deploymentId: string;
  nextId: string;
  followupEvalId: string;
  preemptedById: string;
  rescheduleAttempts: number;
  deployment: { healthy: boolean; canary: boolean; timestamp: string };
  network: { interfaceName: string; address: string; addressIpv6: string };
};

export type Job = {
  id: string;
  name: string;
  namespace: string;
  region: string;
  type: string;
  priority: number;
  datacenters: string[];
  nodePool: string;
  meta: Record<string, string>;
  parentId: string;
  isDispatched: boolean;
  isPeriodic: boolean;
  isParameterized: boolean;
  periodic: { enabled: boolean; specs: string[]; timeZone: string };
  parameterized: { payload: string; metaRequired: string[]; metaOptional: string[] };
  ui: { description: string; links: { label: string; url: string }[] };
  consulNamespace: string;
  vaultNamespace: string;
  isBatch: boolean;
};

/** What changes when a job is updated in place. */
export type JobStatus = {
  version: number;
  versionTag: { name: string; description: string; taggedTime: string };
  submitTime: string;
  isStable: boolean;
  status: string;
  stop: boolean;
  modifyIndex: number;
};

export type Service = {
  name: string;
  tags: string[];
  canaryTags: string[];
  portLabel: string;
  provider: string;
  meta: Record<string, string>;
  taskName: string;
  cluster: string;
};

export type Group = {
  name: string;
  meta: Record<string, string>;
  services: Service[];
  networks: { mode: string; hostname: string }[];
  volumes: Record<string, { type: string; source: string; readOnly: boolean }>;
  ephemeralDisk: { sizeMB: number; sticky: boolean; migrate: boolean };
  restart: { attempts: number; intervalMs: number; delayMs: number; mode: string };
  shutdownDelayMs: number;
  maxRunDurationMs: number;
};

export type Task = {
  name: string;
  driver: string;
  user: string;
  kind: string;
  leader: boolean;
  lifecycle: { hook: string; sidecar: boolean };
  meta: Record<string, string>;
  services: Service[];
  killTimeoutMs: number;
  shutdownDelayMs: number;
  image: string;
  command: string;
  resources: { cpu: number; cores: number; memoryMB: number; memoryMaxMB: number };
  logs: { disabled: boolean; maxFiles: number; maxFileSizeMB: number };
  state: TaskState;
};

export type TaskState = {
  state: string;
  failed: boolean;
  restarts: number;
  lastRestart: string;
  startedAt: string;
  finishedAt: string;
  events: { type: string; time: string; message: string; exitCode: number; signal: number }[];
};

/** Nomad's defaults (api/tasks.go `DefaultLogConfig`), for an answer without a log configuration. */
const DEFAULT_MAX_FILES = 10;
const DEFAULT_MAX_FILE_SIZE_MB = 10;

/** Names of links, folders and components are made of it. */
const ID = /^[\w-]+$/;

/**
 * Reads one allocation. Where its job or group is missing, its tasks are those that have resources or a state: their lines
 * are worth more than their meta. Undefined when it names no allocation and no task to work with: such an entry cannot be
 * collected, and must not stop the others.
 */
export const readAllocation = (value: unknown): Allocation | undefined => {
  const raw = objectOf(value);
  const rawJob = objectOf(raw.Job);
  const groupName = textOf(raw.TaskGroup);
  const rawGroup = listOf(rawJob.TaskGroups)
    .map(objectOf)
    .find((group) => group.Name === groupName);
  const id = textOf(raw.ID);
  const states = objectOf(raw.TaskStates);
  const resources = objectOf(raw.AllocatedResources);
  const shared = objectOf(resources.Shared);
  const allocated = objectOf(resources.Tasks);
  const namespace = textOf(raw.Namespace) || 'default';
  const rawTasks = rawGroup === undefined ? namedTasks({ states, allocated }) : listOf(rawGroup.Tasks).map(objectOf);
  if (!ID.test(id) || (rawGroup === undefined && rawTasks.length === 0)) return undefined;
  return {
    id,
    name: textOf(raw.Name),
    namespace,
    nodeId: textOf(raw.NodeID),
    nodeName: textOf(raw.NodeName),
    previousId: textOf(raw.PreviousAllocation),
    createTime: timeOfNs(raw.CreateTime),
    createIndex: numberOf(raw.CreateIndex),
    groupName,
    job: readJob({ raw: rawJob, jobId: textOf(raw.JobID), namespace }),
    group: readGroup(rawGroup ?? { Name: groupName }),
    tasks: rawTasks
      .filter((task) => textOf(task.Name) !== '')
      .map((task) => readTask(task, objectOf(states[textOf(task.Name)]), objectOf(allocated[textOf(task.Name)]))),
    ports: readPorts(shared),
    diskMB: numberOf(shared.DiskMB),
    status: readStatus(raw),
    jobStatus: readJobStatus(rawJob),
    groupCount: numberOf(rawGroup?.Count),
    isPartial: rawGroup === undefined,
  };
};

/** Tasks by their names alone, in the order of these. */
const namedTasks = ({ states, allocated }: { states: Raw; allocated: Raw }): Raw[] =>
  [...new Set([...Object.keys(states), ...Object.keys(allocated)])].sort(compare).map((Name) => ({ Name }));

const readStatus = (raw: Raw): AllocationStatus => {
  const deployment = objectOf(raw.DeploymentStatus);
  const network = objectOf(raw.NetworkStatus);
  return {
    clientStatus: textOf(raw.ClientStatus),
    clientDescription: textOf(raw.ClientDescription),
    desiredStatus: textOf(raw.DesiredStatus),
    desiredDescription: textOf(raw.DesiredDescription),
    modifyTime: timeOfNs(raw.ModifyTime),
    modifyIndex: numberOf(raw.ModifyIndex),
    allocModifyIndex: numberOf(raw.AllocModifyIndex),
    evalId: textOf(raw.EvalID),
    deploymentId: textOf(raw.DeploymentID),
    nextId: textOf(raw.NextAllocation),
    followupEvalId: textOf(raw.FollowupEvalID),
    preemptedById: textOf(raw.PreemptedByAllocation),
    rescheduleAttempts: listOf(objectOf(raw.RescheduleTracker).Events).length,
    deployment: {
      healthy: flagOf(deployment.Healthy),
      canary: flagOf(deployment.Canary),
      timestamp: textOf(deployment.Timestamp),
    },
    network: {
      interfaceName: textOf(network.InterfaceName),
      address: textOf(network.Address),
      addressIpv6: textOf(network.AddressIPv6),
    },
  };
};

const readJob = ({ raw, jobId, namespace }: { raw: Raw; jobId: string; namespace: string }): Job => {
  const periodic = objectOf(raw.Periodic);
  const parameterized = objectOf(raw.ParameterizedJob);
  const type = textOf(raw.Type);
  const ui = objectOf(raw.UI);
  const spec = textOf(periodic.Spec);
  return {
    id: textOf(raw.ID) || jobId,
    name: textOf(raw.Name) || textOf(raw.ID) || jobId,
    namespace: textOf(raw.Namespace) || namespace,
    region: textOf(raw.Region) || 'global',
    type,
    priority: numberOf(raw.Priority),
    datacenters: textsOf(raw.Datacenters),
    nodePool: textOf(raw.NodePool),
    meta: textMapOf(raw.Meta),
    parentId: textOf(raw.ParentID),
    isDispatched: flagOf(raw.Dispatched),
    isPeriodic: raw.Periodic !== null && raw.Periodic !== undefined,
    isParameterized: raw.ParameterizedJob !== null && raw.ParameterizedJob !== undefined,
    periodic: {
      enabled: flagOf(periodic.Enabled),
      specs: spec === '' ? textsOf(periodic.Specs) : [spec],
      timeZone: textOf(periodic.TimeZone),
    },
    parameterized: {
      payload: textOf(parameterized.Payload),
      metaRequired: textsOf(parameterized.MetaRequired),
      metaOptional: textsOf(parameterized.MetaOptional),
    },
    ui: {
      description: textOf(ui.Description),
      links: listOf(ui.Links)
        .map(objectOf)
        .map((link) => ({ label: textOf(link.Label), url: textOf(link.URL) })),
    },
    consulNamespace: textOf(raw.ConsulNamespace),
    vaultNamespace: textOf(raw.VaultNamespace),
    isBatch: type === 'batch' || type === 'sysbatch',
  };
};

const readJobStatus = (raw: Raw): JobStatus => {
  const tag = objectOf(raw.VersionTag);
  return {
    version: numberOf(raw.Version),
    versionTag: {
      name: textOf(tag.Name),
      description: textOf(tag.Description),
      taggedTime: timeOfNs(tag.TaggedTime),
    },
    submitTime: timeOfNs(raw.SubmitTime),
    isStable: flagOf(raw.Stable),
    status: textOf(raw.Status),
    stop: flagOf(raw.Stop),
    modifyIndex: numberOf(raw.JobModifyIndex),
  };
};

const readGroup = (raw: Raw): Group => {
  const disk = objectOf(raw.EphemeralDisk);
  const restart = objectOf(raw.RestartPolicy);
  return {
    name: textOf(raw.Name),
    meta: textMapOf(raw.Meta),
    services: readServices(raw.Services),
    networks: listOf(raw.Networks)
      .map(objectOf)
      .map((network) => ({ mode: textOf(network.Mode), hostname: textOf(network.Hostname) })),
    volumes: mapOf(raw.Volumes, ({ Type, Source, ReadOnly }) => ({
      type: textOf(Type),
      source: textOf(Source),
      readOnly: flagOf(ReadOnly),
    })),
    ephemeralDisk: { sizeMB: numberOf(disk.SizeMB), sticky: flagOf(disk.Sticky), migrate: flagOf(disk.Migrate) },
    restart: {
      attempts: numberOf(restart.Attempts),
      intervalMs: msOfNs(restart.Interval),
      delayMs: msOfNs(restart.Delay),
      mode: textOf(restart.Mode),
    },
    shutdownDelayMs: msOfNs(raw.ShutdownDelay),
    maxRunDurationMs: msOfNs(raw.MaxRunDuration),
  };
};

const readTask = (raw: Raw, state: Raw, allocated: Raw): Task => {
  const lifecycle = objectOf(raw.Lifecycle);
  const config = objectOf(raw.Config);
  const resources = objectOf(raw.Resources);
  const memory = objectOf(allocated.Memory);
  const logs = objectOf(raw.LogConfig);
  return {
    name: textOf(raw.Name),
    driver: textOf(raw.Driver),
    user: textOf(raw.User),
    kind: textOf(raw.Kind),
    leader: flagOf(raw.Leader),
    lifecycle: { hook: textOf(lifecycle.Hook), sidecar: flagOf(lifecycle.Sidecar) },
    meta: textMapOf(raw.Meta),
    services: readServices(raw.Services),
    killTimeoutMs: msOfNs(raw.KillTimeout),
    shutdownDelayMs: msOfNs(raw.ShutdownDelay),
    image: textOf(config.image),
    command: textOf(config.command),
    resources: {
      cpu: numberOf(objectOf(allocated.Cpu).CpuShares) || numberOf(resources.CPU),
      cores: numberOf(resources.Cores),
      memoryMB: numberOf(memory.MemoryMB) || numberOf(resources.MemoryMB),
      memoryMaxMB: numberOf(memory.MemoryMaxMB) || numberOf(resources.MemoryMaxMB),
    },
    logs: {
      // `Enabled` is the field's legacy form (Nomad 1.4.4 to 1.5): false there says the same.
      disabled: flagOf(logs.Disabled) || logs.Enabled === false,
      maxFiles: numberOf(logs.MaxFiles) || DEFAULT_MAX_FILES,
      maxFileSizeMB: numberOf(logs.MaxFileSizeMB) || DEFAULT_MAX_FILE_SIZE_MB,
    },
    state: readState(state),
  };
};

const readState = (raw: Raw): TaskState => ({
  state: textOf(raw.State),
  failed: flagOf(raw.Failed),
  restarts: numberOf(raw.Restarts),
  lastRestart: textOf(raw.LastRestart),
  startedAt: textOf(raw.StartedAt),
  finishedAt: textOf(raw.FinishedAt),
  events: listOf(raw.Events)
    .map(objectOf)
    .map((event) => ({
      type: textOf(event.Type),
      time: timeOfNs(event.Time),
      message: textOf(event.DisplayMessage),
      exitCode: numberOf(event.ExitCode),
      signal: numberOf(event.Signal),
    })),
});

const readServices = (value: unknown): Service[] =>
  listOf(value)
    .map(objectOf)
    .map((raw) => ({
      name: textOf(raw.Name),
      tags: textsOf(raw.Tags),
      canaryTags: textsOf(raw.CanaryTags),
      portLabel: textOf(raw.PortLabel),
      provider: textOf(raw.Provider),
      meta: textMapOf(raw.Meta),
      taskName: textOf(raw.TaskName),
      cluster: textOf(raw.Cluster),
    }));

const readPorts = (shared: Raw): Allocation['ports'] =>
  inKeyOrder(
    listOf(shared.Ports)
      .map(objectOf)
      .filter((port) => textOf(port.Label) !== '')
      .map(
        (port) =>
          [
            textOf(port.Label),
            { value: numberOf(port.Value), to: numberOf(port.To), hostIp: textOf(port.HostIP) },
          ] as const,
      ),
  );
