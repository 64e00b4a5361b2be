import type { CycleDeps, Unit, Unproven } from '../cycle-deps.ts';
import { containerLogsOf } from '../render/containers/container-logs.ts';
import { assembleFile, type Block } from '../render/file.ts';
import { tryUnits } from './hanging.ts';

/**
 * Tries one lot of the blocks that were set aside since a proof hung with them, behind what the cycle had to do: a new task
 * waits for one such try at most. What comes to an end is offered again; true when there is more to do at once.
 */
export const trySuspects = async ({
  blocks,
  deps,
}: {
  /** What was proven in this cycle. */
  blocks: readonly Block[];
  deps: CycleDeps;
}): Promise<boolean> => {
  const { proofs, quarantined } = deps.memory;
  // Whatever is not barred any more was edited since.
  const isQuarantined = ({ key, text }: Block): boolean => quarantined.get(key)?.get(text)?.code === 'vectorHangs';
  const [units, ...later] = proofs.queue
    .map((lot) => lot.map((unit) => unit.filter(isQuarantined)).filter(isFilled))
    .filter(isFilled);
  if (units === undefined || deps.signal.aborted) {
    proofs.queue = [];
    return false;
  }
  const ends = async (some: readonly Block[]): Promise<boolean> => {
    const text = assembleFile({
      blocks: some,
      templates: [],
      linksDir: deps.linksDir,
      containers: containerLogsOf({ config: deps.config, isThere: deps.isEngineThere !== false }),
    });
    await deps.disk.stage(text);
    const proof = await deps.prove({ text, blocks: some, isTrial: true });
    return proof.ok || proof.error.code !== 'vectorHangs';
  };
  const found = await tryUnits({ units, rest: blocks, ends });
  proofs.queue = 'halves' in found ? [...found.halves, ...later] : later;
  if ('free' in found) for (const { key, text } of found.free.flat()) quarantined.get(key)?.delete(text);
  return proofs.queue.length > 0 || 'free' in found;
};

/** What could not be proven, once; and once that it can be again. */
export const tellUnproven = ({ unproven, deps }: { unproven: readonly Unproven[]; deps: CycleDeps }): void => {
  const { proofs } = deps.memory;
  const said = unproven.map(({ component, why }) => `${component ?? 'Vector'}: ${why}`).join('\n');
  if (said === proofs.toldUnproven) return;
  if (said === '') deps.log.info('all components can be proven again');
  else
    deps.log.warn(
      { said },
      'a part of the configuration cannot be proven now; it is the part that Vector runs already',
    );
  proofs.toldUnproven = said;
};

const isFilled = (list: readonly unknown[] | Unit): boolean => list.length > 0;
