import { symbolicAdvice, whyNoHardLinks } from '../files/hard-links.ts';
import type { DoctorContext } from './doctor-context.ts';
import { type Finding, notChecked, ok, warn } from './finding.ts';

/** Can nvl keep what Nomad deletes? Nothing is linked to find out, as the alloc directory is Nomad's. */
export const checkLogLinks = async ({ config: { root }, allocDir, group }: DoctorContext): Promise<Finding[]> => {
  const where = await allocDir().catch(() => undefined);
  if (where === undefined) return [notChecked('Nomad does not say where its allocations lie')];
  const folders = { allocDir: where, only: group?.allocId };
  const why = whyNoHardLinks({ root, ...folders });
  if (why === undefined) return [ok(`hard links from ${root} to the logs in ${where}: what Nomad deletes is kept`)];
  return [
    warn(
      `${why}, so that nvl makes symbolic links: what Nomad deletes before it is read is lost, and a task may put another file behind its log's name`,
      symbolicAdvice(folders),
    ),
  ];
};
