/**
 * The shape of what templates see, as data: names, types, what each is, and which of them change while a task runs.
 * The static check of templates, the reference page and the tests of the builder all read this one table.
 */
export type Field = {
  type: 'string' | 'number' | 'boolean' | 'object' | 'list' | 'map';
  doc: string;
  /** Why a source or transform must not depend on it; absent for a stable field. */
  volatile?: string;
  /** Of an object: its fields by name. */
  fields?: Readonly<Record<string, Field>>;
  /** Of a list or a map: what each item is. */
  of?: Field;
};

const text = (doc: string): Field => ({ type: 'string', doc });
const number = (doc: string): Field => ({ type: 'number', doc });
const flag = (doc: string): Field => ({ type: 'boolean', doc });
const object = (doc: string, fields: Record<string, Field>): Field => ({ type: 'object', doc, fields });
const list = (doc: string, of: Field): Field => ({ type: 'list', doc, of });
const map = (doc: string, of: Field): Field => ({ type: 'map', doc, of });
const volatile = (reason: string, fields: Record<string, Field>): Record<string, Field> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, { ...field, volatile: reason }]));

const texts = (doc: string): Field => list(doc, text('an item'));
const metaOf = (whose: string): Field =>
  map(`The ${whose}'s own meta`, text('a value; empty for a key that is not there'));

const STATUS = 'it changes while the allocation lives';
const UPDATE = 'it changes when the job is updated in place';
const NODE = 'the node changes it by itself';

const service = object('A service', {
  name: text('Its name'),
  tags: texts('Its tags'),
  canaryTags: texts('Its tags while it is a canary'),
  portLabel: text('The label of its port'),
  provider: text('`nomad` or `consul`'),
  meta: metaOf('service'),
  taskName: text('The task it belongs to, if named'),
  cluster: text('The Consul cluster'),
});

const alloc = object('The allocation', {
  id: text('Its full id'),
  shortId: text('The first eight characters of its id'),
  name: text('`job.group[index]`'),
  index: number('The index in its name'),
  nodeId: text('The node it was placed on'),
  nodeName: text("That node's name"),
  previousId: text('The allocation it replaces, if any'),
  createTime: text('RFC 3339'),
  createIndex: number('The Raft index at which it was made'),
  diskMB: number('Its disk, in MB'),
  ...volatile(STATUS, {
    clientStatus: text('`pending`, `running`, `complete`, `failed`, `lost` or `unknown`'),
    clientDescription: text('The client’s words about it'),
    desiredStatus: text('`run`, `stop` or `evict`'),
    desiredDescription: text('The server’s words about it'),
    modifyTime: text('RFC 3339'),
    modifyIndex: number('The Raft index of its last change'),
    allocModifyIndex: number('The Raft index of its last change by the server'),
    evalId: text('The evaluation that changed it last'),
    deploymentId: text('Its deployment, if any'),
    nextId: text('The allocation that replaces it, if any'),
    followupEvalId: text('The evaluation that will reschedule it, if any'),
    preemptedById: text('The allocation that preempted it, if any'),
    rescheduleAttempts: number('How often it was rescheduled'),
    deployment: object('Its part in a deployment', {
      healthy: flag('Whether it is healthy'),
      canary: flag('Whether it is a canary'),
      timestamp: text('RFC 3339: when its health was set'),
    }),
    network: object('Its network, known once it is set up', {
      interfaceName: text('The interface'),
      address: text('The IPv4 address'),
      addressIpv6: text('The IPv6 address'),
    }),
  }),
});

const job = object('The job', {
  id: text('Its id; may hold slashes'),
  name: text('Its name'),
  namespace: text('Its namespace'),
  region: text('Its region'),
  type: text('`service`, `batch`, `system` or `sysbatch`'),
  isBatch: flag('Whether its type is `batch` or `sysbatch`'),
  priority: number('Its priority'),
  datacenters: texts('Its datacenters'),
  nodePool: text('Its node pool'),
  meta: metaOf('job'),
  parentId: text('The job it was dispatched or launched from, if any'),
  isDispatched: flag('Whether it was dispatched'),
  isPeriodic: flag('Whether it is periodic'),
  isParameterized: flag('Whether it is parameterized'),
  periodic: object('Its schedule', {
    enabled: flag('Whether it is on'),
    specs: texts('Its cron expressions'),
    timeZone: text('Their time zone'),
  }),
  parameterized: object('What a dispatch takes', {
    payload: text('`optional`, `required` or `forbidden`'),
    metaRequired: texts('The meta keys that a dispatch must give'),
    metaOptional: texts('The meta keys that a dispatch may give'),
  }),
  ui: object('What its page in the UI shows', {
    description: text('Markdown'),
    links: list('Links', object('A link', { label: text('Its text'), url: text('Its address') })),
  }),
  consulNamespace: text('Its Consul namespace'),
  vaultNamespace: text('Its Vault namespace'),
  ...volatile(UPDATE, {
    version: number('Its version'),
    versionTag: object('The tag of its version', {
      name: text('Its name'),
      description: text('Its description'),
      taggedTime: text('RFC 3339'),
    }),
    submitTime: text('RFC 3339'),
    isStable: flag('Whether this version is marked stable'),
    status: text('`pending`, `running` or `dead`'),
    stop: flag('Whether it was stopped'),
    modifyIndex: number('The Raft index of its last change'),
  }),
});

