import { stat } from 'node:fs/promises';
import { findHanging, hangs, standIn, suspectsOf, unitsOf, without } from '../apply/hanging.ts';
import type { RootPaths } from '../apply/paths.ts';
import { rootPaths } from '../apply/paths.ts';
import { proveCandidate } from '../apply/prove.ts';
import { stage } from '../apply/stage.ts';
import type { Config } from '../config/config.ts';
import type { Candidate, Proof, ProofMemory } from '../cycle-deps.ts';
import { NvlError } from '../errors.ts';
import { containerLogsOf } from '../render/containers/container-logs.ts';
import { assembleFile, type Block, blocksOf } from '../render/file.ts';
import { gateFile } from '../render/gate-file.ts';
import type { Templates } from '../render/templates.ts';
import { emptyTables } from '../render/vector-tables.ts';
import { withOriginalPaths } from '../vector/config/on-copies.ts';
import { findOwnedIds } from '../vector/config/user-config.ts';
import { findVector } from '../vector/process/find.ts';
import { createPace } from '../vector/proof/pace.ts';
import type { ProofName } from '../vector/proof/proofs.ts';
import { type Validation, validate } from '../vector/proof/validate.ts';
import { isEngineThere } from './is-engine-there.ts';
import type { RunningVector } from './running-vector.ts';

type Given = {
  config: Config;
  paths: RootPaths;
  runningVector: RunningVector;
  /** What is proven was rendered from these; undefined where no place in them needs to be told. */
  templates?: Templates;
  signal: AbortSignal;
  /** A daemon's: how long proofs take here, and what hangs whatever is proven. A command proves once. */
  memory?: ProofMemory;
  /** What keeps Vector from being started, whatever is proven. */
  whyNot?: () => NvlError | undefined;
  /** This machine only looks: see `proveCandidate`. */
  toleratesLacks?: boolean;
};

/** Has the real Vector judge candidates, in the place of the live file. */
export const proverOf = (given: Given): ((candidate: Candidate) => Promise<Proof>) => {
  const { runningVector, signal, templates, memory, toleratesLacks = false } = given;
  return async ({ text, blocks, live, loadedAt, isTrial = false }) => {
    const [problem] = (memory?.gateFile ?? gateFile)({ text });
    if (problem !== undefined) return { ok: false, error: gateError(problem.message), blamed: [] };
    const whyNot = given.whyNot?.();
    if (whyNot !== undefined) return { ok: false, error: whyNot, blamed: [] };
    await findVector({ command: runningVector.command, signal });
    const owned = findOwnedIds(runningVector.user);
    if (owned !== undefined) return { ok: false, error: withOwnPaths({ error: owned, runningVector }), blamed: [] };
    const liveBlocks = blocksOf(live ?? '');
    const older = await olderFiles({ runningVector, loadedAt });
    const judge = judgeOf({
      given,
      running: loadedAt === undefined ? undefined : liveBlocks,
      isOwnLoaded: runningVector.user.components.every(({ file }) => older.has(file)),
    });
    const proofs = memory?.proofsNow({ areSinksLive: areSinksLive({ blocks, live: liveBlocks }) });
    try {
      const proof = await proveCandidate({
        blocks,
        templates,
        validateStaged: () => judge.staged({ text, blocks, ...(proofs && { proofs }) }),
        validateOnly: (some) => judge.only(some),
        isRunning: runningOf({ runningVector, live: liveBlocks, loadedAt, older }),
        toleratesLacks,
      });
      return proof.ok && proofs?.length === 1
        ? { ...proof, unproven: [...(proof.unproven ?? []), stillHangs()] }
        : proof;
    } catch (error) {
      if (!(error instanceof NvlError) || error.code !== 'vectorHangs') throw error;
      if (isTrial) return { ok: false, error, blamed: [] };
      return blameHanging({ error, blocks, live: liveBlocks, judge, memory });
    }
  };
};

type Judge = {
  staged: (candidate: { text: string; blocks: readonly Block[]; proofs?: readonly ProofName[] }) => Promise<Validation>;
  only: (blocks: readonly Block[], proofs?: readonly ProofName[]) => Promise<Validation>;
};

