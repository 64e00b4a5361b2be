import type { NvlError } from '../errors.ts';
import type { Decider } from '../pipelines/decider.ts';
import type { Deciders } from '../pipelines/differences.ts';
import { otherId } from '../pipelines/id.ts';
import type { Row } from '../pipelines/row.ts';
import { type Block, pipelineHeading } from './file.ts';

/** One pipeline of this pass, and the text by which it is told from others. */
type Known = { block: Block; probe: string | undefined; decidedBy?: readonly Decider[] };

/** What decides a pipeline, and how its text is made. */
export type Claim = {
  id: string;
  /** A digest of its text under an id that is the same for all. */
  probe: string;
  /** Whose sink takes its lines, where that is not the node's. */
  group: string | undefined;
  /** What tells it from others of its profile, and what decides it, for people. */
  describe: () => { profile: string; about: string; decidedBy: readonly Decider[] };
  make: (id: string) => { text: string } | { error: NvlError };
};

/** `bar`: why Vector refuses its text. `error`: why it can't be made. */
export type Claimed = { id: string; bar: NvlError | undefined } | { error: NvlError };

/**
 * The pipelines of one pass, as tasks claim them: those that render alike share one. A pipeline that is kept as it is live has
 * its text for all; a claim of its id with another text gets an id of its own.
 */
export class Pipelines {
  readonly #live: ReadonlyMap<string, Block>;
  readonly #bars: (key: string, text: string) => NvlError | undefined;
  readonly #known = new Map<string, Known>();
  readonly #barred = new Map<string, NvlError>();

  constructor({
    live,
    barOf,
  }: {
    live: ReadonlyMap<string, Block>;
    /** Why Vector refuses a block's text. */
    barOf: (key: string, text: string) => NvlError | undefined;
  }) {
    this.#live = live;
    this.#bars = barOf;
  }

  /** Whether Vector runs a pipeline that it does not refuse. */
  isLive(id: string): boolean {
    const block = this.#live.get(id);
    return block !== undefined && this.#bars(id, block.text) === undefined;
  }

  /** A live pipeline stays, unless another text has its id by now. */
  keep(id: string): void {
    const block = this.#live.get(id);
    if (block !== undefined && this.isLive(id) && !this.#known.has(id))
      this.#known.set(id, { block, probe: undefined });
  }

  /**
   * A row of a task of which nothing but its row can be used, where its pipeline is there: a column that was added meanwhile is
   * empty in it. To be asked when all have claimed theirs, or one that stays would hold up an edit for all others.
   */
  carry(row: Row): Row | undefined {
    const { pipeline } = row;
    this.keep(pipeline);
    return this.#live.has(pipeline) && this.#known.has(pipeline) ? row : undefined;
  }

  /** The pipeline that fits; nobody is in one that Vector refuses. */
  claim(claim: Claim): Claimed {
    for (let tries = 0; ; tries += 1) {
      // The id is another's where that one has the text from before an edit, or as Vector last took it.
      const id = tries === 0 ? claim.id : otherId({ ...claim, tries });
      const claimed = this.#take({ id, claim });
      if (claimed !== undefined) return claimed;
    }
  }

  /** Why Vector refuses a pipeline as it is live. */
  barOf(id: string): NvlError | undefined {
    const text = this.#live.get(id)?.text;
    return text === undefined ? undefined : this.#bars(id, text);
  }

  /** Those that tasks are in, by `ids`. */
  blocks(ids: ReadonlySet<string>): Block[] {
    return [...this.#known.values()].flatMap(({ block }) => (ids.has(block.key) ? [block] : []));
  }

  /** What decides each that a task was put into in this pass. */
  deciders(): Deciders {
    return new Map(
      [...this.#known].flatMap(([id, { decidedBy }]) => (decidedBy === undefined ? [] : [[id, decidedBy]])),
    );
  }

  /** Undefined where the id stands for another text. */
  #take({ id, claim }: { id: string; claim: Claim }): Claimed | undefined {
    const { probe, group, make } = claim;
    const barred = this.#barred.get(`${id} ${probe}`);
    if (barred !== undefined) return { id, bar: barred };
    const known = this.#known.get(id);
    if (known?.probe !== undefined) return known.probe === probe ? { id, bar: undefined } : undefined;
    const made = make(id);
    if ('error' in made) return made;
    const { text } = made;
    if (known !== undefined) {
      if (known.block.text !== text) return undefined;
      known.probe = probe;
      known.decidedBy = claim.describe().decidedBy;
      return { id, bar: undefined };
    }
    const bar = this.#bars(id, text);
    if (bar === undefined) {
      const { profile, about, decidedBy } = claim.describe();
      const heading = pipelineHeading({ profile, about, sink: group });
      const block: Block = { key: id, kind: 'pipeline', heading, text };
      this.#known.set(id, { probe, block, decidedBy });
    } else this.#barred.set(`${id} ${probe}`, bar);
    return { id, bar };
  }
}