const group = object('The task group', {
  name: text('Its name'),
  meta: metaOf('group'),
  services: list('Its services', service),
  networks: list('Its networks', object('A network', { mode: text('Its mode'), hostname: text('Its hostname') })),
  volumes: map(
    'Its volumes by name',
    object('A volume', {
      type: text('Its type'),
      source: text('Its source'),
      readOnly: flag('Whether it is read-only'),
    }),
  ),
  ephemeralDisk: object('Its ephemeral disk', {
    sizeMB: number('Its size in MB'),
    sticky: flag('Whether it stays with its allocation'),
    migrate: flag('Whether its data moves along'),
  }),
  restart: object('Its restart policy', {
    attempts: number('Attempts'),
    intervalMs: number('Within this time, in ms'),
    delayMs: number('The pause between, in ms'),
    mode: text('`fail` or `delay`'),
  }),
  shutdownDelayMs: number('Its shutdown delay in ms'),
  maxRunDurationMs: number('How long it may run, in ms; 0 without a limit'),
  ...volatile(UPDATE, { count: number('How many of it there shall be') }),
});

const task = object('The task', {
  name: text('Its name'),
  driver: text('Its driver'),
  user: text('The user it runs as'),
  kind: text('Its kind, e.g. `connect-proxy:web`'),
  leader: flag('Whether its end ends the group'),
  lifecycle: object('When it runs', {
    hook: text('`prestart`, `poststart`, `poststop` or empty'),
    sidecar: flag('Whether it runs beside the main tasks'),
  }),
  isSidecar: flag('Whether its lifecycle makes it a sidecar'),
  isConnectProxy: flag('Whether it is a Consul Connect proxy'),
  meta: metaOf('task'),
  services: list('Its services', service),
  killTimeoutMs: number('Its kill timeout in ms'),
  shutdownDelayMs: number('Its shutdown delay in ms'),
  image: text('The image of a driver that has one'),
  command: text('The command of a driver that has one'),
  resources: object('What it was given', {
    cpu: number('MHz'),
    cores: number('Reserved cores'),
    memoryMB: number('Memory in MB'),
    memoryMaxMB: number('Memory limit in MB'),
  }),
  ...volatile(STATUS, {
    state: text('`pending`, `running` or `dead`'),
    failed: flag('Whether it failed'),
    restarts: number('How often it was restarted'),
    lastRestart: text('RFC 3339'),
    startedAt: text('RFC 3339'),
    finishedAt: text('RFC 3339'),
    events: list(
      'What happened to it',
      object('An event', {
        type: text('Its type'),
        time: text('RFC 3339'),
        message: text('For people'),
        exitCode: number('The exit code'),
        signal: number('The signal'),
      }),
    ),
  }),
});

export const nodeField = object('The node', {
  id: text('Its id'),
  name: text('Its name'),
  datacenter: text('Its datacenter'),
  class: text('Its class'),
  pool: text('Its pool'),
  httpAddr: text("Its agent's address"),
  meta: metaOf('node'),
  hostVolumes: map('Its host volumes by name', object('A volume', { path: text('Its path') })),
  ...volatile(NODE, {
    status: text('`ready`, `down`, …'),
    isEligible: flag('Whether it takes new allocations'),
    isDraining: flag('Whether it is being drained'),
    attributes: map('Its attributes, e.g. `kernel.name`', text('a value')),
    links: map('Links to other systems', text('an id there')),
    drivers: map('Its drivers by name', object('A driver', { isHealthy: flag('Whether it is healthy') })),
    modifyIndex: number('The Raft index of its last change'),
  }),
});

/** What a source or transform template sees: one task. */
export const taskSchema = object('One task of one allocation', {
  contextVersion: number('The version of this schema'),
  id: text(
    'The id of its pipeline, with which the names of all its Vector components begin; in the `tasks` of a sink, the stem of the task’s own files',
  ),
  input: text('The component that feeds the block being rendered'),
  namespace: text("The job's namespace"),
  region: text("The job's region"),
  alloc,
  job,
  group,
  task,
  node: nodeField,
  logs: object('Its log files', {
    dir: text('The folder of its pipeline, in which Vector finds them: hard links of nvl’s own, one a file'),
    include: list('Globs for `include`: the log files of all tasks of the pipeline', text('a glob')),
    maxFiles: number('How many files of a stream Nomad keeps'),
    maxFileSizeMB: number('How large each may grow, in MB'),
  }),
  meta: map('Job, group and task meta merged; the nearest wins', text('a value; empty for a key that is not there')),
  tags: texts("Tags of its group's and its own services, sorted"),
  ports: map(
    'Its ports by label',
    object('A port', {
      value: number('The port on the node'),
      to: number('The port inside'),
      hostIp: text('The address on the node'),
    }),
  ),
  profile: text('The profile that its blocks are rendered from'),
  params: map("The profile's parameters", text('a value')),
  sink: text('The profile whose sink a rule names for its lines; empty when no rule does'),
});

/** What a sink template sees: the node and all its collected tasks. */
export const sinkSchema = object('The node', {
  contextVersion: number('The version of this schema'),
  input: text('The component that carries every labelled line: `nomad_logs`'),
  region: text("The agent's region, as its jobs name it"),
  node: nodeField,
  tasks: list('Every collected task', taskSchema),
});