const judgeOf = ({
  given: { config, paths, runningVector, signal, memory },
  running,
  isOwnLoaded,
}: {
  given: Given;
  /** The blocks that Vector is known to run; undefined where that is not known. */
  running: ReadonlyMap<string, Block> | undefined;
  /** Vector has loaded the components in the team's own files as they are now. */
  isOwnLoaded: boolean;
}): Judge => {
  const containers = containerLogsOf({ config, isThere: isEngineThere(config) });
  const ceilingMs = config.reload.timeout;
  const pace = memory?.pace(ceilingMs) ?? createPace({ ceilingMs, floorMs: LONG_MS, firstMs: LONG_MS });
  const run = ({
    text,
    builtText,
    proofs,
  }: {
    text: string;
    builtText?: string | undefined;
    proofs?: readonly ProofName[] | undefined;
  }) => {
    const bytesOf = (proof: ProofName): number =>
      Buffer.byteLength(proof === 'components' ? (builtText ?? text) : text);
    return validate({
      command: runningVector.command,
      liveFile: rootPaths(config.root).liveFile,
      stagedFile: paths.stagedFile,
      mirrorFolder: paths.mirror,
      builtText,
      tables: emptyTables({ text, linksDir: paths.links }),
      timeoutMs: (proof) => pace.limitMs({ proof, bytes: bytesOf(proof) }),
      onTook: ({ proof, ms }) => pace.took({ proof, bytes: bytesOf(proof), ms }),
      signal,
      ...(proofs && { proofs }),
    });
  };
  const staged: Judge['staged'] = async ({ text, blocks, proofs }) => {
    const built = builtBlocks({ blocks, running });
    if (built === undefined) return run({ text, proofs });
    const isAllBuilt = isOwnLoaded && built.every((block) => !blocks.includes(block));
    if (isAllBuilt) return run({ text, proofs: ['configuration'] });
    const builtText = assembleFile({ blocks: built, templates: [], linksDir: paths.links, containers });
    const validation = await run({ text, builtText, proofs });
    // A file of the team's own may name what was left out: then all of it has the last word.
    const isPartial = !validation.ok && validation.proof === 'components';
    return isPartial ? run({ text, proofs: ['components'] }) : validation;
  };
  return {
    staged,
    only: async (blocks, proofs) => {
      const text = assembleFile({ blocks, templates: [], linksDir: paths.links, containers });
      await stage({ paths, text });
      return staged({ text, blocks, ...(proofs && { proofs }) });
    },
  };
};

/**
 * What the second proof has to build: a reload builds what is new, so pipelines that Vector runs unchanged are left out, and so are
 * those that differ from one it runs in their names and VRL alone, which the first proof has compiled. A sink that runs is stood in for, so that its server, which may be silent, is
 * not asked. Undefined: all of it.
 */
const builtBlocks = ({
  blocks,
  running,
}: {
  blocks: readonly Block[];
  running: ReadonlyMap<string, Block> | undefined;
}): readonly Block[] | undefined => {
  if (running === undefined) return undefined;
  const built = new Set([...running.values()].map(builtOf));
  return blocks.flatMap((block) => {
    const isBuilt = built.has(builtOf(block));
    if (block.kind === 'sink') return [isBuilt ? standIn(block) : block];
    return isBuilt ? [] : [block];
  });
};

/** What of a block's text decides whether Vector can build it: all but names, the files of its source, and its programs. */
const builtOf = ({ key, kind, text }: Block): string =>
  kind === 'sink'
    ? `${key} ${text}`
    : text
        .replaceAll(key, '')
        .replaceAll(/'''[\s\S]*?'''/g, '')
        .replaceAll(/^(?:include = \[.*\]|graph\.node_attributes\.nvl = .*)$/gm, '');

/** A command holds nothing up, and may run on a machine that is slow or cold. */
const LONG_MS = 20_000;

