import type { ProbeEdit } from './branches.ts';

/** A program with probes, and which branch the probe at each byte of it is for. */
export type ProbedProgram = { source: string; branchAt: ReadonlyMap<number, number> };

/**
 * The program with a probe for each of these branches: a call of `log`, which is an expression that stands anywhere, has no value that
 * anybody reads and leaves the event alone. Pure.
 */
export const withProbes = ({
  source,
  edits,
  branches,
}: {
  source: string;
  edits: readonly ProbeEdit[];
  branches: ReadonlySet<number>;
}): ProbedProgram => {
  const branchAt = new Map<number, number>();
  const inOrder = edits.filter(({ branch }) => branches.has(branch)).toSorted((one, other) => one.at - other.at);
  let [text, from, bytes] = ['', 0, 0];
  const write = (part: string): void => {
    text += part;
    bytes += Buffer.byteLength(part);
  };
  for (const { branch, at, before, hasProbe, after } of inOrder) {
    write(source.slice(from, at));
    write(before);
    if (hasProbe) branchAt.set(bytes, branch);
    write(hasProbe ? PROBE : '');
    write(after);
    from = at;
  }
  write(source.slice(from));
  return { source: text, branchAt };
};

/** Its place tells which it is. */
const PROBE = 'log("nvl: a branch is taken", level: "debug", rate_limit_secs: 0)';
