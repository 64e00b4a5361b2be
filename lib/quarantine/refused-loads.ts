import type { CycleDeps } from '../cycle-deps.ts';
import { NvlError } from '../errors.ts';
import { digestOf } from '../plan/plan.ts';
import { type Block, blocksOf } from '../render/file.ts';
import type { QuarantinedBlocks } from '../render/render.ts';
import type { RefusedLoad } from '../state/state.ts';
import { blameFor, isOverDataDir, isOverTable } from './blame.ts';
import { quarantineBlock } from './quarantine-block.ts';

/** Of one block, and of files as wholes; the oldest go first. A bound for all of them would let one edit's blocks push each other out. */
const MAX_OF_ONE = 10;

/** Pipelines come and go with templates and parameters. One edit may have as many as there are tasks that have one each. */
const MAX_OF_ALL = 2_000;

/** Vector may say a lot, and each block that is to blame keeps a copy in the state. */
const MAX_SAID = 1_000;
const MAX_SAID_OF_MANY = 200;
const MANY = 20;

type Remembering = Pick<CycleDeps, 'memory' | 'store' | 'surroundings'>;

/**
 * Remembers what is to blame for a file that Vector did not take. The rest of the file is offered by the next cycle.
 * `good`: the file that Vector goes back to; undefined when there is none, and then a sink is not left out: without it
 * there would be nothing to offer. `mayRetry`: without a way back the same file may be tried again.
 */
export const quarantineChanges = ({
  bad,
  good,
  why,
  mayRetry = false,
  deps,
}: {
  bad: string;
  good: string | undefined;
  why: NvlError;
  mayRetry?: boolean;
  deps: Remembering;
}): void => {
  if (isOverTable(why.facts.said ?? '')) return;
  const blamed = blameFor({ bad, good, said: why.facts.said ?? '' });
  if (isOverDataDir(why.facts.said ?? '')) {
    // A Vector that runs is left alone with it for a while; one that does not is tried again as it is.
    if (!mayRetry) for (const block of blamed.blocks) quarantineBlock({ block, error: why, memory: deps.memory });
    return;
  }
  const blocks = blamed.blocks.filter(({ kind }) => good !== undefined || kind === 'pipeline');
  const entries = blocks.map(({ key, text }) => ({ key, digest: digestOf(text) }));
  // A team's own component that Vector named, or nothing that differs: the file as a whole, as long as all is the same.
  if (entries.length === 0 && good === undefined && mayRetry) return;
  const marks = entries.length > 0 ? entries : [{ digest: digestOf(bad) }];
  const { surroundings, memory, store } = deps;
  const { code, message, facts } = why;
  const said = facts.said?.slice(0, marks.length > MANY ? MAX_SAID_OF_MANY : MAX_SAID) ?? '';
  const added = marks.map((mark) => ({ ...mark, surroundings, code, message, said }));
  const state = store.read();
  memory.refusedLoads = lastOfEach([...refusedLoads(deps), ...added]);
  store.hold({ ...state, refusedLoads: memory.refusedLoads });
};

/** Each once, the last few of a block, and of all blocks no more than may be. */
const lastOfEach = (loads: readonly RefusedLoad[]): RefusedLoad[] => {
  const once = new Map(loads.map((load) => [JSON.stringify([load.key, load.digest, load.surroundings]), load]));
  return [...Map.groupBy(once.values(), ({ key }) => key).values()]
    .flatMap((ofOne) => ofOne.slice(-MAX_OF_ONE))
    .slice(-MAX_OF_ALL);
};

/** Why this file is not offered; undefined when nothing is known against it. */
export const whyNotLoad = ({ digest, deps }: { digest: string; deps: Remembering }): NvlError | undefined =>
  toError(refusedHere(deps).find((entry) => entry.key === undefined && entry.digest === digest));

/** The blocks that are left out of what is rendered: those that the proof refused, and those that Vector did not load. */
export const quarantinedIn = (deps: Remembering): QuarantinedBlocks => {
  const loads = Map.groupBy(refusedHere(deps), ({ key }) => key);
  return {
    get: (key) => {
      const proven = deps.memory.quarantined.get(key);
      const own = loads.get(key);
      if (own === undefined) return proven;
      return {
        get: (text) => {
          const digest = digestOf(text);
          return proven?.get(text) ?? toError(own.find((entry) => entry.digest === digest));
        },
      };
    },
  };
};

/** True for a file with a block, or as a whole, that Vector did not take. */
export const isRefusedFile = ({ text, deps }: { text: string; deps: Remembering }): boolean => {
  if (whyNotLoad({ digest: digestOf(text), deps }) !== undefined) return true;
  const keys = new Set(refusedHere(deps).flatMap(({ key }) => key ?? []));
  if (keys.size === 0) return false;
  const [quarantined, blocks] = [quarantinedIn(deps), blocksOf(text)];
  return [...keys].some((key) => {
    const block: Block | undefined = blocks.get(key);
    return block !== undefined && quarantined.get(key)?.get(block.text) !== undefined;
  });
};

const refusedLoads = ({ memory, store }: Pick<Remembering, 'memory' | 'store'>): readonly RefusedLoad[] =>
  (memory.refusedLoads ??= store.read().refusedLoads ?? []);

const refusedHere = (deps: Remembering): readonly RefusedLoad[] =>
  refusedLoads(deps).filter(({ surroundings }) => surroundings === deps.surroundings);

const toError = (entry: RefusedLoad | undefined): NvlError | undefined =>
  entry === undefined
    ? undefined
    : new NvlError(entry.code, {
        message: entry.message,
        facts: { said: entry.said },
        advice: 'fix what it says: any change of the template, also of a comment, is tried at once',
      });
