import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
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
  links: path.join(root, 'links'),
  alloc: path.join(root, 'alloc'),
  data: path.join(root, 'data'),
  events: path.join(root, 'events'),
  config: path.join(root, 'config'),
  mirror: path.join(root, 'mirror'),
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
  const logs = path.join(folders.alloc, allocId, 'alloc', 'logs');
  await mkdir(logs, { recursive: true });
  for (const name of ['stdout', 'stderr']) {
    await writeFile(path.join(logs, `${task}.${name}.0`), name === stream ? bytes : '');
  }
  await ensureLink({ linksDir: folders.links, id, target: logs });
};
