import pc from 'picocolors';
import { expect, test } from 'vitest';
import type { EngineEvent } from '../../lib/engine/event.ts';
import { prettyLine } from '../../lib/tail/pretty.ts';
import { createPrinter } from '../../lib/tail/printer.ts';
import { safeJson, safeText } from '../../lib/tail/safe-text.ts';
import { VrlTimestamp } from '../../lib/vrl/values.ts';

const plain = pc.createColors(false);

const line = (event: Record<string, unknown>, stream: 'stdout' | 'stderr' = 'stdout'): string =>
  prettyLine({ event, label: 'server/50d107cb', stream, colors: plain, paint: String });

const HEAD = '2026-01-02T03:04:05.678Z server/50d107cb';
const timestamp = '2026-01-02T03:04:05.678Z';

test.each<[string, Record<string, unknown>, string]>([
  ['time, task, level, message', { timestamp, level: 'warn', message: 'hi' }, `${HEAD} WARN  hi`],
  ['without a level', { timestamp, message: 'hi' }, `${HEAD} hi`],
  ['without anything', {}, 'server/50d107cb'],
  [
    'no labels, and nothing of the source',
    { message: 'hi', nomad: { a: 1 }, file: 'f', host: 'h', source_type: 'file' },
    'server/50d107cb hi',
  ],
  ['further fields in their order', { message: 'hi', b: 1n, a: 0.5 }, 'server/50d107cb hi b=1 a=0.5'],
  [
    'a text with blanks in quotes',
    { a: 'two words', b: '', c: 'x=y', d: 'say "x"' },
    String.raw`server/50d107cb a="two words" b="" c="x=y" d="say \"x\""`,
  ],
  ['what is nested as JSON', { a: { b: [1n, null] } }, 'server/50d107cb a={"b":[1,null]}'],
  ['a level that is no text is a field', { level: 3n }, 'server/50d107cb level=3'],
  ['a message that is no text', { message: { a: 1n } }, 'server/50d107cb {"a":1}'],
  ['a name with a blank', { 'a b': 1n }, 'server/50d107cb "a b"=1'],
])('a line for people: %s', (_, event, expected) => expect(line(event)).toBe(expected));

test('which stream it is, where that is stderr', () => {
  expect(line({ message: 'hi' }, 'stderr')).toBe('server/50d107cb hi stream=stderr');
});

test.each<[string, string, string]>([
  ['a newline', 'a\nb', String.raw`a\nb`],
  ['escapes of a terminal', '\u001b[2J\u001b]0;x\u0007', String.raw`\e[2J\e]0;x\x07`],
  ['the same of eight bits', '\u009b2J', String.raw`\x9b2J`],
  ['nul, backspace, return and delete', '\0\b\r\u007f', String.raw`\x00\x08\r\x7f`],
  ['marks of direction', '\u202eabc\u2066', String.raw`\u202eabc\u2066`],
  ['what cannot be seen', 'a\u200bb\ufeff', String.raw`a\u200bb\ufeff`],
  ['half a pair', 'a\ud800b', 'a\ufffdb'],
  ['letters of all kinds stay', 'é 漢字 🙂 العربية', 'é 漢字 🙂 العربية'],
])('nothing controls the terminal: %s', (_, text, safe) => {
  expect(safeText(text)).toBe(safe);
  expect(line({ message: text })).toBe(`server/50d107cb ${safe}`);
  expect(JSON.parse(safeJson(JSON.stringify({ text })))).toEqual({ text });
});

test.each<[string, Record<string, unknown>]>([
  ['a message', { message: 'x'.repeat(10_000_000) }],
  ['a field', { a: 'x'.repeat(10_000_000) }],
  ['a name', { ['x'.repeat(10_000_000)]: 1n }],
  ['a level', { level: 'x'.repeat(10_000_000) }],
  ['many fields', Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`field${index}`, index]))],
  ['what is nested', { a: Array.from({ length: 1_000_000 }, () => 1n) }],
])('what is huge is cut, and that is said: %s', (_, event) => {
  const text = line(event);
  expect(text.length).toBeLessThan(20_000);
  expect(text).toMatch(/… \(\d+ more characters\)|…=\d+ more fields/);
});

test('a cut leaves no half of a pair', () => {
  expect(line({ a: `${'x'.repeat(2_047)}🙂` })).toBe(`server/50d107cb a=${'x'.repeat(2_047)}… (2 more characters)`);
});

const printed = async (options: Partial<Parameters<typeof createPrinter>[0]>, ...events: EngineEvent['event'][]) => {
  let out = '';
  const write = async (text: string): Promise<void> => {
    out += text;
  };
  const print = createPrinter({ format: 'json', isTerminal: false, colors: plain, write, ...options });
  const file = '/nvl/links/p/stem.stderr.000000000';
  for (const [index, event] of events.entries())
    await print({ allocId: `5000000${index}-x`, task: 'server' }, [
      { event, metadata: {}, secrets: {}, lines: [{ file, number: 1 }] },
    ]);
  return out;
};

const EVENT = { big: 2n ** 60n, float: 1, at: new VrlTimestamp(timestamp), message: 'a\u009b\n' };

test('as JSON: a line each, as a sink writes it, numbers to their last digit', async () => {
  expect(await printed({}, EVENT, { message: 'b' })).toBe(
    `{"big":1152921504606846976,"float":1.0,"at":"${timestamp}","message":"a\u009b\\n"}\n{"message":"b"}\n`,
  );
  expect(await printed({ isTerminal: true }, { message: 'a\u009b' })).toBe('{"message":"a\\u009b"}\n');
});

test('each task has a colour of its own, and a level one of its kind', async () => {
  const colors = pc.createColors(true);
  const out = await printed({ format: 'pretty', colors }, { level: 'error', message: 'a' }, { message: 'b' });
  expect(out).toContain(colors.cyan('server/50000000'));
  expect(out).toContain(colors.magenta('server/50000001'));
  expect(out).toContain(colors.red('ERROR'));
  expect(out).toContain(`${colors.dim('stream=')}stderr`);
});
