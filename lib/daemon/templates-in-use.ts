import { NvlError } from '../errors.ts';
import { withLastGood } from '../render/last-good.ts';
import type { Templates } from '../render/templates.ts';

export type TemplatesInUse = {
  /** They were edited: the next that asks for them has them read anew. */
  markStale(): void;
  /** Throws what `read` throws as long as nothing was ever read, nor kept; after that, no fault of theirs keeps a cycle from them. */
  current(): Promise<Templates>;
};

/** The templates of one session: read when they are first needed and after each edit, with the last good one for a bad one. */
export const keepTemplates = ({
  read,
  kept = async () => undefined,
  onRead,
}: {
  read: () => Promise<Templates>;
  /** Those that an nvl before kept, for a folder that is away from the start. */
  kept?: () => Promise<Templates | undefined>;
  /** `isUnread`: the folder could not be read, and the templates are those from before. */
  onRead: (next: Templates & { isUnread: boolean }) => void;
}): TemplatesInUse => {
  let good: Templates | undefined;
  let isStale = true;
  return {
    markStale: () => {
      isStale = true;
    },
    current: async () => {
      if (good !== undefined && !isStale) return good;
      // Before they are read: an edit meanwhile makes them stale again.
      isStale = false;
      const next = await readOrKeep({ read, last: async () => good ?? (await kept()) }).catch((error: unknown) => {
        isStale = true;
        throw error;
      });
      if (next.isUnread) isStale = true;
      onRead(next);
      good = withLastGood({ next, last: good });
      return good;
    },
  };
};

/** A folder that is away for a while, as in a checkout, must not keep what runs from going on. */
const readOrKeep = async ({
  read,
  last,
}: {
  read: () => Promise<Templates>;
  last: () => Promise<Templates | undefined>;
}): Promise<Templates & { isUnread: boolean }> => {
  try {
    return { ...(await read()), isUnread: false };
  } catch (error) {
    const instead = error instanceof NvlError ? await last() : undefined;
    if (instead === undefined || !(error instanceof NvlError)) throw error;
    return { ...instead, faults: [error], isUnread: true };
  }
};
