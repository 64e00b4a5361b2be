import { commentText } from '../comment-text.ts';
import { compare } from '../order.ts';
import { type Block, namesOfPipeline, shownProfile } from './file.ts';
import type { Profile, Templates } from './templates.ts';

/** The profile that a heading shows by this name, as itself or as whose sink it is. */
export const profileShown = ({ templates, shown }: { templates: Templates; shown: string }): Profile | undefined =>
  templates.profiles.get(shown) ??
  [...templates.profiles.values()].find(({ name }) => shownProfile(name) === shown || commentText(name) === shown);

/**
 * The paths of the templates that blocks are rendered from, sorted, for the head of the file. They are those of its pipelines and not
 * of its tasks, so that a task that comes or goes changes nothing of them. Pure.
 */
export const usedTemplates = ({ templates, blocks }: { templates: Templates; blocks: readonly Block[] }): string[] => {
  const paths = blocks.flatMap(({ kind, heading }) => {
    if (kind === 'sink') return [heading];
    const profile = profileShown({ templates, shown: namesOfPipeline(heading)?.profile ?? '' });
    return [profile?.source, profile?.transform].flatMap((template) => template?.path ?? []);
  });
  return [...new Set([...paths, templates.labels.path])].sort(compare);
};
