import { type FSWatcher, lstatSync, renameSync, watch } from 'node:fs';
import { messageOf } from '../errors.ts';
import { createAsides } from './asides.ts';
import { fileKey } from './file-key.ts';
import { createFolderWatches, DEEPEST } from './folder-watches.ts';
import { createChanges } from './gather-changes.ts';
import { type AllocFolders, type LogFolder, listAllocs, type Walk, withLogFolder } from './log-folder.ts';
import { isAllocId, parseLogName } from './log-name.ts';
import { ensureFolder } from './own-folders.ts';
import { type MakeLink, takeFile } from './take.ts';
import type { InTurn } from './turns.ts';

/** What a grabber tells whoever keeps the links. */
export type GrabNews =
  /** The file has a link in `held`, under this name. */
  | { kind: 'taken'; allocId: string; name: string; key: string }
  /** Changed, and not taken: what these names are is for the keeper to judge; undefined: all of the allocation. */
  | { kind: 'changed'; allocId: string; names: readonly string[] | undefined }
  /** Whether its log folder is watched from now on. */
  | { kind: 'watched'; allocId: string; isWatched: boolean }
  /** Its folder changes too often to be watched: what came from others may be lost. */
  | { kind: 'loud'; allocId: string }
  | { kind: 'unwatchable'; said: string };

export type Grabbing = {
  /** nvl's folder for what is taken. */
  held: string;
  /** See `AllocFolders`. */
  only?: string | undefined;
  tell: (news: GrabNews) => void;
  /** Whoever else makes links acts in turn with it. */
  inTurn: InTurn;
  /** For tests: what the disk does. */
  link?: MakeLink | undefined;
};

type SeenName = { folder: LogFolder; allocId: string; name: string };

/**
 * Watches the folders of allocations, and takes each log file as soon as it is seen. It takes what is plain: a file as Nomad
 * makes it, that has no name but its own. All else (one that nvl may have a link to already, one that is refused, a disk that
 * fails) is left to the keeper of the links. So it needs nothing of what nvl knows, and can run in a thread of its own.
 */
