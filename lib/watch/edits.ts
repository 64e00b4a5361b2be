import { basename } from 'node:path';
import { watch } from 'chokidar';
import { pause } from '../backoff.ts';
import type { Log } from '../log.ts';
import { abortOf } from './abort.ts';
import { watchTargets } from './watch-targets.ts';

/**
 * Calls `onEdit` when something in or below `paths` (folders and files) is added, changed or removed, and once when it
 * begins to watch: what was edited just before went unseen. A path may be missing, vanish, come back, or be a link that
 * is pointed elsewhere. Resolves when `signal` aborts. What cannot be watched is one warning: the periodic pass sees it.
 */
export const watchEdits = async ({
  paths,
  onEdit,
  log,
  signal,
}: {
  paths: readonly string[];
  onEdit: () => void;
  log: Log;
  signal: AbortSignal;
}): Promise<void> => {
  const warn = createWarner(log);
  const abort = abortOf(signal);
  while (!signal.aborted) {
    const trail = await watchTargets(paths);
    const tree = watch([...paths], { ignoreInitial: true, ignored: isForeign }).on('error', warn);
    const isReady = new Promise<void>((resolve) => tree.once('ready', resolve));
    tree.on('all', () => onEdit());
    await Promise.race([isReady, abort]);
    if (!signal.aborted) onEdit();
    await Promise.race([trail.moved, abort]);
    trail.close();
    await tree.close();
    // A folder may be replaced in several steps: leave time for the rest.
    await pause(50, signal);
  }
};

/** A templates folder is often a git checkout, whose own files change with every command. */
const isForeign = (file: string): boolean => ['.git', 'node_modules'].includes(basename(file));

/** One warning for each kind of trouble, as the limit on watches makes one for each file. */
const createWarner = (log: Log) => {
  const known = new Set<string>();
  return (error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (known.has(code)) return;
    known.add(code);
    const advice = ['ENOSPC', 'EMFILE'].includes(code)
      ? 'raise fs.inotify.max_user_watches and fs.inotify.max_user_instances'
      : undefined;
    log.warn({ err: error, advice }, 'not every edit is noticed at once');
  };
};
