import { NvlError } from '../errors.ts';
import { componentsOf } from '../plan/changes.ts';
import { type Block, namesOfHeading } from '../render/file.ts';
import { refusedTemplate } from '../render/refused-template.ts';
import type { Templates } from '../render/templates.ts';
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
  templates,
  validateStaged,
  validateOnly,
}: {
  blocks: readonly Block[];
  /** What the blocks were rendered from, for the place that is to blame. */
  templates: Templates | undefined;
  /** Judges what is staged. */
  validateStaged: () => Promise<Validation>;
  /** Judges a set with only these blocks; what is staged is something else afterwards. */
  validateOnly: (blocks: readonly Block[]) => Promise<Validation>;
}): Promise<Proof> => {
  const validation = await validateStaged();
  if (validation.ok) return { ok: true, warnings: validation.warnings };
  const error = refusedError(validation);
  const named = blameByName({ refusals: validation.refusals, blocks, templates });
  if (named.length > 0) return { ok: false, error, blamed: named };
  const culprits = await blameByHalves({ blocks, validateOnly });
  return {
    ok: false,
    error,
    blamed: culprits.map((block) => ({ block, error: blockError({ block, refusals: [], error, templates }) })),
  };
};

const blameByName = ({
  refusals,
  blocks,
  templates,
}: {
  refusals: readonly Refusal[];
  blocks: readonly Block[];
  templates: Templates | undefined;
}): Blamed[] => {
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
    error: blockError({ block, refusals: said, error: undefined, templates }),
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
  templates,
}: {
  block: Block;
  refusals: readonly Refusal[];
  error: NvlError | undefined;
  templates: Templates | undefined;
}): NvlError =>
  new NvlError('vectorRefused', {
    message: `Vector refused the blocks of ${block.heading}`,
    facts: {
      at: placeOf({ block, refusals, templates }),
      said: error?.facts.said ?? refusals.map((refusal) => refusal.message).join('\n'),
    },
    advice: 'mend the profile that the heading names; the other tasks ship',
  });

/** The template and line that a refusal is about, where a block can be told to come from one. */
const placeOf = ({
  block,
  refusals,
  templates,
}: {
  block: Block;
  refusals: readonly Refusal[];
  templates: Templates | undefined;
}): string | undefined => {
  if (block.kind === 'sink') return block.heading;
  const profile = templates?.profiles.get(namesOfHeading(block.heading)?.profile ?? '');
  if (templates === undefined || profile === undefined) return undefined;
  const { source, transform } = profile;
  const files = [source, transform, templates.labels].filter((template) => template !== undefined);
  const own = { source: source.path, transform: transform?.path, labels: templates.labels.path, files };
  return refusedTemplate({ block, refusals, said: undefined, templates: own, shownPath: (path) => path })[0]?.facts.at;
};
