import { expect, test } from 'vitest';
import type { Row } from '../../lib/pipelines/row.ts';
import { type Former, formerAfter, seatsIn } from '../../lib/pipelines/seats.ts';

const aRow = (pipeline: string): Row => ({ stem: 's', pipeline, about: '', mark: '', cells: {} });
const MINUTES = 60_000;

test.each<[string, Former[] | undefined, string, string, string[]]>([
  ['a first move', undefined, 'a', 'b', ['a']],
  ['one more soon after it', [{ pipeline: 'a', leftAt: 9 * MINUTES }], 'b', 'c', ['a', 'b']],
  ['one back', [{ pipeline: 'a', leftAt: 9 * MINUTES }], 'b', 'a', ['b']],
  ['one away again', [{ pipeline: 'b', leftAt: 9 * MINUTES }], 'b', 'a', ['b']],
  ['one long after it', [{ pipeline: 'a', leftAt: 7 * MINUTES }], 'b', 'c', ['b']],
])('what a task has left: %s', (_, former, from, to, expected) => {
  const after = formerAfter({ former, from, to, now: 10 * MINUTES });
  expect(after.map(({ pipeline }) => pipeline)).toEqual(expected);
  expect(after.at(-1)).toEqual({ pipeline: from, leftAt: 10 * MINUTES });
});

test('a task that moves again and again has a row in each pipeline that may still deliver its lines', () => {
  const former = [
    { pipeline: 'a', leftAt: 7 * MINUTES },
    { pipeline: 'b', leftAt: 9 * MINUTES },
    { pipeline: 'c', leftAt: 10 * MINUTES },
  ];
  const found = seatsIn({
    rows: ['a', 'b', 'c', 'd', 'other'].map(aRow),
    tasks: { s: { pipeline: 'd', former } },
    now: 10 * MINUTES,
  });
  expect(found.former.map(({ pipeline }) => pipeline)).toEqual(['b', 'c']);
  expect([...found.seats.values()]).toEqual([aRow('d')]);
});
