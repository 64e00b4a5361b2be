/**
 * Durations as people write them: digits and a unit, as often as needed (`30s`, `1m30s`, `1.5h`), as in Go,
 * and days besides. A bare number says nothing about its unit and is refused.
 */
export type ParsedDuration = { ms: number } | { fault: string };

const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
const UNIT_NAMES = 'ms, s, m, h or d';

/** What `parseDuration` takes, for an editor to check; `ms` stands before `m`, so that the longer one wins. */
export const DURATION_PATTERN = /^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/;

/** Whole milliseconds, or what is wrong with `text` in words that follow it: `"5" has no unit; write "5s"`. */
export const parseDuration = (text: string): ParsedDuration => {
  if (!DURATION_PATTERN.test(text)) return { fault: explain(text) };
  const ms = parts(text).reduce((sum, { count, unit }) => sum + count * (UNIT_MS[unit] ?? 0), 0);
  // 1.1 * 60_000 is 66000.00000000001: so small a difference is the fault of binary fractions, not of the text.
  const whole = Math.round(ms);
  if (!Number.isSafeInteger(whole)) return { fault: 'is too long' };
  return Math.abs(ms - whole) <= ms * 1e-12 ? { ms: whole } : { fault: 'is finer than a millisecond' };
};

/** The exact compound form without empty parts: `1m30s`, `1d`, `500ms`, `0s`. Fractions of a millisecond are rounded. */
export const formatDuration = (ms: number): string => {
  if (!Number.isFinite(ms)) throw new RangeError(`not a length of time: ${ms}`);
  let restMs = Math.abs(Math.round(ms));
  const sign = ms < 0 && restMs > 0 ? '-' : '';
  const written = Object.entries(UNIT_MS).map(([unit, each]) => {
    const count = Math.floor(restMs / each);
    restMs -= count * each;
    return count === 0 ? '' : `${count}${unit}`;
  });
  return `${sign}${written.join('') || '0s'}`;
};

/** What to say of a number that stands where a duration should. */
export const explainBareNumber = (number: string): string => `has no unit; write "${number}s" for seconds`;

const parts = (text: string) =>
  [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)].map(([, count = '', unit = '']) => ({
    count: Number(count),
    unit,
  }));

const explain = (text: string): string => {
  if (/^\d+(?:\.\d+)?$/.test(text)) return explainBareNumber(text);
  if (text === '') return 'is empty; leave the key out to use its default';
  if (text.startsWith('-')) return 'is negative';
  const closed = text.replaceAll(/\s/g, '').toLowerCase();
  if (closed !== text && DURATION_PATTERN.test(closed)) return `is not a duration; write "${closed}"`;
  const foreign = /\d\s*([a-zµ]+)/giu;
  const unit = [...text.matchAll(foreign)].map(([, name = '']) => name).find((name) => !Object.hasOwn(UNIT_MS, name));
  return unit === undefined
    ? 'is not a duration; write a number and a unit, such as "30s" or "1m30s"'
    : `has the unknown unit "${unit}"; the units are ${UNIT_NAMES}`;
};
