import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureLink } from '../files/links.ts';
import type { LogStream } from '../files/log-files.ts';

/** The folders of one run, all in a temporary one of its own. */
export type RunFolders = {
  root: string;
  links: string;
  alloc: string;
  data: string;
  events: string;
  config: string;
  mirror: string;
};

export const runFolders = (root: string): RunFolders => ({
  root,
  links: join(root, 'links'),
  alloc: join(root, 'alloc'),
  data: join(root, 'data'),
  events: join(root, 'events'),
  config: join(root, 'config'),
  mirror: join(root, 'mirror'),
});

export const makeFolders = async (folders: RunFolders): Promise<void> => {
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true });
};

/** Writes what a task wrote, where a Nomad client would have, and links its folder as nvl does. */
export const writeTaskLog = async ({
  folders,
  id,
  allocId,
  task,
  stream,
  bytes,
}: {
  folders: RunFolders;
  /** The stem of the task's components. */
  id: string;
  allocId: string;
  task: string;
  stream: LogStream;
  bytes: Buffer;
}): Promise<void> => {
  const logs = join(folders.alloc, allocId, 'alloc', 'logs');
  await mkdir(logs, { recursive: true });
  for (const name of ['stdout', 'stderr']) {
    await writeFile(join(logs, `${task}.${name}.0`), name === stream ? bytes : '');
  }
  await ensureLink({ linksDir: folders.links, id, target: logs });
};
