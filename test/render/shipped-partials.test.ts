import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shippedTemplatesDir } from '../../lib/config/read-templates.ts';
import { type Chain, type Event, runChains } from '../pipelines/run-chain.ts';
import { needs, vector } from '../support/programs.ts';

/** A partial of VRL, without what is Handlebars'. */
const partial = (name: string): string =>
  readFileSync(join(shippedTemplatesDir(), 'partials/nvl', `${name}.hbs`), 'utf8').replaceAll(/^\{\{!.*\}\}$/gm, '');

const chain = (id: string, program: string, events: readonly Event[]): Chain => ({
  events,
  first: id,
  blocks: `[transforms.${id}_out]\ntype = "remap"\ninputs = ["${id}"]\nsource = '''\n${program}\n'''\n`,
  last: `${id}_out`,
  tables: [],
});

const LEVELS: Readonly<Record<string, readonly unknown[]>> = {
  trace: ['trace', 'TRACE', 'trce', 'Verbose', 'VRB', 'FINEST', 'FINER', 'T', 10, '10'],
  debug: ['debug', 'DBUG', 'dbg', 'DEBUG1', 'DEBUG5', 'D', 'FINE', 'CONFIG', 'DEBUG-4', 'ОТЛАДКА', 7, 20],
  info: [
    'info',
    'INFO',
    'Information',
    'informational',
    'inf',
    'I',
    'LOG',
    'INFO+2',
    '\u001b[32mINFO\u001b[0m',
    ' info ',
    'СООБЩЕНИЕ',
    '日志',
    6,
    30,
  ],
  notice: ['notice', 'NOTICE', 'N', 'Note', 'noti', 'NTC', 'SUCCESS', 'HINWEIS', 'ЗАМЕЧАНИЕ', '注意', 5],
  warn: [
    'warn',
    'WARNING',
    'wrn',
    'W',
    'WARN+1',
    'WARNUNG',
    'ADVERTENCIA',
    'AVERTISSEMENT',
    'ATTENTION',
    'VARNING',
    'ПРЕДУПРЕЖДЕНИЕ',
    '경고',
    4,
    40,
  ],
  error: ['error', 'ERR', 'eror', 'E', 'fail', 'SEVERE', 'FEHLER', 'ERREUR', 'ERROR+2', 'FEL', 'ОШИБКА', '错误', 3, 50],
  critical: ['critical', 'CRIT', 'CRT', 'C', 'kritisch', 2],
  alert: ['alert', 'ALRT', 'alt', 'A', 1],
  fatal: ['fatal', 'FTL', 'F', 'FATALE', 'ВАЖНО', '致命错误', 60],
  panic: ['panic', 'DPANIC', 'P', 'PANIC', 'PANIK', 'ПАНИКА'],
  emergency: ['emergency', 'emerg', 'emgc', 'EMG', 0],
};

const NONE: readonly unknown[] = [
  '',
  'audit',
  'information for you',
  'an error',
  'errors',
  'level=error',
  'INFO+',
  'DEBUG6',
  '35',
  // What parts the table's words.
  '|',
  'i|information',
  'trace|debug',
  'info|',
  '|=info',
  '=info',
  'info\n    |debug',
  'i=info',
  '\u001b[0m',
  8,
  -1,
  30.5,
  100,
  true,
  false,
  null,
  [],
  ['error'],
  {},
  { level: 'error' },
];

test('each level is known by its words and numbers, and by no others', needs(vector), () => {
  const wanted = [
    ...Object.entries(LEVELS).flatMap(([level, all]) => all.map((said) => ({ said, level: level as string | null }))),
    ...NONE.map((said) => ({ said, level: null })),
  ];
  const events = wanted.map(({ said }, number) => ({ number, said }));
  const found = runChains([chain('level', `said = .said\n${partial('level')}.level = level`, events)], []);
  expect(wanted.map(({ said }, number) => ({ said, level: found.get(number)?.level }))).toEqual(wanted);
});

const DAY = 86_400_000;

