import {
  type Copies,
  type CopiesGroup,
  copiesInUse,
  dropCopies,
  lastGoodCopies,
  markCopiesGood,
  readCopies,
  unmarkCopies,
  useCopies,
  writeCopies,
} from '../apply/own-copies.ts';
import type { RootPaths } from '../apply/paths.ts';
import type { Log } from '../log.ts';
import type { CopiesFolder } from '../vector/config/on-copies.ts';
import type { OwnFiles } from '../vector/config/own-files.ts';

/**
 * Which set of copies of the team's own files Vector reads, which one it has loaded last, and the way back to that. One set
 * is in use at a time, all of it at once.
 */
export class CopiesInUse {
  readonly #o: { paths: RootPaths; group: CopiesGroup; log: Log; now: () => number };
  /** By the path of each copy that Vector reads, the team's own. The command of the running Vector holds this very map. */
  readonly #originals = new Map<string, string>();
  #inUse: Copies | undefined;
  #good: Copies | undefined;
  #pending: Copies | undefined;
  #candidate: Copies | undefined;
  /** The one before the last that Vector has loaded. */
  #before: Copies | undefined;

  constructor(options: { paths: RootPaths; group: CopiesGroup; log: Log; now: () => number }) {
    this.#o = options;
  }

  /** What Vector reads, whatever set it is. */
  get folder(): CopiesFolder {
    return { folder: this.#o.paths.ownInUse, originals: this.#originals };
  }

  get inUse(): Copies | undefined {
    return this.#inUse;
  }

  /** The last one that Vector has loaded. */
  get good(): Copies | undefined {
    return this.#good;
  }

  /** In use, and no reload has confirmed it yet. */
  get pending(): Copies | undefined {
    return this.#pending;
  }

  /** Written, to be proven. */
  get candidate(): Copies | undefined {
    return this.#candidate;
  }

  /** What an nvl before left: what is in use if Vector has loaded it, else what it loaded last. */
  async find(): Promise<void> {
    const { paths } = this.#o;
    const found = await copiesInUse(paths);
    this.#good = found?.isGood === true ? found : await lastGoodCopies(paths);
    const inUse = this.#good ?? found;
    if (inUse !== undefined && inUse.number !== found?.number) await useCopies({ paths, number: inUse.number });
    this.#setInUse(inUse);
  }

  async write(own: Omit<OwnFiles, 'faults'>): Promise<Copies> {
    const { paths, group, now } = this.#o;
    const known = this.#candidate?.digest === own.digest ? this.#candidate : undefined;
    if (known !== undefined && (await readCopies({ paths, number: known.number })) !== undefined) return known;
    this.#candidate = await writeCopies({ paths, own, group, now: now() });
    await this.#dropOthers();
    return this.#candidate;
  }

  /** `isPending`: until a reload confirms it. */
  async use({ copies, isPending }: { copies: Copies; isPending: boolean }): Promise<void> {
    await useCopies({ paths: this.#o.paths, number: copies.number });
    this.#setInUse(copies);
    this.#pending = isPending ? copies : undefined;
  }

  async goBack(): Promise<void> {
    if (this.#good !== undefined) await this.use({ copies: this.#good, isPending: false });
  }

  /** Vector has loaded this set. True where it is another one than it had loaded before. */
  async confirm(number: number | undefined): Promise<boolean> {
    const copies = this.#inUse;
    if (copies === undefined || copies.number !== number || this.#good?.number === number) return false;
    await markCopiesGood({ paths: this.#o.paths, number });
    [this.#before, this.#good, this.#pending] = [this.#good, copies, undefined];
    await this.#dropOthers();
    return true;
  }

  /** Vector did not live with the set in use: the last one that it lived with is in use again. Undefined where there is none. */
  async giveUp(): Promise<{ given: Copies; back: Copies } | undefined> {
    const given = this.#inUse;
    const back = this.#good?.number === given?.number ? this.#before : this.#good;
    if (given === undefined || back === undefined) return undefined;
    await unmarkCopies({ paths: this.#o.paths, number: given.number });
    [this.#good, this.#before] = [back, undefined];
    await this.goBack();
    return { given, back };
  }

  /** Somebody took the copies away or changed them: Vector would end over that, or run what nobody has proven. */
  async repair(): Promise<void> {
    const [inUse, { paths, group, log }] = [this.#inUse, this.#o];
    if (inUse === undefined || (await copiesInUse(paths))?.number === inUse.number) return;
    const isGood = this.#good?.number === inUse.number;
    const copies = await writeCopies({ paths, own: inUse, group, now: inUse.takenAt });
    if (isGood) await markCopiesGood({ paths, number: copies.number });
    await this.use({ copies, isPending: this.#pending !== undefined });
    if (isGood) this.#good = copies;
    log.warn(
      { folder: paths.own },
      'the copies of your own Vector files were taken away or changed: nvl has put them back',
    );
  }

  #setInUse(copies: Copies | undefined): void {
    this.#inUse = copies;
    this.#originals.clear();
    if (copies === undefined) return;
    for (const [copy, original] of originalsOf({ copies, folder: this.#o.paths.ownInUse }))
      this.#originals.set(copy, original);
  }

  #dropOthers(): Promise<void> {
    const but = [this.#candidate, this.#inUse, this.#good, this.#before].flatMap((one) => one?.number ?? []);
    return dropCopies({ paths: this.#o.paths, but });
  }
}

/** The team's own path of each copy in a set. */
export const originalsOf = ({
  copies,
  folder,
}: {
  copies: Copies;
  folder: string;
}): [copy: string, original: string][] =>
  [...copies.files, ...copies.folders].map(({ copy, original }) => [`${folder}/${copy}`, original]);
