import { chmodSync, chownSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../errors.ts';
import { exactJson, parseExact } from '../exact-json.ts';
import { NONE_ID } from '../ids.ts';
import { listOf, objectOf } from '../json.ts';
import { CHECKPOINT_FILES, keyOfEntry } from './checkpoints.ts';

/** Sources of nvl's that have a folder in Vector's data folder, whether or not they run. */
export const ownSources = (dataDir: string | undefined): string[] => {
  if (dataDir === undefined) return [];
  try {
    return readdirSync(dataDir).filter((name) => name.startsWith('nvl_') && name !== NONE_ID);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
};

/**
 * Takes the positions of these files (`device:inode`) out of what a source of nvl's left behind that Vector does not run:
 * one that does writes its own over it. False where that is not possible. All at once, so that it cannot start in between.
 */
export const forgetPositions = ({
  dataDir,
  id,
  keys,
}: {
  dataDir: string;
  id: string;
  keys: ReadonlySet<string>;
}): boolean => {
  try {
    for (const name of CHECKPOINT_FILES) forgetIn({ file: join(dataDir, id, name), keys });
    return true;
  } catch {
    return false;
  }
};

const forgetIn = ({ file, keys }: { file: string; keys: ReadonlySet<string> }): void => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return;
    throw error;
  }
  const state = objectOf(parseExact(text));
  const all = listOf(state.checkpoints);
  const left = all.filter((entry) => !keys.has(keyOfEntry(entry) ?? ''));
  if (left.length === all.length) return;
  const { uid, gid, mode } = statSync(file);
  const beside = `${file}.nvl`;
  try {
    writeFileSync(beside, exactJson({ ...state, checkpoints: left }) ?? '', { flush: true });
    chmodSync(beside, mode & 0o777);
    chownSync(beside, uid, gid);
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
};
