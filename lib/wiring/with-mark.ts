import { MARK, markText, rootMark } from '../vector/process/mark.ts';
import type { RunningVector } from './running-vector.ts';

/** A `vector validate` that outlives an nvl which was killed is known by it, and ended by the next one. */
export const withMark = async ({
  runningVector,
  root,
}: {
  runningVector: RunningVector;
  root: string;
}): Promise<RunningVector> => {
  const mark = markText({ kind: 'asks', mark: await rootMark(root) });
  return {
    ...runningVector,
    command: { ...runningVector.command, env: { ...runningVector.command.env, [MARK]: mark } },
  };
};
