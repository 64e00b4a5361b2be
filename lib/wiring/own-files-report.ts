import type { Copies } from '../apply/own-copies.ts';
import { messageOf, NvlError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { OwnFilesTrouble, StateStore } from '../state/state.ts';
import type { OwnFiles } from '../vector/config/own-files.ts';

/** Tells what keeps the team's own files from being taken: once in the log, and in the state, for doctor and the next nvl. */
export const createOwnFilesReport = ({ store, log, now }: { store: StateStore; log: Log; now: () => number }) => {
  let told: string | undefined;
  let failed: string | undefined;
  return {
    tell: ({
      kind,
      own,
      said,
      inUse,
    }: {
      kind: OwnFilesTrouble['kind'];
      own: Pick<OwnFiles, 'digest' | 'files'>;
      said: string;
      /** What Vector runs on with. */
      inUse: Copies | undefined;
    }): void => {
      failed = undefined;
      const { ownFiles: before, ...state } = store.read();
      const files = changedFiles({ own, inUse });
      const since = before?.since ?? now();
      const takenAt = inUse?.takenAt ?? since;
      const trouble = { digest: own.digest, kind, since, takenAt, files, said: said.slice(0, MAX_SAID) };
      store.hold({ ...state, ownFiles: trouble });
      const words = JSON.stringify([kind, files, said]);
      if (words === told) return;
      told = words;
      const error = ownFilesError(trouble);
      log.error({ err: error }, error.message);
    },
    /** The files are as Vector has loaded them. `taken`: it has just done so. */
    end: ({ taken = false }: { taken?: boolean } = {}): void => {
      failed = undefined;
      const { ownFiles: before, ...state } = store.read();
      if (before !== undefined) store.hold(state);
      if (taken) log.info('Vector has loaded your own files as they are now');
      else if (before !== undefined) log.info('your own Vector files are again as Vector has loaded them');
      told = undefined;
    },
    /** They could not even be looked at or copied, as on a full disk. */
    fail: (error: unknown): void => {
      if (messageOf(error) === failed) return;
      failed = messageOf(error);
      log.error({ err: error }, `an edit of your own Vector files cannot be taken: ${messageOf(error)}`);
    },
    /** True for what Vector did not load though it was proven: only an edit changes that, or a restart. */
    isFinal: (digest: string): boolean => {
      const { ownFiles } = store.read();
      return ownFiles?.digest === digest && (ownFiles.kind === 'notLoaded' || ownFiles.kind === 'needsRestart');
    },
  };
};

const MAX_SAID = 2_000;

/** For people: what is wrong with them, since when, and what to do. */
export const ownFilesError = ({ kind, since, takenAt, files, said }: OwnFilesTrouble): NvlError =>
  new NvlError('ownFiles', {
    message: `${MESSAGES[kind]}; Vector runs on with the last good copies, and new tasks ship`,
    facts: {
      files: files.join('\n') || undefined,
      since: new Date(since).toISOString(),
      copies: `of ${new Date(takenAt).toISOString()}`,
      said,
    },
    advice: ADVICE[kind],
  });

const MESSAGES: Readonly<Record<OwnFilesTrouble['kind'], string>> = {
  unread: 'a Vector file of your own cannot be read as it is now',
  refused: 'Vector refuses your own files as they are now',
  notLoaded: 'Vector did not load your own files as they are now, though they had passed the proof',
  needsRestart: 'your own files change a global option, which Vector takes only at its start',
};

const FIX = 'fix it: nvl takes your files as soon as Vector accepts them';

const ADVICE: Readonly<Record<OwnFilesTrouble['kind'], string>> = {
  unread: FIX,
  refused: FIX,
  notLoaded: FIX,
  needsRestart: 'restart nvl: it starts Vector with them',
};

/** Those that say something else than their copies, are new, or are gone. */
const changedFiles = ({
  own,
  inUse,
}: {
  own: Pick<OwnFiles, 'files'>;
  inUse: Copies | undefined;
}): readonly string[] => {
  const before = new Map(inUse?.files.map(({ original, bytes }) => [original, bytes]));
  const now = new Map(own.files.map(({ original, bytes }) => [original, bytes]));
  const changed = [...now].filter(([file, bytes]) => before.get(file)?.equals(bytes) !== true).map(([file]) => file);
  return [...changed, ...[...before.keys()].filter((file) => !now.has(file))];
};
