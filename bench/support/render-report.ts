import { type Limit, limitsTable } from './limits.ts';
import type { Section } from './page.ts';
import { median, ratio } from './statistics.ts';
import { figure, markdownTable, mib, times } from './table.ts';

/** What one size took, in one process and cold. */
export type RenderCost = {
  tasks: number;
  /** `JSON.parse` of Nomad's answer with 1,000 tasks, whatever the size: the yardstick. */
  parseMs: number;
  contextMs: number;
  renderMs: number;
  heapBytes: number;
  residentBytes: number;
  /** Of the file that was rendered. */
  fileBytes: number;
};

/** What rendering costs, a row a size, and the limit. Pure. */
export const renderReport = ({ rows, notes }: { rows: readonly RenderCost[]; notes: readonly string[] }): Section => ({
  name: 'render',
  text: [...notes, limitsTable(renderLimits(rows)), costTable(rows)].join('\n\n'),
  plots: {},
});

/** Ten times the tasks take some ten times as long, and not more. Pure. */
export const renderLimits = (rows: readonly RenderCost[]): Limit[] => {
  const of = (tasks: number) => rows.find((row) => row.tasks === tasks)?.renderMs;
  const measured = ratio(of(10_000), of(1_000));
  return [{ what: '10,000 tasks: rendered, of 1,000 tasks', atMost: 11, measured, write: times }];
};

/** Each figure's median; the rows are of one size. Pure. */
export const medianCost = (rows: readonly RenderCost[]): RenderCost => {
  const of = (pick: (row: RenderCost) => number) => median(rows.map(pick)) ?? Number.NaN;
  return {
    tasks: of(({ tasks }) => tasks),
    parseMs: of(({ parseMs }) => parseMs),
    contextMs: of(({ contextMs }) => contextMs),
    renderMs: of(({ renderMs }) => renderMs),
    heapBytes: of(({ heapBytes }) => heapBytes),
    residentBytes: of(({ residentBytes }) => residentBytes),
    fileBytes: of(({ fileBytes }) => fileBytes),
  };
};

const ms = (value: number) => figure(value, { unit: ' ms' });

const costTable = (rows: readonly RenderCost[]): string =>
  markdownTable([
    ['tasks', 'JSON.parse of 1,000', 'context', 'render', 'render / parse', 'heap', 'resident in all', 'file'],
    ...rows.map((row) => [
      figure(row.tasks),
      ...[row.parseMs, row.contextMs, row.renderMs].map(ms),
      times(ratio(row.renderMs, row.parseMs)),
      ...[row.heapBytes, row.residentBytes].map(mib),
      figure(row.fileBytes / 1_024, { digits: 1, unit: ' KiB' }),
    ]),
  ]);
