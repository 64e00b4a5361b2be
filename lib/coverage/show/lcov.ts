import { type Branch, type Coverage, type FileCoverage, missedIn } from '../coverage.ts';

/**
 * The coverage as LCOV has it, which code hosts and editors read: a record a template, its branches at their lines. Constants behind `??` are
 * left out. Pure.
 *
 * @source https://github.com/linux-test-project/lcov/blob/v2.3/man/geninfo.1
 */
export const toLcov = ({
  coverage: { files },
  shownFile,
}: {
  coverage: Coverage;
  /** A file's path as a reader of the report finds it. */
  shownFile: (file: string) => string;
}): string => files.map((file) => record({ file, shownFile })).join('');

const record = ({ file, shownFile }: { file: FileCoverage; shownFile: (file: string) => string }): string => {
  const branches = file.branches.filter(({ isGuard }) => !isGuard);
  const lines = [...file.lines];
  return [
    'TN:',
    `SF:${shownFile(file.file).replaceAll(/[\r\n]/g, '?')}`,
    ...branchLines(branches),
    `BRF:${branches.length}`,
    `BRH:${branches.filter(({ taken }) => taken > 0).length}`,
    ...lines.map(([line, count]) => `DA:${line},${count}`),
    `LF:${lines.length}`,
    `LH:${lines.filter(([, count]) => count > 0).length}`,
    'end_of_record',
    '',
  ].join('\n');
};

/** What has no outcome at all since nothing came to it has a dash. */
const branchLines = (branches: readonly Branch[]): string[] => {
  const reached = new Set(missedIn(branches).map(({ branch }) => branch.key));
  const choices = new Map<string, { block: number; count: number }>();
  return branches.map(({ key, choice, at, taken }) => {
    const known = choices.get(choice) ?? { block: choices.size, count: 0 };
    choices.set(choice, { ...known, count: known.count + 1 });
    const shown = taken > 0 || reached.has(key) ? `${taken}` : '-';
    return `BRDA:${at.line},${known.block},${known.count},${shown}`;
  });
};
