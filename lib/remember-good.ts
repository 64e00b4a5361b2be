import type { Acted, CycleDeps, Proven } from './cycle-deps.ts';
import { messageOf } from './errors.ts';
import { asFileTrouble, isDiskTrouble } from './file-trouble.ts';
import { keptTemplates, keptTemplatesText } from './render/kept-templates.ts';
import { isSameGood, knownGood, noLastGood, withSound } from './render/last-good.ts';

/**
 * What an nvl before kept of the templates that Vector took: those that are there now may be broken. Nothing about it ends a
 * cycle; what is damaged is set aside, said once.
 */
export const recallGood = async ({ memory, disk, log }: CycleDeps): Promise<void> => {
  if (memory.lastGood !== undefined) return;
  memory.lastGood = noLastGood;
  try {
    const text = await disk.readTemplates();
    if (text === undefined) return;
    const kept = keptTemplates(text);
    if (kept !== undefined) memory.lastGood = kept;
    else
      log.warn(
        { to: await disk.setTemplatesAside() },
        'the kept copies of the last good templates are damaged, and not used',
      );
  } catch (err) {
    log.warn({ err }, 'the kept copies of the last good templates cannot be read');
  }
};

/** What Vector has taken is good, until it dies of it. It outlives nvl. */
export const rememberGood = async ({
  acted,
  proven,
  deps,
}: {
  acted: Acted;
  proven: Proven;
  deps: CycleDeps;
}): Promise<void> => {
  const { memory, templates } = deps;
  const isTaken = acted.outcome === 'reloaded' || acted.outcome === 'unchanged' || acted.isAssumed === true;
  if (!isTaken) return;
  memory.lastGood = withSound(memory.lastGood ?? noLastGood, proven.rendered.sound);
  const known = knownGood({ good: memory.lastGood, templates });
  if (memory.keptGood !== undefined && isSameGood(known, memory.keptGood)) return;
  const { text, left } = keptTemplatesText(known);
  try {
    await deps.disk.keepTemplates(text);
    memory.keptGood = known;
    delete memory.keepFault;
    if (left.length > 0)
      deps.log.warn({ left }, 'these templates are too long to be kept for an nvl that starts on broken ones');
  } catch (err) {
    // The next cycle tries again.
    if (!isDiskTrouble(err) && asFileTrouble(err) === err) throw err;
    const fault = messageOf(err);
    if (memory.keepFault !== fault) deps.log.warn({ err }, 'no copies of the last good templates can be kept');
    memory.keepFault = fault;
  }
};
