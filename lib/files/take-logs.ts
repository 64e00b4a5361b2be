import { dirname } from 'node:path';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { fileKey } from './file-key.ts';
import { forEachOne } from './for-each-one.ts';
import { createChanges } from './gather-changes.ts';
import type { GrabNews } from './grabber.ts';
import { whyNoHardLinks } from './hard-links.ts';
import { ANOTHER_NAME } from './judge-file.ts';
import { type LinkedTask, taskKey } from './log-access.ts';
import { type AllocFolders, folderState, type LogFolder, listAllocs, logDirOf, withLogFolder } from './log-folder.ts';
import { parseLogName } from './log-name.ts';
import { createRefusals } from './refusals.ts';
import { createRounds } from './rounds.ts';
import { type LinkPlace, linkPlaceOf, type OwnLink, type Shelf } from './shelf.ts';
import { grabHere, type RunningGrabber, type StartGrabber } from './start-grabber.ts';
import { type MakeLink, takeFile } from './take.ts';
import { createTakeFaults } from './take-faults.ts';
import { createTakeTold } from './tell-take.ts';

/**
 * Takes each log file of the node, before anybody is asked whose it is. What is new is seen, and mostly taken, by a grabber,
 * as a folder may go within milliseconds. Here its links get their places, and all that it left is judged: each name at
 * once, so that nothing can come between.
 */
export class LogTaker {
  /** Whose files go straight to where Vector reads, by `taskKey`. */
  readonly linked = new Map<string, LinkedTask>();
  /** Tasks that are not collected, by allocation. */
  readonly ignored = new Map<string, Set<string>>();
  readonly #shelf: Shelf;
  readonly #log: Log;
  readonly #told;
  readonly refusals;
  readonly faults;
  readonly #link: MakeLink | undefined;
  readonly #changes = createChanges((allocId, names) =>
    quietly(() => this.#trying(allocId, () => this.#lookAtNames({ allocId, names }))),
  );
  readonly #startGrabber: StartGrabber;
  readonly #watched = new Set<string>();
  #grabber: RunningGrabber | undefined;
  #folders: AllocFolders | undefined;
  /** The states of folders of which all that can be taken was. */
  readonly #seen = new Map<string, string>();
  readonly #rounds = createRounds(() => this.#listAllocs());
  /** Events may have been lost: what was looked at before in this round is so in the next one, and both are to end soon. */
  #hurriedRounds = 0;

  constructor({
    shelf,
    log,
    link,
    startGrabber = grabHere,
  }: {
    shelf: Shelf;
    log: Log;
    link?: MakeLink | undefined;
    startGrabber?: StartGrabber | undefined;
  }) {
    this.#startGrabber = startGrabber;
    this.#shelf = shelf;
    this.#log = log;
    this.#link = link;
    this.#told = createTakeTold({ log, links: shelf.places.links });
    this.refusals = createRefusals(log);
    this.faults = createTakeFaults({ log, now: Date.now });
  }

