import { NvlError } from '../errors.ts';
import { componentsOf } from '../plan/changes.ts';
import type { Block } from '../render/file.ts';
import type { Refusal } from '../vector/report.ts';
import type { Validation } from '../vector/validate.ts';

/** A block that Vector refuses, and what it says of it. */
export type Blamed = { block: Block; error: NvlError };

export type Proof =
  | { ok: true; warnings: readonly string[] }
  | { ok: false; error: NvlError; blamed: readonly Blamed[] };

/**
 * Has Vector judge a candidate, and finds who is to blame when it refuses. Vector names a component in most refusals;
 * where it names none, the blocks are proven in halves, so that one bad block never keeps all others from shipping.
 */
export const proveCandidate = async ({
  blocks,
  validateStaged,
  validateOnly,
}: {
  blocks: readonly Block[];
  /** Judges what is staged. */
  validateStaged: () => Promise<Validation>;
  /** Judges a set with only these blocks; what is staged is something else afterwards. */
  validateOnly: (blocks: readonly Block[]) => Promise<Validation>;
}): Promise<Proof> => {
  const validation = await validateStaged();
  if (validation.ok) return { ok: true, warnings: validation.warnings };
  const error = refusedError(validation);
  const named = blameByName({ refusals: validation.refusals, blocks });
  if (named.length > 0) return { ok: false, error, blamed: named };
  const culprits = await blameByHalves({ blocks, validateOnly });
  return {
    ok: false,
    error,
    blamed: culprits.map((block) => ({ block, error: blockError({ block, refusals: [], error }) })),
  };
};

const blameByName = ({ refusals, blocks }: { refusals: readonly Refusal[]; blocks: readonly Block[] }): Blamed[] => {
  const owners = new Map(
    blocks.flatMap((block) => [...componentsOf(block.text).values()].map(({ component }) => [component.id, block])),
  );
  const byBlock = new Map<Block, Refusal[]>();
  for (const refusal of refusals) {
    const block = refusal.component === undefined ? undefined : owners.get(refusal.component);
    if (block !== undefined) byBlock.set(block, [...(byBlock.get(block) ?? []), refusal]);
  }
  return [...byBlock].map(([block, said]) => ({
    block,
    error: blockError({ block, refusals: said, error: undefined }),
  }));
};

/** The blocks without which the others are good; none when the rest is refused as well, for then no block is to blame. */
const blameByHalves = async ({
  blocks,
  validateOnly,
}: {
  blocks: readonly Block[];
  validateOnly: (blocks: readonly Block[]) => Promise<Validation>;
}): Promise<readonly Block[]> => {
  const sinks = blocks.filter((block) => block.kind === 'sink');
  const isGood = async (some: readonly Block[]) => (await validateOnly([...some, ...sinks])).ok;
  if (!(await isGood([]))) return [];
  const search = async (suspects: readonly Block[]): Promise<Block[]> => {
    if (suspects.length === 0 || (await isGood(suspects))) return [];
    if (suspects.length === 1) return [...suspects];
    const middle = Math.ceil(suspects.length / 2);
    return [...(await search(suspects.slice(0, middle))), ...(await search(suspects.slice(middle)))];
  };
  return search(blocks.filter((block) => block.kind === 'task'));
};

const refusedError = ({ refusals, report }: { refusals: readonly Refusal[]; report: string }): NvlError =>
  new NvlError('vectorRefused', {
    message: 'Vector refused the new config; the one it runs is untouched',
    facts: { said: refusals.map((refusal) => refusal.message).join('\n') || report },
    advice: 'mend the template or the file that it names; nvl tries again at the next change',
  });

const blockError = ({
  block,
  refusals,
  error,
}: {
  block: Block;
  refusals: readonly Refusal[];
  error: NvlError | undefined;
}): NvlError =>
  new NvlError('vectorRefused', {
    message: `Vector refused the blocks of ${block.heading}`,
    facts: { said: error?.facts.said ?? refusals.map((refusal) => refusal.message).join('\n') },
    advice: 'mend the profile that the heading names; the other tasks ship',
  });
