import type { Mark, Marks } from '../run/marks.ts';
import { authorToml } from './author-text.ts';
import { takesColumns, withColumns } from './columns.ts';
import { createOptions, NEVER_NAMED, type Never, type Option, type Options } from './option-reader.ts';
import { assemble, marksWithSurroundings, type Region, shiftRegions, slot, splitAtMarks } from './parts.ts';
import type { Place, PlaceId, Places, Surroundings } from './place.ts';
import type { Fault, Leaf, Part, Slot, TomlTable } from './plan.ts';
import { insideRegex } from './regex-state.ts';
import { hasTimeFormat, insideField, insideGlobClass } from './template-state.ts';
import { decodeBasic, type TomlStringKind, type TomlToken } from './toml-scan.ts';
import { placeVrl } from './vrl-places.ts';

type Skeleton = { text: string; tokens: TomlToken[]; marks: Marks; places: Places; tree: TomlTable };
/**
 * What was found in the tokens of a skeleton (the rendered text with placeholders). `plainNames`: names without a value in
 * them.
 */
export type Tokens = {
  regions: Region[];
  leaves: Map<string, Leaf>;
  names: Map<string, Part[]>;
  identifying: Part[][];
  faults: Fault[];
  plainNames: Set<string>;
};
type Given = Skeleton & { options: Options; found: Tokens; token: TomlToken; raw: string };

/**
 * Finds what each value of a skeleton (the rendered text with placeholders) stands in, token by token, and what stands in
 * the place of each token that holds values.
 */
export const planTokens = (skeleton: Skeleton): Tokens => {
  const found: Tokens = {
    regions: [],
    leaves: new Map(),
    names: new Map(),
    identifying: [],
    faults: [],
    plainNames: new Set(),
  };
  const options = createOptions(skeleton.tree, skeleton.places);
  for (const token of skeleton.tokens) {
    const raw = skeleton.text.slice(token.start, token.end);
    const given = { ...skeleton, options, found, token, raw };
    if (!raw.includes(skeleton.marks.nonce)) {
      if (token.kind === 'key') found.plainNames.add(String(token.path.at(-1)));
    } else if (token.kind === 'key') planName(given);
    else if (token.kind === 'comment') planComment(given);
    else if (token.kind === 'bare') planBare(given);
    else planString(given, token.kind);
  }
  return found;
};

const planComment = ({ raw, token, marks, places, found }: Given): void => {
  const regions = marksWithSurroundings(raw, marks).map(({ mark, around }) => ({
    start: mark.start,
    end: mark.end,
    parts: [slot(mark.valueIndex, places.tomlComment, around)],
  }));
  found.regions.push(...shiftRegions(regions, token.start));
};

const planBare = ({ raw, token, marks, places, options, found }: Given): void => {
  const [mark, ...more] = marks.all(raw);
  const isAlone = mark !== undefined && more.length === 0 && mark.end - mark.start === raw.length;
  const never: Never = {
    why: 'text that touches it would become part of it',
    instead: 'quotes around both, as in "x{{x}}"',
  };
  const around: Surroundings = {
    before: '',
    after: '',
    ...(isAlone ? { option: options.reader(token.path) } : { never }),
  };
  const parts = marks.all(raw).map(({ valueIndex }) => ({
    ...slot(valueIndex, places.tomlValue, around),
    isGlob: options.at(token.path).kind === 'glob',
  }));
  found.regions.push({ start: token.start, end: token.end, parts });
  if (isAlone) found.identifying.push(parts);
  if (isAlone) found.leaves.set(JSON.stringify(token.path), { skeleton: raw, parts, isBare: true, tokens: undefined });
};

const planName = ({ raw, token, marks, places, options, found }: Given): void => {
  const text = String(token.path.at(-1));
  const id = options.nameAt(token.path);
  const isOwn = id === 'tomlKey' || id === 'templateKey';
  if (isBroken({ raw, text, marks, place: places.tomlKey, found })) return;
  const never = id === 'optionName' ? NEVER_NAMED : undefined;
  const make = (mark: Mark, around: Surroundings): Slot => {
    const surroundings = { ...around, ...(never && { never }) };
    return slot(
      mark.valueIndex,
      id === 'tomlKey' ? undefined : places[id],
      surroundings,
      isOwn ? places.tomlKey : undefined,
    );
  };
  if (token.quotes === 'basic' || (token.quotes === 'none' && !isOwn)) {
    const slots = marksWithSurroundings(text, marks).map(({ mark, around }) => make(mark, around));
    const regions = marks.all(raw).map(({ start, end }, index) => ({ start, end, parts: [slots[index] as Slot] }));
    found.regions.push(...shiftRegions(regions, token.start));
  } else {
    const inside = splitAtMarks(text, marks, authorToml, make);
    found.regions.push({ start: token.start, end: token.end, parts: ['"', ...inside, '"'] });
  }
  const parts = splitAtMarks(text, marks, (piece) => piece, make);
  found.names.set(text, parts);
  if (id === 'componentId') found.identifying.push(parts);
};

const OUTER_OF: Record<TomlStringKind, PlaceId> = {
  basic: 'tomlString',
  lines: 'tomlLines',
  literal: 'tomlLiteral',
  literalLines: 'tomlLiteralLines',
};

type TomlString = Given & {
  kind: TomlStringKind;
  isLiteral: boolean;
  opening: number;
  inside: string;
  text: string;
  rawAt: (index: number) => number;
  option: Option;
};

