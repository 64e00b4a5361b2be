import { findOwner } from '../apply/lock.ts';
import { rootPaths } from '../apply/paths.ts';
import { describeTrouble, QUIET_MS, troubleAdvice } from '../vector/process/delivery.ts';
import type { DoctorContext } from './doctor-context.ts';
import { type Finding, ok, warn } from './finding.ts';

/** What the running nvl has seen in its Vector's log or metrics, and wrote into its state. */
export const checkDeliveries = async (context: DoctorContext): Promise<Finding[]> => {
  const { config } = context;
  const state = await context.state();
  if (state === undefined) return [ok('no nvl has run on this root yet')];
  const isWatched = (await findOwner({ lockFile: rootPaths(config.root).lockFile })) !== undefined;
  const troubles = state.troubles ?? [];
  if (troubles.length > 0)
    return troubles.map((trouble) =>
      warn(
        `${describeTrouble(trouble)} (${whenOf({ ...trouble, isWatched })})`,
        isWatched ? troubleAdvice(trouble, state.vector?.pid) : 'start nvl: only while it runs is known how things are',
      ),
    );
  if (!isWatched) return [ok('no nvl runs on this root, so nothing is known of how the sinks deliver now')];
  const isSeen = config.reload.metrics !== undefined || state.vector !== undefined;
  return [
    ok(
      `nothing is known against the sinks${isSeen ? '' : '; only an nvl that runs Vector, or has reload.metrics, can see it'}`,
    ),
  ];
};

/** A time of the past is no news: what nobody looks at any more, or Vector has not said for long, may be over. */
const whenOf = ({ since, lastAt, isWatched }: { since: number; lastAt?: number; isWatched: boolean }): string => {
  const from = `since ${timeOf(since)}`;
  const until = lastAt === undefined ? '' : `, last seen ${timeOf(lastAt)}`;
  if (!isWatched) return `${from}${until}; no nvl runs now, and this is what the last one saw`;
  const isOld = lastAt !== undefined && Date.now() - lastAt >= QUIET_MS;
  return isOld ? `${from}${until}; nothing was heard of it since` : `${from}${until}`;
};

const timeOf = (ms: number): string => new Date(ms).toISOString();
