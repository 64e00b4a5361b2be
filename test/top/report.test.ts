import { expect, test } from 'vitest';
import type { ComponentUse } from '../../lib/top/counters.ts';
import { type By, type TopTask, topReport } from '../../lib/top/report.ts';
import { mostFirst, shownCount, showTop } from '../../lib/top/show-top.ts';

const PIPELINE = 'nvl_web_11111111';

const aUse = (id: string, kind: string, more: Partial<ComponentUse> = {}): ComponentUse => ({
  id,
  kind,
  received: 0,
  sent: 0,
  bytes: 0,
  dropped: { meant: 0, failed: 0 },
  errors: 0,
  cpuNs: undefined,
  tasks: undefined,
  ...more,
});

const aTask = (job: string, more: Partial<TopTask> = {}): TopTask => ({
  id: `nvl_${job}`,
  namespace: 'default',
  job,
  task: 'app',
  pipeline: PIPELINE,
  bytesPerSecond: null,
  ...more,
});

/** A pipeline that read 100 lines in 10 s, dropped 20 of them on purpose and 10 for a fault, and took a tenth of a core. */
const uses = (source: Partial<ComponentUse> = {}): ComponentUse[] => [
  aUse(PIPELINE, 'source', { sent: 100, bytes: 1_000, ...source }),
  aUse(`${PIPELINE}_in`, 'transform', { cpuNs: 0.25e9 }),
  aUse(`${PIPELINE}_parse`, 'transform', { cpuNs: 0.75e9, dropped: { meant: 20, failed: 10 }, errors: 10 }),
];

const reportOf = ({
  components,
  tasks,
  by = 'job',
}: {
  components: readonly ComponentUse[];
  tasks: readonly TopTask[];
  by?: By;
}) =>
  topReport({
    uses: new Map(components.map((use) => [use.id, use])),
    tasks,
    by,
    at: 1_795_837_756_062,
    seconds: 10,
    node: 'node-1',
    vectorCpuPercent: 12.34,
    tasksLeftOut: 0,
  });

const COUNTED = { lines: false, others: false };
const SHARED = { lines: false, others: true };
const ESTIMATED = { lines: true, others: true };

test('a pipeline of one job is that job’s, whatever its tasks write', () => {
  const tasks = [aTask('web', { id: 'a', bytesPerSecond: 5 }), aTask('web', { id: 'b', task: 'proxy' })];
  expect(reportOf({ components: uses(), tasks }).rows).toEqual([
    {
      namespace: 'default',
      job: 'web',
      task: null,
      pipelines: [PIPELINE],
      tasks: 2,
      lines: 10,
      bytes: 100,
      dropped: { meant: 2, failed: 1 },
      errors: 1,
      cpuPercent: 10,
      estimated: COUNTED,
    },
  ]);
});

