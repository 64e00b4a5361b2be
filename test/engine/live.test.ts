import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../lib/engine/engine.ts';
import { createLineSplitter } from '../../lib/engine/split-lines.ts';
import { stampsFrom } from '../../lib/engine/stamps.ts';
import { createVrl } from '../../lib/vrl/vrl.ts';

// What counts where an engine goes on for as long as somebody looks.

test('times of reading are those of the clock, and no two are the same', () => {
  let nowMs = 1_000;
  const stamp = stampsFrom(() => nowMs);
  const texts = () => [stamp().text, stamp().text];
  expect(texts()).toEqual(['1970-01-01T00:00:01.000Z', '1970-01-01T00:00:01.000001Z']);
  nowMs = 2_000.5;
  expect(texts()).toEqual(['1970-01-01T00:00:02.000500Z', '1970-01-01T00:00:02.000501Z']);
  nowMs = 0;
  expect(texts()).toEqual(['1970-01-01T00:00:02.000502Z', '1970-01-01T00:00:02.000503Z']);
});

test('time that passes gives a throttle its events back', async () => {
  const vrl = createVrl();
  onTestFinished(() => vrl.close());
  let nowMs = 0;
  const engine = createEngine({
    text: `[sources.s]
type = "file"
include = ["/logs/*"]
[transforms.t]
type = "throttle"
inputs = ["s"]
threshold = 2
window_secs = 1
`,
    vrl,
    now: () => nowMs,
  });
  const passed = async (): Promise<number> => {
    const { outputs } = await engine.push([{ path: '/logs/a', bytes: Buffer.from('x\nx\nx\nx\n') }]);
    return outputs.get('t')?.length ?? 0;
  };
  expect([await passed(), await passed()]).toEqual([2, 0]);
  nowMs = 1_000;
  expect(await passed()).toBe(2);
});

test.each<[string, string[], string[]]>([
  ['as long as it may be', ['ab', 'cd\nf\n'], ['1 abcd', '2 f']],
  ['too long, in one piece', ['abcde\nf\n'], ['2 f']],
  ['too long, in many', ['ab', 'cd', 'ef', 'gh', '\nf\n'], ['2 f']],
  ['too long, with its end at once', ['abcdef', '\n', 'f\n'], ['2 f']],
  ['too long behind one that is not', ['f\nabc', 'defg', 'h\ng\n'], ['1 f', '3 g']],
])('lines: %s', (_, pieces, lines) => {
  const splitter = createLineSplitter({ maxLineBytes: 4 });
  const found = pieces.flatMap((piece) => splitter.push(Buffer.from(piece)));
  expect(found.map(({ bytes, number }) => `${number} ${bytes}`)).toEqual(lines);
});

test('a line that never ends takes no memory', () => {
  const splitter = createLineSplitter({ maxLineBytes: 1_000 });
  const piece = Buffer.alloc(65_536, 'x');
  const before = process.memoryUsage().arrayBuffers;
  for (let count = 0; count < 8_000; count += 1) expect(splitter.push(piece)).toEqual([]);
  // Of 520 MB; what is done with waits for the collector of garbage.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(260_000_000);
  expect(splitter.push(Buffer.from('\nb\n')).map(({ bytes, number }) => `${number} ${bytes}`)).toEqual(['2 b']);
});
