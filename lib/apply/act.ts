import type { Outcome, World } from '../cycle.ts';
import { NvlError } from '../errors.ts';
import { changesBetween } from '../plan/changes.ts';
import { digestOf, type Plan } from '../plan/plan.ts';
import { type Block, blocksOf } from '../render/file.ts';

/** What came of acting. `isAssumed`: nothing confirms the reload, and Vector is not told any more. */
export type Acted = { outcome: Outcome; why?: NvlError; isAssumed?: true };

/**
 * How often Vector is told to load the same bytes when nothing confirms that it does. Some set-ups never can: where a
 * new folder is all there is to see, a reload that only removes tasks shows nothing.
 */
const MAX_TELLS = 3;

/** Swap → reload → confirm; and back to the last good generation when that went wrong. */
export const act = async ({ plan, world }: { plan: Plan; world: World }): Promise<Acted> => {
  const { disk, memory, signal } = world;
  if (!plan.swap && !plan.reload) return { outcome: 'unchanged' };
  if (plan.swap) await disk.swap();
  const added = plan.changes.added.filter(({ kind }) => kind === 'source').map(({ id }) => id);
  const reloaded = await world.reload({ added, signal });
  switch (reloaded.kind) {
    case 'reloaded':
      await disk.keepGeneration(plan.text);
      return { outcome: 'reloaded' };
    case 'needsRestart':
      return { outcome: 'needsRestart', why: reloadError(reloaded) };
    case 'unconfirmed':
      return signal.aborted
        ? { outcome: 'unconfirmed', why: reloadError(reloaded) }
        : tellAgain({ plan, memory, why: reloaded.why });
    default: {
      const good = await rollBack({ bad: plan.digest, disk });
      const isBack = good !== undefined;
      const why = reloadError({ ...reloaded, isBack });
      // Without a way back there is nothing to protect: what Vector died of may have been no fault of the bytes.
      if (isBack && reloaded.kind === 'died') condemn({ bad: plan.text, good, why, memory });
      if (isBack && reloaded.kind === 'failed') await world.reload({ added: [], signal });
      return { outcome: isBack ? 'rolledBack' : 'unconfirmed', why };
    }
  }
};

/**
 * Puts the last good generation live again, and returns it: its blocks, never links of tasks that are drained since.
 * Undefined when there is none but the bad one. `wasGood`: the bad one may have been kept as good before it turned out bad.
 */
export const rollBack = async ({
  bad,
  wasGood = false,
  disk,
}: {
  bad: string;
  wasGood?: boolean;
  disk: World['disk'];
}): Promise<string | undefined> => {
  const good = await disk.lastGeneration(wasGood ? { except: bad } : {});
  if (good === undefined || digestOf(good) === bad) return undefined;
  await disk.restore(good);
  return good;
};

/**
 * Vector died of this file. It is not offered again, nor is in another one what it had more than the good one: whatever
 * else changes on the node would only kill Vector again.
 */
export const condemn = ({
  bad,
  good,
  why,
  memory,
}: {
  bad: string;
  good: string;
  why: NvlError;
  memory: World['memory'];
}): void => {
  memory.deadly.set(digestOf(bad), why);
  const blocks = blocksOf(bad);
  for (const { key, change } of changesBetween({ before: good, after: bad }).blocks) {
    const block = change === 'removed' ? undefined : blocks.get(key);
    if (block !== undefined) bar({ block, error: why, memory });
  }
};

/** Leaves a block out of what is rendered, as long as it is the same. */
export const bar = ({ block, error, memory }: { block: Block; error: NvlError; memory: World['memory'] }): void => {
  const texts = memory.barred.get(block.key) ?? new Map<string, NvlError>();
  memory.barred.set(block.key, texts.set(block.text, error));
};

const tellAgain = ({ plan, memory, why }: { plan: Plan; memory: World['memory']; why: string }): Acted => {
  const tells = memory.told?.digest === plan.digest ? memory.told.times + 1 : 1;
  memory.told = { digest: plan.digest, times: tells };
  if (tells < MAX_TELLS) return { outcome: 'unconfirmed', why: reloadError({ kind: 'unconfirmed', why }) };
  return {
    outcome: 'unconfirmed',
    isAssumed: true,
    why: new NvlError('reloadFailed', {
      message: `Vector was told ${tells} times to reload, and nothing confirms that it did; nvl takes it as done`,
      facts: { said: why },
      advice: 'set reload.metrics, so that nvl can see reloads, or let nvl run Vector',
    }),
  };
};

const reloadError = ({ kind, why, isBack = false }: { kind: string; why: string; isBack?: boolean }): NvlError =>
  new NvlError(kind === 'died' ? 'vectorDied' : 'reloadFailed', {
    message: `${RELOAD_WORDS[kind]}${isBack ? '; the last good one is live again' : ''}`,
    facts: { said: why },
    advice:
      kind === 'needsRestart'
        ? 'restart Vector: it loads what is live'
        : 'nvl tries again with growing pauses; see what Vector logged',
  });

const RELOAD_WORDS: Readonly<Record<string, string>> = {
  unconfirmed: 'Vector was told to reload, and nothing confirms that it did',
  needsRestart: 'Vector cannot load the new config without a restart',
  failed: 'Vector did not load the new config',
  died: 'Vector died of the new config',
};
