import {
  flagOf,
  type JsonObject,
  listOf,
  mapOf,
  msOfNs,
  numberOf,
  objectOf,
  textMapOf,
  textOf,
  textsOf,
  timeOfNs,
} from '../json.ts';

/** `raw` is what the job says of the group. */
export const readGroup = (raw: JsonObject) => {
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

/** `raw` is what the job says of the task, `state` what became of it, `allocated` the resources that it was given. */
export const readTask = ({ raw, state, allocated }: { raw: JsonObject; state: JsonObject; allocated: JsonObject }) => {
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

/** Nomad's defaults (api/tasks.go `DefaultLogConfig`), for an answer without a log configuration. */
const DEFAULT_MAX_FILES = 10;
const DEFAULT_MAX_FILE_SIZE_MB = 10;

const readState = (raw: JsonObject) => ({
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

const readServices = (value: unknown) =>
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
