import { createRequire } from 'node:module';
import type Prom from 'prom-client';
import type { GaugeValue } from './gauges.ts';
import { COUNTED, type CounterName, METRICS, type MetricName } from './metrics.ts';

/** nvl's metrics, as Prometheus reads them. */
export type MetricsRegistry = {
  /** One more, or so many more, of what a counter counts. */
  count(name: CounterName, label: string, by?: number): void;
  /** The values of all gauges from now on. */
  set(values: readonly GaugeValue[]): void;
  /** The page. */
  text(): Promise<string>;
};

/** Of Prometheus' text format 0.0.4, which is what is written. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export const createRegistry = (): MetricsRegistry => {
  const { Registry, Gauge, Counter } = loadProm();
  const registry = new Registry();
  const gauges = new Map<MetricName, { gauge: Prom.Gauge; hasLabels: boolean }>();
  const counters = new Map<MetricName, Prom.Counter>();
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const { help, type, labels = [] }: { help: string; type: string; labels?: readonly string[] } = METRICS[name];
    const given = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === 'gauge') gauges.set(name, { gauge: new Gauge(given), hasLabels: labels.length > 0 });
    else counters.set(name, new Counter(given));
  }
  const count: MetricsRegistry['count'] = (name, label, by = 1) =>
    counters.get(name)?.inc({ [labelOf(name)]: label }, by);
  for (const [name, values] of Object.entries(COUNTED) as [CounterName, readonly string[]][])
    for (const value of values) count(name, value, 0);
  return {
    count,
    set: (values) => {
      for (const { gauge, hasLabels } of gauges.values()) {
        gauge.reset();
        // One without labels begins at 0, which it may not be.
        if (!hasLabels) gauge.remove();
      }
      for (const { name, labels = {}, value } of values) gauges.get(name)?.gauge.set(labels, value);
    },
    text: () => registry.metrics(),
  };
};

const labelOf = (name: CounterName): string => METRICS[name].labels[0];

/**
 * Three files of the library: its entry also loads clusters, and watches of Node's own memory and loop, which take megabytes. They
 * are not its public interface, so its version is pinned.
 */
const loadProm = (): Pick<typeof Prom, 'Registry' | 'Gauge' | 'Counter'> => {
  const load = createRequire(import.meta.url);
  return {
    Registry: load('prom-client/lib/registry.js'),
    Gauge: load('prom-client/lib/gauge.js'),
    Counter: load('prom-client/lib/counter.js'),
  };
};
