import { proveCandidate } from '../apply/prove.ts';
import type { Proof, Unproven } from '../cycle-deps.ts';
import { describeError, NvlError } from '../errors.ts';
import { assembleFile, type Block } from '../render/file.ts';
import { PROOFS, type ProofName } from '../vector/proof/proofs.ts';
import { renderTests, type TaskErrors, type TestSession } from './session.ts';
import { validateText } from './validate-text.ts';

/** What both proofs say of the blocks and sinks of a run's profiles. */
export type Proofs = {
  /** The proofs that came to an end. */
  ran: readonly ProofName[];
  /** What this machine could not prove, which is no fault of the templates. */
  unproven: readonly Unproven[];
  /** Sinks that Vector refuses. */
  errors: readonly NvlError[];
};

/**
 * Has Vector judge a task of each profile with the sinks that take its lines, without running them: a test sends nothing to
 * anybody. What a machine lacks that only runs tests is told as not proven.
 */
export const proveSinks = async ({
  session,
  errors,
}: {
  session: TestSession;
  /** The tasks that cannot be run, which are told with their profile. */
  errors: Readonly<Pick<TaskErrors, 'has'>>;
}): Promise<Proofs> => {
  const { blocks: rendered, unproven } = renderWithSinks({ session, errors });
  const refused: NvlError[] = [];
  let blocks = rendered;
  for (let round = 1; ; round += 1) {
    const proof = await proofOf({ session, blocks });
    if ('hung' in proof)
      return { ran: before(proof.hung), unproven: [...unproven, silent(proof.hung)], errors: refused };
    if (proof.ok) return { ran: ALL, unproven: [...unproven, ...(proof.unproven ?? [])], errors: refused };
    if (proof.blamed.length === 0 || round === MAX_ROUNDS)
      return { ran: [], unproven, errors: [...refused, proof.error] };
    for (const { block, error } of proof.blamed) {
      const input = unknownInput(error);
      if (block.kind === 'sink' && input !== undefined) unproven.push(outside({ block, input }));
      else refused.push(refusedSink({ block, error }));
    }
    const guilty = new Set(proof.blamed.map(({ block }) => block));
    blocks = blocks.filter((block) => !guilty.has(block));
  }
};

const MAX_ROUNDS = 10;
const ALL: readonly ProofName[] = PROOFS.map(({ name }) => name);
const before = (name: ProofName): readonly ProofName[] => ALL.slice(0, ALL.indexOf(name));

/** A task of each profile, with the sinks; what cannot be rendered for a made-up node may well be on a real one. */
const renderWithSinks = ({
  session,
  errors,
}: {
  session: TestSession;
  errors: Readonly<Pick<TaskErrors, 'has'>>;
}): { blocks: readonly Block[]; unproven: Unproven[] } => {
  const first = new Map<string, string>();
  for (const { task } of session.cases) {
    const { id, profile } = task.context;
    if (!errors.has(id) && !first.has(profile)) first.set(profile, id);
  }
  const ids = new Set(first.values());
  const isIn = (id: string) => ids.has(id);
  const { blocks, refused } = renderTests({ session, isIn, hasSinks: true });
  const isWhole = blocks.filter(({ kind }) => kind === 'pipeline').length === ids.size;
  return {
    // Without a sink for the rest, tasks are left out as well.
    blocks: isWhole ? blocks : renderTests({ session, isIn }).blocks,
    unproven: refused
      .filter(({ key }) => !ids.has(key))
      .map(({ heading, errors: [error] }) => ({
        component: heading,
        proof: 'both',
        why: `it cannot be rendered for the made-up node of a test: ${error === undefined ? '' : firstLine(error)}`,
      })),
  };
};

const firstLine = (error: NvlError): string =>
  describeError(error)
    .replace(/^nvl: /, '')
    .split('\n')[0] ?? '';

const proofOf = async ({
  session,
  blocks,
}: {
  session: TestSession;
  blocks: readonly Block[];
}): Promise<Proof | { hung: ProofName }> => {
  const judge = (some: readonly Block[]) => {
    const text = assembleFile({ blocks: some, templates: [], linksDir: session.folders.links });
    return validateText({ session, text, timeoutMs: ANSWER_MS });
  };
  try {
    return await proveCandidate({
      blocks,
      templates: undefined,
      validateStaged: () => judge(blocks),
      validateOnly: judge,
      toleratesLacks: true,
    });
  } catch (error) {
    if (!(error instanceof NvlError) || error.code !== 'vectorHangs') throw error;
    return { hung: error.facts.proof === 'configuration' ? 'configuration' : 'components' };
  }
};

/** As long as other commands give a proof. */
const ANSWER_MS = 20_000;

const silent = (hung: ProofName): Unproven => ({
  proof: hung,
  why: `Vector gave no answer in ${ANSWER_MS / 1000} s, as when a server that a sink asks is silent`,
});

/** What a sink reads that no template makes. */
const unknownInput = ({ facts }: NvlError): string | undefined =>
  /^Input "([^"]*)" for (?:sink|transform) "[^"]*" doesn't match any components/.exec(facts.said ?? '')?.[1];

const outside = ({ block, input }: { block: Block; input: string }): Unproven => ({
  component: block.heading,
  proof: 'both',
  why: `a test knows the templates alone, and ${input}, which it reads, is in none of them`,
});

const refusedSink = ({ block, error }: { block: Block; error: NvlError }): NvlError =>
  new NvlError('vectorRefused', {
    message: `Vector refuses ${block.heading}`,
    facts: error.facts,
    advice: 'fix it: Vector would not start with it',
  });
