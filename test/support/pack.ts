import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectFolder } from './nvl.ts';

export type PackVariable = { name: string; type: string; default: unknown; description: string };

export const packFolder = join(projectFolder, 'packs/nvl');

/** The variables of a file of HCL as nvl's packs and jobspecs write them: each default is JSON, too. */
export const variablesIn = (text: string): PackVariable[] =>
  [...text.matchAll(/^variable "(\w+)" \{\n(.*?)^\}/gms)].map(([, name = '', body = '']) => {
    const value = (key: string): string => new RegExp(`^  ${key} += (.*)$`, 'm').exec(body)?.[1] ?? '';
    const description = value('description');
    return {
      name,
      type: value('type'),
      default: JSON.parse(value('default')),
      description: description === '' ? '' : JSON.parse(description),
    };
  });

/**
 * A file of the pack as nomad-pack renders it, as far as the pack goes: Go's text/template with `[[ ]]`, whose `-` takes away
 * blanks beside it; `var`, `if`, `else`, `end`, and the functions `quote` and `toStringList`. Throws for anything else.
 *
 * @source https://github.com/hashicorp/nomad-pack `internal/pkg/renderer`
 */
export const renderPack = ({ file, values = {} }: { file: string; values?: Record<string, unknown> }): string => {
  const known = variablesIn(readFileSync(join(packFolder, 'variables.hcl'), 'utf8'));
  const all = new Map(known.map(({ name, default: value }) => [name, value]));
  for (const [name, value] of Object.entries(values)) {
    if (!all.has(name)) throw new Error(`the pack has no variable ${name}`);
    all.set(name, value);
  }
  const tokens = readFileSync(resolve(packFolder, file), 'utf8').split(
    /(?:\s*(?=\[\[-))?(\[\[.*?\]\])(?:(?<=-\]\])\s*)?/s,
  );
  let text = '';
  /** Of each `if` around: whether its part is taken. */
  const taken: boolean[] = [];
  for (const token of tokens) {
    const action = /^\[\[-?\s+(.*?)\s+-?\]\]$/s.exec(token)?.[1];
    if (action === undefined) {
      if (taken.every(Boolean)) text += token;
    } else if (action === 'end') {
      if (taken.pop() === undefined) throw new Error('an end without its if');
    } else if (action === 'else') {
      taken.push(!taken.pop());
    } else if (action.startsWith('if ')) {
      taken.push(isTrue(evaluate({ expression: action.slice(3), all })));
    } else if (taken.every(Boolean)) {
      text += String(evaluate({ expression: action, all }));
    }
  }
  if (taken.length > 0) throw new Error('an if without its end');
  return text;
};

const evaluate = ({ expression, all }: { expression: string; all: ReadonlyMap<string, unknown> }): unknown => {
  const [, name = '', through] = /^var "(\w+)" \.(?: \| (\w+))?$/.exec(expression) ?? [];
  if (!all.has(name)) throw new Error(`not understood: ${expression}`);
  const value = all.get(name);
  if (through === undefined) return value;
  if (through === 'quote') return JSON.stringify(String(value));
  if (through === 'toStringList') return `[${(value as string[]).map((one) => JSON.stringify(one)).join(', ')}]`;
  throw new Error(`no function ${through}`);
};

/** What Go takes for empty is not. */
const isTrue = (value: unknown): boolean => (Array.isArray(value) ? value.length > 0 : Boolean(value));
