import type { FaultStatus, NodeStatus } from '../status.ts';
import { plainLine, shownMoment, wrapped } from './units.ts';

const WIDTH = 80;
const INDENT = '      ';
const MOST_SHOWN = 10;
const MOST_SAID = 400;

/** What is wrong, since when, why, and what to do about it, in lines of 80 characters. Pure. */
export const showFaults = ({ faults, at: now }: Pick<NodeStatus, 'faults' | 'at'>): string[] => {
  if (faults.length === 0) return ['wrong         nothing'];
  const more = faults.length - MOST_SHOWN;
  return [
    '',
    ...faults.slice(0, MOST_SHOWN).flatMap((fault) => showFault({ fault, now })),
    ...(more > 0 ? [`and ${more} more: nvl status --json has them`] : []),
  ];
};

const showFault = ({
  fault: { level, about, since, message, said, advice },
  now,
}: {
  fault: FaultStatus;
  now: number;
}) =>
  [
    `${LEVEL_WORDS[level]} ${about === null || message.includes(about) ? '' : `${about}: `}${message}`,
    `since ${shownMoment({ at: since, now })}`,
    ...(said === null ? [] : [`said  ${said.slice(0, MOST_SAID)}`]),
    ...(advice === null ? [] : [`try   ${advice}`]),
  ].flatMap((text, index) =>
    wrapped({ text: plainLine(text), width: WIDTH - (index === 0 ? 0 : 2), indent: INDENT }).map((line) =>
      index === 0 ? line : `  ${line}`,
    ),
  );

const LEVEL_WORDS: Readonly<Record<FaultStatus['level'], string>> = { red: 'wrong', yellow: 'look ' };
