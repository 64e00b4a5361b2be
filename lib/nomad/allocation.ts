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
