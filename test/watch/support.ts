import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { pino } from 'pino';
import { expect } from 'vitest';
import type { Log } from '../../lib/log.ts';

/** A log, and what was written to it as `level message`. */
export const aLog = (): { log: Log; lines: string[]; entries: Record<string, unknown>[] } => {
  const lines: string[] = [];
  const entries: Record<string, unknown>[] = [];
  const write = (line: string) => {
    const entry = JSON.parse(line);
    entries.push(entry);
    lines.push(`${pino.levels.labels[entry.level]} ${entry.msg}`);
  };
  return { log: pino({ level: 'info' }, { write }), lines, entries };
};

/**
 * A function that can be waited for. `look` reads what it tells of: at the last call of a burst everything must already
 * be as it is when the burst is over, or whoever looks again would have missed the end of it.
 */
export const aWatched = (look: () => unknown = () => undefined) => {
  let calls = 0;
  let seen: unknown;
  let waiting: (() => void)[] = [];
  const next = () => new Promise<void>((resolve) => waiting.push(resolve));
  const rest = async (quietMs = 140) => {
    for (let before = -1; before !== calls; ) {
      before = calls;
      await new Promise((resolve) => setTimeout(resolve, quietMs));
    }
  };
  return {
    call: () => {
      calls++;
      seen = look();
      const ready = waiting;
      waiting = [];
      for (const resolve of ready) resolve();
    },
    count: () => calls,
    /** A call from now on. */
    next,
    /** The end of a burst. */
    rest,
    /** Does it, and expects a call for it; a busy machine may take its time. */
    after: async (act: () => Promise<unknown>) => {
      const before = calls;
      await act();
      const late = new Promise<'late'>((resolve) => setTimeout(resolve, 20_000, 'late'));
      while (calls === before || !isDeepStrictEqual(seen, look())) {
        if ((await Promise.race([next(), late])) === 'late') break;
      }
      expect(calls).toBeGreaterThan(before);
      await rest();
      expect(seen).toEqual(look());
    },
  };
};

/** Everything at and below a path but editors' backups; undefined for what cannot be read. */
export const snapshot = (target: string): unknown => {
  try {
    if (!statSync(target).isDirectory()) return readFileSync(target, 'utf8');
    const names = readdirSync(target).filter((name) => !name.endsWith('~'));
    return Object.fromEntries(names.map((name) => [name, snapshot(join(target, name))]));
  } catch {
    return undefined;
  }
};
