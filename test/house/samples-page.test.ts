import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { eventTypes } from '../../scripts/docs/event-types.ts';
import {
  exampleSection,
  type LineExample,
  parseErrorOf,
  readExampleMark,
  type SampleTests,
} from '../../scripts/docs/sample-examples.ts';
import { cutMiddle, cutText, shownBytes, shownText } from '../../scripts/docs/shown-text.ts';
import { marksOf, readSampleTests, withExamples } from '../../scripts/write-examples.ts';

const project = join(import.meta.dirname, '../..');
const page = readFileSync(join(project, 'docs/samples.md'), 'utf8');
const samples = await readSampleTests();
const names = readdirSync(join(project, 'templates/samples')).sort();

test('the page has a section for each sample, and in it at least four of its lines', () => {
  const chapter = page.slice(page.indexOf('## What each takes'), page.indexOf('## Tried against each other'));
  const sections = chapter.split(/^### /m).slice(1);
  expect(sections.map((section) => /^`([\w-]+)`\n/.exec(section)?.[1])).toEqual(names);
  expect(sections.map((section) => marksOf(section).map(({ name }) => name))).toEqual(names.map((name) => [name]));
  expect(marksOf(page).filter(({ examples }) => examples.length < 4)).toEqual([]);
});

test('what the page says of fields and lines is what the tests of the samples say', () => {
  const advice =
    'run `npm run write:examples`, and read what it writes: a mark names lines by their numbers in real.log';
  expect(page, advice).toBe(withExamples({ page, samples }));
});

/** What is the same in a line and in the text made of it: not colours, how many blanks there are, and the backslashes of JSON. */
const bare = (text: string): string =>
  stripVTControlCharacters(text).replaceAll('\\\\', '\\').replace(/\s+/g, ' ').trim();

/** What of an event is not in the lines that a mark says it comes from. */
const strayTexts = ({ example, tests }: { example: LineExample; tests: SampleTests }): string[] => {
  const raw = tests.lines.slice(example.from - 1, example.to).join('\n');
  const isOneToOne = tests.lines.length === tests.events.length;
  if (example.event === undefined) return tests.events.some(({ message }) => message === raw) ? [raw] : [];
  if (isOneToOne && (example.event !== example.from || example.event !== example.to)) return ['the mark'];
  const event = tests.events[example.event - 1] ?? {};
  const [message = '', exception = '', trace = ''] = [event.message, event.exception, event.stack_trace].map((value) =>
    typeof value === 'string' ? value : '',
  );
  if (parseErrorOf(event) !== undefined) return message === raw ? [] : [message];
  // JSON has escapes, and redact changes lines; there each line is an event of the same number.
  if (isOneToOne) return [];
  const own = [...message.split('\n'), exception, trace.split('\n')[0] ?? ''];
  return own.filter((line) => !bare(raw).includes(bare(line)));
};

test('a mark names the lines that its event comes from', () => {
  const faults = marksOf(page).flatMap(({ name, examples }) => {
    const tests = samples.find((sample) => sample.name === name);
    if (tests === undefined) return [name];
    return examples.flatMap((example) =>
      strayTexts({ example, tests }).map((text) => `${name} ${JSON.stringify(example)}: ${text}`),
    );
  });
  expect(faults).toEqual([]);
});

/** Fields that are of more than one type on purpose: whoever writes the log gives them these names and types. */
const OF_THE_LINE: Readonly<Record<string, readonly string[]>> = {
  // `duration` is in seconds or a text, as Caddy is configured.
  caddy: ['a', 'duration', 'request'],
  etcd: ['a', 'nvl.line.level'],
  hclog: ['a', 'tags'],
  json: [
    'a',
    'a.b',
    'event',
    'log',
    'msg',
    'nvl.line.host',
    'nvl.line.level',
    'nvl.line.timestamp',
    'time',
    'took',
    'user',
  ],
  mongodb: ['attr.error', 'attr.message'],
  // `ServiceURL` is an object in version 2; a number of 30 digits, of a torn line, is a float.
  traefik: ['ServiceURL', 'duration_ns'],
};

test('a field has one type in all that is expected of a sample: a mapping of Elasticsearch refuses a second one', () => {
  const found = samples.map(({ name, everyEvent }) => [
    name,
    [...eventTypes(everyEvent)].filter(([, types]) => types.length > 1).map(([field]) => field),
  ]);
  expect(Object.fromEntries(found.filter(([, fields]) => fields?.length))).toEqual(OF_THE_LINE);
});

/** A mapping takes both numbers as one, and a list of texts as a text. */
const MAPPED: Readonly<Record<string, string>> = { float: 'integer', list: 'text' };

test('a field has one type in all samples: the lines of all jobs may lie in one index', () => {
  const marks = new Map(marksOf(page).map((mark) => [mark.name, mark]));
  const found = samples.flatMap(({ name, everyEvent }) => {
    const { listed, whole } = marks.get(name) ?? { listed: undefined, whole: [] };
    // The others have names that whoever writes the log gave them.
    const isOurs = (field: string): boolean =>
      (listed?.includes(field) ?? true) && ![...whole, 'nvl'].some((object) => field.startsWith(`${object}.`));
    return [...eventTypes(everyEvent)]
      .filter(([field]) => isOurs(field) && !OF_THE_LINE[name]?.includes(field))
      .flatMap(([field, types]) => types.map((type) => ({ field, name, type: MAPPED[type] ?? type })));
  });
  const twoTypes = [...Map.groupBy(found, ({ field }) => field).values()]
    .filter((all) => new Set(all.map(({ type }) => type)).size > 1)
    .flatMap((all) => all.map(({ field, name, type }) => `${field}: ${type} in ${name}`));
  expect(twoTypes).toEqual([]);
});

test.each([
  ['what is not seen', 'a\tb\r\0\u001b[1m\u0007', 'a⇥b␍␀␛[1m\\x07'],
  ['several lines', 'a\n\nb', 'a⏎⏎b'],
  ['blanks at the end', 'a b  ', 'a b␠␠'],
  ['what looks like a blank, or like nothing', 'a\u00a0b\ufeff', 'a\\u00a0b\\ufeff'],
])('shown: %s', (_, text, shown) => expect(shownText(text)).toBe(shown));

test('shown: bytes that are no UTF-8, also where one is cut off', () => {
  expect(shownBytes(Buffer.from([0x61, 0xff, 0xc3, 0xbc, 0xe2, 0x82, 0x41, 0xf0, 0x9f]))).toBe(
    'a\\xffü\\xe2\\x82A\\xf0\\x9f',
  );
});

test('a cut says that there is more, and cuts no character in two', () => {
  expect([cutText('ab😀', 3), cutText('a😀😀b', 3)]).toEqual(['ab😀', 'a😀…']);
  expect([cutMiddle('123456', 6), cutMiddle('1234567', 6)]).toEqual(['123456', '123…67']);
});

test('a mark names lines, events, and which fields are listed', () => {
  expect(readExampleMark('sample:x 3 4-6=2 7=gone own-fields=a,b whole=c')).toEqual({
    name: 'x',
    examples: [
      { from: 3, to: 3, event: 3 },
      { from: 4, to: 6, event: 2 },
      { from: 7, to: 7, event: undefined },
    ],
    listed: ['a', 'b'],
    whole: ['c'],
  });
  expect(readExampleMark('sample:x 1 own-fields').listed).toEqual([]);
  expect(() => readExampleMark('sample:x 1 4-6-7')).toThrow('4-6-7 is neither');
});

const aSample = (lines: readonly string[], events: SampleTests['events']): SampleTests => ({
  name: 'x',
  lines: lines.map((line) => Buffer.from(line)),
  events,
  everyEvent: events,
});

test('an example is the line and below it what becomes of it', () => {
  const tests = aSample(
    ['<6>a\t1', 'no', 'b'],
    [
      { pid: 7n, tags: { x: '1', y: [1n] }, message: 'a\t1', level: 'info' },
      { message: 'no', nvl: { parse_error: 'x: no' } },
      { message: 'b' },
    ],
  );
  expect(exampleSection({ mark: readExampleMark('sample:x 1 2 3 2=gone'), tests }).split('\n')).toEqual([
    '',
    'Fields: `pid` integer, `tags.x` text, `tags.y` list.',
    '',
    '```text',
    '<6>a⇥1',
    '  → level info · message a⇥1 · pid 7 · tags.x "1" · tags.y [1]',
    'no',
    '  → marked: x: no',
    'b',
    '  → as it came',
    'no',
    '  → dropped',
    '```',
    '',
  ]);
});

test('of many lines the first four are shown, of many fields those that fit', () => {
  const lines = ['1', '2', '3', '4', '5', '6'];
  const fields = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, name.repeat(70)]));
  const tests = aSample(lines, [{ ...fields, f: 'z', message: lines.join('\n') }]);
  const shown = exampleSection({ mark: readExampleMark('sample:x 1-6=1 whole=f'), tests })
    .split('\n')
    .slice(4, -2);
  expect(shown.slice(0, 5)).toEqual(['1', '2', '3', '4', '…']);
  const cut = ['a', 'b', 'c'].map((name) => `${name} ${name.repeat(59)}…`);
  expect(shown[5]).toBe(`  → ${cut.join(' · ')} · f z · …`);
});

test.each([
  ['no such line', 'sample:x 9', 'real.log has no lines 9 to 9'],
  ['no such event', 'sample:x 1=9', 'real.yaml has no event 9'],
  ['no such field', 'sample:x 1 own-fields=z', 'no test expects a field z'],
])('a mark with %s is refused', (_, mark, words) => {
  const tests = aSample(['a'], [{ message: 'a' }]);
  expect(() => exampleSection({ mark: readExampleMark(mark), tests })).toThrow(words);
});