export class Grabber {
  readonly #grabbing: Grabbing;
  readonly #asides;
  readonly #watched = new Set<string>();
  readonly #changes = createChanges((allocId, names) => this.#lookAtNames(allocId, names));
  readonly #watches = createFolderWatches({
    onChange: (allocId, name) => this.#changes.add(allocId, name),
    onTrouble: (error, allocId) => {
      this.#tellWatched(allocId, false);
      this.#grabbing.tell({ kind: 'unwatchable', said: messageOf(error) });
    },
    onLoud: (allocId) => {
      this.#tellWatched(allocId, false);
      this.#grabbing.tell({ kind: 'loud', allocId });
    },
  });
  #allocDir: string | undefined;
  #dirWatch: FSWatcher | undefined;

  constructor(grabbing: Grabbing) {
    this.#grabbing = grabbing;
    this.#asides = createAsides({ held: grabbing.held, by: '-grab' });
  }

  /** Watches this directory and all there is in it, in place of the one before. */
  useAllocDir(allocDir: string): void {
    if (allocDir !== this.#allocDir) this.#watches.closeAll();
    this.#allocDir = allocDir;
    this.#watchDir(allocDir);
  }

  /** Called every second: looks at what cannot be watched. */
  lookAgain(): void {
    for (const allocId of this.#watches.unwatched()) this.#changes.add(allocId, undefined);
    if (this.#dirWatch === undefined && this.#allocDir !== undefined) this.#watchDir(this.#allocDir);
  }

  /** Takes what is there, and watches what may come. */
  look(allocId: string): void {
    try {
      // At each level: what came between the look and the watch is seen by another look.
      for (let isDone = false, looks = 0; !isDone && looks <= DEEPEST; looks += 1) isDone = this.#step(allocId);
    } catch {
      this.#leave(allocId);
    }
  }

  close(): void {
    this.#dirWatch?.close();
    this.#changes.stop();
    this.#watches.closeAll();
  }

  #watchDir(allocDir: string): void {
    this.#dirWatch?.close();
    this.#dirWatch = undefined;
    try {
      const watcher = watch(allocDir, (event, name) => {
        if (event === 'rename' && name !== null && isAllocId(name)) this.look(name);
      });
      this.#dirWatch = watcher.on('error', () => {
        this.#dirWatch = undefined;
      });
    } catch {
      // Whoever watches it for news tells that.
    }
    for (const allocId of namesOf({ allocDir, only: this.#grabbing.only })) this.look(allocId);
  }

  /** True when there is nothing more to be seen now. */
  #step(allocId: string): boolean {
    return this.#walk(allocId, (walk) => {
      if (walk.kind === 'missing' && walk.at !== undefined)
        return !this.#watches.follow({ allocId, depth: walk.depth, folder: walk.at });
      if (walk.kind !== 'folder') {
        this.#watches.close(allocId);
        this.#tellWatched(allocId, false);
        this.#leave(allocId);
        return true;
      }
      this.#watches.follow({ allocId, depth: DEEPEST, folder: walk.folder });
      this.#tellWatched(allocId, this.#watches.isWatched(allocId));
      this.#takeEach({ folder: walk.folder, allocId, names: walk.folder.names().filter(isLogName) });
      return true;
    });
  }

  /** Of a folder that is watched, these names alone. */
  #lookAtNames(allocId: string, names: readonly string[] = []): void {
    const logs = names.filter(isLogName);
    const isAll = logs.length === 0 || logs.length < names.length || !this.#watches.isWatched(allocId);
    if (!isAll && this.#takeNames({ allocId, names: logs })) return;
    if (logs.length > 0) this.#leave(allocId, logs);
    this.look(allocId);
  }

  /** False where the folder is not there, or cannot be looked at. */
  #takeNames({ allocId, names }: { allocId: string; names: readonly string[] }): boolean {
    try {
      return this.#walk(allocId, (walk) => {
        if (walk.kind === 'folder') this.#takeEach({ folder: walk.folder, allocId, names });
        return walk.kind === 'folder';
      });
    } catch {
      return false;
    }
  }

  #walk(allocId: string, use: (walk: Walk) => boolean): boolean {
    const { only } = this.#grabbing;
    return this.#allocDir === undefined || withLogFolder({ allocDir: this.#allocDir, allocId, only }, use);
  }

  #takeEach({ names, ...where }: Omit<SeenName, 'name'> & { names: readonly string[] }): void {
    const left = names.filter((name) => !this.#grabbing.inTurn(() => this.#take({ ...where, name })));
    if (left.length > 0) this.#leave(where.allocId, left);
  }

  #take({ folder, allocId, name }: SeenName): boolean {
    const { held, tell, link } = this.#grabbing;
    const aside = this.#asides.next();
    const discard = () => this.#asides.discard(aside);
    try {
      const taken = takeFile({ folder, name, aside, isOwn: () => false, discard, ...(link && { link }) });
      if (taken.kind !== 'taken') return false;
      const isNamed = giveName({ aside, dir: `${held}/${allocId}`, name });
      if (isNamed) tell({ kind: 'taken', allocId, name, key: fileKey(taken.file) });
      else discard();
      return isNamed;
    } catch {
      discard();
      return false;
    }
  }

  #leave(allocId: string, names?: readonly string[]): void {
    this.#grabbing.tell({ kind: 'changed', allocId, names });
  }

  #tellWatched(allocId: string, isWatched: boolean): void {
    if (this.#watched.has(allocId) === isWatched) return;
    if (isWatched) this.#watched.add(allocId);
    else this.#watched.delete(allocId);
    this.#grabbing.tell({ kind: 'watched', allocId, isWatched });
  }
}

const isLogName = (name: string): boolean => parseLogName(name) !== undefined;

const namesOf = (folders: AllocFolders): string[] => {
  try {
    return listAllocs(folders);
  } catch {
    return [];
  }
};

/** Nothing is put in the place of what is held already: where to is then for the keeper to say. */
const giveName = ({ aside, dir, name }: { aside: string; dir: string; name: string }): boolean => {
  ensureFolder({ folder: dir, mode: 0o700 });
  const path = `${dir}/${name}`;
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return false;
  renameSync(aside, path);
  return true;
};