  /** From now on, what comes is taken as soon as inotify shows it. */
  watch(): void {
    const tell = (news: GrabNews) => this.#onGrab(news);
    this.#grabber = this.#startGrabber({ ...this.#shelf.places, tell, link: this.#link, log: this.#log });
    if (this.#folders !== undefined) this.#grabber.useAllocDir(this.#folders.allocDir);
  }

  close(): void {
    this.#grabber?.close();
    this.#grabber = undefined;
    this.#watched.clear();
    this.#changes.stop();
  }

  /** True where all of it is looked at for that. */
  useAllocDir(allocDir: string): boolean {
    if (allocDir === this.#folders?.allocDir) return false;
    this.#folders = { allocDir, only: this.#shelf.places.only };
    this.#watched.clear();
    this.#grabber?.useAllocDir(allocDir);
    const why = whyNoHardLinks({ root: dirname(this.#shelf.places.links), ...this.#folders });
    if (why !== undefined) this.#told.symbolic({ said: why, ...this.#folders });
    return this.#grabber !== undefined;
  }

  isWatched(allocId: string): boolean {
    return this.#watched.has(allocId) && this.isSeeing();
  }

  /** What is new is seen without a look. */
  isSeeing(): boolean {
    return this.#grabber?.isRunning() === true;
  }

  /** It was to be seen, and is not: the grabber has ended. */
  isBlind(): boolean {
    return this.#grabber?.isRunning() === false;
  }

  /** The alloc directory is another one than it was, or may be. */
  seeAll(): void {
    if (this.#grabber === undefined || this.#folders === undefined) this.lookAtAll();
    else this.#grabber.useAllocDir(this.#folders.allocDir);
  }

  #onGrab(news: GrabNews): void {
    if (news.kind === 'taken') this.#enterTaken(news);
    else if (news.kind === 'changed')
      for (const name of news.names ?? [undefined]) this.#changes.add(news.allocId, name);
    else if (news.kind === 'unwatchable') this.#told.unwatchable(news.said);
    else if (news.kind === 'loud') {
      this.#hurriedRounds = 2;
      this.#told.loud(news.allocId);
    } else if (news.isWatched) this.#watched.add(news.allocId);
    else this.#watched.delete(news.allocId);
  }

  #enterTaken(taken: Extract<GrabNews, { kind: 'taken' }>): void {
    const own = this.#shelf.enterHeld(taken);
    const { allocId } = taken;
    const task = parseLogName(taken.name)?.task ?? '';
    // What fails is tried again, here and in each cycle.
    quietly(() =>
      this.#trying(allocId, () => {
        if (this.ignored.get(allocId)?.has(task) === true) this.#shelf.drop(own);
        else this.bringIn(own);
      }),
    );
  }

  /** Gives what is held its place where Vector reads, if its task has one. */
  bringIn(own: OwnLink): void {
    if (own.place.kind !== 'held') return;
    const { allocId, name } = own.place;
    const target = this.linked.get(taskKey({ allocId, task: parseLogName(name)?.task ?? '' }));
    if (target === undefined) return;
    this.#shelf.move(own, linkPlaceOf({ ...target, name }));
  }

  /** Every folder there is. What is wrong with one is told, and keeps nobody from the others. */
  lookAtAll(): void {
    for (const allocId of this.#listAllocs()) this.lookAt(allocId);
  }

  /** Folders that inotify has no room for, or that change too often for it, and those of which something could not be taken. */
  lookAtUnwatched(): void {
    this.#grabber?.lookAgain();
    for (const allocId of this.faults.due()) this.lookAt(allocId);
  }

  /** A share of all folders. Nothing is known to have changed in them, but inotify may have lost it. */
  lookInTurn(): void {
    for (const allocId of this.#rounds.next(this.#hurriedRounds > 0 ? HURRIED_CALLS : ROUND_CALLS)) {
      if (!this.#isAsSeen(allocId)) this.lookAt(allocId);
      if (!this.isWatched(allocId)) this.#grabber?.look(allocId);
    }
    if (this.#rounds.isBetween() && this.#hurriedRounds > 0) this.#hurriedRounds -= 1;
  }

  /** No name came or went since all that is there was taken. */
  #isAsSeen(allocId: string): boolean {
    const seen = this.#seen.get(allocId);
    if (this.#folders === undefined || seen === undefined || !this.isWatched(allocId)) return false;
    return folderState({ ...this.#folders, allocId }) === seen;
  }

  #listAllocs(): string[] {
    try {
      return this.#folders === undefined ? [] : listAllocs(this.#folders);
    } catch (error) {
      this.#told.unlisted(messageOf(error));
      return [];
    }
  }

  lookAt(allocId: string): void {
    quietly(() => this.#look(allocId));
  }

  /** Takes all that is there, and has watched what may come. Throws what is wrong with this one, which is then tried again. */
  follow(allocId: string): void {
    if (!this.isWatched(allocId)) this.#grabber?.look(allocId);
    this.#look(allocId);
  }

  #look(allocId: string): void {
    this.#trying(allocId, () => this.#takeAll(allocId));
    this.faults.done(allocId);
  }

  #trying(allocId: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.faults.failed(allocId, error);
      throw error;
    }
  }

  #takeAll(allocId: string): void {
    if (this.#folders === undefined) return;
    forEachOne(this.#shelf.heldOf(allocId), (own) => this.bringIn(own));
    withLogFolder({ ...this.#folders, allocId }, (walk) => {
      this.#seen.delete(allocId);
      if (walk.kind === 'folder') this.#takeFolder({ folder: walk.folder, allocId });
      if (walk.kind === 'refused') this.refusals.tell({ allocId, name: 'alloc/logs', why: walk.why });
      if (walk.kind !== 'missing' || walk.at !== undefined) return;
      this.refusals.forget(allocId);
      this.ignored.delete(allocId);
    });
  }

  #takeFolder({ folder, allocId }: { folder: LogFolder; allocId: string }): void {
    let isAllTaken = true;
    const names = folder.names();
    this.refusals.keepOnly({ allocId, names });
    forEachOne(names, (name) => {
      isAllTaken = this.#take({ folder, allocId, name }) && isAllTaken;
    });
    if (isAllTaken && folder.state !== undefined) this.#seen.set(allocId, folder.state);
  }

  /** Of a folder that is watched, these names alone. */
  #lookAtNames({ allocId, names }: { allocId: string; names: readonly string[] | undefined }): void {
    if (this.#folders === undefined) return;
    for (const name of names ?? []) this.#shelf.suspect(`${allocId}/${name}`);
    const logs =
      this.isWatched(allocId) && names?.every((name) => parseLogName(name) !== undefined) ? names : undefined;
    const areTaken = withLogFolder({ ...this.#folders, allocId }, (walk) => {
      if (logs === undefined || walk.kind !== 'folder') return false;
      forEachOne(logs, (name) => this.#take({ folder: walk.folder, allocId, name }));
      return true;
    });
    if (!areTaken) this.#look(allocId);
  }

  /** In turn with the grabber: a file that both link has one name too many. */
  #take(seen: { folder: LogFolder; allocId: string; name: string }): boolean {
    return this.#grabber === undefined ? this.#takeNow(seen) : this.#grabber.inTurn(() => this.#takeNow(seen));
  }

  /** False where another look at the same name may find it otherwise. */
  #takeNow({ folder, allocId, name }: { folder: LogFolder; allocId: string; name: string }): boolean {
    const task = parseLogName(name)?.task;
    if (task === undefined || this.ignored.get(allocId)?.has(task) === true) return true;
    const target = this.linked.get(taskKey({ allocId, task }));
    const folders = this.#folders ?? { allocDir: '' };
    const path = `${logDirOf({ ...folders, allocId })}/${name}`;
    const { asides } = this.#shelf;
    const aside = asides.next();
    const taken = takeFile({
      folder,
      name,
      aside,
      isOwn: (file) => this.#shelf.sees({ key: fileKey(file), seenAt: `${allocId}/${name}` }),
      symbolicTo: target?.asVectorSees(path) ?? path,
      discard: () => asides.discard(aside),
      ...(this.#link === undefined ? {} : { link: this.#link }),
    });
    if (taken.kind === 'refused') {
      this.refusals.tell({ allocId, name, why: taken.why });
      if (taken.why === ANOTHER_NAME) this.#told.anotherName(folder.pathOf(name));
    }
    if (taken.kind !== 'refused') this.refusals.end({ allocId, name });
    if (taken.kind !== 'taken') return taken.kind !== 'refused';
    if (taken.whySymbolic !== undefined) this.#told.symbolic({ said: taken.whySymbolic, ...folders });
    // A symbolic one holds nothing, and what it says depends on the task.
    if (!taken.isHard && target === undefined) {
      asides.discard(aside);
      return false;
    }
    const place: LinkPlace = target === undefined ? { kind: 'held', allocId, name } : linkPlaceOf({ ...target, name });
    const key = fileKey(taken.file);
    this.#shelf.add({ aside, place, key, isHard: taken.isHard });
    this.#shelf.sees({ key, seenAt: `${allocId}/${name}` });
    return true;
  }
}

/** For what was told where it was found, and is tried again. */
const quietly = (act: () => void): void => {
  try {
    act();
  } catch {}
};

/** How many calls, one a second, a look at all folders is spread over. */
const ROUND_CALLS = 300;
const HURRIED_CALLS = 10;
