import { posix } from 'node:path';
import { parseLinkName } from '../link-name.ts';
import { isMetric, type Sample } from '../vector/process/samples.ts';

/** What a component did between two looks at Vector's metrics. */
export type ComponentUse = {
  id: string;
  kind: string;
  /** That it got, and that it gave. */
  received: number;
  sent: number;
  /** Read, by a source; written, by a sink. */
  bytes: number;
  /** On purpose, as a filter does or a program that aborts; for want of anything better. */
  dropped: { meant: number; failed: number };
  errors: number;
  /** Undefined where Vector does not time it. */
  cpuNs: number | undefined;
  /** Of a source that counts each file: what each task's files gave, by the task's stem; undefined where it counts none. */
  tasks: ReadonlyMap<string, { lines: number; bytes: number }> | undefined;
};

/**
 * What the components did, of two pages of metrics. A counter that is smaller than before counts anew, and so does one that is not there before:
 * Vector was started again, forgot it as nothing had moved it for five minutes, or has made the component since. Pure.
 */
export const usesBetween = ({
  before,
  after,
}: {
  before: readonly Sample[];
  after: readonly Sample[];
}): Map<string, ComponentUse> => {
  const values = new Map(before.map((sample) => [keyOf(sample), sample.value]));
  const uses = new Map<string, Mutable>();
  for (const sample of after) {
    const { component_id: id, component_kind: kind = '' } = sample.labels;
    const name = id === undefined ? undefined : METRICS.find((metric) => isMetric(sample, metric));
    if (id === undefined || name === undefined) continue;
    const last = values.get(keyOf(sample)) ?? 0;
    const use = uses.get(id) ?? nothing({ id, kind });
    uses.set(id, use);
    add({ use, name, labels: sample.labels, more: sample.value >= last ? sample.value - last : sample.value });
  }
  return uses;
};

type Mutable = ComponentUse & { tasks: Map<string, { lines: number; bytes: number }> | undefined };

const METRICS = [
  'component_received_events_total',
  'component_sent_events_total',
  'component_received_bytes_total',
  'component_sent_bytes_total',
  'component_discarded_events_total',
  'component_errors_total',
  'component_cpu_usage_ns_total',
] as const;

const keyOf = ({ metric, labels }: Sample): string =>
  JSON.stringify([
    metric,
    ...Object.keys(labels)
      .sort()
      .flatMap((name) => [name, labels[name]]),
  ]);

const nothing = ({ id, kind }: { id: string; kind: string }): Mutable => ({
  id,
  kind,
  received: 0,
  sent: 0,
  bytes: 0,
  dropped: { meant: 0, failed: 0 },
  errors: 0,
  cpuNs: undefined,
  tasks: undefined,
});

const add = ({
  use,
  name,
  labels,
  more,
}: {
  use: Mutable;
  name: (typeof METRICS)[number];
  labels: Sample['labels'];
  more: number;
}): void => {
  switch (name) {
    case 'component_received_events_total':
      use.received += more;
      if (use.kind === 'source') addToTask({ use, file: labels.file, lines: more, bytes: 0 });
      break;
    case 'component_sent_events_total':
      use.sent += more;
      break;
    case 'component_received_bytes_total':
      // What a sink is handed is no traffic of its own.
      if (use.kind === 'source') {
        use.bytes += more;
        addToTask({ use, file: labels.file, lines: 0, bytes: more });
      }
      break;
    case 'component_sent_bytes_total':
      if (use.kind === 'sink') use.bytes += more;
      break;
    case 'component_discarded_events_total':
      use.dropped[labels.intentional === 'false' ? 'failed' : 'meant'] += more;
      break;
    case 'component_errors_total':
      use.errors += more;
      break;
    case 'component_cpu_usage_ns_total':
      use.cpuNs = (use.cpuNs ?? 0) + more;
      break;
  }
};

const addToTask = ({
  use,
  file,
  lines,
  bytes,
}: {
  use: Mutable;
  file: string | undefined;
  lines: number;
  bytes: number;
}): void => {
  if (file === undefined) return;
  use.tasks ??= new Map();
  const stem = parseLinkName(posix.basename(file))?.stem;
  if (stem === undefined) return;
  const known = use.tasks.get(stem) ?? { lines: 0, bytes: 0 };
  use.tasks.set(stem, { lines: known.lines + lines, bytes: known.bytes + bytes });
};
