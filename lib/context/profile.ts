import type { Config } from '../config/config.ts';
import type { Allocation, Task } from '../nomad/allocation.ts';
import { mergedMeta } from './context.ts';
import { type MetaLevel, metaLevels } from './meta-levels.ts';

/** Why a task has the profile it has: the meta key, a rule of the config by its position, or nothing that chose one. */
export type ChosenBy = { by: 'meta'; level: MetaLevel } | { by: 'rule'; index: number } | { by: 'default' };

export const PROFILE_KEY = 'nvl_profile';

/**
 * Meta at task, group or job level, the nearest first; then the config's first matching rule; then `default`. `sink` is that
 * of the first matching rule that names one: where lines go is the operator's to say, not the job's.
 */
export const chooseProfile = ({
  allocation,
  task,
  rules,
}: {
  allocation: Allocation;
  task: Task;
  rules: Config['rules'];
}): { profile: string; params: Record<string, string>; sink: string; chosenBy: ChosenBy } => {
  const sink = rules.find((rule) => rule.sink !== undefined && matches({ rule, allocation, task }))?.sink ?? '';
  for (const [level, meta] of metaLevels({ allocation, task })) {
    const profile = meta[PROFILE_KEY];
    if (profile !== undefined && profile !== '') return { profile, params: {}, sink, chosenBy: { by: 'meta', level } };
  }
  const index = rules.findIndex((rule) => rule.profile !== undefined && matches({ rule, allocation, task }));
  const rule = rules[index];
  if (rule?.profile !== undefined) {
    return { profile: rule.profile, params: rule.params ?? {}, sink, chosenBy: { by: 'rule', index } };
  }
  return { profile: 'default', params: {}, sink, chosenBy: { by: 'default' } };
};

const matches = ({
  rule,
  allocation,
  task,
}: {
  rule: Config['rules'][number];
  allocation: Allocation;
  task: Task;
}): boolean => {
  const { job } = allocation;
  const { match } = rule;
  const meta = mergedMeta({ allocation, task });
  return (
    fits(match.namespace, allocation.namespace) &&
    // A child of a dispatched or periodic job has an id of its own; people write rules for its parent.
    (fits(match.job, job.id) || (job.parentId !== '' && fits(match.job, job.parentId))) &&
    fits(match.group, allocation.groupName) &&
    fits(match.task, task.name) &&
    fits(match.driver, task.driver) &&
    Object.entries(match.meta ?? {}).every(([key, glob]) => Object.hasOwn(meta, key) && fits(glob, meta[key] ?? ''))
  );
};

/** Globs of rules know `*` and `?`; job ids hold slashes, so both match them. */
const fits = (glob: string | undefined, text: string): boolean =>
  glob === undefined ||
  new RegExp(
    `^${glob
      .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  ).test(text);
