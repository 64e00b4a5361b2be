import type { RootPaths } from '../apply/paths.ts';
import { describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { StateStore } from '../state/state.ts';
import { MARK, markText, rootMark } from '../vector/process/mark.ts';
import { endSurvivors, type VectorRecord } from '../vector/process/survivor.ts';

export type Others = {
  /**
   * Ends what an nvl that was killed left behind, and waits for that. A Vector that nvl may not end is told, and looked for
   * again before each start of one: nvl itself goes on. Resolves to whether none is left.
   */
  endAtStart(): Promise<boolean>;
  /** The same before each Vector is started, and what its environment gets. Rejects where another one still runs. */
  endBeforeSpawn(): Promise<Record<string, string>>;
};

/** Keeps a Vector on this output root the only one, no matter who started the others. */
export const endOthers = ({
  paths,
  store,
  binary,
  drainMs,
  log,
  signal,
}: {
  paths: Pick<RootPaths, 'root'>;
  store: StateStore;
  binary: string;
  drainMs: number;
  log: Log;
  signal: AbortSignal;
}): Others => {
  const onAsked = (record: VectorRecord): void => {
    log.warn(
      { pid: record.pid, atMostMs: drainMs },
      `the Vector of an earlier nvl still runs (process ${record.pid}): it is told to end, and waited for before another one starts`,
    );
    store.hold({ ...store.read(), vector: record });
  };
  const end = async ({ alsoAsks }: { alsoAsks: boolean }): Promise<void> => {
    const [mark, record] = [await rootMark(paths.root), store.read().vector];
    const { killed } = await endSurvivors({ mark, binary, record, drainMs, alsoAsks, onAsked, signal });
    if (killed > 0) log.warn({ killed }, 'the Vector of an earlier nvl did not end in time, and was killed');
  };
  return {
    endAtStart: async () => {
      try {
        await end({ alsoAsks: true });
        return true;
      } catch (err) {
        if (!signal.aborted) log.error({ err }, describeError(err).split('\n', 1)[0]);
        return false;
      }
    },
    endBeforeSpawn: async () => {
      await end({ alsoAsks: false });
      return { [MARK]: markText({ kind: 'runs', mark: await rootMark(paths.root) }) };
    },
  };
};
