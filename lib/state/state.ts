import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Conf from 'conf';
import type { ErrorCode } from '../errors.ts';
import { hasCode, messageOf, NvlError } from '../errors.ts';
import { objectOf } from '../json.ts';
import { isOwn } from '../own-user.ts';
import type { DeliveryTrouble } from '../vector/process/delivery.ts';
import type { VectorRecord } from '../vector/process/survivor.ts';
import type { TaskRecord } from './record.ts';
import { isSameState, kept } from './same-state.ts';
import { soundState } from './sound-state.ts';

/** What outlives nvl, in `<root>/state/state.json`. Times are milliseconds since the epoch. */
export type State = {
  schema: number;
  nodeId?: string;
  /** When nvl first ran on this root. */
  installedAt: number;
  tasks: Record<string, TaskRecord>;
  /** The digest of the generated file that Vector last confirmed to have loaded. */
  loaded?: { digest: string; at: number /** Of the table. */; table?: string };
  /** Pipelines that Vector may run; `emptySince`: no task is in it. */
  pipelines?: Record<string, { emptySince?: number }>;
  /** What Vector did not load though it was proven: not offered again as it is. */
  refusedLoads?: readonly RefusedLoad[];
  /** Which components of the Vector that nvl runs do not deliver, for who looks from outside. */
  troubles?: readonly DeliveryTrouble[];
  /** Why Vector runs on with copies of the team's own files, which say something else by now. */
  ownFiles?: OwnFilesTrouble;
  /** The Vector that nvl supervises, so that a nvl started after a crash finds the one that lived on. */
  vector?: VectorRecord;
};

/**
 * `unread`: one of them is missing, or can't be read. `refused`: by the proof. `notLoaded`: by the reload, or Vector died of it.
 * `needsRestart`: they change what no reload can.
 */
export type OwnFilesTrouble = {
  kind: 'unread' | 'refused' | 'notLoaded' | 'needsRestart';
  /** Of the files as they are. */
  digest: string;
  since: number;
  /** When the copies were taken. */
  takenAt: number;
  /** What was edited. */
  files: readonly string[];
  said: string;
};

export type StateStore = {
  /** What nvl remembers, which nobody may change. Its memory is the truth while it runs, whatever becomes of the file. */
  read(): State;
  /** Remembers it once the disk has it. Throws `stateUnreadable`, and remembers what it did before, where the disk takes nothing. */
  write(state: State): void;
  /** For what has happened already: it is remembered at once, and written down as soon as the disk takes it. */
  hold(state: State): void;
};

const SCHEMA = 1;
const NAME = 'state';
const MODE = 0o600;

/** The state as it is, without opening it; undefined when there is none that this nvl knows. */
export const peekState = async (dir: string): Promise<State | undefined> => {
  const found = openStateFile(fileIn(dir));
  if (found.kind === 'fault' && found.error !== undefined) throw found.error;
  return found.kind === 'state' ? readSound(found.text, Date.now()).state : undefined;
};

const readSound = (text: string, now: number) => soundState({ read: JSON.parse(text), schema: SCHEMA, now });

/**
 * Opens the state below `dir`. What in it is damaged is left out, and the rest used. A file of an unknown schema, one that is not JSON, and what is no file of nvl's own (a link, a
 * folder) is set aside under another name, at the start and under way: what it said is found again from Nomad and from
 * Vector's checkpoints, or is still in memory, so it must not keep nvl from its work. A disk that takes no write keeps
 * nobody from reading.
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
  const file = fileIn(dir);
  const found = openStateFile(file);
  const { state, damaged } = startOf({ found, now });
  let memory = kept(state);
  /** What nvl has written last, and the file as it was then. */
  const isSound = found.kind === 'state' && damaged.length === 0;
  let saved = isSound ? { state: memory, identity: fileIdentity(file) } : undefined;
  let conf: Conf<State> | undefined;

  const save = ({ state, at }: { state: State; at: number }): void => {
    try {
      const identity = fileIdentity(file);
      // Equal states are not written again: a quiet node costs no write.
      if (saved !== undefined && identity === saved.identity && isSameState(state, saved.state)) return;
      const why = saved === undefined ? damagedText(damaged) : 'it is not what nvl wrote last';
      if (identity !== undefined && identity !== saved?.identity) setAside({ file, at, why, onSetAside });
      // A write that fails leaves the file as it was, which stays nvl's own.
      conf ??= openConf(dir);
      conf.store = state;
      saved = { state, identity: fileIdentity(file) };
    } catch (error) {
      throw unwritable({ dir, error });
    }
  };
  const store: StateStore = {
    read: () => memory,
    write: (given) => {
      const state = kept(given);
      save({ state, at: Date.now() });
      memory = state;
    },
    hold: (state) => {
      memory = kept(state);
      try {
        save({ state: memory, at: Date.now() });
      } catch {
        // The next write tries again, and says so.
      }
    },
  };
  try {
    save({ state: memory, at: now });
  } catch {
    // The first write says so.
  }
  return store;
};

