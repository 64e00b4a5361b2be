import { findOwner } from '../apply/lock.ts';
import { rootPaths } from '../apply/paths.ts';
import { inspectRoot } from '../apply/root.ts';
import { messageOf } from '../errors.ts';
import type { DoctorContext } from './doctor-context.ts';
import { type Finding, ok, warn } from './finding.ts';

/** Can the output root be used, does another nvl work on it, and is what it remembers readable? Nothing is written. */
export const checkRoot = async ({ config, state }: DoctorContext): Promise<Finding[]> => {
  const { root } = config;
  const { isThere } = await inspectRoot({ root });
  if (!isThere) return [ok(`${root}, which nvl makes at its first run`)];
  const paths = rootPaths(root);
  const owner = await findOwner({ lockFile: paths.lockFile });
  const who = owner?.pid === undefined ? 'an nvl' : `an nvl (process ${owner.pid})`;
  const used = ok(owner === undefined ? `${root}, and no nvl works on it now` : `${root}, and ${who} works on it`);
  try {
    await state();
    return [used];
  } catch (error) {
    const said = messageOf(error);
    return [used, warn(`what nvl remembers cannot be read: ${said}`, `let nvl read ${paths.state}`)];
  }
};
