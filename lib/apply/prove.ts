import type { Blamed, Proof, Unproven } from '../cycle-deps.ts';
import { NvlError } from '../errors.ts';
import { componentsOf } from '../render/components.ts';
import { type Block, namesOfPipeline } from '../render/file.ts';
import type { Templates } from '../render/templates.ts';
import { profileShown } from '../render/used-templates.ts';
import { SECRET } from '../vector/config/redact.ts';
import { lackOf } from '../vector/proof/lacking.ts';
import { commandOf, PROOFS } from '../vector/proof/proofs.ts';
import type { VectorRefusal } from '../vector/proof/report.ts';
import type { Validation } from '../vector/proof/validate.ts';
import { bisect } from './bisect.ts';
import { standIn } from './hanging.ts';
import { refusedTemplate } from './refused-template.ts';

/** One line for people: what could not be proven, by which command, and why. */
export const unprovenText = ({ component, proof, why }: Unproven): string =>
  `${component ?? 'the whole'}, by ${proof === 'both' ? PROOFS.map(({ name }) => commandOf(name)).join(' and ') : commandOf(proof)}: ${why}`;

/**
 * Has Vector judge a candidate, and finds who is to blame when it refuses. Vector names a component in most refusals;
 * where it names none, the blocks are proven in halves, so that one bad block never keeps all others from shipping.
 */
export const proveCandidate = async ({
  blocks,
  templates,
  validateStaged,
  validateOnly,
  isRunning = () => false,
  toleratesLacks = false,
}: {
  blocks: readonly Block[];
  /** What the blocks were rendered from, for the place that is to blame. */
  templates: Templates | undefined;
  /** Judges what is staged. */
  validateStaged: () => Promise<Validation>;
  /** Judges a set with only these blocks; what is staged is something else afterwards. */
  validateOnly: (blocks: readonly Block[]) => Promise<Validation>;
  /** Vector runs this component as it is: that it could not be built now, as its server is away, is no reason against a change. */
  isRunning?: (named: { component: string; block: Block | undefined }) => boolean;
  /** This machine only looks, and may lack what the node has: certificates, variables, a kind of sink. */
  toleratesLacks?: boolean;
}): Promise<Proof> => {
  const unproven: Unproven[] = [];
  let asked = blocks;
  let validation = await validateStaged();
  // Each round takes a sink out that Vector cannot even read here.
  for (let round = 1; ; round += 1) {
    if (validation.ok) return { ok: true, warnings: validation.warnings, ...(unproven.length > 0 && { unproven }) };
    const { excused, bad, blind } = sortOut({ validation, blocks, isRunning, toleratesLacks });
    unproven.push(...excused);
    const isAll = bad.length === 0 && validation.refusals.length > 0;
    // Vector tells every component that it cannot build, so that all others are built.
    if (isAll && (validation.proof === 'components' || blind.length === 0 || round === MAX_ROUNDS)) {
      return { ok: true, warnings: [], unproven };
    }
    if (!isAll) return blameRefusal({ validation: { ...validation, refusals: bad }, blocks, templates, validateOnly });
    asked = asked.map((block) => (blind.includes(block) ? standIn(block) : block));
    validation = await validateOnly(asked);
  }
};

const MAX_ROUNDS = 10;

type Refused = Extract<Validation, { ok: false }>;

/** Refusals that say nothing against the configuration, those that do, and the sinks Vector could not even read. */
const sortOut = ({
  validation: { proof, refusals },
  blocks,
  isRunning,
  toleratesLacks,
}: {
  validation: Refused;
  blocks: readonly Block[];
  isRunning: (named: { component: string; block: Block | undefined }) => boolean;
  toleratesLacks: boolean;
}): { excused: Unproven[]; bad: VectorRefusal[]; blind: Block[] } => {
  const owners = ownersOf(blocks);
  const sorted = { excused: [] as Unproven[], bad: [] as VectorRefusal[], blind: [] as Block[] };
  for (const refusal of refusals) {
    const { component } = refusal;
    const block = component === undefined ? undefined : owners.get(component);
    const lack = toleratesLacks ? lackOf({ refusal, text: block?.text ?? '' }) : undefined;
    const named = component === undefined ? {} : { component };
    if (proof === 'components' && component !== undefined && isRunning({ component, block })) {
      sorted.excused.push({ ...named, proof, why: `Vector runs it, and could not build it now: ${refusal.message}` });
    } else if (lack !== undefined) {
      sorted.excused.push({
        ...named,
        proof: proof === 'components' ? proof : 'both',
        why: `this machine lacks ${lack}`,
      });
      if (block?.kind === 'sink') sorted.blind.push(block);
    } else sorted.bad.push(refusal);
  }
  return sorted;
};

