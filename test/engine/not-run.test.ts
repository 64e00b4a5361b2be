import { stringify } from 'smol-toml';
import { expect, test } from 'vitest';
import { createEngine } from '../../lib/engine/engine.ts';
import { createVrl } from '../../lib/vrl/vrl.ts';

type Options = Record<string, unknown>;

/** What is said of what does not run. No program is: nothing of VRL is started. */
const notRun = ({ source = {}, transform, ...globals }: { source?: Options; transform?: Options } & Options) => {
  const text = stringify({
    ...globals,
    sources: { in: { type: 'file', include: ['/a.log'], ...source } },
    transforms: transform === undefined ? {} : { out: { inputs: ['in'], ...transform } },
  });
  const engine = createEngine({ text, vrl: createVrl() });
  return engine.notRun.map(
    ({ component, error }) => `${component}: ${error.message.replace(/.* without Vector: /, '')}`,
  );
};

const MULTILINE = { start_pattern: '^a', condition_pattern: '^b', mode: 'halt_before' };

test.each<[string, Options, string]>([
  ['another type', { type: 'stdin' }, 'only log files are read here'],
  ['another encoding', { encoding: { charset: 'utf-16le' } }, 'its option encoding'],
  ['the older way to join lines', { message_start_indicator: '^a' }, 'its option message_start_indicator'],
  ['events of another form', { log_namespace: true }, 'its option log_namespace'],
  ['the end alone', { read_from: 'end' }, 'it reads nothing that is there already: read_from = "end"'],
  ['lines that end nowhere', { line_delimiter: '' }, 'its line_delimiter is empty'],
  ['a field of a list', { host_key: 'a[0]' }, 'a path that nvl does not read: host_key = "a[0]"'],
  ['a mode that is none', { multiline: { ...MULTILINE, mode: 'x' } }, 'multiline.mode = "x"'],
  [
    'a pattern partly over bytes',
    { multiline: { ...MULTILINE, start_pattern: 'a(?-u:\\xff)' } },
    'a pattern over bytes that nvl does not read: a(?-u:\\xff)',
  ],
])('a source does not run with %s', (_, source, said) => expect(notRun({ source })).toEqual([`in: ${said}`]));

test.each<[string, Options, string]>([
  ['a type that nvl does not know', { type: 'lua' }, 'nvl runs no transforms of this type'],
  [
    'a condition of another language',
    { type: 'filter', condition: { type: 'datadog_search', source: 'a' } },
    'a condition of another language than VRL',
  ],
  [
    'a route of another language',
    { type: 'route', route: { a: { type: 'datadog_search', source: 'a' } } },
    'route a has a condition of another language than VRL',
  ],
  ['a program that is not there', { type: 'remap', file: '/no.vrl' }, 'its program in /no.vrl cannot be read'],
  ['a sample by a hash', { type: 'sample', rate: 2, key_field: 'a' }, 'its option key_field chooses by a hash'],
  ['a rate of the event', { type: 'sample', rate: 2, rate_field: 'a' }, 'its option rate_field chooses by a hash'],
  ['a ratio of the event', { type: 'sample', rate: 2, ratio_field: 'a' }, 'its option ratio_field chooses by a hash'],
  [
    'a time in a template',
    { type: 'sample', rate: 2, group_by: '%Y' },
    'its option group_by is a template that nvl does not read',
  ],
  [
    'a key that is no path',
    { type: 'throttle', threshold: 1, window_secs: 1, key_field: '{{ a b }}' },
    'its option key_field is a template that nvl does not read',
  ],
  [
    'a dedupe by the clock',
    { type: 'dedupe', time_settings: { max_age_ms: 1 } },
    'its option time_settings hangs on the clock',
  ],
  ['a dedupe by all but some', { type: 'dedupe', fields: { ignore: ['a'] } }, 'its option fields.ignore'],
  ['a group that is no path', { type: 'reduce', group_by: ['a b'] }, 'a path that nvl does not read: a b'],
  ['a strategy that is none', { type: 'reduce', merge_strategies: { a: 'x' } }, 'no strategy that nvl knows: x'],
])('a transform does not run with %s', (_, transform, said) => expect(notRun({ transform })).toEqual([`out: ${said}`]));

test.each(['log_schema', 'schema'])('nothing runs where the configuration sets %s', (name) =>
  expect(notRun({ [name]: {} })).toEqual([`in: the configuration sets ${name}`]),
);

test('what nvl knows is said nothing of', () =>
  expect(notRun({ source: { multiline: MULTILINE }, transform: { type: 'dedupe' } })).toEqual([]));
