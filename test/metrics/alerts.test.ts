import { expect, test } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import { gaugesOf } from '../../lib/metrics/gauges.ts';
import { createRegistry, type MetricsRegistry } from '../../lib/metrics/registry.ts';
import { EMPTY_LOG } from '../../lib/status/cycle-log.ts';
import type { HeldFacts } from '../../lib/status/held.ts';
import { makeStatus } from '../../lib/status/make-status.ts';
import type { FaultStatus } from '../../lib/status/status.ts';
import { aFile, heldFor, MIB, NOW } from '../status/support.ts';
import { anAllocation } from '../support/builders.ts';
import { evaluate, type Scrape, type Scrapes } from './evaluate.ts';
import { type ReadMetric, readPage } from './support.ts';
import { readRules } from './watch-alerts.ts';

const rules = readRules();

/** A quarter of an hour lies between the first look that a rule takes, and the others. */
const SECONDS = 900;

type Cause = {
  /** What the daemon holds after the first look. */
  held?: (well: HeldFacts) => Partial<HeldFacts>;
  /** What is counted between them. */
  count?: (registry: MetricsRegistry) => void;
  /** Nobody answers after the first look. */
  isAway?: boolean;
  /** Another node has other templates. */
  isOther?: boolean;
};

/** The alerts that fire on a node that was well, and then had this. */
const firing = async (cause: Cause): Promise<string[]> => {
  const registry = createRegistry();
  const well = await wellHeld();
  registry.set(gaugesOf(makeStatus({ held: well })));
  const before = readPage(await registry.text());
  cause.count?.(registry);
  registry.set(gaugesOf(makeStatus({ held: { ...well, ...cause.held?.(well) } })));
  const now = readPage(await registry.text());
  const up: ReadMetric = {
    help: '',
    type: 'gauge',
    samples: [{ name: 'up', labels: { job: 'nvl' }, value: cause.isAway ? '0' : '1' }],
  };
  now.set('up', up);
  if (cause.isOther)
    now
      .get('nvl_templates_info')
      ?.samples.push({ name: 'nvl_templates_info', labels: { digest: 'other' }, value: '1' });
  const at = NOW / 1_000;
  const looks = scrapesOf({ at: at - SECONDS, page: before }, { at: at - 15, page: now }, { at, page: now });
  return rules.filter(({ expr }) => evaluate(expr, looks).length > 0).map(({ alert }) => alert);
};

/** Whatever a rule looks back, it sees these; the last is now. */
const scrapesOf = (...all: readonly [Scrape, ...Scrape[]]): Scrapes => ({
  now: all.at(-1) ?? all[0],
  within: () => all,
});

/** A node whose only task is read, and writes a hundred bytes a second. */
const wellHeld = async (): Promise<HeldFacts> => {
  const held = await heldFor([anAllocation()], { cycles: { ...EMPTY_LOG, lastGoodListAt: NOW - 30_000 } });
  const [{ id = '' } = {}] = held.seen.tasks;
  return { ...held, sample: { at: NOW, files: [aFile({ id })] }, history: writing(id, 100) };
};

const writing = (id: string, bytes: number): HeldFacts['history'] =>
  new Map([
    [
      `${id}.stdout`,
      [
        { at: 0, index: 0, bytes: 0, total: 0 },
        { at: 1_000, index: 0, bytes, total: bytes },
      ],
    ],
  ]);

const idIn = ({ seen }: HeldFacts): string => seen.tasks[0]?.id ?? '';
const aFault = (given: Partial<FaultStatus>): FaultStatus => ({
  ...{ level: 'red', kind: 'cycle', about: null, since: NOW, message: 'no', said: null, advice: null },
  ...given,
});
const refusedAs = (instead: 'default' | 'nothing') => (well: HeldFacts) => ({
  seen: {
    ...well.seen,
    refused: [{ key: idIn(well), heading: 'web', errors: [new NvlError('vectorRefused', { message: 'no' })], instead }],
  },
});
const withFiles = (given: Parameters<typeof aFile>[0]) => (well: HeldFacts) => ({
  sample: { at: NOW, files: [aFile({ id: idIn(well), ...given })] },
});
const withCycles = (given: Partial<HeldFacts['cycles']>) => (well: HeldFacts) => ({
  cycles: { ...well.cycles, ...given },
});
const ownFiles = { kind: 'refused', digest: '', since: NOW, takenAt: 0, files: ['a.toml'], said: 'no' } as const;

