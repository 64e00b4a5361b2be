import { type LogStream, linkName } from '../link-name.ts';

export type LogName = { task: string; stream: LogStream; index: number };

/**
 * What a log file's name says, as Nomad gives it (client/logmon): `<task>.<stdout|stderr>.<index>`. It is read from its
 * end, so that a task `app.stdout` and a task `app` are told apart. Undefined for any other name, also for an index
 * that Nomad never writes, such as `007`. Pure.
 */
export const parseLogName = (name: string): LogName | undefined => {
  const [, task, stream, index] = /^(.+)\.(stdout|stderr)\.(0|[1-9]\d{0,8})$/s.exec(name) ?? [];
  if (task === undefined || index === undefined) return undefined;
  return { task, stream: stream === 'stdout' ? 'stdout' : 'stderr', index: Number(index) };
};

/** The name of a task's log file where Vector reads it: that of its stem. Pure. */
export const linkNameOf = ({ id, name }: { id: string; name: string }): string => {
  const found = parseLogName(name);
  return found === undefined ? name : linkName({ ...found, stem: id });
};

export const isLogFileOf = ({ task, name }: { task: string; name: string }): boolean =>
  parseLogName(name)?.task === task;

/** The parts of a log folder's path that Nomad's answer names must be single names. Pure. */
export const whyNoPath = ({ allocId, task }: { allocId: string; task: string }): string | undefined => {
  if (!isAllocId(allocId)) return `the allocation's id is no UUID (${shown(allocId)})`;
  if (/[/\0]/.test(task)) return `the task's name has a slash or a zero byte in it (${shown(task)})`;
  if (task === '') return "the task's name is empty";
  if (Buffer.byteLength(task) > LONGEST_TASK) return `the task's name is too long for a file's (${shown(task)})`;
  return undefined;
};

export const isAllocId = (name: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(name);

/** A name has 255 bytes at most, and `.stdout.` and an index stand behind the task. */
const LONGEST_TASK = 238;
const MOST_SHOWN = 80;

const shown = (text: string): string =>
  JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text);
