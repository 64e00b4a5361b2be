import { dirname } from 'node:path';
import type { Log } from '../log.ts';
import { SYMBOLIC, symbolicAdvice } from './hard-links.ts';
import { type AllocFolders, lookAt } from './log-folder.ts';
import { findOtherRoots, OTHER_ADVICE, tellOtherRoots } from './other-roots.ts';

export type TakeTold = ReturnType<typeof createTakeTold>;

/** What is told of taking log files beside single files: each once. */
export const createTakeTold = ({ log, links }: { log: Log; links: string }) => {
  const told = new Set<string>();
  const once = (what: string, tell: () => void): void => {
    if (told.has(what)) return;
    told.add(what);
    tell();
  };
  return {
    /** A cycle says so of each task that has finished, but none may have. */
    unlisted: (said: string) => once('list', () => log.error({ said }, LIST)),
    unwatchable: (said: string) => once('watch', () => log.warn({ said, advice: WATCH_ADVICE }, UNWATCHED)),
    loud: (allocId: string) => once(`loud ${allocId}`, () => log.warn({ allocation: allocId }, LOUD)),
    symbolic: ({ said, ...folders }: { said: string } & AllocFolders) =>
      once('symbolic', () => log.warn({ said, advice: symbolicAdvice(folders) }, SYMBOLIC)),
    /** The first time: whoever links files in a loop is not looked for again and again. */
    anotherName: (path: string) =>
      once('others', () => {
        const file = lookAt(path);
        const others = file === undefined ? [] : findOtherRoots({ own: dirname(links), file });
        if (others.length > 0) log.error({ roots: tellOtherRoots(others), advice: OTHER_ADVICE }, OTHERS);
      }),
  };
};

const LOUD =
  'the log folder of an allocation changes over 1,000 times a second: for a while it is looked at once a second instead, so see what its tasks do there';
const OTHERS =
  'another nvl works on this node, with an output root of its own: each refuses the log files that the other has a link to';
const LIST = 'the alloc directory cannot be listed, so that nvl takes only logs of allocations that Nomad names';
const UNWATCHED = 'log folders cannot be watched, and are looked at every second';
const WATCH_ADVICE = 'raise fs.inotify.max_user_watches and fs.inotify.max_user_instances';
