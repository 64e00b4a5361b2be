import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type NodeSnapshot, recordingSource } from '../nomad/node-source.ts';

/** The recordings of nodes in `recordings/` at the top of a checkout, sorted; none where there is no such folder. */
export const recordingsIn = async (top: string): Promise<string[]> => {
  const dir = recordingsDir(top);
  const files = existsSync(dir) ? (await readdir(dir)).filter((name) => name.endsWith('.json')).sort() : [];
  return files.map((name) => join(dir, name));
};

export const recordingsDir = (top: string): string => join(top, 'recordings');

/** The nodes of recordings, read once for both sides. */
export const readRecordings = (files: readonly string[]): Promise<NodeSnapshot[]> =>
  Promise.all(
    files.map(async (allocationsFile) => {
      const source = await recordingSource({ allocationsFile, nodeFile: undefined, allocDir: undefined });
      return source.ask();
    }),
  );
