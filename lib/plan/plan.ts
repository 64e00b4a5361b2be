import { createHash } from 'node:crypto';
import { type Changes, changesBetween } from './changes.ts';

/**
 * What a cycle will do, decided before anything is done. Pure.
 * `swap`: the bytes on disk differ. `reload`: Vector has not confirmed to have loaded these bytes, which the disk can't
 * say: a reload that failed is tried again though nothing is written.
 */
export type Plan = { text: string; digest: string; swap: boolean; reload: boolean; changes: Changes };

export const makePlan = ({
  rendered,
  live,
  loaded,
}: {
  /** The file as it should be. */
  rendered: string;
  /** The file as it is on disk; undefined when there is none. */
  live: string | undefined;
  /** The digest of the file that Vector confirmed to have loaded. */
  loaded: string | undefined;
}): Plan => {
  const digest = digestOf(rendered);
  return {
    text: rendered,
    digest,
    swap: rendered !== live,
    reload: digest !== loaded,
    changes: changesBetween({ before: live ?? '', after: rendered }),
  };
};

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
