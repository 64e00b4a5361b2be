import { constantsIn } from './constants.ts';
import type { Region } from './parts.ts';
import { nextTo, type Places } from './place.ts';
import type { Slot } from './plan.ts';
import type { TomlPath } from './toml-scan.ts';
import type { VrlToken } from './vrl-scan.ts';

/** True for the program of a task's labels, the one in which a value may be known only when an event comes. */
export const takesColumns = (path: TomlPath): boolean =>
  path.length === 3 && path[0] === 'transforms' && String(path[1]).endsWith('_out') && path[2] === 'source';

/**
 * The regions of a program with a note at each slot whose value may be a variable: inside a string, where VRL reads
 * `\{{ name }}`, and bare, where it reads an expression.
 */
export const withColumns = (
  { regions, tokens }: { regions: readonly Region[]; tokens: readonly VrlToken[] },
  places: Places,
): Region[] => {
  const constants = constantsIn(tokens);
  const code = tokens.filter(({ kind }) => kind !== 'newline' && kind !== 'comment');
  // What is a value as a whole is no program; names of nvl's own would be taken for its variables.
  if (constants === undefined || code.length < 2 || code.some(isOwnName)) return [...regions];
  const hasDivision = code.some(({ kind, text }) => kind === 'symbol' && text.includes('/'));
  let at = 0;
  return regions.map((region) => {
    // Both stand in the order of the text, and no region is in two tokens.
    while ((tokens[at]?.end ?? region.end) < region.end) at += 1;
    if (constants[at] === true) return region;
    const isName = namesSomething(tokens, at);
    const mark = (slot: Slot): Slot => {
      if (slot.inner === places.vrlValue) return hasDivision ? slot : { ...slot, column: bareColumn(tokens, at) };
      const isText = slot.inner === places.vrlString || slot.inner === places.vrlRawString;
      return isText && !isName && standsFree(slot) ? { ...slot, column: 'string' } : slot;
    };
    return { ...region, parts: region.parts.map((part) => (typeof part === 'string' ? part : mark(part))) };
  });
};

const isOwnName = ({ kind, text }: VrlToken): boolean => kind === 'name' && text.startsWith('nvl_');

/** A list or an object has a type that says what it holds, so it may be a variable only where that is all there is. */
const bareColumn = (tokens: readonly VrlToken[], at: number): 'value' | 'scalar' => {
  const after = tokens[at + 1];
  const isLast = after === undefined || after.kind === 'newline' || /^[,}]$/.test(after.text);
  return isLast && (isField(tokens, at) || isAssigned(tokens, at)) ? 'value' : 'scalar';
};

/** `"a": {{x}}` in an object. */
const isField = (tokens: readonly VrlToken[], at: number): boolean =>
  tokens[at - 1]?.text === ':' && /^(?:string|raw)$/.test(tokens[at - 2]?.kind ?? '');

/** `.a.b = {{x}}`: to a field of the event or its metadata, from the start of a line. */
const isAssigned = (tokens: readonly VrlToken[], at: number): boolean => {
  if (tokens[at - 1]?.text !== '=') return false;
  let first = at - 1;
  while (first > 0 && tokens[first - 1]?.kind !== 'newline' && !/^[;{}]$/.test(tokens[first - 1]?.text ?? ''))
    first -= 1;
  return /^[.%]$/.test(tokens[first]?.text ?? '');
};

/** A string that names a field: `."a b"`, `{ "a": 1 }`, `."a"."b"`. */
const namesSomething = (tokens: readonly VrlToken[], at: number): boolean => {
  const { start } = tokens[at] as VrlToken;
  const before = tokens[at - 1];
  let next = at + 1;
  while (/^(?:newline|comment)$/.test(tokens[next]?.kind ?? '')) next += 1;
  return tokens[next]?.text === ':' || (before?.end === start && /^[.%[]$/.test(before.text));
};

/** Nothing of the author's beside the value would mean something else beside `\{{ name }}`. */
const standsFree = ({ surroundings }: Slot): boolean => {
  const { left, right } = nextTo(surroundings);
  const isEscaped = /[\\{}]$/.test(left) || /^[{}]/.test(right);
  return !isEscaped && !/\\\n\s*$/.test(left) && surroundings.lineJoin !== true && surroundings.never === undefined;
};
