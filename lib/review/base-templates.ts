import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { NvlError } from '../errors.ts';
import { isWithin } from './place.ts';

/**
 * The folder of the base's templates, undefined for those that come with nvl, and what a reader of the review has to know of
 * it. Throws `gitFailed` where a submodule that holds them was never fetched: both sides would be empty, and equal.
 */
export const baseTemplates = ({
  templates,
  inBase,
  dir,
  missing,
}: {
  /** As the base's configuration says, at the checkout's own place. */
  templates: string | undefined;
  inBase: (file: string) => string;
  /** Where the base is laid out. */
  dir: string;
  missing: readonly string[];
}): { dir: string | undefined; notes: string[] } => {
  if (templates === undefined) return { dir: undefined, notes: [SHIPPED] };
  const moved = inBase(templates);
  if (moved === templates) return { dir: templates, notes: [`${templates} ${OUTSIDE}`] };
  const inside = relative(dir, moved);
  const unfetched = missing.find((name) => isWithin({ folder: join(dir, name), file: moved }));
  if (unfetched !== undefined) {
    throw new NvlError('gitFailed', {
      message: `the templates lie in the submodule ${unfetched}, whose commit in the base is not on this machine`,
      advice: `fetch it: git submodule update --init ${unfetched}, then git -C ${unfetched} fetch --unshallow (or fetch)`,
    });
  }
  const notes = existsSync(moved) ? [] : [`the base has no folder ${inside}: every task shows as added`];
  return { dir: moved, notes };
};

const SHIPPED = 'no templates folder is configured: both sides use the templates that come with nvl';
const OUTSIDE = 'is not in this checkout: both sides use its templates as they are now';
