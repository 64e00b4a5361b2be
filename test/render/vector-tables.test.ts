import { expect, test } from 'vitest';
import type { Row } from '../../lib/pipelines/row.ts';
import { labelTable, labelTableComment } from '../../lib/render/labels/label-tables.ts';
import { emptyTables, vectorTables } from '../../lib/render/vector-tables.ts';

const table = labelTable([
  { key: 'job', column: 'c_job' },
  { key: 'task', column: 'c_task' },
]);
const head = (pipeline: string, of?: typeof table) =>
  `# nvl:${pipeline} profile x\n# Columns: c_job job string\n${of === undefined ? '' : `${labelTableComment(of)}\n`}`;
const text = `${head('nvl_one_1', table)}\n${head('nvl_two_1', table)}\n${head('nvl_odd_1')}\n`;

const aRow = (stem: string, more: Partial<Row> = {}): Row => ({
  stem,
  pipeline: 'nvl_one_1',
  about: `about ${stem}`,
  mark: '',
  cells: { c_job: 'web', c_task: `the "${stem}"` },
  ...more,
});

test('each row stands in one table: with its labels ready, or value by value where it has more to say or its pipeline asks so', () => {
  const rows = [
    aRow('a'),
    aRow('a', { pipeline: 'nvl_two_1' }),
    aRow('b', { mark: 'refused' }),
    aRow('c', { skip: { 'stdout.0': '7' } }),
    aRow('d', { pipeline: 'nvl_odd_1', cells: { c_other: 'x' } }),
    aRow('e', { pipeline: 'nvl_gone_1' }),
    aRow('f', { cells: { c_job: 'a\nb' } }),
  ];
  expect(Object.fromEntries(vectorTables({ text, rows }))).toEqual({
    [table.id]:
      'nvl_task,job,task\n"nvl_one_1/a","web","the ""a"""\n"nvl_two_1/a","web","the ""a"""\n"nvl_one_1/f","a\nb",""\n',
    nvl_cells: [
      'task,pipeline,mark,skip,c_job,c_other,c_task',
      '"b","nvl_one_1","refused","","web","","the ""b"""',
      '"c","nvl_one_1","","{""stdout.0"":""7""}","web","","the ""c"""',
      '"d","nvl_odd_1","","","","x",""',
      '"e","nvl_gone_1","","","web","","the ""e"""',
      '',
    ].join('\n'),
  });
});

test('a table with the stream among its labels has a row for each', () => {
  const byStream = labelTable([
    { key: 'job', column: 'c_job' },
    { key: 'output', column: 'stream' },
  ]);
  expect(vectorTables({ text: head('nvl_one_1', byStream), rows: [aRow('a'), aRow('b')] }).get(byStream.id)).toBe(
    [
      'nvl_task,job,output',
      '"nvl_one_1/a.stdout","web","stdout"',
      '"nvl_one_1/a.stderr","web","stderr"',
      '"nvl_one_1/b.stdout","web","stdout"',
      '"nvl_one_1/b.stderr","web","stderr"',
      '',
    ].join('\n'),
  );
});

test('the tables of the same rows are made once for a file, and anew for another', () => {
  const rows = [aRow('a')];
  const first = vectorTables({ text, rows });
  expect(vectorTables({ text, rows })).toBe(first);
  const other = labelTable([{ key: 'renamed', column: 'c_job' }]);
  expect([...vectorTables({ text: head('nvl_one_1', other), rows })]).toEqual([
    ['nvl_cells', 'task,pipeline,mark,skip\n'],
    [other.id, 'nvl_task,renamed\n"nvl_one_1/a","web"\n'],
  ]);
});

test('without rows each table has its header, so that Vector takes it', () => {
  expect([...emptyTables({ text, linksDir: '/nvl/links' })]).toEqual([
    ['/nvl/rows/nvl_cells.csv', 'task,pipeline,mark,skip\n'],
    [`/nvl/rows/${table.id}.csv`, 'nvl_task,job,task\n'],
  ]);
});
