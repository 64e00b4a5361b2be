import { commentText } from '../comment-text.ts';
import { shortIdOf } from '../context/id.ts';
import type { Row } from '../pipelines/row.ts';
import { namesOfHeading } from '../render/file.ts';

/** A task whose lines are looked at. `alloc`: the first eight characters of its allocation's id. */
export type TappedTask = { job: string; task: string; alloc: string; stem: string; pipeline: string };

/**
 * The tasks of a node's table that a person means: those of a job by its id, with the children of a periodic or parameterized one, or of
 * an allocation by eight characters of its id or more; else of a job and one of its tasks, `JOB/TASK`. A task that
 * moves to another pipeline is there twice. Pure.
 */
export const tappedTasks = ({ rows, name }: { rows: readonly Row[]; name: string }): TappedTask[] => {
  const all = rows.flatMap(readTask);
  const whole = all.filter(isOf(name));
  if (whole.length > 0) return whole;
  const slash = name.lastIndexOf('/');
  const [job, task] = [name.slice(0, slash), commentText(name.slice(slash + 1))];
  return slash <= 0 ? [] : all.filter((one) => isOf(job)(one) && one.task === task);
};

/** Whose a row is, as its heading says, in which a name is written without what could end it. */
const readTask = ({ about, stem, pipeline }: Row): TappedTask[] => {
  const names = namesOfHeading(about);
  const alloc = STEM.exec(stem)?.[1];
  return names === undefined || alloc === undefined
    ? []
    : [{ job: names.job, task: names.task, alloc, stem, pipeline }];
};

const STEM = /^nvl_([0-9a-f]{8})_/;

const isOf = (name: string): ((one: TappedTask) => boolean) => {
  const job = commentText(name);
  const alloc = /^[0-9a-f]{8}[0-9a-f-]*$/.test(name) ? shortIdOf(name) : undefined;
  return (one) =>
    one.job === job ||
    ['periodic', 'dispatch'].some((kind) => one.job.startsWith(`${job}/${kind}-`)) ||
    one.alloc === alloc;
};
