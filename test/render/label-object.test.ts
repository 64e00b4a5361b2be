import { expect, test } from 'vitest';
import { columnName } from '../../lib/render/labels/columns.ts';
import { labelObjectIn } from '../../lib/render/labels/label-object.ts';
import { labelTable, labelTableComment, labelTablesIn } from '../../lib/render/labels/label-tables.ts';

const cells = (['string', 'string', 'integer'] as const).map((kind, index) => ({
  text: '',
  kind,
  expression: `{{${['job', 'task', 'count'][index]}}}`,
  frame: '',
}));
const [job, task] = cells.map(columnName) as [string, string, string];
const found = (program: string) => labelObjectIn({ program, cells });

test.each([
  ['texts of values', '.nomad = { "job": "{{ nvl_c0 }}", "task": "{{ nvl_c1 }}" }', []],
  ['bare values', '.nomad = { "job": nvl_c0, "task": nvl_c1 }', []],
  ['a comma at the end, lines and comments', '# a\n.nomad = {\n"job": nvl_c0, # b\n"task": nvl_c1,\n}\n# c', []],
  [
    'the stream and what is the same for all',
    '.nomad = { "stream": stream, "job": nvl_c0, "env": "prod", "task": nvl_c1 }',
    [{ key: 'env', value: '"prod"' }],
    [{ key: 'stream', column: 'stream' }],
  ],
])('labels are one object: %s', (_, program, others, more: { key: string; column: string }[] = []) => {
  expect(found(program)).toEqual({
    path: '.nomad',
    columns: [{ key: 'job', column: job }, ...more, { key: 'task', column: task }],
    others,
  });
});

test('the object may stand deeper', () => {
  expect(found('.a.b = { "x.y-z": nvl_c1 }')).toEqual({
    path: '.a.b',
    columns: [{ key: 'x.y-z', column: task }],
    others: [],
  });
});

test.each([
  ['nothing', ''],
  ['no value of a row', '.nomad = { "a": "b" }'],
  ['no value of a row but the stream', '.nomad = { "stream": stream }'],
  ['something before it', 'x = 1\n.nomad = { "job": nvl_c0 }'],
  ['something behind it', '.nomad = { "job": nvl_c0 }\n.job = nvl_c0'],
  ['a value in the middle of a text', '.nomad = { "job": "a {{ nvl_c0 }}" }'],
  ['a text with a template of its own', '.nomad = { "job": nvl_c0, "x": "{{ y }}" }'],
  ['a text with an escape', '.nomad = { "job": nvl_c0, "x": "a\\n" }'],
  ['an argument', '.nomad = { "job": upcase(nvl_c0) }'],
  ['a number', '.nomad = { "job": nvl_c0, "count": nvl_c2 }'],
  ['a field of the event', '.nomad = { "job": nvl_c0, "x": .x }'],
  ['an object in it', '.nomad = { "job": nvl_c0, "x": { "task": nvl_c1 } }'],
  ['a merge', '.nomad |= { "job": nvl_c0 }'],
  ['a variable', 'nomad = { "job": nvl_c0 }'],
  ['the whole event', '. = { "job": nvl_c0 }'],
  ['metadata', '%nomad = { "job": nvl_c0 }'],
  ['a quoted path', '."nomad" = { "job": nvl_c0 }'],
  ['a condition', 'if true { .nomad = { "job": nvl_c0 } }'],
  ['a key twice', '.nomad = { "job": nvl_c0, "job": nvl_c1 }'],
  ['a key that nvl uses', '.nomad = { "nvl_task": nvl_c0 }'],
  ['a key with a comma, which parts the cells of a table', '.nomad = { "a,b": nvl_c0 }'],
  ['a key of nothing', '.nomad = { "": nvl_c0 }'],
])('labels are made value by value: %s', (_, program) => {
  expect(found(program)).toBeUndefined();
});

test('a table is known by its keys and columns alone, and read back from a generated file, but from no template’s comment', () => {
  const columns = [
    { key: 'job', column: job },
    { key: 'a.task', column: task },
  ];
  const table = labelTable(columns);
  expect(labelTable(columns.map((one) => ({ ...one })))).toEqual(table);
  expect(labelTable([{ key: 'job', column: task }]).id).not.toBe(labelTable([{ key: 'job', column: job }]).id);
  expect(labelTable([{ key: 'task', column: job }]).id).not.toBe(labelTable([{ key: 'job', column: job }]).id);
  const comment = labelTableComment(table);
  const text = [
    `# nvl:nvl_a_1 profile a\n# Columns: ${job} job string\n${comment}\n[sources.nvl_a_1]`,
    `# nvl:nvl_b_1 profile b\n# Columns: ${job} job string\n[sources.nvl_b_1]\n${comment}`,
    `# nvl:nvl_c_1 profile c\n# Columns: ${job} job string\n${comment}\n[sources.nvl_c_1]`,
  ].join('\n\n');
  expect([...labelTablesIn(text)]).toEqual([
    ['nvl_a_1', table],
    ['nvl_c_1', table],
  ]);
});
