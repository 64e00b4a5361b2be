import { dirname } from 'node:path';
import { messageOf } from '../errors.ts';
import { isDiskTrouble } from '../file-trouble.ts';
import type { Log } from '../log.ts';
import { fileKey } from './checkpoints.ts';
import { createFolderWatches, DEEPEST } from './folder-watches.ts';
import { forEachOne } from './for-each-one.ts';
import { createChanges } from './gather-changes.ts';
import { SYMBOLIC, symbolicAdvice, whyNoHardLinks } from './hard-links.ts';
import { type LinkedTask, taskKey } from './log-access.ts';
import { type LogFolder, listAllocs, type Walk, withLogFolder } from './log-folder.ts';
import { parseLogName } from './log-name.ts';
import { createRefusals } from './refusals.ts';
import type { LinkPlace, Shelf } from './shelf.ts';
import { takeFile } from './take.ts';

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
  readonly #told = new Set<string>();
  readonly #changes = createChanges((allocId, names) =>
    this.#attempt(allocId, () => this.#lookAtNames({ allocId, names })),
  );
  readonly #watches = createFolderWatches({
    onChange: (allocId, name) => this.#changes.add(allocId, name),
    onTrouble: (err) =>
      this.#tellOnce('watch', () =>
        this.#log.warn({ err, advice: WATCH_ADVICE }, 'log folders cannot be watched, and are looked at every second'),
      ),
  });
  #allocDir: string | undefined;
  #isWatching = false;

  constructor({ shelf, log }: { shelf: Shelf; log: Log }) {
    this.#shelf = shelf;
    this.#log = log;
    this.#refusals = createRefusals(log);
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
    const allocDir = this.#allocDir;
    if (allocDir === undefined) return;
    this.#attempt('', () => {
      for (const allocId of listAllocs(allocDir)) this.lookAt(allocId);
    });
  }

  /** Folders that inotify has no room for. */
  lookAtUnwatched(): void {
    for (const allocId of this.#watches.unwatched()) this.lookAt(allocId);
  }

  lookAt(allocId: string): void {
    this.#attempt(allocId, () => this.look(allocId));
  }

  /** Takes all that is there, and watches what may come. Throws what is wrong with this one. */
  look(allocId: string): void {
    // At each level: what came between the look and the watch is seen by another look.
    for (let isDone = false, looks = 0; !isDone && looks <= DEEPEST; looks += 1) isDone = this.#step(allocId);
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
      forEachOne(folder.names(), (name) => this.#take({ folder, allocId, name }));
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
    return true;
  }

  /** Of a folder that is watched, these names alone. */
  #lookAtNames({ allocId, names }: { allocId: string; names: readonly string[] | undefined }): void {
    if (this.#allocDir === undefined) return;
    const logs =
      this.isWatched(allocId) && names?.every((name) => parseLogName(name) !== undefined) ? names : undefined;
    const areTaken = withLogFolder({ allocDir: this.#allocDir, allocId }, (walk) => {
      if (logs === undefined || walk.kind !== 'folder') return false;
      forEachOne(logs, (name) => this.#take({ folder: walk.folder, allocId, name }));
      return true;
    });
    if (!areTaken) this.look(allocId);
  }

  #take({ folder, allocId, name }: { folder: LogFolder; allocId: string; name: string }): void {
    const task = parseLogName(name)?.task;
    if (task === undefined || this.ignored.get(allocId)?.has(task) === true) return;
    const target = this.linked.get(taskKey({ allocId, task }));
    const path = `${this.#allocDir}/${allocId}/alloc/logs/${name}`;
    const aside = this.#shelf.nextAside();
    const taken = takeFile({
      folder,
      name,
      aside,
      isOwn: (file) => this.#shelf.get(fileKey(file)) !== undefined,
      symbolicTo: target?.asVectorSees(path) ?? path,
    });
    if (taken.kind === 'refused') this.#refusals.tell({ allocId, name, why: taken.why });
    if (taken.kind !== 'taken') return;
    if (taken.whySymbolic !== undefined) this.#tellSymbolic(taken.whySymbolic);
    // A symbolic one holds nothing, and what it says depends on the task.
    if (!taken.isHard && target === undefined) this.#shelf.discard(aside);
    else {
      const place: LinkPlace =
        target === undefined ? { kind: 'held', allocId, name } : { kind: 'link', id: target.id, name };
      this.#shelf.add({ aside, place, key: fileKey(taken.file), isHard: taken.isHard });
    }
  }

  #attempt(allocId: string, look: () => void): void {
    try {
      look();
    } catch (err) {
      // A cycle says what is wrong with the disk, and what to do.
      if (isDiskTrouble(err)) return;
      const said = messageOf(err);
      this.#tellOnce(`${allocId} ${said}`, () =>
        this.#log.error(
          { allocation: allocId, said },
          'the log folder of an allocation cannot be looked at; others can',
        ),
      );
    }
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

const WATCH_ADVICE = 'raise fs.inotify.max_user_watches and fs.inotify.max_user_instances';