test(
  'a time is one of this age, written with its zone or counted since 1970, and nothing else is',
  needs(vector),
  () => {
    const now = Date.now();
    const [second, iso] = [Math.floor(now / 1000), new Date(now).toISOString()];
    const is = (said: unknown, time: string) => ({ said, time: time as string | undefined });
    const none = (said: unknown) => ({ said, time: undefined });
    const atSecond = new Date(second * 1000).toISOString().replace('.000Z', 'Z');
    const wanted = [
      is('2024-05-06T07:08:09Z', '2024-05-06T07:08:09Z'),
      is('2024-05-06T07:08:09.123456+02:00', '2024-05-06T05:08:09.123456Z'),
      is('2024-05-06T07:08:09.1-0700', '2024-05-06T14:08:09.100Z'),
      is('2024-05-06 07:08:09+0000', '2024-05-06T07:08:09Z'),
      is('2024-05-06 07:08:09 +0100', '2024-05-06T06:08:09Z'),
      is(iso, iso.replace('.000Z', 'Z')),
      is(second, atSecond),
      is(`${second}`, atSecond),
      is(second * 1000, atSecond),
      is(second * 1_000_000, atSecond),
      is(second + 0.5, `${atSecond.slice(0, -1)}.500Z`),
      none(new Date(now + 2 * DAY).toISOString()),
      none(new Date(now - 4000 * DAY).toISOString()),
      none(second + 2 * 86_400),
      none('2024-05-06T07:08:09'),
      none('2024-05-06 07:08:09,123'),
      none('2024-05-06'),
      none('2024-05-06T07:08:60Z'),
      none('yesterday'),
      ...[0, 0.034, 12, 34_567, 99_999_999, -1714979289, '0.034', '12', '', true, null, [], { $date: iso }].map(none),
    ];
    const events = wanted.map(({ said }, number) => ({ number, said }));
    const program = `said = .said\n${partial('time')}del(.time)\nif time != null { .time = time }`;
    const found = runChains([chain('time', program, events)], []);
    expect(wanted.map(({ said }, number) => ({ said, time: found.get(number)?.time }))).toEqual(wanted);
  },
);

/** As clocks in Tokyo show it, which never change, without the year. */
const yearless = (ms: number): string => {
  const [, day = '', month = '', , time = ''] = new Date(ms + 9 * 3_600_000).toUTCString().split(/,? /);
  return `${month} ${day} ${time}`;
};

/** The n-th Sunday of a month of this year. */
const sunday = (month: number, nth: number): string => {
  const first = new Date(Date.UTC(new Date().getUTCFullYear(), month, 1)).getUTCDay();
  return `${1 + ((7 - first) % 7) + 7 * (nth - 1)}`.padStart(2, '0');
};

test(
  'a time without a year is of the last twelve months, and none in an hour that clocks skip or have twice',
  needs(vector),
  () => {
    const second = Math.floor(Date.now() / 1000) * 1000;
    const at = (ms: number, stamp = yearless(ms)) => ({
      stamp,
      time: new Date(ms).toISOString().replace('.000Z', 'Z') as string | undefined,
    });
    const none = (stamp: string) => ({ stamp, time: undefined });
    const lastYear = new Date(second + 2 * DAY);
    lastYear.setUTCFullYear(lastYear.getUTCFullYear() - 1);
    const inTokyo = [
      at(second),
      at(second - 3 * DAY),
      at(second + DAY - 60_000),
      at(lastYear.getTime(), yearless(second + 2 * DAY)),
      none('Feb 30 01:30:00'),
      none(''),
      // A leap day may be none of this year, nor of the last.
    ].filter(({ stamp }) => !stamp.startsWith('Feb 29'));
    const inNewYork = [none(`Mar ${sunday(2, 2)} 02:30:00`), none(`Nov ${sunday(10, 1)} 01:30:00`)];
    const wanted = [...inTokyo, ...inNewYork];
    const events = wanted.map(({ stamp }, number) => ({ number, stamp }));
    const program = (zone: string): string =>
      `stamp = string(.stamp) ?? ""\n${partial('yearless').replaceAll('{{params.timezone}}', zone).replaceAll('{{layout}}', '%b %e %T')}if local != null { .time = local }`;
    const found = runChains(
      [
        chain('tokyo', program('Asia/Tokyo'), events.slice(0, inTokyo.length)),
        chain('new_york', program('America/New_York'), events.slice(inTokyo.length)),
      ],
      [],
    );
    expect(wanted.map(({ stamp }, number) => ({ stamp, time: found.get(number)?.time }))).toEqual(wanted);
  },
);

const HEADS: readonly [line: string, said: unknown][] = [
  ['ERROR it is full', 'ERROR'],
  ['[INFO] started', 'INFO'],
  ['2024-05-06T07:08:09Z WARN slow', 'WARN'],
  ['2024-05-06 07:08:09,123 [main] DEBUG a.B - text', 'DEBUG'],
  ['[2024-05-06 07:08:09] [worker 7] FATAL: gone', 'FATAL'],
  ['main|PANIC|gone', 'PANIC'],
  ['E0506 07:08:09.123456       1 a.go:1] text', 'E'],
  ['<11>kernel: DEBUG is on', 3],
  ['switched to DEBUG', null],
  ['no ERROR here', null],
  ['INFORMATION for you', null],
  ['error: it is full', null],
  ['', null],
  ['2024-05-06 we saw ERROR', null],
];

test(
  'at the head of a line a level stands behind times, numbers and brackets, never in the text',
  needs(vector),
  () => {
    const events = HEADS.map(([line], number) => ({ number, line }));
    const program = `text = string(.line) ?? ""\nsaid = null\n${partial('head-level')}.said = said`;
    const found = runChains([chain('head', program, events)], []);
    expect(HEADS.map(([line], number) => [line, found.get(number)?.said])).toEqual(HEADS);
  },
);
