import { z } from 'zod';
import { DURATION_PATTERN, explainBareNumber, formatDuration, parseDuration } from '../duration.ts';

/**
 * The kinds of value a key can have. Each checks what stands in a file, a variable or a flag, and says what is wrong in
 * words that follow the value: `"5" has no unit; write "5s" for seconds`. What a kind does not say itself (`is a list`) is
 * said for all of them in `check.ts`.
 */

/** Node's timers fire at once beyond 2^31-1 ms. */
const TIMER_LIMIT_MS = 2 ** 31 - 1;

export type Backfill = { kind: 'all' } | { kind: 'none' } | { kind: 'since'; ms: number };
export type Settle = { min: number; max: number };

/** Not empty: an empty variable counts as unset, an empty key in a file is a slip. */
export const text = () => z.string().min(1, { error: 'is empty; leave the key out to use its default' });

/** A file or folder. Relative ones are made absolute before they come here. */
export const path = () =>
  text().refine((value) => !/^~(?:\/|$)/.test(value), {
    error: 'starts with "~", which only a shell knows; write the folder out',
  });

/** A length of time with a unit, in milliseconds once read. `minReason` says why there is a least one. */
export const duration = ({
  minMs = 0,
  minReason,
  maxMs = TIMER_LIMIT_MS,
}: {
  minMs?: number;
  minReason?: string;
  maxMs?: number;
} = {}) =>
  durationText().transform((value, context): number => {
    const parsed = parseDuration(value);
    const fault = 'fault' in parsed ? parsed.fault : outOfBounds(parsed.ms, { minMs, minReason, maxMs });
    return 'ms' in parsed && fault === undefined ? parsed.ms : addFault(context, fault);
  });

/** Where an API answers. `unix` stands for a socket, written as `unix:///absolute/path`. */
export const url = (schemes: readonly ('http' | 'https' | 'unix')[]) =>
  text().superRefine((value, context) => {
    const fault = urlFault(value, schemes);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

/** How much of what finished before nvl came is collected: `all`, `none` or `since:24h`. */
export const backfill = () =>
  z
    .string()
    .regex(/^(?:all|none|since:.*)$/s, {
      error: 'is not "all", "none" or "since:" and a duration, such as "since:24h"',
    })
    .transform((value, context): Backfill => {
      if (value === 'all' || value === 'none') return { kind: value };
      const parsed = parseDuration(value.slice('since:'.length));
      return 'ms' in parsed ? { kind: 'since', ms: parsed.ms } : addFault(context, `${parsed.fault} (after "since:")`);
    });

/** The shortest and the longest wait for a burst to end: `100ms:2s`. */
export const settle = () =>
  z
    .string()
    .regex(/^[^:]*:[^:]*$/, { error: 'is not two durations with a colon between them, such as "100ms:2s"' })
    .transform((value, context): Settle => {
      const [min, max] = value.split(':').map((part) => ({ part, parsed: parseDuration(part) }));
      for (const { part, parsed } of [min, max].filter((side) => side !== undefined)) {
        const fault =
          'fault' in parsed
            ? parsed.fault
            : outOfBounds(parsed.ms, { minMs: 0, minReason: undefined, maxMs: TIMER_LIMIT_MS });
        if (fault !== undefined) return addFault(context, `is not "min:max": "${part}" ${fault}`);
      }
      if (min === undefined || max === undefined || !('ms' in min.parsed) || !('ms' in max.parsed)) return z.NEVER;
      return min.parsed.ms <= max.parsed.ms
        ? { min: min.parsed.ms, max: max.parsed.ms }
        : addFault(context, `has a shortest wait that is longer than the longest; write "${max.part}:${min.part}"`);
    });

/** Where to listen; undefined: nowhere. */
export type ListenAt = { host: string; port: number } | undefined;

/** A host and a port to listen on, `127.0.0.1:4650` or `[::1]:4650`, or `off`. */
export const listenAt = () =>
  z
    .string({
      error: ({ input }) => (typeof input === 'number' ? `has no host; write "127.0.0.1:${input}"` : undefined),
    })
    .transform((value, context): ListenAt => {
      if (value === 'off') return undefined;
      const [, six, host = six, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/.exec(value) ?? [];
      return host !== undefined && Number(port) <= 65_535
        ? { host, port: Number(port) }
        : addFault(context, 'is not "host:port", such as "127.0.0.1:4650", and not "off"');
    });

/** A number of bytes with a unit: `512MiB`, `2GiB`. */
export const bytes = () =>
  z
    .string({
      error: ({ input }) =>
        typeof input === 'number' ? `has no unit; write "${input}MiB" or "${input}GiB"` : undefined,
    })
    .regex(BYTES_PATTERN, { error: 'is not a size; write a number and one of B, KiB, MiB, GiB or TiB, such as "2GiB"' })
    .transform((value): number => {
      const [, count = '', unit = 'B'] = BYTES_PATTERN.exec(value) ?? [];
      return Math.round(Number(count) * (UNIT_BYTES[unit] ?? 1));
    });

const BYTES_PATTERN = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB|TiB)$/;
const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1_024,
  MiB: 1_024 ** 2,
  GiB: 1_024 ** 3,
  TiB: 1_024 ** 4,
};

/** The name of a folder under `profiles/`. */
export const profileName = () =>
  text().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
    error: 'is not the name of a profile; letters, digits, "-", "_" and "." make one',
  });

/** A key that may be left out, and reads `undefined` then. */
export const unset = <T extends z.ZodType>(type: T) => type.optional().transform((value) => value);

const durationText = () =>
  z
    .string({ error: ({ input }) => (typeof input === 'number' ? explainBareNumber(String(input)) : undefined) })
    .regex(DURATION_PATTERN, {
      error: ({ input }) => {
        const parsed = parseDuration(String(input));
        return 'fault' in parsed ? parsed.fault : undefined;
      },
    });

const outOfBounds = (
  ms: number,
  { minMs, minReason, maxMs }: { minMs: number; minReason: string | undefined; maxMs: number },
) => {
  if (ms < minMs) return `is under ${formatDuration(minMs)}${minReason === undefined ? '' : `: ${minReason}`}`;
  return ms > maxMs ? `is over ${formatDuration(Math.floor(maxMs / 86_400_000) * 86_400_000)}` : undefined;
};

const urlFault = (value: string, schemes: readonly string[]): string | undefined => {
  const wanted = schemes.map((scheme) => `${scheme}://`).join(', ');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1]?.toLowerCase();
  if (scheme === undefined) return `has no scheme; it starts with one of ${wanted}`;
  if (!schemes.includes(scheme)) return `has a scheme that nvl does not speak; it starts with one of ${wanted}`;
  if (scheme === 'unix')
    return /^unix:\/\/\/./i.test(value) ? undefined : 'is not the absolute path of a socket; write unix:///path';
  return URL.canParse(value) ? undefined : 'is not a URL';
};

const addFault = (context: z.RefinementCtx, message: string | undefined): never => {
  context.addIssue({ code: 'custom', message: message ?? 'is not valid' });
  return z.NEVER;
};
