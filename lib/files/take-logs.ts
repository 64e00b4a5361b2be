import { dirname } from 'node:path';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { fileKey } from './checkpoints.ts';
import { createFolderWatches, DEEPEST } from './folder-watches.ts';
import { forEachOne } from './for-each-one.ts';
import { createChanges } from './gather-changes.ts';
import { SYMBOLIC, symbolicAdvice, whyNoHardLinks } from './hard-links.ts';
import { ANOTHER_NAME } from './judge-file.ts';
import { type LinkedTask, taskKey } from './log-access.ts';
import { folderState, type LogFolder, listAllocs, lookAt, type Walk, withLogFolder } from './log-folder.ts';
import { linkNameOf, parseLogName } from './log-name.ts';
import { findOtherRoots, OTHER_ADVICE, tellOtherRoots } from './other-roots.ts';
import { createRefusals } from './refusals.ts';
import { createRounds } from './rounds.ts';
import type { LinkPlace, Shelf } from './shelf.ts';
import { type MakeLink, takeFile } from './take.ts';
import { createTakeFaults } from './take-faults.ts';

/**
 * Takes each log file of the node the moment it is seen, before anybody is asked whose it is. All that is done here is done
 * at once, so that a folder that goes within milliseconds is not waited for.
 */
export class LogTaker {
  /** Whose files go straight to where Vector reads, by `taskKey`. */
  readonly linked = new Map<string, LinkedTask>();
  /** Tasks that are not collected, by allocation. */
  readonly ignored = new Map<string, Set<string>>();
  readonly #shelf: Shelf;
  readonly #log: Log;
  readonly #refusals;
  readonly #faults;
  readonly #link: MakeLink | undefined;
  readonly #told = new Set<string>();
  readonly #changes = createChanges((allocId, names) =>
    quietly(() => this.#trying(allocId, () => this.#lookAtNames({ allocId, names }))),
  );
  readonly #watches = createFolderWatches({
    onChange: (allocId, name) => this.#changes.add(allocId, name),
    onTrouble: (err) =>
      this.#tellOnce('watch', () =>
        this.#log.warn({ err, advice: WATCH_ADVICE }, 'log folders cannot be watched, and are looked at every second'),
      ),
    onLoud: (allocId) => this.#onLoud(allocId),
  });
  #allocDir: string | undefined;
  /** The states of folders of which all that can be taken was. */
  readonly #seen = new Map<string, string>();
  #isWatching = false;
  readonly #rounds = createRounds(() => this.#listAllocs());
  /** Events may have been lost: what was looked at before in this round is so in the next one, and both are to end soon. */
  #hurriedRounds = 0;

  constructor({ shelf, log, link }: { shelf: Shelf; log: Log; link?: MakeLink | undefined }) {
    this.#shelf = shelf;
    this.#log = log;
    this.#link = link;
    this.#refusals = createRefusals(log);
    this.#faults = createTakeFaults({ log, now: Date.now });
  }

  /** From now on, what comes is taken as soon as inotify shows it. */
  watch(): void {
    this.#isWatching = true;
  }

  close(): void {
    this.#isWatching = false;
    this.#changes.stop();
    this.#watches.closeAll();
  }

  useAllocDir(allocDir: string): void {
    if (allocDir === this.#allocDir) return;
    this.#watches.closeAll();
    this.#allocDir = allocDir;
    const why = whyNoHardLinks({ root: dirname(this.#shelf.places.links), allocDir });
    if (why !== undefined) this.#tellSymbolic(why);
  }

  isWatched(allocId: string): boolean {
    return this.#watches.isWatched(allocId);
  }

  /** Every folder there is. What is wrong with one is told, and keeps nobody from the others. */
  lookAtAll(): void {
    for (const allocId of this.#listAllocs()) this.lookAt(allocId);
  }

  /** Folders that inotify has no room for, or that change too often for it, and those of which something could not be taken. */
  lookAtUnwatched(): void {
    for (const allocId of this.#watches.unwatched()) this.#changes.add(allocId, undefined);
    for (const allocId of this.#faults.due()) this.lookAt(allocId);
  }

  /** A share of all folders. Nothing is known to have changed in them, but inotify may have lost it. */
  lookInTurn(): void {
    for (const allocId of this.#rounds.next(this.#hurriedRounds > 0 ? HURRIED_CALLS : ROUND_CALLS))
      if (!this.#isAsSeen(allocId)) this.lookAt(allocId);
    if (this.#rounds.isBetween() && this.#hurriedRounds > 0) this.#hurriedRounds -= 1;
  }

  /** No name came or went since all that is there was taken. */
  #isAsSeen(allocId: string): boolean {
    const allocDir = this.#allocDir;
    const seen = this.#seen.get(allocId);
    if (allocDir === undefined || seen === undefined || !this.isWatched(allocId)) return false;
    return folderState({ allocDir, allocId }) === seen;
  }

  #listAllocs(): string[] {
    try {
      return this.#allocDir === undefined ? [] : listAllocs(this.#allocDir);
    } catch (error) {
      // A cycle says so of each task that has finished, but none may have.
      this.#tellOnce('list', () => this.#log.error({ said: messageOf(error) }, LIST));
      return [];
    }
  }

  lookAt(allocId: string): void {
    quietly(() => this.look(allocId));
  }

  /** Takes all that is there, and watches what may come. Throws what is wrong with this one, which is then tried again. */
  look(allocId: string): void {
    this.#trying(allocId, () => {
      // At each level: what came between the look and the watch is seen by another look.
      for (let isDone = false, looks = 0; !isDone && looks <= DEEPEST; looks += 1) isDone = this.#step(allocId);
    });
    this.#faults.done(allocId);
  }

  #trying(allocId: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#faults.failed(allocId, error);
      throw error;
    }
  }

  /** True when there is nothing more to be seen now. */
  #step(allocId: string): boolean {
    if (this.#allocDir === undefined) return true;
    return withLogFolder({ allocDir: this.#allocDir, allocId }, (walk) => {
      if (walk.kind === 'missing') return this.#followMissing({ allocId, walk });
      if (walk.kind === 'refused') {
        this.#watches.close(allocId);
        this.#refusals.tell({ allocId, name: 'alloc/logs', why: walk.why });
        return true;
      }
      const { folder } = walk;
      if (this.#isWatching) this.#watches.follow({ allocId, depth: DEEPEST, folder });
      this.#seen.delete(allocId);
      let isAllTaken = true;
      forEachOne(folder.names(), (name) => {
        isAllTaken = this.#take({ folder, allocId, name }) && isAllTaken;
      });
      if (isAllTaken && folder.state !== undefined) this.#seen.set(allocId, folder.state);
      return true;
    });
  }

  #followMissing({
    allocId,
    walk: { at, depth },
  }: {
    allocId: string;
    walk: Extract<Walk, { kind: 'missing' }>;
  }): boolean {
    if (at !== undefined) return !this.#isWatching || !this.#watches.follow({ allocId, depth, folder: at });
    this.#watches.close(allocId);
    this.#refusals.forget(allocId);
    this.ignored.delete(allocId);
    this.#seen.delete(allocId);
    return true;
  }

  /** Of a folder that is watched, these names alone. */
  #lookAtNames({ allocId, names }: { allocId: string; names: readonly string[] | undefined }): void {
    if (this.#allocDir === undefined) return;
    for (const name of names ?? []) this.#shelf.suspect(`${allocId}/${name}`);
    const logs =
      this.isWatched(allocId) && names?.every((name) => parseLogName(name) !== undefined) ? names : undefined;
    const areTaken = withLogFolder({ allocDir: this.#allocDir, allocId }, (walk) => {
      if (logs === undefined || walk.kind !== 'folder') return false;
      forEachOne(logs, (name) => this.#take({ folder: walk.folder, allocId, name }));
      return true;
    });
    if (!areTaken) this.look(allocId);
  }

  /** False where another look at the same name may find it otherwise. */
  #take({ folder, allocId, name }: { folder: LogFolder; allocId: string; name: string }): boolean {
    const task = parseLogName(name)?.task;
    if (task === undefined || this.ignored.get(allocId)?.has(task) === true) return true;
    const target = this.linked.get(taskKey({ allocId, task }));
    const path = `${this.#allocDir}/${allocId}/alloc/logs/${name}`;
    const aside = this.#shelf.nextAside();
    const taken = takeFile({
      folder,
      name,
      aside,
      isOwn: (file) => this.#shelf.sees({ key: fileKey(file), seenAt: `${allocId}/${name}` }),
      symbolicTo: target?.asVectorSees(path) ?? path,
      discard: () => this.#shelf.discard(aside),
      ...(this.#link === undefined ? {} : { link: this.#link }),
    });
    if (taken.kind === 'refused') {
      this.#refusals.tell({ allocId, name, why: taken.why });
      if (taken.why === ANOTHER_NAME) this.#tellOthers(folder.pathOf(name));
    }
    if (taken.kind !== 'taken') return taken.kind !== 'refused';
    if (taken.whySymbolic !== undefined) this.#tellSymbolic(taken.whySymbolic);
    // A symbolic one holds nothing, and what it says depends on the task.
    if (!taken.isHard && target === undefined) {
      this.#shelf.discard(aside);
      return false;
    }
    const place: LinkPlace =
      target === undefined
        ? { kind: 'held', allocId, name }
        : { kind: 'link', id: target.id, pipeline: target.pipeline, name: linkNameOf({ id: target.id, name }) };
    const key = fileKey(taken.file);
    this.#shelf.add({ aside, place, key, isHard: taken.isHard });
    this.#shelf.sees({ key, seenAt: `${allocId}/${name}` });
    return true;
  }

  #onLoud(allocId: string): void {
    this.#hurriedRounds = 2;
    this.#tellOnce(`loud ${allocId}`, () => this.#log.warn({ allocation: allocId }, LOUD));
  }

  /** The first time: whoever links files in a loop is not looked for again and again. */
  #tellOthers(path: string): void {
    this.#tellOnce('others', () => {
      const file = lookAt(path);
      const others = file === undefined ? [] : findOtherRoots({ own: dirname(this.#shelf.places.links), file });
      if (others.length > 0) this.#log.error({ roots: tellOtherRoots(others), advice: OTHER_ADVICE }, OTHERS);
    });
  }

  #tellSymbolic(said: string): void {
    this.#tellOnce('symbolic', () => this.#log.warn({ said, advice: symbolicAdvice(this.#allocDir ?? '') }, SYMBOLIC));
  }

  #tellOnce(what: string, tell: () => void): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    tell();
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

const LOUD =
  'the log folder of an allocation changes over 1,000 times a second: for a while it is looked at once a second instead, so see what its tasks do there';
const OTHERS =
  'another nvl works on this node, with an output root of its own: each refuses the log files that the other has a link to';
const LIST = 'the alloc directory cannot be listed, so that nvl takes only logs of allocations that Nomad names';
const WATCH_ADVICE = 'raise fs.inotify.max_user_watches and fs.inotify.max_user_instances';
