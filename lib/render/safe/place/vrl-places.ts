import type { Mark, Marks } from '../run/marks.ts';
import { authorVrl } from './author-text.ts';
import type { Never } from './option-reader.ts';
import { marksWithSurroundings, type Region, slot, splitAtMarks } from './parts.ts';
import type { Place, Places } from './place.ts';
import { insideRegex } from './regex-state.ts';
import { scanVrl, type VrlToken } from './vrl-scan.ts';

/**
 * Finds what each placeholder in a VRL program stands in, by the tokens around it: a literal, a path's segment, an index, a
 * key, an expression, or code, where no value can stand.
 */
export const placeVrl = (program: string, marks: Marks, places: Places): { regions: Region[]; tokens: VrlToken[] } => {
  const tokens = scanVrl(program);
  const bars = barsBefore(tokens);
  const regions = tokens.flatMap((token, index) =>
    token.text.includes(marks.nonce) ? placeToken({ tokens, bars, index, token, marks, places }) : [],
  );
  return { regions, tokens };
};

type Here = {
  tokens: VrlToken[];
  bars: readonly (number | undefined)[];
  index: number;
  token: VrlToken;
  marks: Marks;
  places: Places;
};

const placeToken = (here: Here): Region[] => {
  const { token, marks, places } = here;
  if (token.kind === 'string') return inToken(here, places.vrlString, 1, (before) => insideVrlString(before));
  if (token.kind === 'regex') return inToken(here, places.vrlRegex, 2, insideRegex);
  if (token.kind === 'timestamp') return inToken(here, places.vrlTimestamp, 2);
  if (token.kind === 'comment') return inToken(here, places.vrlComment, 0);
  if (token.kind === 'raw') return [rewritten(token, marks, { place: places.vrlRawString, from: 2, to: -1 })];
  return [placeBare(here)];
};

/** Values inside a literal that stays as it is around them. */
const inToken = (
  { token, marks }: Here,
  place: Place,
  quote: number,
  neverAt: (before: string) => Never | undefined = () => undefined,
): Region[] =>
  marksWithSurroundings(token.text.slice(quote, quote === 0 ? undefined : -1), marks).map(({ mark, around }) => {
    const never = neverAt(around.before);
    return {
      start: token.start + quote + mark.start,
      end: token.start + quote + mark.end,
      parts: [slot(mark.valueIndex, place, never ? { ...around, never } : around)],
    };
  });

/** A token that cannot hold escapes leaves as a `"…"` string, the author's text in it included. */
const rewritten = (
  token: VrlToken,
  marks: Marks,
  { place, from, to }: { place: Place; from: number; to?: number },
): Region => {
  const text = token.text.slice(from, to);
  const inside = splitAtMarks(text, marks, authorVrl, (mark, around) => slot(mark.valueIndex, place, around));
  return { start: token.start, end: token.end, parts: ['"', ...inside, '"'] };
};

