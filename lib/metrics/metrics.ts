/** A metric as Prometheus knows it. Each label has a known, small set of values, but for those of jobs, which are bounded. */
export type Metric = { type: 'gauge' | 'counter'; help: string; labels?: readonly string[] };

/** All metrics of nvl, by their names. */
export const METRICS = {
  nvl_build_info: { type: 'gauge', labels: ['version'], help: 'Is 1; its label is the version of nvl that runs.' },
  nvl_templates_info: {
    type: 'gauge',
    labels: ['digest'],
    help: 'Is 1; its label is a digest of the templates that are in use, the same on each node that has the same.',
  },
  nvl_start_time_seconds: { type: 'gauge', help: 'When nvl was started, in seconds since the epoch.' },
  nvl_healthy: { type: 'gauge', help: 'Whether nothing is red: 1, else 0. /health says why.' },
  nvl_ready: { type: 'gauge', help: 'Whether a list of allocations is known and Vector runs: 1, else 0.' },
  nvl_faults: { type: 'gauge', labels: ['kind', 'level'], help: 'What is wrong now, as nvl status tells it.' },
  nvl_tasks: { type: 'gauge', labels: ['state'], help: 'Tasks of the node, by where they stand.' },
  nvl_quarantined_blocks: {
    type: 'gauge',
    labels: ['instead'],
    help: 'Tasks and sinks that do not ship by their own blocks, by what ships in their place.',
  },
  nvl_refused_files: {
    type: 'gauge',
    labels: ['reason'],
    help: 'What lies in log folders and is not taken for a log, by why not.',
  },
  nvl_vector_up: { type: 'gauge', help: 'Whether the Vector that nvl runs has started and runs: 1, else 0.' },
  nvl_vector_loaded_timestamp_seconds: {
    type: 'gauge',
    help: 'Since when Vector runs the configuration that it has; absent where that is not known.',
  },
  nvl_last_good_list_timestamp_seconds: {
    type: 'gauge',
    help: "When Nomad's list of allocations was last had whole; absent before the first.",
  },
  nvl_last_cycle_timestamp_seconds: { type: 'gauge', help: 'When the last cycle began.' },
  nvl_last_cycle_duration_seconds: { type: 'gauge', help: 'How long the last cycle took.' },
  nvl_unread_bytes: { type: 'gauge', help: 'What Vector has not delivered of the log files of the node.' },
  nvl_held_bytes: { type: 'gauge', help: 'What of log files Nomad has deleted and nvl alone keeps.' },
  nvl_hold_limit_bytes: { type: 'gauge', help: 'How much of that nvl keeps at most (collect.hold).' },
  nvl_safety_seconds: {
    type: 'gauge',
    help: 'How long until Nomad deletes bytes that are unread, of the task with the least; +Inf where nothing is written.',
  },
  nvl_job_unread_bytes: {
    type: 'gauge',
    labels: ['namespace', 'job'],
    help: 'What Vector has not delivered of the logs of a job; of the jobs with the least safety, 50 at most.',
  },
  nvl_job_safety_seconds: {
    type: 'gauge',
    labels: ['namespace', 'job'],
    help: 'The least seconds of safety of a job that writes; of the jobs with the least, 50 at most.',
  },
  nvl_cycles_total: { type: 'counter', labels: ['outcome'], help: 'Cycles, by what came of them.' },
  nvl_validations_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Configurations that Vector was asked to prove.',
  },
  nvl_reloads_total: { type: 'counter', labels: ['result'], help: 'Reloads that Vector was told to do.' },
  nvl_nomad_errors_total: { type: 'counter', labels: ['code'], help: 'Questions to Nomad that came to nothing.' },
  nvl_lost_bytes_total: {
    type: 'counter',
    labels: ['reason'],
    help: 'What was let go of log files without being read, also by an nvl before this one.',
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;

/** The values that a label can have, so that each series is there from the start and a rate has something to begin with. */
export const COUNTED = {
  nvl_cycles_total: ['unchanged', 'reloaded', 'unconfirmed', 'rejected', 'needsRestart', 'rolledBack', 'failed'],
  nvl_validations_total: ['passed', 'unproven', 'refused', 'failed'],
  nvl_reloads_total: ['reloaded', 'unconfirmed', 'failed', 'refused', 'died', 'needsRestart'],
  nvl_nomad_errors_total: ['nomadAway', 'nomadRefused', 'nomadAnswer'],
  nvl_lost_bytes_total: ['hold', 'ceiling', 'unknown'],
} as const;

export type CounterName = keyof typeof COUNTED;
