import { createColors } from 'picocolors';
import { expect, test } from 'vitest';
import type { EngineEvent } from '../../lib/engine/event.ts';
import { NvlError } from '../../lib/errors.ts';
import type { Row } from '../../lib/pipelines/row.ts';
import { apiPlace, withApiAdvice } from '../../lib/tap/api-place.ts';
import { lineJson, lineText } from '../../lib/tap/line-text.ts';
import { createPairing, type TappedLine } from '../../lib/tap/pairing.ts';
import { type TappedTask, tappedTasks } from '../../lib/tap/tapped-task.ts';
import { type VrlObject, VrlTimestamp } from '../../lib/vrl/values.ts';

const TASK: TappedTask = {
  job: 'web',
  task: 'server',
  alloc: '11111111',
  stem: 'nvl_11111111_server_aaaaaaaa',
  pipeline: 'nvl_default_00000000',
};

const anEvent = (event: VrlObject): EngineEvent => ({ event, metadata: {}, secrets: {}, lines: [] });

const aRow = (stem: string, about: string, pipeline = 'p'): Row => ({ stem, about, pipeline, mark: '', cells: {} });

const ROWS: readonly Row[] = [
  aRow('nvl_11111111_server_aaaaaaaa', 'default / web / app 0 / server (profile default)'),
  aRow('nvl_11111111_proxy_bbbbbbbb', 'default / web / app 0 / proxy (profile nginx, quarantined)', 'q'),
  aRow('nvl_22222222_server_cccccccc', 'default / web2 / app 0 / server (profile default)'),
  aRow('nvl_33333333_run_dddddddd', 'default / batch/periodic-17 / app 0 / run (profile default)'),
  aRow('nvl_44444444_run_eeeeeeee', 'default / batch/x / app 0 / run (profile default)'),
  aRow('nvl_55555555_run_ffffffff', 'prod / au+21b / c / app 0 / run (profile default)'),
  aRow('somebody', 'else'),
];

test.each<[string, string, string[]]>([
  ['a job', 'web', ['11111111 server', '11111111 proxy']],
  ['a job and one of its tasks', 'web/proxy', ['11111111 proxy']],
  ['the children of a job', 'batch', ['33333333 run']],
  ['one of them', 'batch/periodic-17', ['33333333 run']],
  ['a task of the children', 'batch/run', ['33333333 run']],
  ['a job with a slash', 'batch/x', ['44444444 run']],
  ['a task of it', 'batch/x/run', ['44444444 run']],
  ['a job with signs that no comment holds', 'a!b / c', ['55555555 run']],
  ['an allocation by its id', '11111111-1111-4111-8111-111111111111', ['11111111 server', '11111111 proxy']],
  ['by the first part of it', '22222222', ['22222222 server']],
  ['and one of its tasks', '11111111/proxy', ['11111111 proxy']],
  ['less of an id is none', '1111111', []],
  ['a beginning of a job', 'we', []],
  ['a task alone', 'server', []],
  ['a job and no task of it', 'web/db', []],
  ['nothing', '', []],
  ['a slash', '/', []],
])('whose lines are meant: %s', (_, name, found) =>
  expect(tappedTasks({ rows: ROWS, name }).map(({ alloc, task }) => `${alloc} ${task}`)).toEqual(found),
);

type Step = ['before' | 'foreign' | 'after' | 'ownAfter', id: string, atMs: number];

const A = anEvent({ message: 'a' });
const B = anEvent({ message: 'b' });

const pairAll = (steps: readonly Step[], atMs: number, most = 100) => {
  const pairing = createPairing({ settleMs: 300, waitMs: 2_000, most });
  for (const [what, id, at] of steps) {
    if (what === 'before' || what === 'foreign')
      pairing.before({ id, event: A, task: what === 'before' ? TASK : undefined, atMs: at });
    else pairing.after({ id, event: B, task: what === 'ownAfter' ? TASK : undefined, atMs: at });
  }
  const { lines, unknown } = pairing.ready(atMs);
  const shown = lines.map(({ id, before, after }) => `${id} ${before === undefined ? 'none' : 'seen'} ${after.length}`);
  return { shown, unknown, left: pairing.size() };
};

