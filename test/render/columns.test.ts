import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ColumnMeaning, columnName, columnsComment, columnsOf } from '../../lib/render/labels/columns.ts';
import { compileSafe } from '../../lib/render/safe/index.ts';

const cell = (expression: string, kind: ColumnMeaning['kind'] = 'string', frame = ''): ColumnMeaning => ({
  expression,
  kind,
  frame,
});

test('the comment says what columns hold, for people, and is read back as it was', () => {
  const cells = [cell('{{job.id}}'), cell('{{~ alloc.index ~}}', 'integer'), cell('{{join tags ", "}}')];
  const [job, index, tags] = cells.map(columnName);
  const comment = columnsComment(cells);
  expect(comment).toBe(
    `# Columns: ${job} job.id string, ${index} alloc.index integer, ${tags} join tags u+22u+2c u+22 string`,
  );
  expect(columnsOf(`${comment}\n[sources.x]\n`)).toEqual([
    { name: job, holds: 'job.id string' },
    { name: index, holds: 'alloc.index integer' },
    { name: tags, holds: 'join tags u+22u+2c u+22 string' },
  ]);
  expect(columnsOf(columnsComment([]))).toEqual([]);
  expect(columnsOf('[sources.x]\n')).toEqual([]);
});

test('whatever an expression is made of, a comment is one line, and has as many columns as there are cells', () => {
  const expressions = fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 5 });
  fc.assert(
    fc.property(expressions, (list) => {
      const comment = columnsComment(list.map((expression) => cell(expression)));
      expect(comment).toMatch(/^[\x20-\x7e]*$/);
      expect(columnsOf(comment)).toHaveLength(list.length);
    }),
  );
});

test.each<[string, ColumnMeaning, ColumnMeaning, boolean]>([
  ['the same', cell('{{job.id}}'), cell('{{job.id}}'), true],
  ['other braces', cell('{{job.id}}'), cell('{{{~ job.id ~}}}'), true],
  ['another expression of the same slug', cell('{{job.id}}'), cell('{{job_id}}'), false],
  ['another kind', cell('{{job.id}}'), cell('{{job.id}}', 'integer'), false],
  ['another frame', cell('{{this}}', 'string', '/#each tags 1'), cell('{{this}}', 'string', '/#each ports 1'), false],
])('a name says what its column holds: %s', (_, one, other, isSame) => {
  expect(columnName(one) === columnName(other)).toBe(isSame);
  expect(columnName(one)).toMatch(/^c_[a-z0-9_]{1,24}_[0-9a-f]{8}$/);
});

/** What the labels of a template make of a context, by the names of their columns. */
const cellsOf = (fields: string, context: object): Record<string, string> => {
  const text = `[transforms.x_out]\ntype = "remap"\ninputs = ["x"]\nsource = '''\n${fields}\n'''\n`;
  const rendered = compileSafe({ name: 'labels', text }).render(context, { hasColumns: true });
  if (!rendered.ok) throw new Error(rendered.refusals[0]?.why);
  return Object.fromEntries(rendered.cells.map((one) => [columnName(one), one.text]));
};

test.each<[string, string, string]>([
  ['a field before it', '.a = "{{job.id}}"', '.b = "{{task.name}}"\n.a = "{{job.id}}"'],
  [
    'a list before it',
    '{{#each tags}}.t{{@index}} = "{{this}}"\n{{/each}}',
    '{{#each ports}}.p{{@index}} = "{{this}}"\n{{/each}}{{#each tags}}.t{{@index}} = "{{this}}"\n{{/each}}',
  ],
  [
    'another list in its place',
    '{{#each tags}}.t{{@index}} = "{{this}}"\n{{/each}}',
    '{{#each ports}}.t{{@index}} = "{{this}}"\n{{/each}}',
  ],
  ['another object around it', '{{#with job}}.a = "{{id}}"{{/with}}', '{{#with task}}.a = "{{id}}"{{/with}}'],
  [
    'a name of the block for it',
    '{{#with job as |one|}}.a = "{{one.id}}"{{/with}}',
    '{{#with task as |one|}}.a = "{{one.id}}"{{/with}}',
  ],
])('no edit gives a column another meaning: %s', (_, before, after) => {
  const context = { job: { id: 'shop' }, task: { id: 'web', name: 'web' }, tags: ['t1', 't2'], ports: ['80', '81'] };
  const [old, next] = [cellsOf(before, context), cellsOf(after, context)];
  for (const [column, value] of Object.entries(old)) expect([value, undefined]).toContain(next[column]);
});
