import type { Allocation } from './allocation.ts';
import type { NodeSource } from './node-source.ts';
import { readAllocation } from './read-allocation.ts';

/** An allocation that is asked for again may be known by then. */
const AGAIN_MS = 60_000;
const MOST_AT_ONCE = 50;

/**
 * A node source that also asks for what the list does not name and log files are held of, each by its id: a list may lag
 * behind, and what answers may be told of an allocation later. What Nomad then tells belongs to the snapshot.
 */
export const askingById = <Source extends NodeSource>({
  source,
  held,
  read,
  isHidden,
  tellHidden,
  now,
}: {
  source: Source;
  /** Allocations of which log files are held whose task is not known. */
  held: () => readonly string[];
  /** One allocation as Nomad tells it; undefined for one that it does not have, or may not tell of. */
  read: (id: string, options: { signal?: AbortSignal }) => Promise<unknown>;
  /** Whether Nomad has one that it does not tell of. */
  isHidden: (id: string, options: { signal?: AbortSignal }) => Promise<boolean>;
  /** Called with those that are found to be hidden, each once for as long as log files of it are held. */
  tellHidden: (ids: readonly string[]) => void;
  now: () => number;
}): Source => {
  const asked = new Map<string, { at: number; found: Allocation | undefined; isHidden: boolean }>();
  const askFor = async (id: string, options: { signal?: AbortSignal }): Promise<void> => {
    const known = asked.get(id)?.isHidden === true;
    // Nobody else waits for it, and it is asked again.
    const raw = await read(id, options).catch(() => undefined);
    asked.set(id, {
      at: now(),
      found: raw === undefined ? undefined : readAllocation(raw),
      isHidden: raw === undefined && (known || (await isHidden(id, options).catch(() => false))),
    });
  };
  return {
    ...source,
    ask: async (options = {}) => {
      const snapshot = await source.ask(options);
      const listed = new Set(snapshot.allocations.map(({ id }) => id));
      const unknown = held().filter((id) => !listed.has(id) && snapshot.over?.has(id) !== true);
      for (const id of asked.keys()) if (!unknown.includes(id)) asked.delete(id);
      const askedAt = (id: string): number => asked.get(id)?.at ?? 0;
      const due = unknown
        .filter((id) => !asked.has(id) || now() - askedAt(id) >= AGAIN_MS)
        .sort((a, b) => askedAt(a) - askedAt(b));
      const asking = due.slice(0, MOST_AT_ONCE);
      const before = new Set(asking.filter((id) => asked.get(id)?.isHidden === true));
      await Promise.all(asking.map((id) => askFor(id, options)));
      const hidden = asking.filter((id) => asked.get(id)?.isHidden === true && !before.has(id));
      if (hidden.length > 0) tellHidden(hidden);
      const found = unknown.flatMap((id) => asked.get(id)?.found ?? []);
      return found.length === 0 ? snapshot : { ...snapshot, allocations: [...snapshot.allocations, ...found] };
    },
  };
};
