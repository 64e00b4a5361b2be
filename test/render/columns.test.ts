import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsComment, columnsOf, rearranged } from '../../lib/render/labels/columns.ts';

const cell = (expression: string, kind = 'string') => ({ expression, kind });

test('the comment says what columns hold, for people, and is read back as it was', () => {
  const comment = columnsComment([cell('{{job.id}}'), cell('{{~ alloc.index ~}}', 'integer'), cell('{{{task.name}}}')]);
  expect(comment).toBe('# Columns: job.id string, alloc.index integer, task.name string');
  expect(columnsOf(`${comment}\n[sources.x]\n`)).toEqual(['job.id string', 'alloc.index integer', 'task.name string']);
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

test.each<[string, string[], string[], string[], string[]]>([
  ['the same', ['a', 'b'], ['a', 'b'], ['1', '2'], ['1', '2']],
  ['another order', ['a', 'b'], ['b', 'a'], ['1', '2'], ['2', '1']],
  ['one more', ['a'], ['b', 'a'], ['1'], ['', '1']],
  ['one less', ['a', 'b'], ['b'], ['1', '2'], ['2']],
  ['another kind of the same', ['a string'], ['a integer'], ['1'], ['']],
  ['two of a round', ['this', 'this'], ['x', 'this', 'this'], ['1', '2'], ['', '1', '2']],
  ['a row as wide as its table', ['a'], ['a'], ['1', '', ''], ['1']],
])('cells for other columns: %s', (_, from, to, cells, expected) => {
  expect(rearranged({ cells, from, to })).toEqual(expected);
});

test('a comma in an expression does not part it', () => {
  const [from, to] = [
    [cell('{{join tags ", "}}'), cell('a,'), cell('{{job.id}}')],
    [cell('{{job.id}}'), cell('a,'), cell('{{join tags ", "}}')],
  ].map((cells) => columnsOf(columnsComment(cells))) as [string[], string[]];
  expect(rearranged({ cells: ['a, b', 'x', 'shop'], from, to })).toEqual(['shop', 'x', 'a, b']);
});
