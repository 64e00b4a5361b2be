import { type FSWatcher, watch } from 'node:fs';
import { pause } from '../backoff.ts';
import type { Log } from '../log.ts';
import { abortOf } from './abort.ts';
import { watchTargets } from './watch-targets.ts';

/**
 * Calls `onNews` when a folder in Nomad's alloc directory comes or goes, and once when it begins to watch. A directory
 * that is missing is awaited; one that may not be read is one warning, since the list of Nomad is the truth anyway.
 * Resolves when `signal` aborts.
 */
export const watchAllocDir = async ({
  folder,
  onNews,
  onLost = () => {},
  log,
  signal,
}: {
  folder: string;
  /** With the name that came or went; without one at the beginning: any may have. */
  onNews: (name?: string) => void;
  /** It cannot be watched now; the next news says that it can. */
  onLost?: () => void;
  log: Log;
  signal: AbortSignal;
}): Promise<void> => {
  let isLost = false;
  const lose = (error: unknown) => {
    if (!isLost)
      log.warn(
        { folder, err: error },
        'the alloc directory cannot be watched, new allocations are found by asking Nomad only',
      );
    isLost = true;
    onLost();
  };

  const abort = abortOf(signal);
  while (!signal.aborted) {
    const trail = await watchTargets([folder]);
    const watcher = watchFolder({ folder, onNews, onError: lose });
    if (watcher !== undefined) {
      if (isLost) log.info({ folder }, 'the alloc directory is watched again');
      isLost = false;
      onNews();
    }
    await Promise.race([trail.moved, abort]);
    watcher?.close();
    trail.close();
    await pause(50, signal);
  }
};

const watchFolder = ({
  folder,
  onNews,
  onError,
}: {
  folder: string;
  onNews: (name?: string) => void;
  onError: (error: unknown) => void;
}): FSWatcher | undefined => {
  try {
    return watch(folder, (event, name) => {
      if (event === 'rename') onNews(name ?? undefined);
    }).on('error', onError);
  } catch (error) {
    onError(error);
    return undefined;
  }
};
