/** Of a task: each has log files of its own. */
export type LogStream = 'stdout' | 'stderr';

/** What the name of a link says where Vector reads. `stem`: the task's, without a dot. */
export type LinkName = { stem: string; stream: LogStream; index: number };

export const STREAMS: readonly LogStream[] = ['stdout', 'stderr'];

/** As many digits as the largest index has that nvl takes a log file of. */
const INDEX_DIGITS = 9;

/** How many bytes the name of a link has behind its stream, and how many behind its stem. */
export const BYTES_BEHIND_STREAM = '.'.length + INDEX_DIGITS;
export const BYTES_BEHIND_STEM = '.stdout'.length + BYTES_BEHIND_STREAM;

/**
 * `<stem>.<stdout|stderr>.<index>`. All names are equally long behind their stem, since both streams have six letters and each
 * index has nine digits: a program of VRL cuts so many bytes away, which costs Vector less than to split a name at its dots. Pure.
 */
export const linkName = ({ stem, stream, index }: LinkName): string =>
  `${stem}.${stream}.${String(index).padStart(INDEX_DIGITS, '0')}`;

/** Undefined for the name of anything but a link. Pure. */
export const parseLinkName = (name: string): LinkName | undefined => {
  const [, stem, stream, index] = /^([^.]+)\.(stdout|stderr)\.(\d{9})$/.exec(name) ?? [];
  if (stem === undefined) return undefined;
  return { stem, stream: stream === 'stdout' ? 'stdout' : 'stderr', index: Number(index) };
};
