import { expect, test } from 'vitest';
import type { LogChunk } from '../../lib/nomad/log-chunks.ts';
import { countLines, lastLines } from '../../lib/tail/last-lines.ts';
import { isPast, unreadOf } from '../../lib/tail/log-position.ts';

type Bytes = Extract<LogChunk, { kind: 'bytes' }>;

const chunk = (index: number, start: number, text: string): Bytes => ({
  kind: 'bytes',
  index,
  start,
  bytes: Buffer.from(text),
});

const shown = (chunks: readonly Bytes[]) => chunks.map(({ index, start, bytes }) => `${index}:${start} ${bytes}`);

test.each<[string, Bytes[], number, string[]]>([
  ['nothing', [], 5, []],
  ['the last two', [chunk(0, 0, 'a\nb\nc\n')], 2, ['0:2 b\nc\n']],
  ['with what has no end yet', [chunk(0, 0, 'a\nb\nc')], 1, ['0:2 b\nc']],
  ['none but what has no end yet', [chunk(0, 0, 'a\nb')], 0, ['0:2 b']],
  ['none at all', [chunk(0, 0, 'a\n')], 0, []],
  ['all there are', [chunk(0, 0, 'a\nb\n')], 5, ['0:0 a\nb\n']],
  ['over pieces', [chunk(0, 0, 'a\nb'), chunk(0, 3, 'c\nd\n')], 2, ['0:2 b', '0:3 c\nd\n']],
  ['over files', [chunk(3, 7, 'a\nb\n'), chunk(4, 0, 'c\n')], 2, ['3:9 b\n', '4:0 c\n']],
  ['a line whose beginning was not read is left out', [chunk(0, 7, 'rn\nb\n')], 5, ['0:10 b\n']],
  ['of it alone, nothing', [chunk(0, 7, 'rn'), chunk(0, 9, 'rn')], 5, []],
  ['empty lines are lines', [chunk(0, 0, '\n\n\n')], 2, ['0:1 \n\n']],
])('last lines: %s', (_, chunks, lines, expected) => expect(shown(lastLines(chunks, lines))).toEqual(expected));

test('lines are counted by their ends', () => {
  expect(countLines([chunk(0, 0, 'a\nb'), chunk(0, 3, '\n\nc')])).toBe(3);
});

test.each<[string, Bytes, { index: number; next: number } | undefined, string | undefined]>([
  ['all of it, where nothing was read', chunk(2, 5, 'abc'), undefined, '2:5 abc'],
  ['all that follows', chunk(2, 5, 'abc'), { index: 2, next: 5 }, '2:5 abc'],
  ['what is behind', chunk(2, 5, 'abc'), { index: 2, next: 7 }, '2:7 c'],
  ['nothing of what was read', chunk(2, 5, 'abc'), { index: 2, next: 8 }, undefined],
  ['nothing of what is far before', chunk(2, 5, 'abc'), { index: 2, next: 99 }, undefined],
  ['nothing of an earlier file', chunk(1, 5, 'abc'), { index: 2, next: 0 }, undefined],
  ['all of a later file', chunk(3, 0, 'abc'), { index: 2, next: 99 }, '3:0 abc'],
  ['all behind a gap', chunk(2, 50, 'abc'), { index: 2, next: 7 }, '2:50 abc'],
])('unread: %s', (_, given, position, expected) => {
  const unread = unreadOf(given, position);
  expect(unread && shown([unread])[0]).toBe(expected);
});

test.each<[boolean, Bytes, { index: number; next: number }]>([
  [false, chunk(2, 7, 'a'), { index: 2, next: 7 }],
  [false, chunk(2, 3, 'a'), { index: 2, next: 7 }],
  [false, chunk(1, 99, 'a'), { index: 2, next: 7 }],
  [true, chunk(2, 8, 'a'), { index: 2, next: 7 }],
  [true, chunk(3, 0, 'a'), { index: 2, next: 7 }],
])('past the position: %s', (is, given, position) => expect(isPast(given, position)).toBe(is));
