import { readdirSync, readFileSync } from 'node:fs';

/** What one process takes of the machine, as Linux tells it in /proc; a process that is gone takes nothing. */
export type Use = {
  residentBytes: number;
  threads: number;
  openFiles: number;
  /** Processor time of the process itself since it started, in seconds. */
  cpuSeconds: number;
  /** That of its children that have ended and were waited for. */
  childrenCpuSeconds: number;
};

export const useOf = (pid: number): Use => ({
  residentBytes: statusBytes({ pid, field: 'VmRSS' }),
  threads: Number(/^Threads:\s+(\d+)/m.exec(readProc({ pid, file: 'status' }))?.[1] ?? 0),
  openFiles: openFilesOf(pid),
  ...processorTimes(readProc({ pid, file: 'stat' })),
});

export const residentBytes = (pid: number): number => statusBytes({ pid, field: 'VmRSS' });

/** The most that the process ever had resident. */
export const peakBytes = (pid: number): number => statusBytes({ pid, field: 'VmHWM' });

export const cpuSeconds = (pid: number): number => processorTimes(readProc({ pid, file: 'stat' })).cpuSeconds;

export const childrenOf = (pid: number): number[] =>
  readProc({ pid, file: `task/${pid}/children` })
    .split(' ')
    .filter((child) => child.trim() !== '')
    .map(Number);

/** The words that a process was started with. */
export const commandOf = (pid: number): string[] =>
  readProc({ pid, file: 'cmdline' })
    .split('\0')
    .filter((word) => word !== '');

const CLOCK_TICKS_A_SECOND = 100;

/** utime, stime, cutime and cstime of proc_pid_stat(5); the process's name before them may hold blanks. */
export const processorTimes = (stat: string): { cpuSeconds: number; childrenCpuSeconds: number } => {
  const fields = stat.replace(/^.*\) /s, '').split(' ');
  const seconds = (...positions: number[]) =>
    positions.reduce((sum, position) => sum + Number(fields[position] ?? 0), 0) / CLOCK_TICKS_A_SECOND;
  return { cpuSeconds: seconds(11, 12), childrenCpuSeconds: seconds(13, 14) };
};

const statusBytes = ({ pid, field }: { pid: number; field: string }): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readProc({ pid, file: 'status' }))?.[1] ?? 0) * 1_024;

const openFilesOf = (pid: number): number => {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
};

const readProc = ({ pid, file }: { pid: number; file: string }): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
};
