import type { FileStatus, NodeStatus, TaskStatus } from '../status.ts';
import { showTable, WIDTH } from './show-status.ts';
import { cutTo, plainLine, shownBytes, wrapped } from './units.ts';

const INDENT = '  ';
const MOST_FILES = 10;

/** The tasks of one job for people, in lines of 80 characters: where each stands, and why what of it is not read. Pure. */
export const showJob = (status: NodeStatus): string => {
  const { list, leftOut, at: now, source } = status;
  return [
    ...(source === 'state' ? ['nvl does not run on this output root: this is what its state says'] : []),
    ...showTable({ tasks: list, now }),
    ...list.flatMap(showTask),
    ...(leftOut === 0 ? [] : [`and ${leftOut} more`]),
    '',
  ].join('\n');
};

const showTask = (task: TaskStatus): string[] => {
  const { job, task: name, allocId, profile, pipeline, readBytes, heldBytes, why, files } = task;
  const unread = files.filter((file) => file.why !== null);
  const more = unread.length - MOST_FILES;
  return [
    '',
    cutTo(plainLine(`${job}/${name} ${allocId}`), WIDTH),
    cutTo(`  profile ${profile ?? '-'}, pipeline ${pipeline ?? 'none yet'}`, WIDTH),
    cutTo(`  ${shownBytes(readBytes)} read of the files that are there, ${shownBytes(heldBytes)} held`, WIDTH),
    ...why.flatMap(bullet),
    ...unread.slice(0, MOST_FILES).flatMap((file) => bullet(fileLine(file))),
    ...(more > 0 ? [`  - and ${more} more files: --json has them`] : []),
  ];
};

const bullet = (text: string): string[] =>
  wrapped({ text: `- ${plainLine(text)}`, width: WIDTH - INDENT.length, indent: INDENT }).map(
    (line) => `${INDENT}${line}`,
  );

const fileLine = ({ name, bytes, readBytes, why }: FileStatus): string => {
  const unread = bytes === null || readBytes === null ? '' : ` (${shownBytes(bytes - readBytes)} unread)`;
  return `${name}${unread}: ${why}`;
};
