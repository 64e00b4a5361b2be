import type { TaskContext } from '../context/context.ts';
import { metaLevelOf } from '../context/meta-levels.ts';
import { metaSlips } from '../context/meta-slips.ts';
import type { Note } from './refused.ts';
import type { Templates } from './templates.ts';

/** What of a task's meta is not understood, though it ships. Pure. */
export const metaNotes = ({
  context,
  heading,
  templates,
}: {
  context: TaskContext;
  heading: string;
  templates: Templates;
}): Note[] => {
  const profile = templates.profiles.get(context.profile);
  const errors = metaSlips({
    meta: context.meta,
    levelOf: (key) => metaLevelOf(context, key),
    // Nobody knows what a profile declares that is not there.
    ruled: profile === undefined ? {} : context.params,
    profile: context.profile,
    declared: profile === undefined ? [] : Object.keys(profile.settings.parameters),
    known: () => templates.parameters,
  });
  return errors.length === 0 ? [] : [{ key: context.id, heading, errors }];
};
