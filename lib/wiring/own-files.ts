import type { Copies, CopiesGroup } from '../apply/own-copies.ts';
import type { RootPaths } from '../apply/paths.ts';
import type { Candidate, CycleDeps, Proof } from '../cycle-deps.ts';
import { NvlError } from '../errors.ts';
import type { Log } from '../log.ts';
import { blocksOf } from '../render/file.ts';
import type { StateStore } from '../state/state.ts';
import type { VectorCommand } from '../vector/config/command.ts';
import type { CopiesFolder } from '../vector/config/on-copies.ts';
import { type OwnFiles, readOwnFiles } from '../vector/config/own-files.ts';
import type { ReloadResult } from '../vector/process/reload-result.ts';
import type { VectorExit } from '../vector/process/vector-exit.ts';
import { CopiesInUse, originalsOf } from './copies-in-use.ts';
import { hasDiedOfReload, lastWordsOf, wasKilled } from './exit-blame.ts';
import { createOwnFilesReport } from './own-files-report.ts';

/** Proves candidates against one set of copies; `loaded`: the copies in it that Vector has loaded as they are. */
export type ProveOn = (set: {
  copies: CopiesFolder;
  loaded: ReadonlySet<string>;
}) => (candidate: Candidate) => Promise<Proof>;

export type OwnFilesOptions = {
  /** Vector's, which names the team's own files. */
  command: VectorCommand;
  paths: RootPaths;
  group: CopiesGroup;
  store: StateStore;
  log: Log;
  now?: () => number;
};

/** What a cycle, or the start of nvl, has at hand when an edit is looked at. */
export type Taking = {
  /** What is live, and since when Vector runs it. */
  live: Pick<Candidate, 'live' | 'loadedAt'>;
  prove: ProveOn;
  /** Writes the text beside the live file. */
  stage: (text: string) => Promise<void>;
  reload: CycleDeps['reload'];
  signal: AbortSignal;
};

/** An edit is looked at once it has been the same for so long: an editor may write a file in several steps. */
const SETTLE_MS = 1_000;

/** What was refused is tried again after this, though no file of it has changed: something that it names may be there by now. */
const AGAIN_MS = 60_000;

/**
 * Keeps copies of the team's own Vector files below the output root, which Vector reads in their place. An edit is proven on
 * its own, beside what is live, and only what Vector has loaded replaces the copies for good. What it refuses, it never
 * meets: it runs on, and takes new tasks, with the last good ones.
 */
export class OwnFilesKeeper {
  readonly #o: Required<OwnFilesOptions>;
  readonly #report: ReturnType<typeof createOwnFilesReport>;
  readonly #copies: CopiesInUse;
  /** The set that the last reload has confirmed: Vector may die of it within seconds. */
  #fresh: number | undefined;
  /** The files as they were last looked at, and since when they are so. */
  #seen: { digest: string; since: number } | undefined;
  /** When which files were refused beside which text. */
  readonly #refused = new Map<string, number>();
  #whyNone: NvlError | undefined;

  constructor(options: OwnFilesOptions) {
    this.#o = { now: Date.now, ...options };
    this.#report = createOwnFilesReport(this.#o);
    this.#copies = new CopiesInUse(this.#o);
  }

  /** What Vector reads. */
  get copies(): CopiesFolder {
    return this.#copies.folder;
  }

  /** Another one for each set. */
  get number(): number | undefined {
    return this.#copies.inUse?.number;
  }

  /** Why there is nothing that Vector could be started with. */
  get whyNone(): NvlError | undefined {
    return this.number === undefined ? this.#whyNone : undefined;
  }

