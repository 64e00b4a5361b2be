import { expect, test } from 'vitest';
import { createLineSplitter } from '../../lib/engine/split-lines.ts';

type Options = Parameters<typeof createLineSplitter>[0];

/** Each line as `number@offset text`; `|` stands before what comes when the file is gone. */
const linesOf = (chunks: readonly string[], options: Options = {}): string[] => {
  const splitter = createLineSplitter(options);
  const said = (lines: ReturnType<typeof splitter.push>, before = '') =>
    lines.map(({ bytes, offset, number }) => `${before}${number}@${offset} ${bytes.toString('latin1')}`);
  const pushed = chunks.flatMap((chunk) => said(splitter.push(Buffer.from(chunk, 'latin1'))));
  return [...pushed, ...said(splitter.end(), '|')];
};

test.each<[string, string[], Options, string[]]>([
  ['whole lines', ['a\nbc\n'], {}, ['1@0 a', '2@2 bc']],
  ['empty ones', ['\n\n'], {}, ['1@0 ', '2@1 ']],
  ['a last one without its end', ['a\nbc'], {}, ['1@0 a', '|2@4 bc']],
  ['nothing', ['', ''], {}, []],
  ['one in two halves, from the second on', ['a\nb', 'c\nd\n'], {}, ['1@0 a', '2@3 bc', '3@5 d']],
  ['one byte at a time', ['a', '\n', 'b', '\n'], {}, ['1@1 a', '2@3 b']],
  ['a carriage return', ['a\r\n'], {}, ['1@0 a\r']],
  ['bytes of any kind', ['\xff\x00\n'], {}, ['1@0 \xff\x00']],
  ['another end', ['aENDbEN\nDEND'], { delimiter: 'END' }, ['1@0 a', '2@4 bEN\nD']],
  ['another end, which in two halves is none', ['a\r', '\nb\r\n'], { delimiter: '\r\n' }, ['1@2 a\r\nb']],
  ['as long as may be', ['123\n1234\n12\n'], { maxLineBytes: 3 }, ['1@0 123', '3@4 12']],
  ['longer ones first', ['1234\n1234\n12\n1\n'], { maxLineBytes: 3 }, ['3@0 12', '4@13 1']],
  ['a longer one in two halves', ['12', '34\n1\n'], { maxLineBytes: 3 }, ['2@2 1']],
  ['a longer last one, which Vector lets through', ['1\n12345'], { maxLineBytes: 3 }, ['1@0 1', '|2@7 12345']],
])('lines: %s', (_, chunks, options, lines) => expect(linesOf(chunks, options)).toEqual(lines));

test.each([
  ['at the end of the piece of 8 KiB in which it became too long', ['a\n', 30_000], 10_000, 16_384 - 2],
  ['at the first end of a piece', ['', 30_000], 10, 8_192],
  ['nowhere, where it is not too long', ['', 30_000], 30_000, 30_000],
  ['at its end, where it became too long in the last piece', ['', 9_000], 8_500, 9_000],
] as const)('a last line far too long is cut %s', (_, [before, length], maxLineBytes, kept) => {
  const splitter = createLineSplitter({ maxLineBytes });
  splitter.push(Buffer.from(before + 'x'.repeat(length)));
  expect(splitter.end().map(({ bytes }) => bytes.length)).toEqual([kept]);
});

test('a line is not one twice', () => {
  const splitter = createLineSplitter();
  splitter.push(Buffer.from('a'));
  expect([splitter.end().length, splitter.end().length]).toEqual([1, 0]);
});
