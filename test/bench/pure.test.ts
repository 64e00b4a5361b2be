import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isHeld, limitsTable } from '../../bench/support/limits.ts';
import { makeLines } from '../../bench/support/load.ts';
import { withSection } from '../../bench/support/page.ts';
import { processorTimes } from '../../bench/support/proc.ts';
import { interpolate, isStill, speedOf } from '../../bench/support/run-throughput.ts';
import { median, medians, p50, p99, ratio } from '../../bench/support/statistics.ts';
import { figure, markdownTable, mib, seconds, times } from '../../bench/support/table.ts';
import { readReloads, readTicks } from '../../bench/support/vector-log.ts';
import { projectFolder } from '../support/nvl.ts';

test.each([
  [[], undefined],
  [[3], 3],
  [[3, 1], 2],
  [[9, 1, 5], 5],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %s', (values, expected) => expect(median(values)).toBe(expected));

test('percentiles are values that occurred', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([p50(values), p99(values), p50([])]).toEqual([50, 99, undefined]);
});

test('each figure has a median of its own, of the rounds in which it was measured', () => {
  expect(medians([{ a: 1, b: 5 }, { a: 3 }, { a: 2, b: 7 }])).toEqual({ a: 2, b: 6 });
  expect(medians([])).toEqual({});
});

test.each([
  [3, 2, 1.5],
  [3, 0, undefined],
  [undefined, 2, undefined],
  [3, undefined, undefined],
])('%s of %s is %s times', (value, yardstick, expected) => expect(ratio(value, yardstick)).toBe(expected));

test('figures have their unit, and a dash stands where nothing was measured', () => {
  expect([figure(12_345), figure(0.126, { digits: 2, unit: ' %' }), figure(undefined)]).toEqual([
    '12,345',
    '0.13 %',
    '–',
  ]);
  expect([mib(3 * 2 ** 20), seconds(1_234), times(1.5)]).toEqual(['3 MiB', '1.23 s', '1.50×']);
});

test('a table is Markdown, and reads as it stands', () => {
  expect(
    markdownTable([
      ['', 'nvl', 'bare source'],
      ['memory', '62 MiB'],
    ]),
  ).toBe(
    [
      '|        |    nvl | bare source |',
      '|--------|-------:|------------:|',
      '| memory | 62 MiB |             |',
    ].join('\n'),
  );
});

test.each([
  ['at most, held', { atMost: 2, measured: 2 }, true],
  ['at most, broken', { atMost: 2, measured: 2.1 }, false],
  ['at least, held', { atLeast: 0.8, measured: 0.8 }, true],
  ['at least, broken', { atLeast: 0.8, measured: 0.79 }, false],
  ['nothing, though something came', { atMost: 0, measured: 1 }, false],
  ['not measured', { atMost: 2, measured: undefined }, undefined],
])('a limit: %s', (_, parts, expected) => {
  expect(isHeld({ what: 'a', write: times, ...parts })).toBe(expected);
});

test('a limit says what it must be, what was measured, and whether it is held', () => {
  const rows = limitsTable([
    { what: 'a', atMost: 2, measured: 3, write: times },
    { what: 'b', atLeast: 0.8, measured: undefined, write: times },
  ]).split('\n');
  expect(rows.slice(2).map((row) => row.split(/ *\| */).slice(1, -1))).toEqual([
    ['a', '≤ 2.00×', '3.00×', '**no**'],
    ['b', '≥ 0.80×', '–', 'not measured'],
  ]);
});

test('processor times are found behind a name that holds blanks and brackets', () => {
  const rest = Array.from({ length: 20 }, (_, index) => String(index * 100));
  expect(processorTimes(`42 (a b) c) S ${rest.slice(1).join(' ')}`)).toEqual({
    cpuSeconds: 23,
    childrenCpuSeconds: 27,
  });
});

const LOG = `2026-11-26T17:00:00.000000Z DEBUG vector::topology::running: Spawning new source. component_id=a
2026-11-26T17:00:01.000500Z  INFO vector::signal: Signal received. signal="SIGHUP"
2026-11-26T17:00:01.001000Z DEBUG vector::topology::running: Spawning new source. component_id=b
2026-11-26T17:00:01.002000Z DEBUG vector::topology::running: Spawning changed transform. component_id=nomad_logs
2026-11-26T17:00:01.003000Z  INFO vector: Vector has reloaded. path=[]
{"level":"info","msg":"a line of nvl's own"}
2026-11-26T17:00:02.900000Z  INFO vector::config::watcher: Configuration file changed.
2026-11-26T17:00:02.910000Z  INFO vector: Vector has reloaded. path=[]
2026-11-26T17:00:03.000000Z  INFO sink{component_id=delivered}: vector::sinks::blackhole::sink: Collected events. events=7 raw_bytes_collected=99
`;

test("a reload is timed from its cause to Vector's answer, and what was started anew is told from what is new", () => {
  const { tookMs, restarted, added } = readReloads(LOG);
  expect(tookMs.map((ms) => Number(ms.toFixed(3)))).toEqual([2.5, 10]);
  expect({ restarted, added }).toEqual({ restarted: 1, added: 2 });
});

test('what a blackhole counted is read with its time', () => {
  expect(readTicks(LOG)).toEqual([{ atMs: Date.parse('2026-11-26T17:00:03.000Z'), events: 7 }]);
});

test('speed is taken between the first count above nothing and the last that is not all', () => {
  const ticks = [0, 0, 100, 300, 500, 560, 560].map((events, second) => ({ atMs: second * 1_000, events }));
  const cpuAt = (atMs: number) => atMs / 10_000;
  const speed = speedOf({ ticks, total: 560, lines: { lineBytes: 256 }, cpuAt });
  expect(speed.bytesASecond).toBe(200 * 256);
  expect(speed.cpuMicrosecondsAnEvent).toBeCloseTo(500);
  const few = { total: 5, lines: { lineBytes: 1 }, cpuAt };
  expect(speedOf({ ticks: [{ atMs: 1, events: 5 }], ...few })).toEqual({});
  const atOnce = [0, 5, 5].map((events, second) => ({ atMs: second * 1_000, events }));
  expect(speedOf({ ticks: atOnce, ...few }).bytesASecond).toBe(5);
});

const ticksOf = (...ticks: [second: number, events: number][]) =>
  ticks.map(([second, events]) => ({ atMs: second * 1_000, events }));

test.each([
  ['nothing has come yet', ticksOf([0, 0], [20, 0]), false],
  ['some came a moment ago', ticksOf([0, 0], [1, 5], [2, 5]), false],
  ['Vector was too busy to say so, and says it at once', ticksOf([1, 5], [12, 9], [12, 9], [12, 9], [12, 9]), false],
  ['nothing came for ten seconds', ticksOf([0, 0], [1, 5], [6, 5], [11, 5]), true],
])('no more is waited for: %s: %#', (_, ticks, expected) => expect(isStill(ticks)).toBe(expected));

test.each([
  [-5, 1],
  [0, 1],
  [50, 1.5],
  [100, 2],
  [900, 2],
])('at %s ms a sample of 1 at 0 and 2 at 100 gives %s', (atMs, expected) => {
  const samples = [
    { atMs: 0, seconds: 1 },
    { atMs: 100, seconds: 2 },
  ];
  expect(interpolate({ samples, atMs })).toBe(expected);
});

test.each([256, 512])('lines of %s bytes are that long, newline and all, and fill whole blocks', (lineBytes) => {
  const { block, inBlock } = makeLines({ lineBytes });
  expect(block.length).toBe(inBlock * lineBytes);
  const lines = block.toString().split('\n');
  expect(lines.pop()).toBe('');
  expect(new Set(lines.map(({ length }) => length))).toEqual(new Set([lineBytes - 1]));
});

const section = { name: 'short', text: 'new\n\ntext', plots: { 'short-lost': { title: 'Lost', svg: '<svg/>' } } };

test('a script writes its own part of the page, however often, and nothing else', () => {
  const page =
    'a\n\n<!-- bench:short -->\n\nold\n\n<!-- /bench:short -->\n\n<!-- bench:scale -->\n\nits\n\n<!-- /bench:scale -->\n';
  const once = withSection({ page, section });
  expect(once).toBe(page.replace('old', 'new\n\ntext\n\n![Lost](benchmarks/short-lost.svg)'));
  expect(withSection({ page: once, section })).toBe(once);
  expect(() => withSection({ page: 'a', section })).toThrow('<!-- bench:short -->');
});

test.each(['scale', 'throughput', 'short', 'churn'])('the page has a place for %s', (name) => {
  const page = readFileSync(join(projectFolder, 'docs', 'benchmarks.md'), 'utf8');
  expect(withSection({ page, section: { ...section, name } })).toContain('new\n\ntext');
});
