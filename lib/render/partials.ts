import type { TemplateFiles } from '../config/read-templates.ts';
import type { NvlError } from '../errors.ts';
import { compare } from '../order.ts';
import { type ParsedSource, parseOnce } from './safe/index.ts';
import { unreadFault } from './unread-files.ts';

/** The partials of a templates folder. */
export type Partials = {
  /** By the names that templates call them by. */
  sources: Record<string, ParsedSource>;
  /** Of those that cannot be read; to a template that calls one it is missing. */
  faults: NvlError[];
};

/** Those among the files of a folder. Pure. */
export const partialsOf = (files: TemplateFiles['files']): Partials => {
  const partials: Partials = { sources: {}, faults: [] };
  for (const file of files) {
    const name = PARTIAL_PATH.exec(file.path)?.[1];
    if (name === undefined) continue;
    const unread = unreadFault(file);
    if (unread === undefined) partials.sources[name] = parseOnce({ name: file.path, text: file.text });
    else partials.faults.push(unread);
  }
  return partials;
};

/**
 * Those that a text may call, and that these may call: whose names stand in it, or all where a name is made of values. Pure.
 */
export const partialsNamedIn = ({
  text,
  partials: { sources },
}: {
  text: string;
  partials: Partials;
}): TextOfPartial[] => {
  const names = Object.keys(sources);
  const found = new Set<string>();
  const look = (text: string): void => {
    if (!/\{\{~?#?>/.test(text)) return;
    const isAny = /\{\{~?#?>\s*\(/.test(text);
    for (const name of names) {
      if (found.has(name) || !(isAny || text.includes(name))) continue;
      found.add(name);
      look(sources[name]?.text ?? '');
    }
  };
  look(text);
  return [...found].sort(compare).flatMap((name) => {
    const source = sources[name];
    return source === undefined ? [] : [{ path: source.name, text: source.text }];
  });
};

type TextOfPartial = { path: string; text: string };

const PARTIAL_PATH = /^partials\/(.+?)(?:\.toml)?\.hbs$/;