/** Who made a proof hang; where what is live hangs as well, it is nobody, and only the first proof counts for a while. */
const blameHanging = async ({
  error,
  blocks,
  live,
  judge,
  memory,
}: {
  error: NvlError;
  blocks: readonly Block[];
  live: ReadonlyMap<string, Block>;
  judge: Judge;
  memory: ProofMemory | undefined;
}): Promise<Proof> => {
  const proof: ProofName = error.facts.proof === 'components' ? 'components' : 'configuration';
  const ends = async (some: readonly Block[]): Promise<boolean> => {
    try {
      await judge.only(some, [proof]);
      return true;
    } catch (reason) {
      if (reason instanceof NvlError && reason.code === 'vectorHangs') return false;
      throw reason;
    }
  };
  if (memory === undefined) {
    const guilty = await findHanging({ blocks, ends });
    return { ok: false, error, blamed: guilty.length < blocks.length ? hangs({ blocks: guilty, error }) : [] };
  }
  const suspects = await suspectsOf({ blocks, live, ends });
  if (suspects !== undefined) {
    memory.suspect(unitsOf(suspects));
    return { ok: false, error, blamed: hangs({ blocks: suspects, error }) };
  }
  memory.hung(proof);
  if (proof === 'configuration') return { ok: false, error, blamed: [] };
  const newSinks = blocks.filter((block) => block.kind === 'sink' && live.get(block.key)?.text !== block.text);
  if (newSinks.length > 0) return { ok: false, error, blamed: hangs({ blocks: newSinks, error }) };
  const first = await judge.only(without({ blocks, suspects: [], live }), ['configuration']);
  if (first.ok) return { ok: true, warnings: first.warnings, unproven: [stillHangs()] };
  return proveCandidate({
    blocks,
    templates: undefined,
    validateStaged: async () => first,
    validateOnly: (some) => judge.only(some, ['configuration']),
  });
};

const stillHangs = () =>
  ({
    proof: 'components',
    why: 'Vector gives no answer over what it runs already, as when a server it asks is silent',
  }) as const;

/** Whether the sinks of a candidate are those that are live: then a proof that builds no component says enough for a while. */
const areSinksLive = ({ blocks, live }: { blocks: readonly Block[]; live: ReadonlyMap<string, Block> }): boolean =>
  blocks.every((block) => block.kind !== 'sink' || live.get(block.key)?.text === block.text);

/** Files of the team's own with components that are older than what Vector has loaded; none where that is not known. */
const olderFiles = async ({
  runningVector,
  loadedAt,
}: {
  runningVector: RunningVector;
  loadedAt: number | undefined;
}): Promise<ReadonlySet<string>> => {
  const older = new Set<string>();
  if (loadedAt === undefined) return older;
  for (const file of new Set(runningVector.user.components.map((component) => component.file))) {
    const { ctimeMs } = await stat(file).catch(() => ({ ctimeMs: Number.POSITIVE_INFINITY }));
    if (ctimeMs < loadedAt || runningVector.loadedCopies?.has(file) === true) older.add(file);
  }
  return older;
};

/** What Vector has loaded: blocks that are live unchanged, and what stands in older files of the team's own. */
const runningOf =
  ({
    runningVector,
    live,
    loadedAt,
    older,
  }: {
    runningVector: RunningVector;
    live: ReadonlyMap<string, Block>;
    loadedAt: number | undefined;
    older: ReadonlySet<string>;
  }) =>
  ({ component, block }: { component: string; block: Block | undefined }): boolean => {
    if (loadedAt === undefined) return false;
    if (block !== undefined) return live.get(block.key)?.text === block.text;
    return runningVector.user.components.some(({ id, file }) => id === component && older.has(file));
  };

const withOwnPaths = ({
  error: { code, message, facts, advice },
  runningVector: { command },
}: {
  error: NvlError;
  runningVector: RunningVector;
}): NvlError => {
  const shown = Object.entries(facts).map(([name, words]) => [name, withOriginalPaths({ words, command })]);
  return new NvlError(code, { message, facts: Object.fromEntries(shown), ...(advice && { advice }) });
};

const gateError = (message: string): NvlError =>
  new NvlError('blockRefused', {
    message: `the generated file must not go live: ${message}`,
    advice: 'fix the template that it comes from; what is live is untouched',
  });
