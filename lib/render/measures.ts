import { isTable } from '../table.ts';
import { componentsOf } from './components.ts';
import { belowHeads, headsOf } from './heads.ts';

/**
 * Whether all of a part of a pipeline can be told what to measure: each component has a head that is found, says nothing of it itself,
 * and a source is of files. What is measured in part would give numbers that are too small, and leave components as they are
 * whose neighbours change. Pure.
 */
export const canMeasure = ({ text, id }: { text: string; id: string }): boolean => {
  const components = [...componentsOf(text).values()];
  return (
    components.length === headsOf({ text, id }).length &&
    components.every(
      ({ component, table }) =>
        isTable(table) &&
        !['graph', 'internal_metrics', 'measure_cpu_usage'].some((key) => key in table) &&
        (component.kind !== 'source' || table.type === 'file'),
    )
  );
};

/**
 * Tells Vector to count what each file of a source gives, and the processor time of each transform. Pure.
 *
 * @source vector 0.57.0: `include_file_tag` in src/sources/file.rs, `measure_cpu_usage` in src/config/transform.rs
 */
export const withMeasures = ({ text, id }: { text: string; id: string }): string =>
  belowHeads({
    text,
    id,
    lineOf: (head) =>
      head.startsWith('[sources.') ? 'internal_metrics.include_file_tag = true' : 'measure_cpu_usage = true',
  });
