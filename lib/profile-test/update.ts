import { Document, isMap, isScalar, isSeq, type Pair, Scalar, visit, YAMLMap, YAMLSeq } from 'yaml';
import type { Event, Expected } from './case.ts';
import { fits, ownFields, type ReadTimes } from './compare.ts';
import { ABSENT, ANY, isMatcher } from './matchers.ts';
import { nameOf, parseTestFile, TEST_YAML } from './test-yaml.ts';
import { markVolatile, Volatile } from './volatile.ts';

/** What a case gives now, by its position in the file. */
export type Actual = {
  position: number;
  events: readonly Event[];
  isExact: boolean;
  /** What other runs gave, the same number of events each. */
  others?: readonly (readonly Event[])[];
  /** What the case's task writes. */
  lines?: string;
};

/**
 * The text of a test file with the expected events of these cases as they come now. In an event that was there, only the
 * fields it names are looked at, and those that still fit, matchers too, stay as they are written; a new event is written with
 * all its own fields. What differs from run to run becomes a matcher. Comments stay, and nothing outside of the changed `events` moves. Pure.
 */
export const updateCases = ({
  text,
  actuals,
  readTimes,
}: {
  text: string;
  actuals: readonly Actual[];
  readTimes: ReadTimes;
}): string =>
  // From the last to the first, so that the places of those before stay what they were.
  [...actuals]
    .sort((a, b) => b.position - a.position)
    .reduce((current, actual) => updateCase({ text: current, actual, readTimes }), text);

const updateCase = ({ text, actual, readTimes }: { text: string; actual: Actual; readTimes: ReadTimes }): string => {
  const { document } = parseTestFile(text);
  const node = isSeq(document.contents) ? document.contents.items[actual.position] : undefined;
  if (!isMap(node)) return text;
  const pair = node.items.find(({ key }) => isScalar(key) && key.value === 'events');
  const events = eventsNode({ old: isSeq(pair?.value) ? pair.value : undefined, actual, readTimes, document });
  const place = pair === undefined ? endOf({ node, text }) : rangeOfPair({ pair, text });
  if (node.flow === true || place === undefined) {
    node.set('events', events);
    visit(document, { Scalar: untag });
    return document.toString(STYLE);
  }
  const written = indent({ text: toText(events), columns: place.column });
  return `${text.slice(0, place.start)}${place.lead}${written}${text.slice(place.end)}`;
};

/** The same matcher in two places is no alias of the first. */
const EACH_APART = { aliasDuplicateObjects: false } as const;

const STYLE = { lineWidth: 0, flowCollectionPadding: true } as const;

type Place = { start: number; end: number; column: number; lead: string };

/** From the key `events` to the end of what it holds; a comment behind stays behind. */
const rangeOfPair = ({ pair, text }: { pair: Pair; text: string }): Place | undefined => {
  const [start, end] = [rangeOf(pair.key)?.[0], rangeOf(pair.value)?.[1]];
  if (start === undefined || end === undefined) return undefined;
  return { start, end: trimmedEnd(text, end), column: columnOf({ text, offset: start }), lead: '' };
};

/** Behind the last key of a case that says nothing of events yet. */
const endOf = ({ node, text }: { node: YAMLMap; text: string }): Place | undefined => {
  const [first, last] = [node.items[0], node.items.at(-1)];
  const [keyStart, end] = [rangeOf(first?.key)?.[0], rangeOf(last?.value)?.[1] ?? rangeOf(last?.key)?.[1]];
  if (keyStart === undefined || end === undefined) return undefined;
  const column = columnOf({ text, offset: keyStart });
  const at = endOfLine(text, trimmedEnd(text, end));
  return { start: at, end: at, column, lead: `\n${' '.repeat(column)}` };
};

const rangeOf = (node: unknown): readonly [number, number, number] | undefined =>
  (node as { range?: [number, number, number] | null } | null | undefined)?.range ?? undefined;

const columnOf = ({ text, offset }: { text: string; offset: number }): number =>
  offset - (text.lastIndexOf('\n', offset - 1) + 1);

/** YAML's white space alone: a no-break space, which `trimEnd` takes for white space too, is part of a value. */
const trimmedEnd = (text: string, end: number): number => {
  let at = end;
  while (at > 0 && ' \t\r\n'.includes(text.charAt(at - 1))) at -= 1;
  return at;
};

const endOfLine = (text: string, from: number): number =>
  text.indexOf('\n', from) === -1 ? text.length : text.indexOf('\n', from);

