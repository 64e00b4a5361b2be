import type { Branch, FileCoverage, ProfileCoverage } from './coverage.ts';
import { createBranchTally } from './tally.ts';

/** What all profiles together exercise of each file. Pure. */
export const fileCoverages = ({
  profiles,
  printed,
  texts,
  isOwn,
}: {
  profiles: readonly Pick<ProfileCoverage, 'branches'>[];
  /** How many cases render a line, by `file:line`. */
  printed: ReadonlyMap<string, number>;
  texts: ReadonlyMap<string, string>;
  isOwn: (file: string) => boolean;
}): FileCoverage[] => {
  const tally = createBranchTally();
  for (const { branches = [] } of profiles) for (const branch of branches) tally.add(branch);
  const byFile = Map.groupBy(tally.all(), ({ at }) => at.file);
  const lines = linesByFile({ branches: tally.all(), printed });
  const files = [...new Set([...byFile.keys(), ...lines.keys()])].filter(isOwn).sort();
  return files.map((file) => ({
    file,
    text: texts.get(file) ?? '',
    branches: (byFile.get(file) ?? []).sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column),
    lines: new Map([...(lines.get(file) ?? [])].sort(([a], [b]) => a - b)),
  }));
};

/** A line that only a branch has that was never taken is never run, though it is rendered. */
const linesByFile = ({
  branches,
  printed,
}: {
  branches: readonly Branch[];
  printed: ReadonlyMap<string, number>;
}): Map<string, Map<number, number>> => {
  const dead = branches.filter(({ taken, isGuard }) => taken === 0 && !isGuard).flatMap((branch) => branch.lines);
  const counts = new Map([...printed, ...dead.map((line) => [line, 0] as const)]);
  const byFile = new Map<string, Map<number, number>>();
  for (const [place, count] of counts) {
    const [, file = '', line = ''] = /^(.*):(\d+)$/s.exec(place) ?? [];
    const own = byFile.get(file) ?? new Map<number, number>();
    byFile.set(file, own.set(Number(line), count));
  }
  return byFile;
};
