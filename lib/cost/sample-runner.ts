import { withoutIds } from '../plan/once-each.ts';
import { componentsOf } from '../render/components.ts';
import type { Block } from '../render/file.ts';
import { scanVrl, type VrlToken } from '../render/safe/place/vrl-scan.ts';
import { isTable, type Table } from '../table.ts';
import { type RanSample, runSample, type SampleSide } from './run-sample.ts';
import type { SampleLines } from './sample.ts';

/** Runs samples on one side; undefined for a task that has no pipeline there. `stem`: of the task. */
export type SampleRunner = (stem: string, sample: SampleLines) => Promise<RanSample | undefined>;

/** What was run, for all sides of a review. */
export type SampleMemo = Map<string, Map<SampleLines, Promise<RanSample>>>;

/**
 * Runs each sample once in all pipelines that differ in nothing but their ids. A profile that looks at whose line it is may treat tasks of one
 * pipeline differently: there it is run for each of them.
 */
export const createSampleRunner = ({ side, memo }: { side: SampleSide; memo: SampleMemo }): SampleRunner => {
  const { blocks, rows } = side.rendered;
  const byKey = new Map(blocks.filter(({ kind }) => kind === 'pipeline').map((block) => [block.key, block]));
  const pipelines = new Map(rows.map(({ stem, pipeline }) => [stem, pipeline]));
  const same = new Map<string, string>();
  return async (stem, sample) => {
    const block = byKey.get(pipelines.get(stem) ?? '');
    if (block === undefined) return undefined;
    const shape = same.get(block.key) ?? shapeOf(block);
    same.set(block.key, shape);
    const key = shape === '' ? `${block.text}\n${stem}` : shape;
    const known = memo.get(key) ?? new Map<SampleLines, Promise<RanSample>>();
    memo.set(key, known);
    const run = known.get(sample) ?? runSample({ block, stem, sample, side });
    known.set(sample, run);
    return run;
  };
};

/** Its text without ids; empty for one whose profile looks at the row of a line's task. */
const shapeOf = ({ key, text }: Block): string => {
  const own = [`${key}_in`, `${key}_out`];
  const isPersonal = [...componentsOf(text).values()].some(
    ({ component: { kind, id }, table }) => kind === 'transform' && !own.includes(id) && looksAtTask(table as Table),
  );
  return isPersonal ? '' : withoutIds(text);
};

/** By nvl's metadata, by all of it at once, or by a table. What is no VRL is not run in any case. */
const looksAtTask = ({ source, condition }: Table): boolean => {
  const programs = [source, condition, isTable(condition) ? condition.source : undefined];
  return programs.some((program) => typeof program === 'string' && namesTask(program));
};

const namesTask = (program: string): boolean => {
  if (!program.includes('%') && !program.includes('enrichment_table')) return false;
  let tokens: VrlToken[];
  try {
    tokens = scanVrl(program);
  } catch {
    return false;
  }
  return tokens.some(({ kind, text, end }, at) => {
    if (kind === 'name') return text.endsWith('_enrichment_table_record') || text === 'find_enrichment_table_records';
    if (kind !== 'symbol' || text !== '%') return false;
    const next = tokens[at + 1];
    const first = next?.start === end && (next.kind === 'name' || next.kind === 'string') ? next.text : '';
    return first === '' || first.includes('nvl');
  });
};
