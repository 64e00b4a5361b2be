import type { Log } from '../log.ts';
import { forEachOne } from './for-each-one.ts';
import {
  filesOf,
  type KnownTasks,
  type LogAccess,
  type PinnedFile,
  pinnedKey,
  type TaskFiles,
  taskKey,
} from './log-access.ts';
import { type FilePlaces, isFolderGone, type LogFile } from './log-files.ts';
import { isAllocId, parseLogName, whyNoPath } from './log-name.ts';
import { lstatOf } from './orphans.ts';
import { linkPlaceOf, type OwnLink, Shelf } from './shelf.ts';
import { LogTaker } from './take-logs.ts';
import { createUnread, type UnreadCounts } from './unread.ts';

/** How long what belongs to no allocation that Nomad lists is held, while its lists are sure. */
const UNKNOWN_MS = 600_000;

/**
 * Keeps a link of nvl's own to each log file of the node, from the moment it is seen until it is delivered, whatever Nomad
 * deletes: held, then where Vector reads, then out of its sight.
 */
export class LogKeeper implements LogAccess {
  readonly shelf: Shelf;
  /** What went without being read. */
  readonly unread: UnreadCounts;
  readonly #taker: LogTaker;
  readonly #log: Log;
  readonly #unknownSince = new Map<string, number>();
  /** The key of each task whose files Vector may read, by its stem. */
  readonly #keys = new Map<string, string>();
  /** The pipelines of those whose links all lie where they should, by stem. */
  readonly #settled = new Map<string, string>();
  #isLost = false;

  constructor({
    places,
    log,
    link,
    startGrabber,
    unread = createUnread({}),
  }: Pick<ConstructorParameters<typeof LogTaker>[0], 'link' | 'log' | 'startGrabber'> & {
    places: FilePlaces;
    unread?: UnreadCounts;
  }) {
    this.unread = unread;
    this.shelf = new Shelf(places);
    this.#taker = new LogTaker({ shelf: this.shelf, log, link, startGrabber });
    this.#log = log;
  }

  /** From now on, new files are taken as soon as inotify shows them. */
  watch(): void {
    this.#taker.watch();
  }

  stop(): void {
    this.#taker.close();
  }