test.each<[string, Step[], number, ReturnType<typeof pairAll>]>([
  [
    'a line and its event',
    [
      ['before', 'x', 0],
      ['after', 'x', 10],
    ],
    300,
    { shown: ['x seen 1'], unknown: 0, left: 0 },
  ],
  [
    'not before others of it may come',
    [
      ['before', 'x', 0],
      ['after', 'x', 10],
    ],
    299,
    { shown: [], unknown: 0, left: 1 },
  ],
  [
    'two events of one line',
    [
      ['before', 'x', 0],
      ['after', 'x', 10],
      ['after', 'x', 20],
    ],
    300,
    { shown: ['x seen 2'], unknown: 0, left: 0 },
  ],
  [
    'the event comes first',
    [
      ['after', 'x', 0],
      ['before', 'x', 10],
    ],
    300,
    { shown: ['x seen 1'], unknown: 0, left: 0 },
  ],
  [
    'the order is that of the lines',
    [
      ['before', 'x', 0],
      ['before', 'y', 0],
      ['after', 'y', 10],
      ['after', 'x', 20],
    ],
    400,
    { shown: ['x seen 1', 'y seen 1'], unknown: 0, left: 0 },
  ],
  ['a line without an event is waited for', [['before', 'x', 0]], 1_999, { shown: [], unknown: 0, left: 1 }],
  ['and not for ever', [['before', 'x', 0]], 2_000, { shown: ['x seen 0'], unknown: 0, left: 0 }],
  [
    'another job’s line, and what comes of it',
    [
      ['foreign', 'x', 0],
      ['after', 'x', 10],
    ],
    2_000,
    { shown: [], unknown: 0, left: 0 },
  ],
  [
    'also where that comes first',
    [
      ['after', 'x', 0],
      ['foreign', 'x', 10],
    ],
    2_000,
    { shown: [], unknown: 0, left: 0 },
  ],
  ['an event whose line was not seen', [['after', 'x', 0]], 2_000, { shown: [], unknown: 1, left: 0 }],
  ['one that says itself whose it is', [['ownAfter', 'x', 0]], 2_000, { shown: ['x none 1'], unknown: 0, left: 0 }],
])('pairs: %s', (_, steps, atMs, found) => expect(pairAll(steps, atMs)).toEqual(found));

test('of too many lines those that began first are waited for no longer', () => {
  const steps = ['v', 'w', 'x', 'y', 'z'].map((id): Step => ['before', id, 0]);
  expect(pairAll(steps, 10, 3)).toEqual({ shown: ['v seen 0', 'w seen 0'], unknown: 0, left: 3 });
});

test('what edited templates make of a line stands beside it; what comes later is shown alone, at once', () => {
  const pairing = createPairing({ settleMs: 300, waitMs: 2_000 });
  const outcomes = { events: [B], dropped: [] };
  pairing.before({ id: 'x', event: A, task: TASK, atMs: 0 });
  pairing.edited({ id: 'x', task: TASK, outcomes, atMs: 0 });
  pairing.after({ id: 'x', event: A, task: undefined, atMs: 10 });
  expect(pairing.ready(300).lines).toEqual([{ id: 'x', task: TASK, before: A, after: [A], edited: outcomes }]);
  pairing.edited({ id: 'x', task: TASK, outcomes, atMs: 1_000 });
  expect(pairing.ready(1_000).lines).toEqual([{ id: 'x', task: TASK, before: undefined, after: [], edited: outcomes }]);
});

const BEFORE = anEvent({
  file: '/nvl/links/p/nvl_11111111_server_aaaaaaaa.stderr.000000000',
  message: 'level=warn msg=slow',
  nvl_offset: 7n,
  source_type: 'file',
  timestamp: new VrlTimestamp('2026-01-02T03:04:05Z'),
});
const AFTER = anEvent({
  level: 'warn',
  message: 'slow',
  nomad: { job_name: 'web' },
  timestamp: new VrlTimestamp('2026-01-02T03:04:05Z'),
});

const aLine = (more: Partial<TappedLine> = {}): TappedLine => ({
  id: 'x',
  task: TASK,
  before: BEFORE,
  after: [AFTER],
  edited: undefined,
  ...more,
});

const text = (line: TappedLine) => lineText({ line, colors: createColors(false), paint: String }).split('\n');

test('a line for people: before, after, and the fields that changed, but for those that each line has', () => {
  expect(text(aLine())).toEqual([
    'server/11111111',
    '  before  2026-01-02T03:04:05Z level=warn msg=slow stream=stderr',
    '  after   2026-01-02T03:04:05Z WARN  slow stream=stderr',
    '    + .level "warn"',
    '    ~ .message "level=warn msg=slow" → "slow"',
  ]);
});

const EDITED = anEvent({ ...AFTER.event, level: 'warning', nomad: { job_name: 'web', team: 'a' } });

