import { hash } from 'node:crypto';

const SHORT_ID_LENGTH = 8;
const SLUG_LENGTH = 24;
const DIGEST_LENGTH = 8;

export const shortIdOf = (allocId: string): string => allocId.slice(0, SHORT_ID_LENGTH);

/**
 * The stem of a task's component ids: `nvl_<first 8 of the allocation id>_<slug of the task>_<8 hex of a digest>`.
 * Vector names a source's checkpoint folder after it, so a change here reads every file on every node again from its
 * start. It is frozen by a golden test; nothing that may change while the task lives is part of it.
 */
export const stemOf = ({ allocId, task }: { allocId: string; task: string }): string => {
  const digest = hash('sha256', `${allocId}\0${task}`, 'hex').slice(0, DIGEST_LENGTH);
  return `nvl_${shortIdOf(allocId)}_${slugOf(task)}_${digest}`;
};

/** Vector ids may not hold a dot, and people read them: letters, digits and single underscores are kept. */
export const slugOf = (task: string): string => {
  const slug = task
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .slice(0, SLUG_LENGTH)
    .replaceAll(/^_+|_+$/g, '');
  return slug === '' ? 'task' : slug;
};