const blameRefusal = async ({
  validation,
  blocks,
  templates,
  validateOnly,
}: {
  validation: Refused;
  blocks: readonly Block[];
  templates: Templates | undefined;
  validateOnly: (blocks: readonly Block[]) => Promise<Validation>;
}): Promise<Proof> => {
  const error = refusedError(validation);
  const proof = commandOf(validation.proof);
  const named = blameByName({ proof, refusals: validation.refusals, blocks, templates });
  if (named.length > 0) return { ok: false, error, blamed: named };
  const sinks = blocks.filter((block) => block.kind === 'sink');
  const culprits = await bisect({
    blocks: blocks.filter((block) => block.kind === 'pipeline'),
    isGood: async (some) => (await validateOnly([...some, ...sinks])).ok,
  });
  return {
    ok: false,
    error,
    blamed: culprits.map((block) => ({ block, error: blockError({ block, proof, refusals: [], error, templates }) })),
  };
};

const ownersOf = (blocks: readonly Block[]): Map<string, Block> =>
  new Map(
    blocks.flatMap((block) => [...componentsOf(block.text).values()].map(({ component }) => [component.id, block])),
  );

const blameByName = ({
  proof,
  refusals,
  blocks,
  templates,
}: {
  proof: string;
  refusals: readonly VectorRefusal[];
  blocks: readonly Block[];
  templates: Templates | undefined;
}): Blamed[] => {
  const owners = ownersOf(blocks);
  const byBlock = new Map<Block, VectorRefusal[]>();
  for (const refusal of refusals) {
    const block = refusal.component === undefined ? undefined : owners.get(refusal.component);
    if (block !== undefined) byBlock.set(block, [...(byBlock.get(block) ?? []), refusal]);
  }
  return [...byBlock].map(([block, said]) => ({
    block,
    error: blockError({ block, proof, refusals: said, error: undefined, templates }),
  }));
};

const refusedError = ({ proof, refusals, report }: Refused): NvlError =>
  new NvlError('vectorRefused', {
    message: 'Vector refused the new config; the one it runs is untouched',
    facts: { said: refusals.map((refusal) => refusal.message).join('\n') || report, proof: commandOf(proof) },
    advice: `${isBlind(report) ? SECRET_ADVICE : ''}fix the template or the file that it names; nvl tries again at the next change`,
  });

const blockError = ({
  block,
  proof,
  refusals,
  error,
  templates,
}: {
  block: Block;
  /** The command that refused it. */
  proof: string;
  refusals: readonly VectorRefusal[];
  error: NvlError | undefined;
  templates: Templates | undefined;
}): NvlError =>
  new NvlError('vectorRefused', {
    message: `Vector refused the blocks of ${block.heading}`,
    facts: {
      at: templateLineOf({ block, refusals, templates }),
      proof,
      said: error?.facts.said ?? refusals.map((refusal) => refusal.message).join('\n'),
    },
    advice: `${isBlind(block.text) ? SECRET_ADVICE : ''}fix the template that the heading names; the other tasks ship`,
  });

/** `vector validate` does not ask secret backends, so that a place for an address or a number holds no such one then. */
const isBlind = (text: string): boolean => SECRET.test(text);
const SECRET_ADVICE = 'vector validate puts nothing for SECRET[...]: write addresses and numbers out; ';

/** The template and line that a refusal is about, where a block can be told to come from one. */
const templateLineOf = ({
  block,
  refusals,
  templates,
}: {
  block: Block;
  refusals: readonly VectorRefusal[];
  templates: Templates | undefined;
}): string | undefined => {
  if (block.kind === 'sink') return block.heading;
  if (templates === undefined) return undefined;
  const profile = profileShown({ templates, shown: namesOfPipeline(block.heading)?.profile ?? '' });
  if (profile === undefined) return undefined;
  const { source, transform } = profile;
  const files = [source, transform, templates.labels].filter((template) => template !== undefined);
  const own = { source: source.path, transform: transform?.path, labels: templates.labels.path, files };
  return refusedTemplate({ block, refusals, said: undefined, templates: own, shownPath: (path) => path })[0]?.facts.at;
};