test.each<[string, Partial<TappedLine>, string[]]>([
  ['the same', { edited: { events: [AFTER], dropped: [] } }, ['  with    (the same)']],
  [
    'something else, labels too',
    { edited: { events: [EDITED], dropped: [] } },
    [
      '  with    2026-01-02T03:04:05Z WARNING slow stream=stderr',
      '    ~ .level "warn" → "warning"',
      '    + .nomad.team "a"',
    ],
  ],
  [
    'nothing, and why',
    { edited: { events: [], dropped: [{ component: 'parse', why: 'no\u001b[31m', event: BEFORE }] } },
    ['  with    (nothing): dropped by parse: no\\e[31m'],
  ],
])('what edited templates would make of it: %s', (_, more, rows) => expect(text(aLine(more)).slice(5)).toEqual(rows));

test('what was not seen, and what gave nothing', () => {
  expect(text(aLine({ before: undefined })).slice(1)).toEqual([
    '  before  (not seen, or several lines)',
    '  after   2026-01-02T03:04:05Z WARN  slow',
  ]);
  const edited = { events: [AFTER], dropped: [] };
  expect(text(aLine({ after: [], edited, why: { component: 'parse', why: 'no number' } })).slice(2, 4)).toEqual([
    '  after   (nothing): dropped by parse: no number',
    '  with    2026-01-02T03:04:05Z WARN  slow stream=stderr',
  ]);
  // What was joined of lines that are shown already.
  expect(text(aLine({ before: undefined, after: [], edited })).slice(1)).toEqual([
    '  before  (not seen, or several lines)',
    '  with    2026-01-02T03:04:05Z WARN  slow',
  ]);
});

test('nothing that an event holds controls the terminal', () => {
  const hostile = anEvent({ message: 'a\u001b]0;x\u0007\r\nb', 'k\u009b': '\u202e' });
  const shown = text(aLine({ before: hostile, after: [anEvent({ ...hostile.event, message: '\u001b[2J' })] })).join(
    '\n',
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there.
  expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

test('a line as JSON has events as a sink writes them', () => {
  expect(JSON.parse(lineJson(aLine({ edited: { events: [AFTER, AFTER], dropped: [] } })))).toEqual({
    job: 'web',
    task: 'server',
    alloc: '11111111',
    before: expect.objectContaining({ message: 'level=warn msg=slow', nvl_offset: 7 }),
    after: [{ level: 'warn', message: 'slow', nomad: { job_name: 'web' }, timestamp: '2026-01-02T03:04:05Z' }],
    with: [expect.objectContaining({ message: 'slow' }), expect.objectContaining({ message: 'slow' })],
  });
  expect(lineJson(aLine({ before: undefined, after: [] }))).toBe(
    '{"job":"web","task":"server","alloc":"11111111","before":null,"after":[]}',
  );
});

const FILE = '/etc/vector/vector.yaml';

test.each([
  ['at Vector’s default', {}, 'http://127.0.0.1:8686'],
  ['where a file says', { api: { address: '127.0.0.1:9000', file: FILE } }, 'http://127.0.0.1:9000'],
  ['one that listens everywhere, here', { api: { address: '0.0.0.0:9000', file: FILE } }, 'http://127.0.0.1:9000'],
  ['the same of IPv6', { api: { address: '[::]:9000', file: FILE } }, 'http://[::1]:9000'],
  [
    'where the person says',
    { asked: 'http://10.0.0.1:1', api: { address: undefined, file: FILE } },
    'http://10.0.0.1:1',
  ],
])('the API is asked %s', (_, given, url) =>
  expect(apiPlace({ asked: undefined, api: undefined, ...given }).url).toBe(url),
);

test.each(['127.0.0.1:8686', 'file:///x', ''])('--url %j is no address', (asked) =>
  expect(() => apiPlace({ asked, api: undefined })).toThrow(expect.objectContaining({ code: 'usage' })),
);

const AWAY = new NvlError('vectorApiAway', { message: 'away', facts: { said: 'refused' } });

test('an API that is off: the lines that turn it on, on 127.0.0.1, and what they show to whom', () => {
  const error = withApiAdvice(AWAY, apiPlace({ asked: undefined, api: undefined })) as NvlError;
  expect(error).toMatchObject({ code: 'vectorApiAway', message: 'away', facts: { said: 'refused' } });
  expect(error.advice).toContain('[api]\nenabled = true\naddress = "127.0.0.1:8686"\n');
  expect(error.advice).toMatch(/restart Vector.*every job's events/s);
});

test('one that a file turns on: that file', () => {
  const place = apiPlace({ asked: undefined, api: { address: undefined, file: FILE } });
  expect(withApiAdvice(AWAY, place)).toMatchObject({ facts: { api: `${FILE} turns it on` } });
  expect((withApiAdvice(AWAY, place) as NvlError).advice).not.toContain('enabled = true');
});

test('any other error stays as it is', () => {
  const error = new Error('x');
  expect(withApiAdvice(error, apiPlace({ asked: undefined, api: undefined }))).toBe(error);
});
