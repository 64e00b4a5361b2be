import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type LogStream, linkName, STREAMS } from '../link-name.ts';

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
  pipeline,
  id,
  stream,
  bytes,
}: {
  folders: RunFolders;
  pipeline: string;
  /** The task's stem. */
  id: string;
  stream: LogStream;
  bytes: Buffer;
}): Promise<void> => {
  for (const name of STREAMS) {
    const file = logFile({ folders, pipeline, id, stream: name });
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, name === stream ? bytes : '');
  }
};

/** Where a task's lines of a stream lie. */
export const logFile = ({
  folders,
  pipeline,
  id,
  stream,
}: {
  folders: RunFolders;
  pipeline: string;
  /** The task's stem. */
  id: string;
  stream: LogStream;
}): string => join(folders.links, pipeline, linkName({ stem: id, stream, index: 0 }));

/** The tables that Vector reads, by their files. */
export const writeTestTables = async (tables: ReadonlyMap<string, string>): Promise<void> => {
  for (const [file, text] of tables) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
};
