import type { TaskContext } from '../context/context.ts';
import { metaLevelOf } from '../context/meta-levels.ts';
import { metaSlips } from '../context/meta-slips.ts';
import { NvlError } from '../errors.ts';
import type { Note } from './refused.ts';
import type { Template, Templates } from './templates.ts';

/** What of a task's meta is not understood, and of its profile does not hold for it, though it ships. Pure. */
export const taskNotes = ({
  context,
  heading,
  templates,
  isContainer,
}: {
  context: TaskContext;
  heading: string;
  templates: Templates;
  /** Its lines come from its container. */
  isContainer: boolean;
}): Note[] => {
  const profile = templates.profiles.get(context.profile);
  const slips = metaSlips({
    meta: context.meta,
    levelOf: (key) => metaLevelOf(context, key),
    // Nobody knows what a profile declares that is not there.
    ruled: profile === undefined ? {} : context.params,
    profile: context.profile,
    declared: profile === undefined ? [] : Object.keys(profile.settings.parameters),
    known: () => templates.parameters,
  });
  const errors =
    isContainer && MULTILINE.test(profile?.source.text ?? '') ? [...slips, notJoined(profile?.source)] : slips;
  return errors.length === 0 ? [] : [{ key: context.id, heading, errors }];
};

const MULTILINE = /^\s*(?:\[sources\.[^\]]*\.)?multiline\b/m;

const notJoined = (source: Template | undefined): NvlError =>
  new NvlError('notForContainers', {
    message: 'its profile joins lines in its source, which are of files; the lines of its container stay apart',
    facts: { from: source?.path },
    advice: 'join them in a transform {{id}}_lines of the source template, which holds for both (docs/templates.md)',
  });
