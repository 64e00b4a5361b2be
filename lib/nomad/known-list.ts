import type { Allocation } from './allocation.ts';
import type { ListAnswer, ListQuestion } from './client.ts';
import type { ListElement } from './list-elements.ts';
import { listIntervalMs } from './list-pace.ts';
import { type ListFault, listedTwice, readElement } from './read-element.ts';

/** What Nomad lists on the node, as far as nvl has to know it. */
export type NodeList = {
  allocations: Allocation[];
  /** Ids of those that are listed and over: nothing of them but the id is kept. */
  over: ReadonlySet<string>;
  faults: readonly ListFault[];
  hasLeader: boolean;
};

type Given = {
  ask: (question: ListQuestion) => Promise<ListAnswer>;
  /** The least time that a list which is followed is good for. */
  intervalMs?: number | undefined;
  /** Why nothing of it is to be collected; undefined where something may be left. Kept as long as Nomad says the same. */
  whyOver?: ((allocation: Allocation) => WhyOver | undefined) | undefined;
  /** Whether log files of an allocation that had none were found all the same. */
  isFound?: ((allocId: string) => boolean) | undefined;
};

/** `past`: it was collected, or is not wanted any more. `noFiles`: there are no log files of it. */
export type WhyOver = 'past' | 'noFiles';

export type TakenAnswer = { index: number; isEmpty: boolean; isChanged: boolean; bytes: number };

/**
 * The allocations of one node, as the last whole answer has them. An element whose digest is known is not parsed again, of
 * one that is over the id alone is kept, and what has left the list is forgotten.
 */
export class KnownList {
  readonly #given: Given;
  #known = new Map<number, Known>();
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
  async follow({ index, signal }: { index: number; signal: AbortSignal }): Promise<TakenAnswer> {
    this.#isFollowed &&= index > 0;
    try {
      const question = { index, waitMs: this.intervalMs, signal };
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
    if (!this.#isFollowed || ageMs > this.intervalMs * JITTER + GRACE_MS) await this.#askNow(options);
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
    const before = this.#known;
    const now = new Map<number, Known>();
    const onElement = (element: ListElement): void => {
      now.set(element.digest, before.get(element.digest) ?? this.#read(element));
    };
    const { index, knownLeader, bytes } = await this.#given.ask({ ...question, onElement });
    const answer = { index, isEmpty: now.size === 0, isChanged: !hasSameKeys(now, this.#known), bytes };
    // Of two answers that were under way at once, the older may come last.
    if (this.#takenAt > startedAt && index < this.#index) return answer;
    this.#known = now;
    this.#hasLeader = knownLeader;
    this.#takenAt = performance.now();
    this.#bytes = bytes;
    this.#index = index;
    return answer;
  }

  #read(element: ListElement): Known {
    const read = readElement(element);
    return 'allocation' in read ? this.#kept(read.allocation) : read;
  }

  #kept(allocation: Allocation): Known {
    const why = this.#given.whyOver?.(allocation);
    return why === undefined ? { allocation } : { id: allocation.id, why };
  }

  /** It is as if it had never been listed, and the list is asked for at once. */
  #readAgain(digest: number): void {
    this.#known.delete(digest);
    this.#takenAt = Number.NEGATIVE_INFINITY;
  }

  /** The last whole answer. What is over since then is forgotten. */
  listed(): NodeList {
    const allocations = new Map<string, Allocation>();
    const over = new Set<string>();
    const faults: ListFault[] = [];
    for (const [digest, known] of this.#known) {
      const now = 'allocation' in known ? this.#kept(known.allocation) : known;
      if (now !== known && 'why' in now) this.#known.set(digest, now);
      if ('fault' in now) faults.push(now.fault);
      else if ('why' in now) this.#addOver({ over, digest, ...now });
      else faults.push(...addAllocation({ allocations, ...now }));
    }
    return { allocations: [...allocations.values()], over, faults, hasLeader: this.#hasLeader };
  }

  #addOver({ over, digest, id, why }: { over: Set<string>; digest: number; id: string; why: WhyOver }): void {
    if (why === 'noFiles' && this.#given.isFound?.(id) === true) this.#readAgain(digest);
    else over.add(id);
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

type Known = { allocation: Allocation } | { id: string; why: WhyOver } | { fault: ListFault };
