import { expect, test } from 'vitest';
import { type Decider, IS_SO } from '../../lib/pipelines/decider.ts';
import { moveLines, regroupLines } from '../../lib/plan/regroup-lines.ts';
import { type Grouping, regroupedBetween } from '../../lib/plan/regrouped.ts';

/** `a: 's1 s2'`: the tasks of each pipeline. */
const aGrouping = (pipelines: Record<string, string>, deciders: Record<string, Decider[]> = {}): Grouping => ({
  rows: Object.entries(pipelines).flatMap(([pipeline, stems]) => stems.split(' ').map((stem) => ({ stem, pipeline }))),
  deciders: new Map(Object.entries(deciders)),
  placeOf: ({ template }) => (template === undefined ? undefined : `${template}:5`),
});

const asks = (what: string, value: unknown): Decider => ({ what, value, template: 't.hbs' });
const linesOf = (before: Grouping, after: Grouping) => {
  const regrouped = regroupedBetween({ before, after });
  return [...regroupLines({ regrouped }), ...moveLines({ regrouped })];
};
const cost = (tasks: string) =>
  `${tasks} read on by another source; at most what it read since its last checkpoint may come twice`;

test.each<[string, Grouping, Grouping, string[]]>([
  ['nothing', aGrouping({ a: 's1 s2', b: 's3' }), aGrouping({ a: 's1 s2', b: 's3' }), []],
  ['tasks that come and go', aGrouping({ a: 's1 s2' }), aGrouping({ a: 's2 s3', b: 's4' }), []],
  [
    'a split, one part of which stays',
    aGrouping({ a: 's1 s2 s3' }, { a: [] }),
    aGrouping({ a: 's1 s2', b: 's3' }, { a: [asks('{{meta.x}}', '1')], b: [asks('{{meta.x}}', '2')] }),
    ['pipeline a (3 tasks) is split into a (2 tasks) and b (1 task), by {{meta.x}} (t.hbs:5)', cost('1 task is')],
  ],
  [
    'a join, by what is no longer asked for',
    aGrouping({ a: 's1 s2', b: 's3' }, { a: [asks('{{meta.x}}', '1')], b: [asks('{{meta.x}}', '2')] }),
    aGrouping({ c: 's1 s2 s3' }, { c: [] }),
    [
      'pipelines a (2 tasks) and b (1 task) are joined to c (3 tasks), no longer by {{meta.x}} (t.hbs:5)',
      cost('3 tasks are'),
    ],
  ],
  [
    'all of one pipeline, by what is new, gone or other',
    aGrouping({ a: 's1 s2' }, { a: [asks('{{old}}', 1), asks('{{both}}', 1)] }),
    aGrouping({ b: 's1 s2' }, { b: [asks('{{both}}', 2), asks('#if meta.y', true)] }),
    [
      '2 tasks of pipeline a move to b, by {{both}} = 2 (t.hbs:5) and #if meta.y = true (t.hbs:5), no longer by {{old}} (t.hbs:5)',
      cost('2 tasks are'),
    ],
  ],
  [
    'tasks that change places',
    aGrouping({ a: 's1 s2', b: 's3' }),
    aGrouping({ c: 's1 s3', d: 's2' }),
    [
      'the tasks of pipelines a (2 tasks) and b (1 task) are regrouped to c (2 tasks) and d (1 task)',
      cost('3 tasks are'),
    ],
  ],
  [
    'what no template asks for',
    aGrouping({ a: 's1 s2' }),
    aGrouping(
      { b: 's1', c: 's2' },
      { b: [{ what: 'alone: it says so', value: IS_SO, template: undefined }], c: [asks('{{x}}', 1)] },
    ),
    [
      'pipeline a (2 tasks) is split into b (1 task) and c (1 task), by alone: it says so and {{x}} (t.hbs:5)',
      cost('2 tasks are'),
    ],
  ],
  [
    'nothing, where the table still has the row of the pipeline that was left',
    { rows: [...aGrouping({ a: 's1' }).rows, ...aGrouping({ b: 's1' }).rows] },
    aGrouping({ b: 's1' }),
    [],
  ],
])('which pipelines are split or joined: %s', (_, before, after, expected) => {
  expect(linesOf(before, after)).toEqual(expected);
});

test('a pipeline that is split into very many is told in one line', () => {
  const stems = Array.from({ length: 300 }, (_, index) => `s${index}`);
  const after = Object.fromEntries(stems.map((stem) => [`p_${stem}`, stem]));
  const deciders = Object.fromEntries(stems.map((stem) => [`p_${stem}`, [asks('{{alloc.id}}', stem)]]));
  const [line, ...others] = linesOf(aGrouping({ a: stems.join(' ') }), aGrouping(after, deciders));
  expect(line).toMatch(/^pipeline a \(300 tasks\) is split into .* and 297 more, by \{\{alloc\.id\}\} \(t\.hbs:5\)$/);
  expect(others).toEqual([cost('300 tasks are')]);
});

test('pipelines that have nothing to do with each other are told apart', () => {
  const lines = linesOf(aGrouping({ a: 's1 s2', b: 't1 t2' }), aGrouping({ c: 's1', d: 's2', e: 't1', b: 't2' }));
  expect(lines.slice(0, -1)).toEqual([
    'pipeline a (2 tasks) is split into c (1 task) and d (1 task)',
    'pipeline b (2 tasks) is split into b (1 task) and e (1 task)',
  ]);
});