/** A value outside of literals: a path's segment, an index, a key, a value; refused where code would come from it. */
const placeBare = (here: Here): Region => {
  const { tokens, index, token, marks, places } = here;
  const before = tokens[index - 1];
  const after = tokens[index + 1];
  const touchesBefore = before?.end === token.start && before.kind !== 'newline';
  const touchesAfter = after?.start === token.end && after.kind !== 'newline';
  if (touchesBefore && (before.text === '.' || before.text === '%')) {
    const isCall = touchesAfter && (after.text === '(' || (after.text === '!' && tokens[index + 2]?.text === '('));
    return isCall
      ? refused(here, 'it would be the name of a function')
      : rewritten(token, marks, { place: places.vrlSegment, from: 0 });
  }
  const only = marks.all(token.text)[0] as Mark;
  if (only.end - only.start !== token.text.length)
    return refused(here, 'text that touches it would become part of it', 'quotes around both, as in "x_{{x}}"');
  if (touchesBefore && JOINED.test(before.text.slice(-1)))
    return refused(here, 'text that touches it would become part of it', 'quotes around it, or a space between');
  if (touchesAfter && /^(?:["'(.[\w@]|!$)/.test(after.text))
    return refused(here, 'text that touches it would make it a name', 'the name written out');
  const role = roleOf(here);
  if (typeof role !== 'string') return refused(here, role.why, role.instead);
  const around = { before: touchesBefore ? before.text : '', after: '' };
  return { start: token.start, end: token.end, parts: [slot(only.valueIndex, places[role], around)] };
};

const JOINED = /[\w@"']/;

/** What a value that stands alone is. */
const roleOf = ({ tokens, index, bars }: Here): 'vrlIndex' | 'vrlObjectKey' | 'vrlValue' | Never => {
  const bar = bars[index];
  const [before, beforeIt] = backwards(tokens, index);
  const after = tokens[nextCodeToken(tokens, index + 1, 1)];
  if (before?.text === '[' && isPath(beforeIt, before)) return 'vrlIndex';
  if (after?.text === ':') {
    const isKey = before !== undefined && /^[{,]$/.test(before.text) && openBracket(tokens, index) === '{';
    return isKey ? 'vrlObjectKey' : { why: 'it would be the name of an argument', instead: 'the name written out' };
  }
  if (after?.text === '=' || after?.text === '|=')
    return { why: 'a value cannot be assigned to', instead: 'a field, as in .{{x}} = …' };
  if (isClosureName(tokens, bar)) return { why: 'it would be the name of a variable', instead: 'the name written out' };
  return 'vrlValue';
};

/** `.a[`, `f()[`: the bracket takes an index, where one that stands apart begins a list. */
const isPath = (path: VrlToken | undefined, bracket: VrlToken): boolean =>
  path !== undefined && path.end === bracket.start && /[\w@"\])}.%]$/.test(path.text);

/** The next token from `at` on, by steps of 1 or -1, that is neither the end of a line nor a comment. */
const nextCodeToken = (tokens: VrlToken[], at: number, by: 1 | -1): number => {
  let index = at;
  while (tokens[index]?.kind === 'newline' || tokens[index]?.kind === 'comment') index += by;
  return index;
};

/** The tokens before one, the nearest first; only as many as are asked for are looked at. */
function* backwards(tokens: VrlToken[], index: number): Generator<VrlToken> {
  for (let at = nextCodeToken(tokens, index - 1, -1); at >= 0; at = nextCodeToken(tokens, at - 1, -1))
    yield tokens[at] as VrlToken;
}

const openBracket = (tokens: VrlToken[], index: number): string | undefined => {
  let closed = 0;
  for (const { kind, text } of backwards(tokens, index)) {
    if (kind !== 'symbol') continue;
    if (/^[)\]}]$/.test(text)) closed += 1;
    else if (/^[([{]$/.test(text) && closed-- === 0) return text;
  }
  return undefined;
};

/** In `-> |name`: an arrow stands before the last bar. */
const isClosureName = (tokens: VrlToken[], bar: number | undefined): boolean => {
  if (bar === undefined) return false;
  const [arrow, before] = backwards(tokens, bar);
  return CLOSURE_NAME.test(`${before?.text ?? ''}${arrow?.text ?? ''}${tokens[bar]?.text}`);
};

/** For each token the last one before it that has a bar in it. */
const barsBefore = (tokens: readonly VrlToken[]): (number | undefined)[] => {
  let last: number | undefined;
  return tokens.map(({ kind, text }, index) => {
    const before = last;
    if (kind !== 'comment' && text.includes('|')) last = index;
    return before;
  });
};

const CLOSURE_NAME = /->\|[^|]*$/;

const refused = ({ token, marks, places }: Here, why: string, instead?: string): Region => {
  const never: Never = instead === undefined ? { why } : { why, instead };
  const parts = marks
    .all(token.text)
    .map((mark) => slot(mark.valueIndex, places.vrlCode, { before: '', after: '', never }));
  return { start: token.start, end: token.end, parts };
};

/** In a VRL string: behind a backslash a value would be an escape, inside of a `{{ }}` it would choose a variable. */
const insideVrlString = (before: string): Never | undefined => {
  if (/(?<!\\)(?:\\\\)*\\(?:u(?:\{[\da-fA-F]*)?)?\uE000*$/.test(before))
    return { why: 'behind a backslash it would become part of an escape' };
  return isInTemplate(before)
    ? { why: 'inside {{ }} it would choose a variable', instead: 'the value outside of the braces' }
    : undefined;
};

/** As VRL's lexer reads a string: `\{{` is text, whatever stands before its backslash. */
const isInTemplate = (before: string): boolean => {
  let isInside = false;
  for (const [braces] of before.matchAll(/\\\{\{|\{\{|\}\}/g)) {
    if (braces === '{{') isInside = true;
    else if (braces === '}}') isInside = false;
  }
  return isInside;
};
