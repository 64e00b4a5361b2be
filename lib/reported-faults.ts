import { describeError, NvlError } from './errors.ts';

/**
 * Which faults are news to a reader. A fault that lasts, or comes by turns with others, is told once; another file, job or reason
 * is another fault, also under the same code. What only counts, or names another temporary file each time, is told a few
 * times and then now and then.
 */
export type ReportedFaults = {
  /** True once for each; then when it was away for ten minutes. */
  isNew(fault: unknown): boolean;
  /** All is well: whatever comes next is news. */
  clear(): void;
  /** Something was told, and it has not ended. */
  isAny(): boolean;
};

export const createReportedFaults = ({ now = Date.now }: { now?: () => number } = {}): ReportedFaults => {
  const known = new Map<string, Told>();
  let isAny = false;
  return {
    isNew: (fault) => {
      const at = now();
      isAny = true;
      for (const [text, { seenAt }] of known) if (at - seenAt >= QUIET_MS) known.delete(text);
      const text = textOf(fault);
      const same = known.get(text);
      if (same !== undefined) {
        same.seenAt = at;
        return false;
      }
      const one = { code: codeOf(fault), shape: shapeOf(text), toldAt: at, seenAt: at };
      const lately = [...known.values()].filter(({ toldAt }) => at - toldAt < QUIET_MS);
      const isSpam =
        lately.filter(({ shape }) => shape === one.shape).length >= MOST_OF_A_SHAPE ||
        lately.filter(({ code }) => code === one.code).length >= MOST_OF_A_CODE;
      if (isSpam) return false;
      known.set(text, one);
      return true;
    },
    clear: () => {
      known.clear();
      isAny = false;
    },
    isAny: () => isAny,
  };
};

type Told = { code: string; shape: string; toldAt: number; seenAt: number };

/** Longer than the longest pause between two tries. */
const QUIET_MS = 600_000;
const MOST_OF_A_SHAPE = 3;
const MOST_OF_A_CODE = 10;

const codeOf = (fault: unknown): string => (fault instanceof NvlError ? fault.code : 'bug');

const textOf = (fault: unknown): string => (typeof fault === 'string' ? fault : describeError(fault));

/** What may change by itself is left out: numbers, and what a temporary name ends in. */
const shapeOf = (text: string): string => text.replaceAll(/\b(nvl[\w-]*-)\w{6}\b/g, '$1').replaceAll(/\d+/g, '0');
