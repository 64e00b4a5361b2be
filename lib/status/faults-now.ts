import type { HeldFacts } from './held.ts';
import type { FaultStatus } from './status.ts';

/** What went unread is told for an hour: what is lost does not come back, and a new node of a roll-out is judged by what it does itself. */
const UNREAD_MS = 3_600_000;

/** So many of a kind are told, so that none hides another; the log and the lists have the rest. */
const MOST_OF_A_KIND = 100;

/** What is wrong at this moment, the worst first, of these the oldest. Pure. */
export const faultsNow = (held: HeldFacts): FaultStatus[] => {
  const told = new Map<FaultStatus['kind'], number>();
  return [
    ...held.cycles.cycleFaults,
    ...vectorFault(held),
    ...held.cycles.templateFaults,
    ...held.cycles.foundFaults,
    ...ownFilesFault(held),
    ...unreadFaults(held),
    ...takeFaults(held),
  ]
    .sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || (a.since ?? 0) - (b.since ?? 0))
    .filter(({ kind }) => {
      told.set(kind, (told.get(kind) ?? 0) + 1);
      return (told.get(kind) ?? 0) <= MOST_OF_A_KIND;
    });
};

const LEVELS: readonly FaultStatus['level'][] = ['red', 'yellow'];

const vectorFault = ({ vector: { runBy, pid }, source }: HeldFacts): FaultStatus[] =>
  runBy !== 'nvl' || pid !== null || source !== 'daemon'
    ? []
    : [
        {
          ...NOBODY,
          level: 'red',
          kind: 'vector',
          message: 'the Vector that nvl runs is not running',
          advice: "see nvl's log: it says why Vector ended, and nvl starts it again",
        },
      ];

const ownFilesFault = ({ state: { ownFiles } }: HeldFacts): FaultStatus[] =>
  ownFiles === undefined
    ? []
    : [
        {
          ...NOBODY,
          level: 'red',
          kind: 'ownFiles',
          about: ownFiles.files.slice(0, 3).join(', '),
          since: ownFiles.since,
          message: "Vector runs on with copies of the team's own files, as they cannot be used as they are now",
          said: ownFiles.said.slice(0, MOST_SAID),
          advice: 'fix the file: it is tried at its next edit',
        },
      ];

const unreadFaults = ({ unread, now }: HeldFacts): FaultStatus[] =>
  unread
    .filter(({ lastAt }) => now - lastAt < UNREAD_MS)
    .map(({ task, why, bytes, files, firstAt }) => ({
      level: 'red',
      kind: 'unread',
      about: task,
      since: firstAt,
      message: `${bytes} bytes of ${files} files went unread (${why})`,
      said: null,
      advice: UNREAD_ADVICE[why],
    }));

const UNREAD_ADVICE = {
  hold: 'fix the sink, or raise collect.hold',
  ceiling: 'fix the sink, or raise collect.ceiling',
  unknown: 'give the token the capability read-job in every namespace',
} as const;

const takeFaults = ({ takeFaults: faults }: HeldFacts): FaultStatus[] =>
  faults.map(({ allocId, said }) => ({
    ...NOBODY,
    level: 'red',
    kind: 'take',
    about: allocId,
    message: 'the log files of an allocation cannot be taken',
    said,
    advice: 'make room on the disk of the output root, or make it writable: nvl tries again',
  }));

const NOBODY: Pick<FaultStatus, 'about' | 'since' | 'said'> = { about: null, since: null, said: null };
const MOST_SAID = 1_000;
