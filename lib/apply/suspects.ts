import { assembleFile, type Block } from '../render/file.ts';
import type { Unit, Unproven, World } from '../world.ts';
import { tryUnits } from './hanging.ts';

/**
 * Tries one lot of the blocks that were set aside since a proof hung with them, behind what the cycle had to do: a new task
 * waits for one such try at most. What comes to an end is offered again; true when there is more to do at once.
 */
export const trySuspects = async ({
  blocks,
  world,
}: {
  /** What was proven in this cycle. */
  blocks: readonly Block[];
  world: World;
}): Promise<boolean> => {
  const { proofs, barred } = world.memory;
  // Whatever is not barred any more was edited since.
  const isBarred = ({ key, text }: Block): boolean => barred.get(key)?.get(text)?.code === 'vectorHangs';
  const [units, ...later] = proofs.queue
    .map((lot) => lot.map((unit) => unit.filter(isBarred)).filter(isFilled))
    .filter(isFilled);
  if (units === undefined || world.signal.aborted) {
    proofs.queue = [];
    return false;
  }
  const ends = async (some: readonly Block[]): Promise<boolean> => {
    const text = assembleFile({ blocks: some, templates: [], linksDir: world.linksDir });
    await world.disk.stage(text);
    const proof = await world.prove({ text, blocks: some, isTrial: true });
    return proof.ok || proof.error.code !== 'vectorHangs';
  };
  const found = await tryUnits({ units, rest: blocks, ends });
  proofs.queue = 'halves' in found ? [...found.halves, ...later] : later;
  if ('free' in found) for (const { key, text } of found.free.flat()) barred.get(key)?.delete(text);
  return proofs.queue.length > 0 || 'free' in found;
};

/** What could not be proven, once; and once that it can be again. */
export const tellUnproven = ({ unproven, world }: { unproven: readonly Unproven[]; world: World }): void => {
  const { proofs } = world.memory;
  const said = unproven.map(({ component, why }) => `${component ?? 'Vector'}: ${why}`).join('\n');
  if (said === proofs.toldUnproven) return;
  if (said === '') world.log.info('all components can be proven again');
  else
    world.log.warn(
      { said },
      'a part of the configuration cannot be proven now; it is the part that Vector runs already',
    );
  proofs.toldUnproven = said;
};

const isFilled = (list: readonly unknown[] | Unit): boolean => list.length > 0;