const planString = (given: Given, kind: TomlStringKind): void => {
  const { raw, token, options, marks } = given;
  const isLong = kind === 'lines' || kind === 'literalLines';
  const isLiteral = kind === 'literal' || kind === 'literalLines';
  const opening = isLong ? (/^...\r?\n?/.exec(raw)?.[0].length ?? 3) : 1;
  const inside = raw.slice(opening, isLong ? -3 : -1);
  const { text, rawAt } = isLiteral ? { text: inside, rawAt: (index: number) => index } : decodeBasic(inside);
  const string = { ...given, kind, isLiteral, opening, inside, text, rawAt, option: options.at(token.path) };
  if (isBroken({ raw: inside, text, marks, place: given.places[OUTER_OF[kind]], found: given.found })) return;
  if (string.option.kind === 'vrl') planProgram(string);
  else planText(string);
};

const planText = ({
  kind,
  isLiteral,
  opening,
  inside,
  text,
  option,
  token,
  marks,
  places,
  found,
}: TomlString): void => {
  const rawMarks = marks.all(inside);
  const make = ({ mark, around }: { mark: Mark; around: Surroundings }, index: number): Slot => {
    const never = option.never ?? neverInside(option, around.before);
    const lineJoin = joinsLines({ raw: inside, end: rawMarks[index]?.start ?? 0, marks });
    const timeFormat = option.kind === 'template' && hasTimeFormat(around);
    return {
      ...slot(
        mark.valueIndex,
        option.place,
        { ...around, ...(never && { never }), lineJoin, timeFormat },
        places[OUTER_OF[kind]],
      ),
      isGlob: option.kind === 'glob',
    };
  };
  const slots = marksWithSurroundings(text, marks).map(make);
  let next = 0;
  const parts = splitAtMarks(
    text,
    marks,
    (piece) => piece,
    () => slots[next++] as Slot,
  );
  if (isLiteral) {
    const written = parts.map((part) => (typeof part === 'string' ? authorToml(part) : part));
    const isLong = kind === 'literalLines';
    found.regions.push({
      start: token.start,
      end: token.end,
      parts: [isLong ? '"""\n' : '"', ...written, isLong ? '"""' : '"'],
    });
  } else {
    // A line's end right behind `"""` is dropped, so a value that may be empty must not stand there.
    const first = kind === 'lines' && opening === 3 ? ['\n'] : [];
    const regions = rawMarks.map((mark, index) => ({
      start: mark.start,
      end: mark.end,
      parts: [...(mark.start === 0 ? first : []), slots[index] as Slot],
    }));
    found.regions.push(...shiftRegions(regions, token.start + opening));
  }
  found.leaves.set(JSON.stringify(token.path), { skeleton: text, parts, isBare: false, tokens: undefined });
  if (option.kind === 'inputs' || token.path[0] === 'sources') found.identifying.push(parts);
};

const neverInside = ({ kind }: Option, before: string): Never | undefined => {
  if (kind === 'template' || kind === 'unknown') return insideField(before);
  if (kind === 'regex') return insideRegex(before);
  return kind === 'glob' ? insideGlobClass(before) : undefined;
};

const planProgram = ({
  kind,
  isLiteral,
  opening,
  inside,
  text,
  rawAt,
  token,
  marks,
  places,
  found,
}: TomlString): void => {
  const placed = placeVrl(text, marks, places);
  const { tokens } = placed;
  const regions = takesColumns(token.path) ? withColumns(placed, places) : placed.regions;
  const outer = isLiteral ? undefined : places[OUTER_OF[kind]];
  for (const region of regions) {
    const start = rawAt(region.start);
    const lineJoin = joinsLines({ raw: inside, end: start, marks });
    const parts = region.parts.map((part) => {
      if (typeof part === 'string') return isLiteral ? part : authorToml(part);
      return { ...part, outer, surroundings: { ...part.surroundings, lineJoin } };
    });
    found.regions.push(...shiftRegions([{ start, end: rawAt(region.end), parts }], token.start + opening));
  }
  // Both stand in the order of the text, and no region is in two tokens.
  let next = 0;
  const tokenParts = tokens.map(({ text: own, start, end }) => {
    const first = next;
    while (next < regions.length && (regions[next] as Region).end <= end) next += 1;
    return assemble(own, shiftRegions(regions.slice(first, next), -start));
  });
  found.leaves.set(JSON.stringify(token.path), {
    skeleton: text,
    parts: assemble(text, regions),
    isBare: false,
    tokens: tokenParts,
  });
};

/** True, and noted, where an escape or the joint of two lines swallows a part of a placeholder. */
const isBroken = ({
  raw,
  text,
  marks,
  place,
  found,
}: Pick<Given, 'raw' | 'marks' | 'found'> & { text: string; place: Place }): boolean => {
  const held = marks.all(raw);
  if (held.length === marks.all(text).length) return false;
  found.faults.push(
    ...held.map(({ valueIndex }) => ({
      valueIndex,
      place: place.name,
      why: 'behind a backslash it would become part of an escape',
    })),
  );
  return true;
};

/**
 * A backslash at the end of a line eats the white space that follows, a value's too. Read backwards from the value, so that
 * a long text with many values is not read again from its beginning for each of them.
 */
const joinsLines = ({ raw, end, marks }: { raw: string; end: number; marks: Marks }): boolean => {
  const length = marks.placeholder(0).length;
  let at = end;
  while (at >= length && raw.startsWith(marks.nonce, at - length)) at -= length;
  const blankEnd = at;
  while (at > 0 && BLANK.test(raw[at - 1] as string)) at -= 1;
  if (!/^[ \t]*\r?\n/.test(raw.slice(at, blankEnd))) return false;
  const behind = at;
  while (raw[at - 1] === '\\') at -= 1;
  return (behind - at) % 2 === 1;
};

const BLANK = /\s/;