  /** Something changed in the alloc directory, at this name; without one, at any. */
  see({ allocDir, name }: { allocDir: string; name?: string | undefined }): void {
    const isSeen = this.#taker.useAllocDir(allocDir);
    this.#isLost = false;
    if (isSeen) return;
    if (name === undefined) this.#taker.seeAll();
    else if (!this.#taker.isSeeing() && isAllocId(name)) this.#taker.lookAt(name);
  }

  /** The alloc directory cannot be watched. */
  lose(): void {
    this.#isLost = true;
  }

  /** Called every second: looks again at what cannot be watched and at some of all others, or at all at once. */
  lookAgain({ isAll }: { isAll: boolean }): void {
    const isBlind = this.#isLost || this.#taker.isBlind();
    if (isAll || isBlind) this.#taker.lookAtAll();
    else {
      this.#taker.lookAtUnwatched();
      this.#taker.lookInTurn();
    }
  }

  /** The task of a link, by `taskKey` where that is known. */
  taskOf(own: OwnLink): string {
    const { place, seenAt } = own;
    if (place.kind === 'held') return taskKey({ allocId: place.allocId, task: taskOf(own) ?? place.name });
    const name = seenAt === undefined ? undefined : parseLogName(seenAt.slice(seenAt.indexOf('/') + 1));
    if (seenAt !== undefined && name !== undefined)
      return taskKey({ allocId: seenAt.slice(0, seenAt.indexOf('/')), task: name.task });
    return place.id ?? own.key;
  }

  /** What is not taken for a log, and allocations of which nothing can be taken now. */
  troubles() {
    return { refused: this.#taker.refusals.all(), faults: this.#taker.faults.all() };
  }

  /** The sources of the tasks whose files Vector reads. */
  linkedIds(): string[] {
    return [...this.#taker.linked.values()].map(({ id }) => id);
  }

  filesOf({ pinned = [], ...names }: Parameters<TaskFiles['filesOf']>[0]): Promise<LogFile[] | undefined> {
    const links = this.shelf.linksOf(names.id).map(({ path }) => path);
    return filesOf({ names, places: this.shelf.places, links, pinned });
  }

  isGone(where: Parameters<TaskFiles['isGone']>[0]): boolean {
    return isFolderGone({ ...where, only: this.shelf.places.only });
  }

  findLost(): void {
    for (const id of this.shelf.forgetLost()) this.#settled.delete(id);
  }

  open({ restore = NONE, ...task }: Parameters<LogAccess['open']>[0]): void {
    const { allocId, id, pipeline } = task;
    const isSettled = this.#settled.get(id) === pipeline;
    const why = isSettled ? undefined : whyNoPath(task);
    if (why !== undefined) throw new Error(why);
    this.#taker.useAllocDir(task.allocDir);
    const key = taskKey(task);
    this.#keys.set(id, key);
    this.#taker.linked.set(key, task);
    this.#taker.ignored.get(allocId)?.delete(task.task);
    const isWatched = this.#taker.isWatched(allocId);
    // So it is for thousands of tasks in each cycle.
    if (isSettled && isWatched && restore.length === 0 && !this.shelf.holds(allocId)) return;
    this.#settled.delete(id);
    if (!isSettled) this.shelf.makeLinkFolder(pipeline);
    this.#bringAll({ allocId, id, pipeline, restore });
    if (!isSettled || !isWatched) this.#taker.follow(allocId);
    this.#settled.set(id, pipeline);
  }

  /** What nvl has of a task goes where Vector reads. */
  #bringAll({
    allocId,
    id,
    pipeline,
    restore,
  }: {
    allocId: string;
    id: string;
    pipeline: string;
    restore: readonly PinnedFile[];
  }): void {
    forEachOne(this.shelf.linksOf(id), (own) => {
      const { place } = own;
      if (place.kind !== 'link' || place.pipeline === pipeline) return;
      this.shelf.move(own, { ...place, pipeline });
      this.shelf.removeLinkFolder(place.pipeline);
    });
    forEachOne(restore, (file) => {
      const own = this.shelf.get(pinnedKey(file));
      if (own?.place.kind === 'pin') this.shelf.move(own, linkPlaceOf({ id, pipeline, name: file.name }));
    });
    forEachOne(this.shelf.heldOf(allocId), (own) => this.#taker.bringIn(own));
  }

  close({ id }: { id: string }): void {
    const key = this.#keys.get(id);
    if (key !== undefined) this.#taker.linked.delete(key);
    this.#keys.delete(id);
    this.#settled.delete(id);
    const pipelines = new Set<string>();
    forEachOne(this.shelf.linksOf(id), (own) => {
      if (own.place.kind !== 'link') return;
      const { pipeline } = own.place;
      pipelines.add(pipeline);
      this.shelf.move(own, { kind: 'pin', id, pipeline });
    });
    for (const pipeline of pipelines) this.shelf.removeLinkFolder(pipeline);
  }

  linkedOf({ id }: { id: string }): ReturnType<LogAccess['linkedOf']> {
    return this.shelf
      .linksOf(id)
      .flatMap(({ key, place }) => (place.kind === 'link' ? [{ key, file: place.name.slice(id.length + 1) }] : []));
  }

  owns(key: string): boolean {
    return this.shelf.get(key) !== undefined;
  }

  gaveUp({ bytes, ...task }: Parameters<LogAccess['gaveUp']>[0]): void {
    this.unread.add({ task: taskKey(task), files: 1, bytes: Number(bytes), why: 'ceiling' });
  }

  settle(known: KnownTasks): void {
    for (const allocId of this.#unknownSince.keys())
      if (this.shelf.heldOf(allocId).length === 0) this.#unknownSince.delete(allocId);
    forEachOne(this.shelf.heldAllocs(), (allocId) => this.#settleHeld({ allocId, known }));
    if (!known.isSure) return;
    forEachOne(this.shelf.linkedIds(), (id) => {
      if (!known.linked.has(id)) this.close({ id });
    });
  }

  #settleHeld({ allocId, known: { claimed, listed, isSure, now } }: { allocId: string; known: KnownTasks }): void {
    const unclaimed = this.shelf
      .heldOf(allocId)
      .filter((own) => !claimed.has(taskKey({ allocId, task: taskOf(own) ?? '' })));
    const isKnown = listed.has(allocId);
    if (unclaimed.length === 0 || (!isKnown && !isSure)) return;
    const since = this.#unknownSince.get(allocId) ?? now;
    this.#unknownSince.set(allocId, since);
    if (!isKnown && now - since < UNKNOWN_MS) return;
    if (!isKnown) this.#log.warn({ allocation: allocId, files: unclaimed.length }, UNKNOWN);
    for (const own of unclaimed) {
      const bytes = isKnown ? undefined : lstatOf(own.path)?.size;
      if (bytes !== undefined)
        this.unread.add({ task: this.taskOf(own), files: 1, bytes: Number(bytes), why: 'unknown' });
      this.#letGo({ allocId, own });
    }
    this.#unknownSince.delete(allocId);
  }

  #letGo({ allocId, own }: { allocId: string; own: OwnLink }): void {
    const { ignored } = this.#taker;
    const task = taskOf(own);
    if (task !== undefined) ignored.set(allocId, (ignored.get(allocId) ?? new Set()).add(task));
    this.shelf.drop(own);
  }
}

const NONE: readonly PinnedFile[] = [];

const taskOf = ({ place }: OwnLink): string | undefined =>
  place.kind === 'held' ? parseLogName(place.name)?.task : undefined;

const UNKNOWN =
  'log files of an allocation that Nomad does not list were held for ten minutes, and are let go: nvl could not learn whose they are';