test.each<[string, By, Partial<ComponentUse>, TopTask[], [string, number, number, object][]]>([
  [
    'by what they write, where nothing else is known',
    'job',
    {},
    [aTask('web', { bytesPerSecond: 30 }), aTask('db', { bytesPerSecond: 10 })],
    [
      ['web', 7.5, 1.5, ESTIMATED],
      ['db', 2.5, 0.5, ESTIMATED],
    ],
  ],
  [
    'evenly, where nobody was seen to write',
    'job',
    {},
    [aTask('web'), aTask('web', { id: 'b' }), aTask('web', { id: 'c' }), aTask('db', { bytesPerSecond: 0 })],
    [
      ['web', 7.5, 1.5, ESTIMATED],
      ['db', 2.5, 0.5, ESTIMATED],
    ],
  ],
  [
    'by what Vector counted: lines to the one, the rest by its lines',
    'job',
    {
      tasks: new Map([
        ['nvl_web', { lines: 80, bytes: 900 }],
        ['nvl_db', { lines: 20, bytes: 100 }],
      ]),
    },
    [aTask('web', { bytesPerSecond: 1 }), aTask('db', { bytesPerSecond: 99 })],
    [
      ['web', 8, 1.6, SHARED],
      ['db', 2, 0.4, SHARED],
    ],
  ],
  [
    'all of it to the only one that wrote',
    'job',
    { tasks: new Map([['nvl_web', { lines: 100, bytes: 1_000 }]]) },
    [aTask('web'), aTask('db')],
    [
      ['web', 10, 2, COUNTED],
      ['db', 0, 0, COUNTED],
    ],
  ],
  [
    'with a row of its own for tasks that have gone',
    'job',
    {
      tasks: new Map([
        ['nvl_web', { lines: 60, bytes: 600 }],
        ['nvl_gone', { lines: 40, bytes: 400 }],
      ]),
    },
    [aTask('web'), aTask('db')],
    [
      ['web', 6, 1.2, SHARED],
      ['db', 0, 0, SHARED],
      [PIPELINE, 4, 0.8, SHARED],
    ],
  ],
  [
    'task by task of one job',
    'task',
    {
      tasks: new Map([
        ['a', { lines: 90, bytes: 900 }],
        ['b', { lines: 10, bytes: 100 }],
      ]),
    },
    [aTask('web', { id: 'a', task: 'app' }), aTask('web', { id: 'b', task: 'proxy' })],
    [
      ['web/app', 9, 1.8, SHARED],
      ['web/proxy', 1, 0.2, SHARED],
    ],
  ],
  ['as a whole', 'pipeline', {}, [aTask('web'), aTask('db')], [[PIPELINE, 10, 2, COUNTED]]],
])('a pipeline that several share is shared out %s', (_, by, source, tasks, rows) => {
  const report = reportOf({ components: uses(source), tasks, by });
  expect(
    report.rows.map(({ job, task, pipelines, lines, dropped, estimated }) => [
      job === null ? pipelines[0] : `${job}${task === null ? '' : `/${task}`}`,
      lines,
      dropped.meant,
      estimated,
    ]),
  ).toEqual(rows);
});

test('what a task counted that has gone is not the only job’s that is left', () => {
  const counted = new Map([
    ['nvl_web', { lines: 10, bytes: 100 }],
    ['nvl_gone', { lines: 90, bytes: 900 }],
  ]);
  const { rows } = reportOf({ components: uses({ tasks: counted }), tasks: [aTask('web')] });
  expect(rows).toMatchObject([
    { job: 'web', lines: 1, estimated: SHARED },
    { job: null, lines: 9, estimated: SHARED },
  ]);
});

test('where not all tasks are known, what was not counted by task is marked', () => {
  const tasks = [aTask('web')];
  const of = (source: Partial<ComponentUse>) =>
    topReport({
      ...{ uses: new Map(uses(source).map((use) => [use.id, use])), tasks, by: 'job', at: 0, seconds: 10 },
      ...{ node: null, vectorCpuPercent: null, tasksLeftOut: 500 },
    }).rows[0]?.estimated;
  expect(of({})).toEqual(ESTIMATED);
  expect(of({ tasks: new Map([['nvl_web', { lines: 100, bytes: 1_000 }]]) })).toEqual(SHARED);
});

test('a job of several pipelines has the sum; what is known of one alone is better than nothing', () => {
  const components = [...uses(), aUse('nvl_default_22222222', 'source', { sent: 50, bytes: 500 })];
  const tasks = [aTask('web'), aTask('web', { id: 'b', task: 'proxy', pipeline: 'nvl_default_22222222' })];
  expect(reportOf({ components, tasks }).rows).toMatchObject([
    { job: 'web', tasks: 2, lines: 15, bytes: 150, cpuPercent: 10, pipelines: [PIPELINE, 'nvl_default_22222222'] },
  ]);
});

test.each<[string, string, string]>([
  ['its own, though another’s id begins with it', `${PIPELINE}_deadbeef_out`, `${PIPELINE}_deadbeef`],
  ['that of what its id begins with', `${PIPELINE}_out_2`, PIPELINE],
])('a component is in the pipeline that is %s', (_, component, pipeline) => {
  const components = [
    aUse(PIPELINE, 'source', { sent: 1 }),
    aUse(`${PIPELINE}_deadbeef`, 'source', { sent: 1 }),
    aUse(component, 'transform', { errors: 30 }),
  ];
  const { rows } = reportOf({ components, tasks: [], by: 'pipeline' });
  expect(rows.filter(({ errors }) => errors > 0)).toMatchObject([{ pipelines: [pipeline], errors: 3 }]);
});

