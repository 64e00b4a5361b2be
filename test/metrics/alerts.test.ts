import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { NvlError } from '../../lib/errors.ts';
import { gaugesOf } from '../../lib/metrics/gauges.ts';
import { createRegistry, type MetricsRegistry } from '../../lib/metrics/registry.ts';
import { EMPTY_LOG } from '../../lib/status/cycle-log.ts';
import type { HeldFacts } from '../../lib/status/held.ts';
import { makeStatus } from '../../lib/status/make-status.ts';
import type { FaultStatus } from '../../lib/status/status.ts';
import { aFile, heldFor, MIB, NOW } from '../status/support.ts';
import { anAllocation } from '../support/builders.ts';
import { projectFolder } from '../support/nvl.ts';
import { evaluate } from './evaluate.ts';
import { type ReadMetric, readPage } from './support.ts';

const text = readFileSync(join(projectFolder, 'monitoring/alerts.yaml'), 'utf8');
const { groups } = parse(text) as { groups: { rules: { alert: string; expr: string }[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** A quarter of an hour lies between the two looks that a rule takes. */
const SECONDS = 900;

type Cause = {
  /** What the daemon holds at the second look. */
  held?: (well: HeldFacts) => Partial<HeldFacts>;
  /** What is counted between the two. */
  count?: (registry: MetricsRegistry) => void;
  /** Nobody answers at the second look. */
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
  const moments = { before, now, seconds: SECONDS, at: NOW / 1_000 };
  return rules.filter(({ expr }) => evaluate(expr, moments).length > 0).map(({ alert }) => alert);
};

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
    const empty = new Map<string, ReadMetric>();
    expect(() => evaluate(expr, { before: empty, now: empty, seconds: 1, at: 0 })).toThrow('not understood');
  },
);
