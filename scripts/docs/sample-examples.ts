import { exactJson } from '../../lib/exact-json.ts';
import type { ExpectedEvent } from '../../lib/profile-test/case.ts';
import { isMatcher, showMatcher } from '../../lib/profile-test/matchers.ts';
import { eventTypes } from './event-types.ts';
import { cutMiddle, cutText, shownBytes, shownText } from './shown-text.ts';

/** What the tests of a sample say: the lines of its `real.log`, what becomes of them, and what is expected anywhere in its tests. */
export type SampleTests = {
  name: string;
  lines: readonly Buffer[];
  events: readonly ExpectedEvent[];
  everyEvent: readonly ExpectedEvent[];
};

/** Lines of a `real.log` and the event that they become, all counted from 1; no event where they are dropped. */
export type LineExample = { from: number; to: number; event: number | undefined };

/** What a mark of the page asks for; docs/samples.md holds them. */
export type ExampleMark = {
  name: string;
  examples: readonly LineExample[];
  /** Fields that are listed where a line brings names of its own; undefined where all are listed. */
  listed: readonly string[] | undefined;
  /** Objects whose names are the line's own. */
  whole: readonly string[];
};

/**
 * Reads `sample:NAME 17 40-44=36 45=gone own-fields=logger,caller whole=attr` with the line of a mark before it. A number alone is a
 * line whose event has the same number; `gone`: nothing becomes of it. Throws where something of it is not understood. Pure.
 */
export const readExampleMark = (mark: string): ExampleMark => {
  const [name = '', ...words] = mark.replace('sample:', '').split(' ');
  const read: ExampleMark & { examples: LineExample[] } = { name, examples: [], listed: undefined, whole: [] };
  for (const word of words) {
    const [, from, to = from, event = from] = /^(\d+)(?:-(\d+))?(?:=(\d+|gone))?$/.exec(word) ?? [];
    const [option, names = ''] = word.split('=');
    const list = names.split(',').filter((item) => item !== '');
    if (from !== undefined) {
      read.examples.push({ from: Number(from), to: Number(to), event: event === 'gone' ? undefined : Number(event) });
    } else if (option === 'own-fields') read.listed = list;
    else if (option === 'whole') read.whole = list;
    else throw new Error(`sample:${name}: ${word} is neither a line, own-fields nor whole`);
  }
  return read;
};

/** What stands between the marks of a sample. Throws where the tests have no such line, event or field. Pure. */
export const exampleSection = ({ mark, tests }: { mark: ExampleMark; tests: SampleTests }): string => {
  const examples = mark.examples.map((example) => exampleLines({ example, tests }));
  return ['', fieldsLine({ mark, tests }), '', '```text', ...examples.flat(), '```', ''].join('\n');
};

/** Why an event is marked; undefined where it is not. Pure. */
export const parseErrorOf = ({ nvl }: ExpectedEvent): string | undefined =>
  (nvl as { parse_error?: string } | undefined)?.parse_error;

/** Every field that the tests expect, with its type. Those of every event stand at the head of the page. */
const fieldsLine = ({ mark: { name, listed, whole }, tests }: { mark: ExampleMark; tests: SampleTests }): string => {
  const types = eventTypes(tests.everyEvent);
  const isWithin = (field: string, outer: string): boolean => field.startsWith(`${outer}.`);
  const all = [...types.keys()].filter(
    (field) =>
      !OF_EVERY_EVENT.includes(field) &&
      !whole.some((outer) => isWithin(field, outer)) &&
      // What lies in an object is listed in its place.
      (whole.includes(field) || ![...types.keys()].some((other) => isWithin(other, field))),
  );
  const words = (listed ?? all).map((field) => {
    const found = types.get(field);
    if (found === undefined) throw new Error(`sample:${name}: no test expects a field ${field}`);
    return `\`${field}\` ${found.join(' or ')}`;
  });
  if (listed !== undefined) words.push(words.length === 0 ? 'those of the line' : 'and those of the line');
  return `Fields: ${words.length === 0 ? 'none' : words.join(', ')}.`;
};

const OF_EVERY_EVENT: readonly string[] = ['message', 'level', 'timestamp', 'nvl', 'nvl.parse_error'];

const exampleLines = ({
  example: { from, to, event: number },
  tests: { name, lines, events },
}: {
  example: LineExample;
  tests: SampleTests;
}): string[] => {
  const own = lines.slice(from - 1, to);
  if (own.length === 0 || to > lines.length) throw new Error(`sample:${name}: real.log has no lines ${from} to ${to}`);
  const shown = own
    .slice(0, MOST_LINES)
    .map((line) => cutMiddle(shownBytes(line) || '(an empty line)', MOST_OF_A_LINE));
  if (own.length > MOST_LINES) shown.push('…');
  if (number === undefined) return [...shown, '  → dropped'];
  const event = events[number - 1];
  if (event === undefined) throw new Error(`sample:${name}: real.yaml has no event ${number}`);
  return [...shown, `  → ${outcome({ event, raw: Buffer.concat(withNewlines(own)).toString('utf8') })}`];
};

const [MOST_LINES, MOST_OF_A_LINE, MOST_OF_A_VALUE, MOST_OF_ALL] = [4, 150, 60, 200];

const withNewlines = (lines: readonly Buffer[]): Buffer[] =>
  lines.flatMap((line, index) => (index === 0 ? [line] : [Buffer.from('\n'), line]));

/** What becomes of the lines, in one line. Level and time come first; what does not fit is left out whole. */
const outcome = ({ event, raw }: { event: ExpectedEvent; raw: string }): string => {
  const { level, timestamp, message, nvl, ...rest } = event;
  const marked = parseErrorOf(event);
  if (marked !== undefined) return `marked: ${marked}`;
  const fields = fieldsOf({ level, timestamp, ...(message === raw ? {} : { message }), ...rest, nvl });
  const length = fields.length === 1 ? MOST_OF_A_LINE : MOST_OF_A_VALUE;
  const parts = fields.map(([name, value]) => `${name} ${cutText(value, length)}`);
  if (parts.length === 0) return 'as it came';
  const fitting: string[] = [];
  for (const part of parts) if ([...fitting, part].join(SEPARATOR).length <= MOST_OF_ALL) fitting.push(part);
  return [...fitting, ...(fitting.length < parts.length ? ['…'] : [])].join(SEPARATOR);
};

const SEPARATOR = ' · ';

/** Plain values under their dotted names, as texts. */
const fieldsOf = (fields: object, prefix = ''): [name: string, value: string][] =>
  Object.entries(fields).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    const isParent = typeof value === 'object' && value !== null && !Array.isArray(value) && !isMatcher(value);
    if (isParent && Object.keys(value).length > 0) return fieldsOf(value, `${prefix}${name}.`);
    return [[`${prefix}${name}`, shownText(valueText(value))]];
  });

const valueText = (value: unknown): string => {
  // A time without a year is another one each year: its tests leave that open.
  if (isMatcher(value)) {
    return showMatcher(value)
      .replace(/^!regex \^(?:20\[0-9\]\{2\}|\\d\{4\})/, '…')
      .replace(/\\|\$/g, '');
  }
  // A text that looks like another type is in quotes: `sample_rate "10"`.
  return typeof value === 'string' && !LIKE_ANOTHER.test(value) ? value : (exactJson(value) ?? '');
};

const LIKE_ANOTHER = /^(?:|true|false|null|-?\d+(?:\.\d+)?)$/;