test('lines of containers come from no file: no bytes are known, and what is of others is not dropped', () => {
  const components = [
    aUse(PIPELINE, 'transform', { received: 900, sent: 40, dropped: { meant: 860, failed: 0 } }),
    aUse(`${PIPELINE}_out`, 'transform', { received: 40, sent: 30, dropped: { meant: 10, failed: 0 } }),
  ];
  expect(reportOf({ components, tasks: [aTask('web')] }).rows).toMatchObject([
    { job: 'web', lines: 4, bytes: null, dropped: { meant: 1, failed: 0 } },
  ]);
});

test('components that are in no pipeline of nvl’s are left out, but for sinks', () => {
  const components = [
    aUse('nomad_logs', 'transform', { errors: 5 }),
    aUse('team_source', 'source', { sent: 5 }),
    aUse('loki', 'sink', { received: 50, bytes: 700, dropped: { meant: 0, failed: 10 }, errors: 1 }),
  ];
  expect(reportOf({ components, tasks: [] })).toMatchObject({
    rows: [],
    sinks: [{ sink: 'loki', events: 5, bytes: 70, dropped: 1, errors: 0.1 }],
  });
});

test.each<[Parameters<typeof mostFirst>[0]['sort'], string[]]>([
  ['lines', ['a', 'b', 'c']],
  ['bytes', ['a', 'b', 'c']],
  ['drops', ['c', 'a', 'b']],
  ['errors', ['a', 'c', 'b']],
  ['cpu', ['c', 'b', 'a']],
])('sorted by %s, and by name where that is the same', (sort, names) => {
  const row = (
    job: string,
    lines: number,
    bytes: number | null,
    failed: number,
    errors: number,
    cpu: number | null,
  ) => ({
    ...{ namespace: 'default', job, task: null, pipelines: [], tasks: 1, estimated: COUNTED },
    ...{ lines, bytes, dropped: { meant: 0, failed }, errors, cpuPercent: cpu },
  });
  const rows = [row('c', 1, null, 9, 2, 80), row('b', 5, 4, 0, 0, 3), row('a', 5, 7, 0, 2, null)];
  expect(mostFirst({ rows, sort }).map(({ job }) => job)).toEqual(names);
});

test('for people, in 80 columns: estimates are marked, and how to have them counted is said', () => {
  const components = [...uses({ sent: 123_456_789, bytes: 9e9 }), aUse('loki', 'sink', { received: 52, bytes: 7_000 })];
  const tasks = [
    aTask('a-job-whose-name-is-as-long-as-names-get-in-some-places', { namespace: 'team', bytesPerSecond: 3 }),
    aTask('evil\u001b[2J\u202e', { bytesPerSecond: 1 }),
  ];
  const shown = showTop(reportOf({ components, tasks }));
  expect(shown.split('\n').every((line) => line.length <= 80)).toBe(true);
  expect(shown).not.toContain('\u001b');
  expect(shown).toMatchInlineSnapshot(`
    "node-1, 2026-11-28T03:49:16, over 10.0 s, all of Vector 12.3% of a core

    JOB                         TASKS  LINES/S  BYTES/S   DROPS/S  ERRORS/S  CPU
    team:a-job-whose-name-is-…  1      ~9.3M    ~644 MiB  ~2.3     ~0.8      ~7.5%
    evil [2J                    1      ~3.1M    ~215 MiB  ~0.8     ~0.3      ~2.5%

    SINK  EVENTS/S  BYTES/S  DROPS/S  ERRORS/S
    loki  5.2       700 B    0        0

    ~ is a share, by what the tasks write; metrics.byTask has Vector count lines
    "
  `);
});

test('whose processor time is not measured, and how many tasks are not told apart, is said', () => {
  const components = [aUse(PIPELINE, 'source', { sent: 3 })];
  const shown = showTop({ ...reportOf({ components, tasks: [aTask('web')] }), tasksLeftOut: 1_000 });
  expect(shown).toContain('processor time is not measured: metrics.byTask turns that on\n');
  expect(shown).toContain('1000 tasks more are not told apart\n');
});

test.each([
  [0, '0'],
  [0.01, '<0.1'],
  [0.4, '0.4'],
  [1, '1'],
  [99.94, '99.9'],
  [99.96, '100'],
  [999.4, '999'],
  [999.6, '1k'],
  [1_000, '1k'],
  [12_345, '12.3k'],
  [999_960, '1M'],
  [4.1e6, '4.1M'],
  [7.25e12, '7250G'],
])('a rate of %d is shown as %s', (rate, shown) => expect(shownCount(rate)).toBe(shown));
