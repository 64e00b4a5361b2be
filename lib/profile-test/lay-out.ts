import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogStream } from '../files/log-name.ts';

/** The folders of one run, all in a temporary one of its own. */
export type RunFolders = {
  root: string;
  links: string;
  data: string;
  events: string;
  config: string;
  mirror: string;
};

export const runFolders = (root: string): RunFolders => ({
  root,
  links: join(root, 'links'),
  data: join(root, 'data'),
  events: join(root, 'events'),
  config: join(root, 'config'),
  mirror: join(root, 'mirror'),
});

export const makeFolders = async (folders: RunFolders): Promise<void> => {
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
};

/** Writes what a task wrote, where nvl would have linked its files. */
export const writeTaskLog = async ({
  folders,
  id,
  task,
  stream,
  bytes,
}: {
  folders: RunFolders;
  /** The stem of the task's components. */
  id: string;
  task: string;
  stream: LogStream;
  bytes: Buffer;
}): Promise<void> => {
  const logs = join(folders.links, id);
  await mkdir(logs, { recursive: true });
  for (const name of ['stdout', 'stderr']) {
    await writeFile(join(logs, `${task}.${name}.0`), name === stream ? bytes : '');
  }
};
