import { componentsOf } from '../render/components.ts';
import type { Block } from '../render/file.ts';
import { TAKE_OBJECT } from '../render/labels/shapes.ts';

/**
 * The fields that a task's labels set below `.nomad`, read from their program: it assigns `.nomad` whole, as an object written
 * out. Undefined where it is written in another way, and nvl cannot know them. Pure.
 */
export const labelsOf = (block: Block): ReadonlySet<string> | undefined => {
  const table = componentsOf(block.text).get(`transform ${block.key}_out`)?.table as { source?: unknown } | undefined;
  // What nvl has looked up as a whole holds what the template writes behind it.
  return labelsIn(typeof table?.source === 'string' ? table.source.replaceAll(` = ${TAKE_OBJECT}`, '') : '');
};

/** The same of a program's text. */
export const labelsIn = (program: string): ReadonlySet<string> | undefined => {
  const code = withoutComments(program);
  const start = /(?:^|\n)\s*\.nomad\s*=\s*\{/.exec(code);
  if (start === null) return undefined;
  const names = new Set(namesOfObject(code.slice(start.index + start[0].length)));
  // A template's own text, where a loop writes the names.
  if ([...names].some((name) => name.includes('{{'))) return undefined;
  for (const [, path = '', operator] of code.matchAll(/(?:^|\n)\s*\.nomad((?:\.(?:"[^"]*"|\w+))*)\s*(\|?=)(?!=)/g)) {
    const [, quoted, plain] = /^\.(?:"([^"]*)"|(\w+))/.exec(path) ?? [];
    const name = quoted ?? plain;
    if (name !== undefined) names.add(name);
    // `.nomad |= …` or a second whole assignment: what it holds then is not written out here.
    else if (operator === '|=') return undefined;
  }
  const wholes = [...code.matchAll(/(?:^|\n)\s*\.nomad\s*=(?!=)/g)].length;
  return wholes === 1 ? names : undefined;
};

/** The names of an object literal's first level, from behind its opening brace on. */
const namesOfObject = (code: string): string[] => {
  const names: string[] = [];
  let depth = 1;
  for (const [token, name] of code.matchAll(/"((?:[^"\\]|\\.)*)"(?=\s*:)|"(?:[^"\\]|\\.)*"|[{}[\]()]/g)) {
    if (name !== undefined && depth === 1) names.push(unquoted(name));
    else if (/^[{[(]$/.test(token)) depth += 1;
    else if (/^[}\])]$/.test(token)) depth -= 1;
    if (depth === 0) break;
  }
  return names;
};

const unquoted = (text: string): string =>
  text.replaceAll(/\\u\{([0-9a-f]+)\}/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));

/** A `#` in a string is not looked at: such a line is cut, and at worst a warning more or less is given. */
const withoutComments = (program: string): string => program.replaceAll(/(^|\n)\s*#.*/g, '$1');
