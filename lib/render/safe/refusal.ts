/** Where in which template a value was written. */
export type Site = {
  /** The template's path, as people know it. */
  template: string;
  /** Both from 1. */
  line: number;
  column: number;
  /** As written, e.g. `{{task.name}}`; for a fault of the template's own text, that line. */
  expression: string;
};

/** One value that a place cannot hold, or one fault of the text around the values. */
export type Refusal = {
  site: Site;
  /** Name of the place, as in docs/safe-values.md. */
  place: string;
  /** The value, shortened, with control characters made visible. */
  value: string;
  why: string;
  /** What to write instead. */
  instead?: string;
  /** The line in the rendered text, from 1, only where no site fits. */
  line?: number;
};

/** What an encoder throws when its place cannot hold the value. */
export class Refused extends Error {
  readonly instead: string | undefined;

  constructor(why: string, instead?: string) {
    super(why);
    this.name = 'Refused';
    this.instead = instead;
  }
}

export const refuse = (why: string, instead?: string): never => {
  throw new Refused(why, instead);
};

const longestShown = 60;

/** A value as a person sees it in a message: one line, short, nothing invisible. */
export const showValue = (value: unknown): string => {
  const text = typeof value === 'string' ? value : describe(value);
  const visible = text.slice(0, longestShown).replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, visibleForm);
  return text.length > longestShown ? `${visible}… (${text.length} characters)` : visible;
};

const visibleForm = (sign: string): string =>
  ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[sign] ?? `\\u{${(sign.codePointAt(0) as number).toString(16)}}`;

const describe = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return Array.isArray(value) ? 'a list' : 'an object';
  }
};
