/**
 * Tells Vector to count what each file of a source gives, and the processor time of each transform. A block that says something of
 * either itself keeps what it says. Pure.
 *
 * @source vector 0.57.0: `include_file_tag` in src/sources/file.rs, `measure_cpu_usage` in src/config/transform.rs
 */
export const withMeasures = (text: string): string => {
  const isFile = /^type *= *"file"$/m.test(text);
  const counted = !isFile || text.includes('internal_metrics') ? text : text.replaceAll(SOURCE, `$&\n${COUNTS}`);
  return counted.includes('measure_cpu_usage') ? counted : counted.replaceAll(TRANSFORM, `$&\n${TIMES}`);
};

const SOURCE = /^\[sources\.[\w-]+\]$/gm;
const TRANSFORM = /^\[transforms\.[\w-]+\]$/gm;
const COUNTS = 'internal_metrics.include_file_tag = true';
const TIMES = 'measure_cpu_usage = true';