const startOf = ({ found, now }: { found: Found; now: number }): ReturnType<typeof readSound> =>
  found.kind === 'state'
    ? readSound(found.text, now)
    : { state: { schema: SCHEMA, installedAt: now, tasks: {} }, damaged: [] };

const fileIn = (dir: string): string => join(dir, `${NAME}.json`);

/**
 * Conf reads what is there before it writes, so this is for when that is sound or gone. It looks for notes of its own there,
 * and into each value that it writes: with thousands of tasks that took ten times as long as the write, so it gets nothing to look
 * into.
 */
const openConf = (dir: string): Conf<State> =>
  new Conf<State>({
    cwd: dir,
    configName: NAME,
    projectName: 'nvl',
    accessPropertiesByDotNotation: false,
    configFileMode: MODE,
    deserialize: () => ({}) as State,
    serialize: (state) => JSON.stringify(state, undefined, '\t'),
  });

type Found =
  | { kind: 'none' }
  | { kind: 'state'; text: string }
  /** `error`: why it can't even be looked at. */
  | { kind: 'fault'; why: string; error?: unknown };

/** Never through a link, and never waiting on a pipe. */
const openStateFile = (file: string): Found => {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return { kind: 'none' };
    if (hasCode(error, 'ELOOP', 'ENXIO')) return { kind: 'fault', why: 'it is no file' };
    return { kind: 'fault', why: messageOf(error), error };
  }
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) return { kind: 'fault', why: 'it is no file' };
    if (!isOwn(found.uid)) return { kind: 'fault', why: `it belongs to user ${found.uid}` };
    const text = readFileSync(fd, 'utf8');
    const why = whyUnknown(text);
    return why === undefined ? { kind: 'state', text } : { kind: 'fault', why };
  } catch (error) {
    return { kind: 'fault', why: messageOf(error), error };
  } finally {
    closeSync(fd);
  }
};

/** Another one for each way in which somebody else may have changed the file; undefined for none. */
const fileIdentity = (file: string): string | undefined => {
  const found = lstatSync(file, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const { dev, ino, size, mtimeNs, mode, uid } = found;
  return [dev, ino, size, mtimeNs, mode, uid].join(' ');
};

/** A name of its own for each, and no more than the last few: damage may come again and again. */
const setAside = ({
  file,
  at,
  why,
  onSetAside,
}: {
  file: string;
  at: number;
  /** Where it is a state of nvl's schema. */
  why: string;
  onSetAside: (to: string, why: string) => void;
}): void => {
  const found = openStateFile(file);
  if (found.kind === 'none') return;
  const to = `${file}.aside-${at}`;
  renameSync(file, to);
  onSetAside(to, found.kind === 'fault' ? found.why : why);
  const [dir, start] = [dirname(file), `${basename(file)}.aside-`];
  const older = readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^\d+$/.test(entry.name.replace(start, '')))
    .map(({ name }) => name)
    .sort()
    .slice(0, -KEPT_ASIDE);
  for (const name of older) unlinkSync(join(dir, name));
};

const KEPT_ASIDE = 5;
const NAMED_DAMAGED = 3;

const damagedText = (damaged: readonly string[]): string => {
  const others = damaged.length - NAMED_DAMAGED;
  const names = damaged.slice(0, NAMED_DAMAGED).join(', ');
  return `this in it is damaged, and the rest is used: ${names}${others > 0 ? ` and ${others} more` : ''}`;
};

const unwritable = ({ dir, error }: { dir: string; error: unknown }): NvlError =>
  new NvlError('stateUnreadable', {
    message: `nvl cannot keep its state in ${dir}`,
    // The name of the file beside it is another each time, and so would be the fault.
    facts: { said: messageOf(error).replaceAll(/\.tmp-[0-9a-f]+/g, '') },
    advice: 'make room on that disk, make the folder writable for the user that runs nvl, or set another `root`',
    cause: error,
  });

const whyUnknown = (text: string): string | undefined => {
  try {
    const { schema, tasks } = objectOf(JSON.parse(text));
    if (schema !== SCHEMA) return `it has schema ${String(schema)}, this nvl knows ${SCHEMA}`;
    return typeof tasks === 'object' && tasks !== null ? undefined : 'it lists no tasks';
  } catch {
    return 'it is not JSON';
  }
};

/**
 * Bytes that Vector refused to load, or died of, though they had passed the proof: they are not swapped in again until
 * they change, also by an nvl that was started anew.
 */
export type RefusedLoad = {
  /** Whose block; undefined: the whole file, for no block is to blame. */
  key?: string;
  /** Of the block's text, or of the file. */
  digest: string;
  /** Of all else that Vector loaded; what changes there may be the cure. */
  surroundings: string | undefined;
  code: ErrorCode;
  message: string;
  said: string;
};