const CAUSES: readonly [what: string, cause: Cause, alerts: string[]][] = [
  ['nothing', {}, []],
  ['nvl is away', { isAway: true }, ['NvlAway']],
  ['it has no list', { held: withCycles({ lastGoodListAt: undefined }) }, ['NvlNotReady']],
  [
    'Vector does not run',
    { held: ({ vector }) => ({ vector: { ...vector, pid: null, generation: null } }) },
    ['NvlNotReady', 'NvlVectorDown'],
  ],
  [
    'Vector is started again and again, and never gets as far',
    { held: ({ vector }) => ({ vector: { ...vector, hasStarted: false, generation: null } }) },
    ['NvlNotReady', 'NvlVectorDown'],
  ],
  ['the list is old', { held: withCycles({ lastGoodListAt: NOW - 1_000_000 }) }, ['NvlListOld']],
  ['Nomad does not answer', { count: (of) => of.count('nvl_nomad_errors_total', 'nomadAway', 60) }, ['NvlNomadErrors']],
  [
    'cycles fail',
    { held: withCycles({ cycleFaults: [aFault({})] }), count: (of) => of.count('nvl_cycles_total', 'rejected', 3) },
    ['NvlCyclesFail'],
  ],
  ['a reload is refused', { count: (of) => of.count('nvl_reloads_total', 'refused') }, ['NvlReloadsFail']],
  ['a proof is refused', { count: (of) => of.count('nvl_validations_total', 'refused') }, ['NvlValidationsRefused']],
  ['a profile is broken', { held: refusedAs('default') }, ['NvlQuarantine']],
  ['nothing can ship a task', { held: refusedAs('nothing') }, ['NvlQuarantine', 'NvlTasksLeftOut']],
  [
    'Vector does not have the labels of a task',
    {
      held: ({ state }) => ({
        state: {
          ...state,
          tasks: Object.fromEntries(
            Object.entries(state.tasks).map(([id, { loadedAt: _, ...record }]) => [id, record]),
          ),
        },
      }),
    },
    ['NvlTasksWait'],
  ],
  [
    'a template is broken',
    { held: withCycles({ templateFaults: [aFault({ kind: 'template' })] }) },
    ['NvlTemplatesBroken'],
  ],
  ['another node has other templates', { isOther: true }, ['NvlTemplatesDiffer']],
  [
    'a sink does not deliver',
    { held: withCycles({ foundFaults: [aFault({ kind: 'delivery', level: 'yellow' })] }) },
    ['NvlDelivery'],
  ],
  ["the team's files are broken", { held: ({ state }) => ({ state: { ...state, ownFiles } }) }, ['NvlOwnFilesBroken']],
  ['a task writes fast', { held: (well) => ({ history: writing(idIn(well), MIB) }) }, ['NvlSafetyLow']],
  [
    'nvl keeps much',
    { held: withFiles({ bytes: 1_900 * MIB, readBytes: 0, isOnlyCopy: true }) },
    // Nomad has deleted it, and it was not there before.
    ['NvlSafetyLow', 'NvlHoldFull', 'NvlUnreadGrows'],
  ],
  ['Vector is slow', { held: withFiles({ bytes: 1_900 * MIB, readBytes: 0 }) }, ['NvlUnreadGrows']],
  ['bytes went unread', { count: (of) => of.count('nvl_lost_bytes_total', 'hold', 7) }, ['NvlLinesLost']],
  [
    'a task plants a link',
    { held: () => ({ refusedFiles: [{ allocId: 'x', name: 'y', why: 'it is a symbolic link' }] }) },
    ['NvlFilesRefused'],
  ],
  ['a disk is full', { held: () => ({ takeFaults: [{ allocId: 'x', said: 'ENOSPC' }] }) }, ['NvlFilesNotTaken']],
];

test.each(CAUSES)('what fires when %s', async (_, cause, alerts) => {
  expect((await firing(cause)).sort()).toEqual([...alerts].sort());
});

test('each alert fires for some cause', () => {
  const fired = new Set(CAUSES.flatMap(([, , alerts]) => alerts));
  expect(rules.map(({ alert }) => alert).filter((alert) => !fired.has(alert))).toEqual([]);
});

test.each(['nvl_tasks offset 5m', 'histogram_quantile(0.9, nvl_tasks)', 'max(nvl_tasks)'])(
  'a rule that is not understood fails its test: %s',
  (expr) => {
    expect(() => evaluate(expr, scrapesOf({ at: 0, page: new Map() }))).toThrow('not understood');
  },
);

/** A scrape of series `a` and `b` of one label, at a second. */
const aScrape = (at: number, series: Record<string, Record<string, number>>): Scrape => ({
  at,
  page: new Map(
    Object.entries(series).map(([name, values]) => {
      const samples = Object.entries(values).map(([x, value]) => ({ name, labels: { x }, value: String(value) }));
      return [name, { help: '', type: 'gauge', samples }];
    }),
  ),
});

const SCRAPES = scrapesOf(
  aScrape(0, { a: { p: 10, q: 1 }, b: { p: 5 } }),
  aScrape(10, { a: { p: 4, q: 1 }, b: { p: 5 } }),
  aScrape(20, { a: { p: 6, q: 1 }, b: { p: 5, r: 1 } }),
);

test.each([
  ['a', 'p=6 q=1'],
  ['a{x="q"}', 'q=1'],
  ['a - b', 'p=1'],
  ['a > 2', 'p=6'],
  ['time() - a > 15', 'q=19'],
  ['a and b', 'p=6'],
  ['b and a > 7', ''],
  // It began anew at 0.
  ['increase(a[1m])', 'p=6 q=0'],
  ['rate(a[1m])', 'p=0.3 q=0'],
  ['deriv(a[1m])', 'p=-0.2 q=0'],
  ['avg_over_time(b[1m])', 'p=5 r=1'],
  ['count(count by (x) (a))', '2'],
])('what %s is', (expr, said) => {
  const found = evaluate(expr, SCRAPES).map(({ labels, value }) =>
    [...Object.values(labels), Number(value.toFixed(6))].join('='),
  );
  expect(found.join(' ')).toBe(said);
});
