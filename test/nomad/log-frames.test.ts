import { expect, test } from 'vitest';
import { type LogChunk, readChunks } from '../../lib/nomad/log-chunks.ts';
import { type LogFrame, readFrames } from '../../lib/nomad/log-frames.ts';
import { failureOf } from './fake-nomad.ts';

async function* from<T>(...list: T[]): AsyncGenerator<T> {
  yield* list;
}

const all = async <T>(of: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const one of of) list.push(one);
  return list;
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const framed = (pieces: readonly (string | Buffer)[]) =>
  all(readFrames(from(...pieces.map((piece) => Buffer.from(piece as string)))));

const FRAME = `{"Data":"${base64('a\n')}","File":"alloc/logs/web.stdout.0","Offset":2}`;
const READ = { file: 'alloc/logs/web.stdout.0', event: '', offset: 2, bytes: Buffer.from('a\n') };
const BEAT = { file: '', event: '', offset: 0, bytes: Buffer.alloc(0) };

test.each<[string, (string | Buffer)[], LogFrame[]]>([
  ['nothing', [], []],
  ['a frame', [FRAME], [READ]],
  ['frames one behind the other', [`${FRAME}{}${FRAME}`], [READ, BEAT, READ]],
  ['blanks and newlines between them', [`\n${FRAME}\n {} `], [READ, BEAT]],
  ['one that is torn anywhere', [...`${FRAME}{}`], [READ, BEAT]],
  [
    'a torn character in the name of a file',
    [Buffer.from('{"File":"é{\\"}.1"}').subarray(0, 10), Buffer.from('{"File":"é{\\"}.1"}').subarray(10)],
    [{ ...BEAT, file: 'é{"}.1' }],
  ],
  [
    'brackets, quotes and backslashes in texts',
    ['{"File":"a}{\\"\\\\","X":{"y":"}"}}{}'],
    [{ ...BEAT, file: 'a}{"\\' }, BEAT],
  ],
  ['fields of other types', ['{"File":7,"Offset":"x","Data":null}'], [BEAT]],
])('frames: %s', async (_, pieces, frames) => expect(await framed(pieces)).toEqual(frames));

test.each<[string, string[], string]>([
  ['an error of Nomad that ends them', [`${FRAME}{}`, 'Unknown allocation "x"'], 'Unknown allocation "x"'],
  ['one that breaks off', [FRAME.slice(0, -9)], '"alloc/logs/web.stdout.0"'],
  ['a page of something else', ['<html>\u001b[2J</html>'], '<html> [2J</html>'],
  ['an object that is no JSON', ['{no}'], '{no}'],
  ['one without an end', [`{"Data":"${'A'.repeat(2_000_000)}`], '{"Data":"AAA'],
])('no frames: %s', async (_, pieces, said) => {
  const error = await failureOf(framed(pieces));
  expect(error).toMatchObject({ code: 'nomadAnswer', facts: { said: expect.stringContaining(said) } });
});

/** As Nomad sends a piece that it read at once: the offset is that of its end. */
const read = (index: number, end: number, text: string, event = ''): LogFrame => ({
  file: `alloc/logs/web.stdout.${index}`,
  event,
  offset: end,
  bytes: Buffer.from(text),
});

const bytes = (index: number, start: number, text: string): LogChunk => ({
  kind: 'bytes',
  index,
  start,
  bytes: Buffer.from(text),
});

test.each<[string, 'start' | 'end', LogFrame[], LogChunk[]]>([
  ['the first piece tells its end', 'end', [read(3, 10, 'abcd')], [bytes(3, 6, 'abcd')]],
  ['two pieces of a short file in one frame begin with it', 'end', [read(3, 4, 'abcdef')], [bytes(3, 0, 'abcdef')]],
  ['from the start, whatever it tells', 'start', [read(3, 99, 'ab')], [bytes(3, 0, 'ab')]],
  [
    'further bytes follow one another, whatever their frames tell',
    'end',
    [read(0, 10, 'abcd'), read(0, 75_000, ''), read(0, 2, 'ef')],
    [bytes(0, 6, 'abcd'), bytes(0, 10, 'ef')],
  ],
  [
    'the next file begins with its first byte',
    'end',
    [read(0, 10, 'ab'), BEAT, read(1, 70, 'cd'), read(1, 71, 'e')],
    [bytes(0, 8, 'ab'), { kind: 'beat' }, bytes(1, 0, 'cd'), bytes(1, 2, 'e')],
  ],
  [
    'a file that was emptied',
    'end',
    [read(0, 10, 'ab'), read(0, 1, 'c', 'file truncated')],
    [bytes(0, 8, 'ab'), { kind: 'cut', index: 0 }, bytes(0, 0, 'c')],
  ],
  ['a file that is gone', 'end', [read(0, 10, '', 'file deleted')], []],
  ['a file without an index', 'end', [{ ...read(0, 2, 'ab'), file: 'alloc/logs/web.stdout' }], []],
])('chunks: %s', async (_, origin, frames, chunks) =>
  expect(await all(readChunks({ frames: from(...frames), origin }))).toEqual(chunks),
);
