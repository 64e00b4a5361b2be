import { expect, test } from 'vitest';
import { toBarsSvg } from '../../bench/support/bars.ts';
import { isHeld } from '../../bench/support/limits.ts';
import { listLimits, listReport } from '../../bench/support/list-report.ts';
import { evenMarks, powersAround, toSvg } from '../../bench/support/plot.ts';
import { medianCost, renderLimits, renderReport } from '../../bench/support/render-report.ts';
import { scaleLimits, scaleReport } from '../../bench/support/scale-report.ts';
import { shortLimits, shortReport } from '../../bench/support/short-report.ts';
import { throughputLimits, throughputReport } from '../../bench/support/throughput-report.ts';

test.each([
  [0, [0, 1]],
  [5, [0, 1, 2, 3, 4, 5]],
  [0.9, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [230, [0, 50, 100, 150, 200, 250]],
])('marks from nothing to above %s', (highest, expected) => expect(evenMarks(highest)).toEqual(expected));

test.each([
  [[], [1, 10]],
  [[1], [1, 10]],
  [
    [30, 2_500],
    [10, 100, 1_000, 10_000],
  ],
])('powers of ten around %j', (values, expected) => expect(powersAround(values)).toEqual(expected));

const numbersOf = (svg: string, attribute: string): number[] =>
  [...svg.matchAll(new RegExp(` ${attribute}="(-?[\\d.]+)"`, 'g'))].map(([, value]) => Number(value));

test('a plot is one whole SVG: a line a name, points within its frame, and words that hold no markup', () => {
  const plot = {
    title: 'a < b & c',
    xName: 'tasks',
    yName: 'MiB',
    isLogarithmic: true,
    series: [
      {
        name: 'nvl',
        points: [
          { x: 1, y: 50 },
          { x: 100, y: 60 },
          { x: 1_000, y: 90 },
        ],
      },
      {
        name: 'bare',
        points: [
          { x: 1, y: 0 },
          { x: 100, y: undefined },
          { x: 1_000, y: 80 },
        ],
      },
    ],
  };
  const svg = toSvg(plot);
  expect(svg).toMatch(/^<svg [^>]*>\n[\s\S]*<\/svg>\n$/);
  expect(svg).toContain('<title>a &lt; b &amp; c</title>');
  expect([...svg.matchAll(/<polyline/g)]).toHaveLength(2);
  const [cx, cy] = [numbersOf(svg, 'cx'), numbersOf(svg, 'cy')];
  expect(cx).toHaveLength(4);
  // More tasks are further right, more memory is further up.
  expect(cx.slice(0, 3)).toEqual([...cx.slice(0, 3)].sort((a, b) => a - b));
  expect(cy.slice(0, 3)).toEqual([...cy.slice(0, 3)].sort((a, b) => b - a));
  expect(toSvg(plot)).toBe(svg);
  expect(svg).not.toContain('NaN');
});

test('a plot of nothing is still a picture', () => {
  expect(toSvg({ title: 't', xName: 'x', yName: 'y', series: [] })).not.toContain('NaN');
  expect(toBarsSvg({ title: 't', unit: 'u', groups: [] })).not.toContain('NaN');
});

test('bars are as high as their values, and what was not measured has none', () => {
  const svg = toBarsSvg({
    title: 't',
    unit: 'µs',
    groups: [
      { name: 'a', values: { nvl: 20, bare: 10 } },
      { name: 'b', values: { nvl: undefined, bare: 0 } },
    ],
  });
  const heights = numbersOf(svg, 'height').filter((height) => height !== 12);
  // The first is the picture itself.
  expect(heights.slice(1)).toEqual([heights[1], (heights[1] ?? 0) / 2, 0]);
});

const scaleRows = [
  { contender: 'bare source', tasks: 1_000, figures: { vectorBytes: 80 * 2 ** 20, vectorIdlePercent: 8 } },
  {
    contender: 'nvl',
    tasks: 1_000,
    figures: { vectorBytes: 100 * 2 ** 20, vectorIdlePercent: 12, vectorThreads: 48, restarted: 0, daemonBytes: 85e6 },
  },
];

test('scale: nvl is held against the bare source of its size, and against what it must be', () => {
  const held = scaleLimits(scaleRows).map((limit) => [limit.what, isHeld(limit)]);
  expect(Object.fromEntries(held)).toMatchObject({
    "1,000 tasks: Vector's memory, of a bare source's": true,
    "1,000 tasks: Vector's idle processor, of a bare source's": false,
    "1,000 tasks: Vector's threads": true,
    'one more of 1,000: components restarted': true,
    'one more of 100: first line p50': undefined,
    "3,000 tasks: Vector's idle processor, of that at 1,000": undefined,
  });
  const at3000 = { contender: 'nvl', tasks: 3_000, figures: { vectorBytes: 290 * 2 ** 20, vectorIdlePercent: 37 } };
  expect(
    scaleLimits([...scaleRows, at3000])
      .slice(-2)
      .map(isHeld),
  ).toEqual([true, false]);
  const { text, plots } = scaleReport({ rows: scaleRows, notes: ['a note'] });
  expect(text).toContain('### 1,000 tasks');
  expect(text).toMatch(/… of the bare source +\| +1\.00× \| +1\.25× \|/);
  expect(Object.keys(plots)).toEqual(['scale-memory', 'scale-idle', 'scale-first-line']);
});

const load = { tasks: 1, lineBytes: 256, parse: 'plain' } as const;
const throughputRows = [
  {
    contender: 'bare source',
    load,
    figures: { bytesASecond: 30e6, cpuMicrosecondsAnEvent: 9, peakBytes: 1e8, keptUpBytesASecond: 30e6 },
  },
  { contender: 'labels as literals', load, figures: { cpuMicrosecondsAnEvent: 12 } },
  {
    contender: 'nvl',
    load,
    figures: { bytesASecond: 25e6, cpuMicrosecondsAnEvent: 18, peakBytes: 1.2e8, keptUpBytesASecond: 21e6, lost: -3 },
  },
];

test('throughput: speed is held against the bare source, processor time against the labels as literals', () => {
  expect(throughputLimits(throughputRows).map((limit) => [limit.measured, isHeld(limit)])).toEqual([
    [25 / 30, true],
    [0.7, false],
    [1.5, false],
    [1.2, true],
  ]);
  expect(throughputReport({ rows: throughputRows, notes: [] }).text).toMatch(/lines too many +\|[^|]*\|[^|]*\| +3 \|/);
});

test('short: nothing may be lost, repeated or wrong', () => {
  const rows = [
    {
      contender: 'nvl',
      figures: { tasks: 1_000, written: 200, lost: 0, repeated: 1, unlabelled: 0, mislabelled: 0, foreign: 2 },
    },
    { contender: 'pure Vector, tuned', figures: { tasks: 1_000, written: 200, lost: 50 } },
  ];
  expect(shortLimits(rows).map(isHeld)).toEqual([true, false, true, true, false]);
  const { name, text, plots } = shortReport({ name: 'pressure', title: 'Lost', rows, notes: [] });
  expect(text).toMatch(/… of all +\| +0\.0 % \| +25\.0 % \|/);
  expect([name, Object.keys(plots)]).toEqual(['pressure', ['pressure-lost']]);
});

test('list: memory and one change are held against their limits at 30,300 allocations alone', () => {
  const cost = { bytes: 196e6, firstMs: 9, unchangedMs: 2_200, tookMs: 3_000, settledBytes: 9e7, parseChangedMs: 0.1 };
  const bare = { receiveMs: 2_700, passMs: 160, parseMs: 2_000, bytes: 196e6, elements: 30_300 };
  const large = { ...cost, allocations: 30_300, changeMs: 8_200, highestBytes: 121e6, bare };
  const small = { ...large, allocations: 300, highestBytes: 999e6 };
  expect(listLimits([small, large]).map(isHeld)).toEqual([true, false]);
  expect(listLimits([small]).map(isHeld)).toEqual([undefined, undefined]);
  expect(listReport({ rows: [large], notes: [] }).text).toMatch(/\| 30,300 +\| +196\.0 MB \|/);
});

test('render: ten times the tasks may take some ten times as long; each figure is its own median', () => {
  const cost = { parseMs: 100, contextMs: 20, heapBytes: 6e6, residentBytes: 146e6, fileBytes: 3_000 };
  const of = (tasks: number, ...times: number[]) => medianCost(times.map((renderMs) => ({ ...cost, tasks, renderMs })));
  expect(renderLimits([of(1_000, 300, 200, 100), of(10_000, 9_000, 1_000, 1_500)]).map((one) => one.measured)).toEqual([
    7.5,
  ]);
  expect(renderLimits([of(1_000, 200), of(10_000, 2_400)]).map(isHeld)).toEqual([false]);
  expect(renderReport({ rows: [of(1_000, 200)], notes: [] }).text).toMatch(
    /\| 1,000 +\| +100 ms \| +20 ms \| 200 ms \|/,
  );
});
