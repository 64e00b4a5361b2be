import type { Colors } from 'picocolors/types.js';
import { plural } from '../../plural.ts';
import {
  type Branch,
  type Coverage,
  missedIn,
  type ProfileCoverage,
  type Share,
  shareOf,
  wholeShare,
} from '../coverage.ts';
import type { DefaultJob } from '../default-jobs.ts';
import type { Origin } from '../template/arms.ts';

/** What `nvl test --coverage` prints below the results: each profile with what its tests leave out, then what all leave out of shared files. Pure. */
export const showCoverage = ({
  coverage,
  jobs,
  min,
  width,
  colors,
  shownFile,
}: {
  coverage: Coverage;
  /** Undefined where no recording says which jobs there are. */
  jobs: readonly DefaultJob[] | undefined;
  /** The least share that is enough, in percent. */
  min: number | undefined;
  /** Of the terminal, in characters. */
  width: number;
  colors: Colors;
  /** A file's path as people know it. */
  shownFile: (file: string) => string;
}): string => {
  const view = { width, colors, shownFile };
  const longest = Math.max(0, ...coverage.profiles.map(({ profile }) => profile.length));
  const isOwn = ownFiles(coverage);
  const shared = coverage.files.filter(({ file }) => !isOwn(file)).flatMap(({ branches }) => branches);
  return [
    'Coverage',
    '',
    ...coverage.profiles.flatMap((one) => profileLines({ one, longest, isOwn, view })),
    ...section('What no tests try of files that profiles share', spotLines({ branches: shared, view })),
    ...section(
      'Jobs that ship by default, since neither their meta nor a rule chooses a profile',
      (jobs ?? []).map(({ namespace, job, tasks }) => cut(`  ${namespace}/${job}  ${plural(tasks, 'task')}`, width)),
    ),
    '',
    sumLine({ share: wholeShare(coverage), min, colors }),
  ].join('\n');
};

/** Whether the tests take at least so many percent of all branches; without a limit they do. Pure. */
export const isEnough = ({ taken, of }: Share, min: number | undefined): boolean =>
  min === undefined || of === 0 || (taken / of) * 100 >= min;

/** What a profile's tests leave out, and its share before it. Pure. */
export const profileSpots = ({
  coverage,
  one,
  view,
}: {
  coverage: Coverage;
  one: ProfileCoverage;
  view: View;
}): string[] => profileLines({ one, longest: 0, isOwn: ownFiles(coverage), view });

export type View = { width: number; colors: Colors; shownFile: (file: string) => string };

/** A profile's folder is its own; all others may be several profiles'. */
const ownFiles = ({ profiles }: Coverage): ((file: string) => boolean) => {
  const folders = profiles.map(({ profile }) => `profiles/${profile}/`);
  return (file) => folders.some((folder) => file.startsWith(folder));
};

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `${title}:`, ...lines];

const profileLines = ({
  one,
  longest,
  isOwn,
  view,
}: {
  one: ProfileCoverage;
  longest: number;
  isOwn: (file: string) => boolean;
  view: View;
}): string[] => {
  const { profile, branches, isUntested, silent, unset, unmeasured } = one;
  const { colors } = view;
  const name = `  ${profile.padEnd(longest)}`;
  if (branches === undefined) return [`${name}     ${colors.yellow('not measured: its templates could not be run')}`];
  const own = branches.filter(({ at }) => isOwn(at.file));
  const share = shareOf(branches);
  const percent = `${share.percent}%`.padStart(4);
  const ofOwn = own.length === branches.length ? '' : `; ${ofAll(shareOf(own))} in its own templates`;
  const words = isUntested
    ? `no case${share.of === 0 ? '' : `, so none of its ${plural(share.of, 'branch', 'branches')} is tried`}`
    : share.of === 0
      ? 'no branches'
      : `${ofAll(share)} branches${ofOwn}`;
  return [
    `${name}  ${share.taken < share.of ? colors.yellow(percent) : colors.green(percent)}  ${words}`,
    ...(isUntested ? [] : spotLines({ branches: own, view })),
    ...[...silent, ...unset].flatMap(({ at, words: said }) => placed({ at, words: said, view })),
    ...unmeasured.flatMap(({ at, why }) => placed({ at, words: `not measured: ${why}`, view })),
  ];
};

