import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs';
import { join, sep } from 'node:path';

/**
 * Ends what a real agent may leave behind under its folder. A process is known as the folder's own by its working
 * directory (Nomad starts its helpers where the agent runs and its tasks in their task folder), so nothing that
 * somebody else started is ever hit. Synchronous, as it also runs while this process exits.
 */
export const killProcessesIn = (folder: string): number[] => {
  const pids = processesIn(folder);
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
  return pids;
};

/** Unmounts everything mounted under the folder, the deepest first: Nomad's tmpfs of secrets, one for each task. */
export const unmountAllIn = (folder: string): string[] => {
  const points = mountsIn(folder).sort((a, b) => b.length - a.length);
  for (const point of points) spawnSync('umount', ['-l', point], { stdio: 'ignore', timeout: 5_000 });
  return mountsIn(folder);
};

/**
 * Removes the empty control groups of these allocations. Nomad leaves them behind on control groups version 1
 * (it removes the files in them, which that file system does not allow); one with a living process stays.
 */
export const removeControlGroupsOf = (allocationIds: Iterable<string>): void => {
  const ids = new Set(allocationIds);
  for (const controller of foldersOf('/sys/fs/cgroup')) {
    const parent = join('/sys/fs/cgroup', controller, 'nomad');
    // Named `<allocation id>.<task>`.
    for (const name of foldersOf(parent)) if (ids.has(name.slice(0, 36))) removeEmptyFolder(join(parent, name));
  }
};

export const processesIn = (folder: string): number[] =>
  foldersOf('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => isInside({ path: workingFolderOf(pid), folder }))
    .map(Number);

export const mountsIn = (folder: string): string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    // Field five is the mount point, with blanks written as octal escapes: proc_pid_mountinfo(5).
    .map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .filter((path) => isInside({ path, folder }));

const removeEmptyFolder = (folder: string): void => {
  try {
    rmdirSync(folder);
  } catch {
    // A task still lives in it.
  }
};

const workingFolderOf = (pid: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '');
  } catch {
    return '';
  }
};

const isInside = ({ path, folder }: { path: string; folder: string }) =>
  path === folder || path.startsWith(folder + sep);

const foldersOf = (folder: string): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
};
