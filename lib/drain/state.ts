import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import Conf from 'conf';
import { hasCode, NvlError } from '../errors.ts';
import { objectOf } from '../nomad/read.ts';
import type { VectorRecord } from '../vector/survivor.ts';
import type { TaskRecord } from './record.ts';

/** What outlives nvl, in `<root>/state/state.json`. Times are milliseconds since the epoch. */
export type State = {
  schema: number;
  nodeId?: string;
  /** When nvl first ran on this root. */
  installedAt: number;
  tasks: Record<string, TaskRecord>;
  /** The digest of the generated file that Vector last confirmed to have loaded. */
  loaded?: { digest: string; at: number };
  /** The Vector that nvl supervises, so that a nvl started after a crash finds the one that lived on. */
  vector?: VectorRecord;
};

export type StateStore = { read(): State; write(state: State): void };

const SCHEMA = 1;
const NAME = 'state';

/** The state as it is, without opening it; undefined when there is none that this nvl knows. */
export const peekState = async (dir: string): Promise<State | undefined> => {
  try {
    const text = await readFile(path.join(dir, `${NAME}.json`), 'utf8');
    return whyUnknown(text) === undefined ? (JSON.parse(text) as State) : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
};

/**
 * Opens the state below `dir`. A file of an unknown schema, or one that is not JSON, is set aside under another name:
 * what it said is found again from Nomad and from Vector's checkpoints, so it must not keep nvl from its work.
 */
export const openState = async ({
  dir,
  now,
  onSetAside,
}: {
  dir: string;
  now: number;
  onSetAside: (to: string, why: string) => void;
}): Promise<StateStore> => {
  try {
    await setAsideUnknown({ file: path.join(dir, `${NAME}.json`), now, onSetAside });
    const conf = new Conf<State>({
      cwd: dir,
      configName: NAME,
      projectName: 'nvl',
      accessPropertiesByDotNotation: false,
      configFileMode: 0o600,
      defaults: { schema: SCHEMA, installedAt: now, tasks: {} },
    });
    let last: string | undefined;
    return {
      read: () => conf.store,
      write: (state) => {
        // Equal states are not written again: a quiet node costs no write.
        const text = JSON.stringify(state);
        if (text === last) return;
        conf.store = state;
        last = text;
      },
    };
  } catch (error) {
    throw new NvlError('stateUnreadable', {
      message: `nvl cannot keep its state in ${dir}`,
      facts: { said: error instanceof Error ? error.message : String(error) },
      advice: 'make the folder writable for the user that runs nvl, or set another `root`',
      cause: error,
    });
  }
};

const setAsideUnknown = async ({
  file,
  now,
  onSetAside,
}: {
  file: string;
  now: number;
  onSetAside: (to: string, why: string) => void;
}): Promise<void> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  const why = whyUnknown(text);
  if (why === undefined) return;
  const to = `${file}.aside-${now}`;
  await rename(file, to);
  onSetAside(to, why);
};

const whyUnknown = (text: string): string | undefined => {
  try {
    const { schema } = objectOf(JSON.parse(text));
    return schema === SCHEMA ? undefined : `it has schema ${String(schema)}, this nvl knows ${SCHEMA}`;
  } catch {
    return 'it is not JSON';
  }
};