const spotLines = ({ branches, view }: { branches: readonly Branch[]; view: View }): string[] => {
  const missed = missedIn(branches);
  const guards = Map.groupBy(
    missed.filter(({ branch }) => branch.isGuard),
    ({ branch }) => branch.at.file,
  );
  return [
    ...missed.flatMap(({ branch, more }) => {
      if (branch.isGuard) return [];
      const behind = more === 0 ? '' : ` (and ${plural(more, 'branch', 'branches')} in it)`;
      return placed({ at: branch.at, words: branch.never, behind, view });
    }),
    ...[...guards].flatMap(([file, found]) =>
      guardLines({ file, lines: [...new Set(found.map(({ branch }) => branch.at.line))], view }),
    ),
  ];
};

const INDENT = '    ';

/** The place, which is never cut, then what is never done there: beside it, or below it where that leaves little room. */
const placed = ({
  at: { file, line },
  words,
  behind = '',
  view: { width, colors, shownFile },
}: {
  at: Pick<Origin, 'file' | 'line'>;
  words: string;
  behind?: string;
  view: View;
}): string[] => {
  const place = `${plainText(shownFile(file))}:${line}`;
  const beside = width - INDENT.length - place.length - 2;
  if (beside >= words.length + behind.length || beside >= LEAST_ROOM)
    return [`${INDENT}${colors.dim(place)}  ${cutBefore(words, behind, beside)}`];
  const below = width - INDENT.length - 2;
  return [`${INDENT}${colors.dim(place)}`, `${INDENT}  ${cutBefore(words, behind, below)}`];
};

const LEAST_ROOM = 48;

/** What it comes to stands at its end, so what is left out is of what is written. */
const cutBefore = (words: string, behind: string, width: number): string => {
  const [, written = words, outcome = ''] = /^(.*)(: [^:]*)$/s.exec(words) ?? [];
  const end = `${plainText(outcome)}${behind}`;
  return `${cut(written, Math.max(8, width - end.length))}${end}`;
};

/** A template's text, or its name, may hold what a terminal would obey. */
const plainText = (text: string): string => text.replaceAll(/\p{Cc}/gu, '\ufffd');

const cut = (text: string, width: number): string => {
  const plain = plainText(text);
  return plain.length <= width ? plain : `${plain.slice(0, Math.max(0, width - 1)).toWellFormed()}…`;
};

/** Constants that VRL asks for, in as few lines as they fit in. */
const guardLines = ({
  file,
  lines,
  view: { width, colors, shownFile },
}: {
  file: string;
  lines: readonly number[];
  view: View;
}): string[] => {
  const head = `${INDENT}${plainText(shownFile(file))}`;
  const rows: string[] = [];
  let row = `${INDENT}  constants behind ?? never used, not counted:`;
  for (const [index, line] of lines.entries()) {
    const next = ` ${line}${index < lines.length - 1 ? ',' : ''}`;
    if (row.length + next.length > width) {
      rows.push(row);
      row = `${INDENT}    `;
    }
    row += next;
  }
  return [head, ...rows, row].map((text) => colors.dim(text));
};

const ofAll = ({ taken, of }: Share): string => `${taken} of ${of}`;

const sumLine = ({ share, min, colors }: { share: Share; min: number | undefined; colors: Colors }): string => {
  const said = share.of === 0 ? 'there are no branches' : `${share.percent}% of all branches (${ofAll(share)})`;
  return isEnough(share, min) ? `Coverage: ${said}` : `Coverage: ${colors.red(`${said}, which is less than ${min}%`)}`;
};
