import { Glob } from '../../../glob.ts';
import { Raw } from './helpers.ts';
import { createMarks, type Marks } from './marks.ts';
import type { Site } from './site.ts';

/** What stands in the text: the value with this index, or a text that the helper `raw` put as it is. */
export type Put = { expression: string; value: unknown; valueIndex: number | undefined; frame: string };

/**
 * What one run of a template put into the text: the values in its order, where in the templates each is written, and the
 * marks that stand for them. `hasClash`: a value holds the digits of the marks themselves.
 */
export type Run = { marks: Marks; values: unknown[]; sites: Site[]; puts: Put[]; hasClash: boolean };

/**
 * Collects values while a template runs, and gives each a placeholder. `texts`: those of the templates, in which no
 * placeholder may occur.
 */
export const createCollector = (texts: readonly string[]) => {
  const salted: Marks[] = [];
  const marksOf = (salt: number): Marks => {
    salted[salt] ??= createMarks(texts, salt);
    return salted[salt];
  };
  const emptyRun = (salt: number): Run => ({ marks: marksOf(salt), values: [], sites: [], puts: [], hasClash: false });
  let run = emptyRun(0);

  return {
    put: (value: unknown, site: Site, frame: string): string => {
      if (holdsNonce(value, run.marks.nonce)) run.hasClash = true;
      const { expression } = site;
      if (value instanceof Raw) {
        run.puts.push({ expression, value: value.text, valueIndex: undefined, frame });
        return value.text;
      }
      const data = value === undefined ? '' : value;
      run.puts.push({ expression, value: data, valueIndex: run.values.length, frame });
      run.values.push(data);
      run.sites.push(site);
      return run.marks.placeholder(run.values.length - 1);
    },
    /** Runs the template; where a value holds the digits of the placeholders, again with others. */
    collect: (template: () => string): { skeleton: string; run: Run } => {
      for (let salt = 0; ; salt += 1) {
        run = emptyRun(salt);
        const skeleton = template();
        if (!run.hasClash) return { skeleton, run };
      }
    },
    /** What the last run put, also where it did not end. */
    lastRun: (): Run => run,
  };
};

/** A value that holds the placeholders' own digits asks for others. */
const holdsNonce = (value: unknown, nonce: string, depth = 0): boolean => {
  if (typeof value === 'string') return value.length >= nonce.length && value.includes(nonce);
  if (typeof value === 'boolean' || value === undefined || value === null) return false;
  if (typeof value === 'number') return Math.abs(value) > 1e10 && String(value).includes(nonce);
  if (Array.isArray(value)) return depth < 40 && value.some((item) => holdsNonce(item, nonce, depth + 1));
  return value instanceof Raw || value instanceof Glob ? value.text.includes(nonce) : textOf(value).includes(nonce);
};

const textOf = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
};
