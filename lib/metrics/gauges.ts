import { healthOf, whyNotReady } from '../status/health.ts';
import type { NodeStatus, TaskStatus } from '../status/status.ts';
import type { MetricName } from './metrics.ts';

/** One value of a gauge. */
export type GaugeValue = { name: MetricName; labels?: Readonly<Record<string, string>>; value: number };

/** So many jobs have series of their own: those with the least safety, which are the ones that somebody has to look at. */
export const MOST_JOBS = 50;

/** What a status says as values of gauges; what is not known is left out. Pure. */
export const gaugesOf = (status: NodeStatus): GaugeValue[] => {
  const { nvl, templates, vector, lastCycle, lastGoodListAt, logs } = status;
  return [
    { name: 'nvl_build_info', labels: { version: nvl.version }, value: 1 },
    ...(templates === null ? [] : [gauge('nvl_templates_info', 1, { digest: templates.digest })]),
    ...seconds('nvl_start_time_seconds', nvl.startedAt),
    gauge('nvl_healthy', healthOf(status).level === 'red' ? 0 : 1),
    gauge('nvl_ready', whyNotReady(status).length === 0 ? 1 : 0),
    ...counts('nvl_tasks', 'state', status.tasks),
    ...faultGauges(status),
    ...counts('nvl_quarantined_blocks', 'instead', status.quarantined),
    ...counts('nvl_refused_files', 'reason', status.refusedFiles),
    ...(vector.runBy === 'nvl'
      ? [gauge('nvl_vector_up', vector.pid !== null && vector.hasStarted === true ? 1 : 0)]
      : []),
    ...seconds('nvl_vector_loaded_timestamp_seconds', vector.loadedAt),
    ...seconds('nvl_last_good_list_timestamp_seconds', lastGoodListAt),
    ...seconds('nvl_last_cycle_timestamp_seconds', lastCycle?.at ?? null),
    ...seconds('nvl_last_cycle_duration_seconds', lastCycle?.tookMs ?? null),
    ...known('nvl_unread_bytes', logs.unreadBytes),
    ...known('nvl_held_bytes', logs.heldBytes),
    ...known('nvl_hold_limit_bytes', logs.holdBytes),
    gauge('nvl_safety_seconds', logs.secondsOfSafety ?? Number.POSITIVE_INFINITY),
    ...jobGauges(status.list),
  ];
};

const gauge = (name: MetricName, value: number, labels?: Readonly<Record<string, string>>): GaugeValue => ({
  name,
  value,
  ...(labels && { labels }),
});

const known = (name: MetricName, value: number | null): GaugeValue[] => (value === null ? [] : [gauge(name, value)]);

const seconds = (name: MetricName, ms: number | null): GaugeValue[] => known(name, ms === null ? null : ms / 1_000);

const counts = (name: MetricName, label: string, of: Readonly<Record<string, number>>): GaugeValue[] =>
  Object.entries(of).map(([value, count]) => gauge(name, count, { [label]: value }));

const faultGauges = ({ faults }: NodeStatus): GaugeValue[] =>
  [...Map.groupBy(faults, ({ kind, level }) => `${kind} ${level}`)].map(([key, all]) => {
    const [kind = '', level = ''] = key.split(' ');
    return gauge('nvl_faults', all.length, { kind, level });
  });

/** No allocation has a series of its own: a job does, as long as it is one of the least safe. */
const jobGauges = (list: readonly TaskStatus[]): GaugeValue[] =>
  [...Map.groupBy(list, ({ namespace, job }) => JSON.stringify([namespace, job])).values()]
    .map((tasks) => ({
      labels: { namespace: tasks[0]?.namespace ?? '', job: tasks[0]?.job ?? '' },
      unread: tasks.reduce((sum, { unreadBytes }) => sum + (unreadBytes ?? 0), 0),
      safety: Math.min(...tasks.map(({ secondsOfSafety }) => secondsOfSafety ?? Number.POSITIVE_INFINITY)),
    }))
    .filter(({ unread, safety }) => unread > 0 || Number.isFinite(safety))
    .sort((a, b) => (a.safety === b.safety ? b.unread - a.unread : a.safety - b.safety))
    .slice(0, MOST_JOBS)
    .flatMap(({ labels, unread, safety }) => [
      gauge('nvl_job_unread_bytes', unread, labels),
      ...(Number.isFinite(safety) ? [gauge('nvl_job_safety_seconds', safety, labels)] : []),
    ]);
