import type { Allocation } from './allocation.ts';
import type { ListAnswer, ListQuestion } from './client.ts';
import type { ListElement } from './list-elements.ts';
import { listIntervalMs } from './list-pace.ts';
import { type ListFault, listedTwice, readElement } from './read-element.ts';

/** What Nomad lists on the node, as far as nvl has to know it. */
export type NodeList = {
  allocations: Allocation[];
  /** Ids of those that are listed and over: nothing of them but the id is kept. */
  over: Pick<ReadonlySet<string>, 'has'>;
  faults: readonly ListFault[];
  hasLeader: boolean;
};

type Given = {
  ask: (question: ListQuestion) => Promise<ListAnswer>;
  /** The least time that a list which is followed is good for. */
  intervalMs?: number | undefined;
  /** Why nothing of it is to be collected; undefined where something may be left. Kept as long as Nomad says the same. */
  whyOver?: ((allocation: Allocation) => WhyOver | undefined) | undefined;
  /** Allocations of which there are log files, whatever they had before. */
  found?: (() => readonly string[]) | undefined;
};

/** `past`: it was collected, or is not wanted any more. `noFiles`: there are no log files of it. */
export type WhyOver = 'past' | 'noFiles';

/**
 * `waitMs`: how long to wait for a newer list at most; unset: as long as a list is good for. `isFresh`: with an index of 0, a question that is under way already
 * does not do.
 */
export type FollowQuestion = { index: number; waitMs?: number; isFresh?: boolean; signal: AbortSignal };

export type TakenAnswer = { index: number; isEmpty: boolean; isChanged: boolean; bytes: number };

/**
 * The allocations of one node, as the last whole answer has them. An element whose digest is known is not parsed again, of
 * one that is over the id alone is kept, and what has left the list is forgotten.
 */
export class KnownList {
  readonly #given: Given;
  /** By digest: those that are more than an id, which each cycle goes through, and the others. */
  #known = new Map<number, Kept>();
  #over = new Map<number, Over>();
  #overIds = new Map<string, number>();
  #hasLeader = true;
  #takenAt = Number.NEGATIVE_INFINITY;
  #index = 0;
  #bytes = 0;
  #isFollowed = false;
  #underWay: Promise<TakenAnswer> | undefined;

  constructor(given: Given) {
    this.#given = given;
  }

  /** After how long the whole list is asked for again where there is no news: longer where it is large. */
  get intervalMs(): number {
    return listIntervalMs({ intervalMs: this.#given.intervalMs ?? 0, bytes: this.#bytes });
  }

  /**
   * Asks for a list newer than `index`, and waits for it. While somebody follows the list so, it is known, and `take` asks
   * nothing: Nomad writes it once for both. An index of 0 in the answer is none, and follows nothing.
   */
  async follow({ index, waitMs, isFresh = false, signal }: FollowQuestion): Promise<TakenAnswer> {
    this.#isFollowed &&= index > 0;
    try {
      if (isFresh) await this.#underWay?.catch(() => {});
      const question = { index, waitMs: waitMs ?? this.intervalMs, signal };
      const answer = await (index > 0 ? this.#ask(question) : this.#askNow(question));
      this.#isFollowed = answer.index > 0;
      return answer;
    } catch (error) {
      this.#isFollowed = false;
      throw error;
    }
  }

  /** Makes sure that the list is as new as it can be. */
  async take(options: { signal?: AbortSignal | undefined }): Promise<void> {
    const ageMs = performance.now() - this.#takenAt;
    const goodMs = this.intervalMs * JITTER + Math.min(GRACE_MS, this.intervalMs / 2);
    if (!this.#isFollowed || ageMs > goodMs) await this.#askNow(options);
  }

  /** Who asks for the list as it is now, while somebody does, gets the same answer. */
  #askNow(question: { signal?: AbortSignal | undefined }): Promise<TakenAnswer> {
    this.#underWay ??= this.#ask(question).finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #ask(question: Omit<ListQuestion, 'onElement'>): Promise<TakenAnswer> {
    const startedAt = performance.now();
    const known = new Map<number, Kept>();
    const over = new Map<number, Over>();
    const onElement = (element: ListElement): void => {
      const { digest } = element;
      const one = this.#over.get(digest) ?? this.#known.get(digest) ?? this.#read(element);
      if ('why' in one) over.set(digest, one);
      else known.set(digest, one);
    };
    const { index, knownLeader, bytes } = await this.#given.ask({ ...question, onElement });
    const isChanged = !hasSameKeys(known, this.#known) || !hasSameKeys(over, this.#over);
    const answer = { index, isEmpty: known.size + over.size === 0, isChanged, bytes };
    // Of two answers that were under way at once, the older may come last.
    if (this.#takenAt > startedAt && index < this.#index) return answer;
    this.#known = known;
    this.#over = over;
    this.#overIds = new Map([...over].map(([digest, { id }]) => [id, digest]));
    this.#hasLeader = knownLeader;
    this.#takenAt = performance.now();
    this.#bytes = bytes;
    this.#index = index;
    return answer;
  }

  #read(element: ListElement): Kept | Over {
    const read = readElement(element);
    return 'allocation' in read ? this.#kept(read.allocation) : read;
  }

  #kept(allocation: Allocation): Kept | Over {
    const why = this.#given.whyOver?.(allocation);
    return why === undefined ? { allocation } : { id: allocation.id, why };
  }

  /** The last whole answer. What is over since then is forgotten. */
  listed(): NodeList {
    const allocations = new Map<string, Allocation>();
    const faults: ListFault[] = [];
    for (const [digest, known] of this.#known) {
      const now = 'allocation' in known ? this.#kept(known.allocation) : known;
      if ('why' in now) this.#forget(digest, now);
      else faults.push(...('fault' in now ? [now.fault] : addAllocation({ allocations, ...now })));
    }
    for (const id of this.#given.found?.() ?? []) this.#readAgain(id);
    return { allocations: [...allocations.values()], over: this.#overIds, faults, hasLeader: this.#hasLeader };
  }

  #forget(digest: number, over: Over): void {
    this.#known.delete(digest);
    this.#over.set(digest, over);
    this.#overIds.set(over.id, digest);
  }

  /** One that had no files is as if it had never been listed, and the list is asked for at once. */
  #readAgain(id: string): void {
    const digest = this.#overIds.get(id);
    if (digest === undefined || this.#over.get(digest)?.why !== 'noFiles') return;
    this.#over.delete(digest);
    this.#overIds.delete(id);
    this.#takenAt = Number.NEGATIVE_INFINITY;
  }
}

/** Of two elements of one id the newer counts. */
const addAllocation = ({
  allocations,
  allocation,
}: {
  allocations: Map<string, Allocation>;
  allocation: Allocation;
}): ListFault[] => {
  const { id, status } = allocation;
  const other = allocations.get(id);
  if (other === undefined || other.status.modifyIndex < status.modifyIndex) allocations.set(id, allocation);
  return other === undefined ? [] : [listedTwice(id)];
};

/** Nomad adds up to a sixteenth to a wait, and an answer takes its time. */
const JITTER = 17 / 16;
const GRACE_MS = 2_000;

const hasSameKeys = (one: ReadonlyMap<number, unknown>, other: ReadonlyMap<number, unknown>): boolean => {
  if (one.size !== other.size) return false;
  for (const key of one.keys()) if (!other.has(key)) return false;
  return true;
};

type Kept = { allocation: Allocation } | { fault: ListFault };
type Over = { id: string; why: WhyOver };
