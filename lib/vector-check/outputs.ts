import { isTable } from '../table.ts';
import type { ConfigComponent } from './component.ts';
import { isFilledIn } from './kinds.ts';

/** What components read and write. */
export type EventTypes = number;
const [LOG, METRIC, TRACE] = [1, 2, 4];
export const ALL_TYPES: EventTypes = LOG | METRIC | TRACE;

/**
 * What others may read from a source, a transform or an enrichment table, by name, with what events it can be at most. `isUnclear`: it
 * may have further outputs, named `<id>.<name>`. Pure.
 *
 * @source vector 0.57.0: `outputs` of src/transforms/{route,remap,exclusive_route/config}.rs and src/enrichment_tables/memory/config.rs
 */
export const typedOutputsOf = (
  component: ConfigComponent,
  isKnownType: boolean,
): { names: string[]; types: EventTypes; isUnclear: boolean } => {
  const { table, id, type = '' } = component;
  if (table === 'enrichment_tables') return { names: memoryOutputs(component), types: LOG, isUnclear: false };
  const isUnclear = !isKnownType || SEVERAL_OUTPUTS.has(type);
  const ports = table === 'transforms' ? PORTS.get(type)?.(component) : undefined;
  const types = WRITTEN.get(`${table} ${type}`) ?? ALL_TYPES;
  if (ports === undefined) return { names: [id], types, isUnclear };
  const names = ports.ports.map((port) => (port === '' ? id : `${id}.${port}`));
  return { names, types, isUnclear: isUnclear || ports.isUnclear };
};

/** Sources whose outputs their options choose. */
const SEVERAL_OUTPUTS: ReadonlySet<string> = new Set(['opentelemetry', 'datadog_agent']);

/** An empty name stands for the component itself. */
type Ports = { ports: string[]; isUnclear: boolean };

const PORTS = new Map(
  Object.entries<(component: ConfigComponent) => Ports>({
    remap: ({ options: { reroute_dropped: isRerouted } }) => ({
      ports: ['', ...(isRerouted === true ? ['dropped'] : [])],
      isUnclear: typeof isRerouted === 'string',
    }),
    route: ({ options: { route, reroute_unmatched: isRerouted } }) => {
      const names = isTable(route) ? Object.keys(route) : [];
      return {
        ports: [...names, ...(isRerouted === false ? [] : ['_unmatched'])],
        isUnclear: !isTable(route) || names.some(isFilledIn) || typeof isRerouted === 'string',
      };
    },
    exclusive_route: ({ options: { routes } }) => {
      const names = (Array.isArray(routes) ? routes : []).map((route) => (isTable(route) ? route.name : undefined));
      const texts = names.filter((name) => typeof name === 'string');
      return {
        ports: [...texts, '_unmatched'],
        isUnclear: !Array.isArray(routes) || texts.length < names.length || texts.some(isFilledIn),
      };
    },
  }),
);

/** A table of type `memory` is a source as well, where it says by which id. */
const memoryOutputs = ({ type, options: { source_config: source } }: ConfigComponent): string[] => {
  if (type !== 'memory' || !isTable(source) || typeof source.source_key !== 'string') return [];
  const id = source.source_key;
  return [id, ...(source.export_expired_items === true ? [`${id}.expired`] : [])];
};

/** What a component writes at most; of the others it depends on their options, and may be all. */
const WRITTEN: ReadonlyMap<string, EventTypes> = new Map([
  ['sources demo_logs', LOG],
  ['sources docker_logs', LOG],
  ['sources file', LOG],
  ['sources fluent', LOG],
  ['sources internal_logs', LOG],
  ['sources internal_metrics', METRIC],
  ['sources journald', LOG],
  ['sources static_metrics', METRIC],
  ['transforms aggregate', METRIC],
  ['transforms dedupe', LOG],
  ['transforms log_to_metric', METRIC],
  ['transforms metric_to_log', LOG],
  ['transforms reduce', LOG],
  ['transforms sample', LOG | TRACE],
  ['transforms throttle', LOG],
]);

/** What a transform, a sink or a table takes at most. Pure. */
export const takenBy = ({ table, type = '' }: ConfigComponent): EventTypes =>
  TAKEN.get(`${table} ${type}`) ?? ALL_TYPES;

const TAKEN: ReadonlyMap<string, EventTypes> = new Map([
  ['transforms aggregate', METRIC],
  ['transforms dedupe', LOG],
  ['transforms log_to_metric', LOG],
  ['transforms metric_to_log', METRIC],
  ['transforms reduce', LOG],
  ['transforms sample', LOG | TRACE],
  ['transforms throttle', LOG],
  ['sinks elasticsearch', LOG | METRIC],
  ['sinks loki', LOG],
  ['sinks prometheus_exporter', METRIC],
  ['sinks prometheus_remote_write', METRIC],
  ['enrichment_tables memory', LOG],
]);

/** `logs`, `metrics and traces`. */
export const typesInWords = (types: EventTypes): string =>
  [
    ['logs', LOG],
    ['metrics', METRIC],
    ['traces', TRACE],
  ]
    .flatMap(([name, bit]) => ((types & Number(bit)) === 0 ? [] : [name]))
    .join(' and ');
