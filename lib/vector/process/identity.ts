import { readFile, readlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../../errors.ts';

/** What proves that a process id still means the same process: ids are used again, the rest is not. */
export type ProcessIdentity = {
  pid: number;
  /** Clock ticks between the boot and its start, field 22 of /proc/<pid>/stat. */
  startTime: string;
  /** /proc/sys/kernel/random/boot_id. */
  bootId: string;
};

/** The process as the kernel knows it now; undefined when it is gone, a zombie, or where there is no /proc. */
export const readProcess = async (pid: number): Promise<ProcessIdentity | undefined> => {
  const fields = await readStat(pid);
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined);
  if (fields === undefined || bootId === undefined) return undefined;
  const [state, startTime] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X' || startTime === undefined) return undefined;
  return { pid, startTime, bootId: bootId.trim() };
};

/** The process it belongs to now, and the leader of its session, which stays the same; undefined when it is gone. */
export const readParents = async (pid: number): Promise<{ parent: number; session: number } | undefined> => {
  const fields = await readStat(pid);
  return fields === undefined ? undefined : { parent: Number(fields[1]), session: Number(fields[3]) };
};

/** How many seconds of processor time it has had; undefined when it is gone, or where there is no /proc. */
export const cpuSecondsOf = async (pid: number): Promise<number | undefined> => {
  const fields = await readStat(pid);
  if (fields === undefined) return undefined;
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return (user + system) / TICKS_PER_SECOND;
};

/** What Linux tells programs, on every machine that Node runs on (USER_HZ). */
const TICKS_PER_SECOND = 100;

/** The fields of proc_pid_stat(5) from the third on. */
const readStat = async (pid: number): Promise<string[] | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The command's name stands in parentheses and may hold any character: what follows the last one is fixed.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
};

/** Whether that very process still runs. Never true without proof. */
export const isSameProcess = async (identity: ProcessIdentity): Promise<boolean> => {
  const now = await readProcess(identity.pid);
  return now !== undefined && now.startTime === identity.startTime && now.bootId === identity.bootId;
};

/** Its name and the file it runs; a file that was replaced meanwhile is known by its old path. */
export const readProgram = async (pid: number): Promise<{ name: string; file: string | undefined }> => {
  const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
  const file = await readlink(`/proc/${pid}/exe`).catch(() => undefined);
  return { name, file: file?.replace(/ \(deleted\)$/, '') };
};

/** How long it has run, in milliseconds; undefined where it cannot be told. */
export const ageMs = async (identity: ProcessIdentity): Promise<number | undefined> => {
  const uptime = Number((await readFile('/proc/uptime', 'utf8').catch(() => '')).split(' ')[0]);
  // The kernel counts 100 ticks a second for user space on every platform that Node runs on: proc_pid_stat(5), USER_HZ.
  const age = uptime * 1_000 - Number(identity.startTime) * 10;
  return uptime > 0 && Number.isFinite(age) ? age : undefined;
};

/**
 * Waits until the process handles SIGHUP: one that was just started, on a busy machine seconds ago, does not yet, and would
 * end of it. No longer than `maxMs`, and not where it can't be told: no /proc, or the process is gone.
 */
export const untilHandlesHangup = async (pid: number, { maxMs }: { maxMs: number }): Promise<void> => {
  const end = Date.now() + maxMs;
  while (Date.now() < end && (await handlesHangup(pid)) === false) await sleep(50, undefined, { ref: false });
};

/** By the set of caught signals of proc_pid_status(5), whose lowest bit is SIGHUP. */
const handlesHangup = async (pid: number): Promise<boolean | undefined> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const lowest = /^SigCgt:\s*[0-9a-f]*([0-9a-f])$/m.exec(status)?.[1];
  return lowest === undefined ? undefined : (Number.parseInt(lowest, 16) & 1) === 1;
};

/** Sends a signal to that very process. `gone`: it has ended, or another has its id; `refused`: not ours to signal. */
export const signalProcess = async (
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
): Promise<'sent' | 'gone' | 'refused'> => {
  if (!(await isSameProcess(identity))) return 'gone';
  try {
    process.kill(identity.pid, signal);
    return 'sent';
  } catch (error) {
    return hasCode(error, 'ESRCH') ? 'gone' : 'refused';
  }
};