  /** When nvl starts, before Vector does: an edit that was made meanwhile is proven at once, also one that needs a restart. */
  async begin(taking: Omit<Taking, 'reload'>): Promise<void> {
    try {
      await this.#copies.find();
      const own = await this.#read();
      if (this.#copies.good === undefined) return await this.#first(own);
      if (own.digest === this.#copies.inUse?.digest) return this.#report.end();
      if (this.#refuseUnread(own)) return;
      const copies = await this.#copies.write(own);
      // Vector takes it at its start, and then it counts as loaded; where it does not start, the last good one is in use again.
      if (!(await this.#isRefused({ copies, taking }))) await this.#copies.use({ copies, isPending: false });
    } catch (err) {
      if (this.number !== undefined) this.#report.fail(err);
      else this.#o.log.warn({ err }, NO_COPIES);
    }
  }

  /** False where a disk that takes nothing has none, and lets none be made. */
  get hasCopies(): boolean {
    return this.number !== undefined || this.#whyNone !== undefined;
  }

  /**
   * Before each cycle. Answers after how long it is to look again, though nothing else is due; it never rejects, as new tasks
   * do not wait for a file of the team's.
   */
  async take(taking: Taking): Promise<{ lookAgainMs?: number }> {
    try {
      return await this.#take(taking);
    } catch (error) {
      if (!taking.signal.aborted) this.#report.fail(error);
      return {};
    }
  }

  async #take(taking: Taking): Promise<{ lookAgainMs?: number }> {
    // A cycle that came to no reload leaves what it had put in use for it.
    if (this.#copies.pending !== undefined) await this.#copies.goBack();
    await this.#copies.repair();
    const own = await this.#read();
    if (this.#copies.good === undefined) {
      await this.#first(own);
      return {};
    }
    const since = this.#seen?.digest === own.digest ? this.#seen.since : this.#o.now();
    this.#seen = { digest: own.digest, since };
    if (own.digest === this.#copies.inUse?.digest) {
      this.#report.end();
      return {};
    }
    const waitMs = since + SETTLE_MS - this.#o.now();
    if (waitMs > 0) return { lookAgainMs: waitMs };
    if (this.#refuseUnread(own) || this.#report.isFinal(own.digest)) return {};
    const copies = await this.#copies.write(own);
    if (!this.#isDue({ digest: own.digest, text: taking.live.live ?? '' })) return {};
    if (await this.#isRefused({ copies, taking })) return {};
    await this.#copies.use({ copies, isPending: true });
    // What comes of it is told to `settle`, as of every reload.
    await taking.reload({ added: [], signal: taking.signal });
    return {};
  }

  /**
   * Before another text is proven: what was refused beside the text that is live may fit this one, when an edit moves a
   * component from the templates to a file of the team's, or the other way. The reload that follows loads both.
   */
  async takeWith({ text, taking }: { text: string; taking: Pick<Taking, 'prove'> }): Promise<void> {
    const { candidate, inUse, pending } = this.#copies;
    if (candidate === undefined || candidate.number === inUse?.number || pending !== undefined) return;
    const { digest } = candidate;
    if (this.#seen?.digest !== digest || this.#report.isFinal(digest) || !this.#isDue({ digest, text })) return;
    const blocks = [...blocksOf(text).values()];
    const proof = await this.#prove({ copies: candidate, taking })({ text, blocks, isTrial: true });
    if (proof.ok) await this.#copies.use({ copies: candidate, isPending: true });
    else this.#noteRefused({ digest, text });
  }

  /** What came of a reload, whoever asked for it. It never rejects: a disk that takes nothing now is tried again by `take`. */
  async settle(result: ReloadResult): Promise<void> {
    try {
      await this.#settle(result);
    } catch (error) {
      this.#report.fail(error);
    }
  }

  async #settle(result: ReloadResult): Promise<void> {
    const { pending, good } = this.#copies;
    this.#fresh = undefined;
    if (result.kind === 'reloaded') {
      if ((await this.started(this.number)) && pending !== undefined) this.#fresh = this.number;
      return;
    }
    if (pending === undefined) return;
    await this.#copies.goBack();
    const kind = KINDS[result.kind];
    if (kind !== undefined) this.#report.tell({ kind, own: pending, said: result.why, inUse: good });
    else this.#o.log.warn({ said: result.why }, 'nothing says that Vector has loaded your own files; nvl tries again');
  }

  /** Vector has loaded this set. True where it had loaded another one before. */
  async started(number: number | undefined): Promise<boolean> {
    const isFirst = this.#copies.good === undefined;
    if (!(await this.#copies.confirm(number))) return false;
    this.#report.end({ taken: !isFirst });
    const { store, now } = this.#o;
    const { loaded, ...state } = store.read();
    if (loaded !== undefined) store.hold({ ...state, loaded: { ...loaded, at: now() } });
    return true;
  }

  /** Vector has ended. True where it did not live with a set that is new to it: the one before is in use again. */
  async ended(exit: VectorExit): Promise<boolean> {
    const { inUse, good, pending } = this.#copies;
    if (inUse === undefined || exit.wasAsked || pending !== undefined || wasKilled(exit)) return false;
    const hasNotStarted = good?.number !== inUse.number && !exit.hadStarted && exit.exitCode !== undefined;
    const hasDied = this.#fresh === inUse.number && hasDiedOfReload(exit);
    const gone = hasNotStarted || hasDied ? await this.#copies.giveUp() : undefined;
    if (gone === undefined) return false;
    this.#report.tell({ kind: 'notLoaded', own: gone.given, said: lastWordsOf(exit), inUse: gone.back });
    return true;
  }

  #read(): Promise<OwnFiles> {
    return readOwnFiles({ command: this.#o.command, liveFile: this.#o.paths.liveFile });
  }

  /** As long as Vector has never loaded any: whatever is there now is what it would start with. */
  async #first(own: OwnFiles): Promise<void> {
    if (own.faults.length > 0) this.#whyNone = unreadError(own.faults);
    else if (own.digest !== this.#copies.inUse?.digest)
      await this.#copies.use({ copies: await this.#copies.write(own), isPending: false });
  }

  /** True where a part is missing, which makes it another configuration: nobody means that. */
  #refuseUnread(own: OwnFiles): boolean {
    const { inUse } = this.#copies;
    const faults = [...own.faults, ...emptied({ own, inUse })];
    if (faults.length === 0) return false;
    const said = faults.map(({ file, message }) => `${file} ${message}`).join('\n');
    this.#report.tell({ kind: 'unread', own, said, inUse });
    return true;
  }

  #isDue({ digest, text }: { digest: string; text: string }): boolean {
    for (const [key, at] of this.#refused) if (this.#o.now() - at >= AGAIN_MS) this.#refused.delete(key);
    return !this.#refused.has(refusalKey({ digest, text }));
  }

  #noteRefused({ digest, text }: { digest: string; text: string }): void {
    this.#refused.set(refusalKey({ digest, text }), this.#o.now());
  }

  /** Whether Vector would not load it together with what is live; says why. */
  async #isRefused({
    copies,
    taking: { live, stage, prove },
  }: {
    copies: Copies;
    taking: Pick<Taking, 'live' | 'stage' | 'prove'>;
  }): Promise<boolean> {
    const { live: text = '' } = live;
    // Beside nothing, nothing can be proven: what is about to go live is next.
    if (text === '') return true;
    await stage(text);
    const blocks = [...blocksOf(text).values()];
    const proof = await this.#prove({ copies, taking: { prove } })({ text, blocks, ...live, isTrial: true });
    if (proof.ok) return false;
    const { message, facts } = proof.error;
    this.#noteRefused({ digest: copies.digest, text });
    const said = facts.said ?? facts.found ?? message;
    this.#report.tell({ kind: 'refused', own: copies, said, inUse: this.#copies.inUse });
    return true;
  }

  #prove({ copies, taking }: { copies: Copies; taking: Pick<Taking, 'prove'> }): ReturnType<ProveOn> {
    const folder = `${this.#o.paths.own}/${copies.number}`;
    const known = new Map(this.#copies.inUse?.files.map((file) => [file.original, file.bytes]));
    const same = copies.files.filter(({ original, bytes }) => known.get(original)?.equals(bytes) === true);
    return taking.prove({
      copies: { folder, originals: new Map(originalsOf({ copies, folder })) },
      loaded: new Set(same.map(({ copy }) => `${folder}/${copy}`)),
    });
  }
}

const NO_COPIES =
  'no copies of your own Vector files can be made now: until nvl is started again Vector reads them itself, and a broken one stops new tasks';

const KINDS: Partial<Record<ReloadResult['kind'], 'notLoaded' | 'needsRestart'>> = {
  refused: 'notLoaded',
  died: 'notLoaded',
  needsRestart: 'needsRestart',
};

/** A file that had something in it and has nothing now: a full disk leaves that behind, and an edit on its way. */
const emptied = ({ own, inUse }: { own: OwnFiles; inUse: Copies | undefined }): OwnFiles['faults'] => {
  const isBlank = (bytes: Buffer): boolean => bytes.toString('utf8').trim() === '';
  const filled = new Set(inUse?.files.filter(({ bytes }) => !isBlank(bytes)).map(({ original }) => original));
  return own.files
    .filter(({ original, bytes }) => filled.has(original) && isBlank(bytes))
    .map(({ original }) => ({ file: original, message: 'is empty; where that is meant, leave a comment in it' }));
};

const unreadError = (faults: OwnFiles['faults']): NvlError =>
  new NvlError('ownFiles', {
    message: 'a Vector file of your own cannot be read, and there is no good copy of it yet',
    facts: { said: faults.map(({ file, message }) => `${file} ${message}`).join('\n') },
    advice: 'put it right: nvl starts Vector as soon as it can read all of them',
  });

/** Files of the user's own beside a generated text: what is refused beside one may fit another. */
const refusalKey = ({ digest, text }: { digest: string; text: string }): string => `${digest} ${text}`;
