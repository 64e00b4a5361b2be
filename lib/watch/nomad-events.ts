import type { Log } from '../log.ts';
import type { FollowedSource } from '../nomad/node-source.ts';
import { NO_EVENTS } from './event-state.ts';
import { createFollowing } from './following.ts';
import { watchNomadNews } from './nomad-news.ts';
import { readStreams } from './read-streams.ts';
import { takeLists } from './take-lists.ts';

/**
 * Reads Nomad's event stream, and calls `onNews` when a list that it made nvl ask for is another than the last. An event says "look now" and no more: the list
 * is also asked for at each interval, and where an event may have been missed. While no stream is to be had, the list is followed as `watchNomadNews` does.
 * Resolves when `signal` aborts, and never rejects.
 */
export const watchNomadEvents = async ({
  source,
  ...given
}: {
  source: Pick<FollowedSource, 'follow' | 'events' | 'intervalMs'>;
  /** For messages. */
  nodeId: string;
  onNews: () => void;
  log: Log;
  signal: AbortSignal;
  random?: () => number;
}): Promise<void> => {
  const { signal } = given;
  const following = createFollowing({ start: NO_EVENTS, signal });
  // A question for the list as it is now may be a cycle's as well: it is not cut.
  const follow: typeof source.follow = (question) =>
    source.follow(question.index > 0 ? question : { ...question, signal });
  const followLists = async (): Promise<void> => {
    while (!signal.aborted) {
      const until = following.untilChange();
      await (following.hasStream()
        ? takeLists({ ...given, follow, following, intervalMs: source.intervalMs, until })
        : watchNomadNews({ ...given, follow, signal: until }));
    }
  };
  await Promise.all([readStreams({ ...given, events: source.events, following }), followLists()]);
};