const toText = (events: YAMLSeq): string => {
  const document = new Document(undefined, TEST_YAML);
  const map = new YAMLMap(document.schema);
  map.add({ key: 'events', value: events });
  document.contents = map;
  visit(document, { Scalar: untag });
  visit(map, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && WHITE_ENDS.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString(STYLE).replace(/\n$/, '');
};

/** Text whose ends would be lost, or would grow by the blank lines behind it, unless it stands in quotes. */
const WHITE_ENDS = /^\s|\n\n$|[^\S\n]$/;

/** A matcher writes its tag itself. */
const untag = (_: unknown, node: Scalar): void => {
  if (isMatcher(node.value)) delete node.tag;
};

const indent = ({ text, columns }: { text: string; columns: number }): string =>
  text.replaceAll(/\n(?=[^\n])/g, `\n${' '.repeat(columns)}`);

const eventsNode = ({
  old,
  actual: { events, isExact, others = [], lines = '' },
  readTimes,
  document,
}: {
  old: YAMLSeq | undefined;
  actual: Actual;
  readTimes: ReadTimes;
  document: Document;
}): YAMLSeq => {
  const node = old ?? new YAMLSeq(document.schema);
  const items = events.map((event, index) => {
    const before = node.items[index];
    const marked = markVolatile({
      event,
      others: others.map((run) => run[index] ?? {}),
      reading: { lines, readTimes },
    });
    const own = Object.fromEntries(Object.keys(ownFields({ event, readTimes })).map((name) => [name, marked[name]]));
    if (!isMap(before)) return document.createNode(asExpected(own), EACH_APART);
    updateMap({ node: before, value: marked, unnamed: isExact ? own : {}, document });
    return before;
  });
  node.items = items;
  // What stands behind a list in brackets stays where it is.
  if (node.flow === true) node.comment = null;
  if (items.length > 0) node.flow = false;
  return node;
};

type Fields = Readonly<Record<string, unknown>>;

/** Sets each named field to its value now; of `unnamed`, those that the node does not name yet are added. */
const updateMap = ({
  node,
  value,
  unnamed,
  document,
}: {
  node: YAMLMap;
  value: Fields;
  unnamed: Fields;
  document: Document;
}): void => {
  for (const pair of [...node.items]) {
    const name = isScalar(pair.key) ? nameOf(pair.key) : String(pair.key);
    const now = Object.hasOwn(value, name) ? value[name] : undefined;
    const wanted = (isPlainNode(pair.value) ? pair.value.toJS(document) : pair.value) as Expected;
    if (isMap(pair.value) && isFields(now)) {
      const inner = isFields(unnamed[name]) ? unnamed[name] : {};
      updateMap({ node: pair.value, value: now, unnamed: inner, document });
    } else if (!fitsAll({ wanted, value: now })) {
      const expected = asExpected(now);
      if (now instanceof Volatile && expected === undefined) node.delete(pair.key);
      else pair.value = replaced({ old: pair.value, value: expected, document });
    }
  }
  const named = new Set(node.items.map(({ key }) => (isScalar(key) ? nameOf(key) : String(key))));
  for (const [name, extra] of Object.entries(asExpected(unnamed) as Fields)) {
    if (!named.has(name)) node.add(document.createPair(name, extra, EACH_APART));
  }
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Volatile);

const fitsAll = ({ wanted, value }: { wanted: Expected; value: unknown }): boolean =>
  value instanceof Volatile ? value.values.every((one) => fits({ wanted, value: one })) : fits({ wanted, value });

/** What to expect of a value: itself, but for what is volatile in it. */
const asExpected = (value: unknown): unknown => {
  if (value instanceof Volatile) return value.expected;
  if (Array.isArray(value)) return value.map((item) => (item instanceof Volatile ? ANY : asExpected(item)));
  if (!isFields(value) || isMatcher(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      const expected = asExpected(item);
      return expected === undefined ? [] : [[name, expected]];
    }),
  );
};

const isPlainNode = (node: unknown): node is Scalar | YAMLMap | YAMLSeq => isScalar(node) || isMap(node) || isSeq(node);

/** A new node that keeps the old one's comments. */
const replaced = ({ old, value, document }: { old: unknown; value: unknown; document: Document }): unknown => {
  const node = document.createNode(value === undefined ? ABSENT : value, EACH_APART);
  if (isPlainNode(old) && isPlainNode(node)) {
    if (old.comment != null) node.comment = old.comment;
    if (old.commentBefore != null) node.commentBefore = old.commentBefore;
  }
  return node;
};
