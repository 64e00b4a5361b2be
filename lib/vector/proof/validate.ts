import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'smol-toml';
import { NvlError } from '../../errors.ts';
import { environmentOf, INTERPOLATION, readArgs, type VectorCommand } from '../config/command.ts';
import { loadedFiles, readLoaded } from '../config/loaded-files.ts';
import { withOriginalPaths } from '../config/on-copies.ts';
import { findConfigPaths, trueFilePath } from '../config/paths.ts';
import { createRedact, type Redact } from '../config/redact.ts';
import { asArgument, withLive } from '../config/with-live.ts';
import { EX_CONFIG, runVector } from '../process/run.ts';
import { type MirroredPath, mirrorPaths, validateArgs } from './mirror.ts';
import { ownDataDir } from './own-data-dir.ts';
import { PROOFS, type ProofName } from './proofs.ts';
import { readReport, type VectorRefusal } from './report.ts';
import { tableStandIns } from './table-stand-in.ts';

export type Validation =
  | { ok: true; warnings: string[] }
  | {
      ok: false;
      /** The proof that failed. */
      proof: ProofName;
      refusals: VectorRefusal[];
      /** All that Vector said, with the live file's path where the staged one stood in for it. */
      report: string;
    };

/**
 * Asks Vector whether it would load everything it loads now with `stagedFile` in the place of `liveFile`, and then whether
 * it could build every component of it: same arguments, working directory and environment, but a data folder of its own.
 * What the first proof refuses is told without the second. No value that Vector interpolates is in what is told.
 * `mirrorFolder` is nvl's own and is made anew.
 * Throws `vectorHangs` after `timeoutMs` for one proof, with its name in `facts.proof`; `vectorDied` for any end but
 * Vector's 0 and 78, `vectorMissing`, `usage`.
 */
export const validate = async ({
  command,
  liveFile,
  stagedFile,
  mirrorFolder,
  builtText,
  tables = new Map(),
  proofs = PROOFS.map(({ name }) => name),
  timeoutMs = 30_000,
  onTook = () => {},
  signal,
}: {
  command: VectorCommand;
  liveFile: string;
  stagedFile: string;
  mirrorFolder: string;
  /** What the second proof builds in the place of `stagedFile`: a part of it, where Vector runs the rest already. */
  builtText?: string | undefined;
  /** What stands in for the tables that the staged file names, by their files: those that are live have other rows, or are not there yet. */
  tables?: ReadonlyMap<string, string> | undefined;
  /** Which of them to run; both by default. */
  proofs?: readonly ProofName[];
  timeoutMs?: number | ((proof: ProofName) => number);
  /** Told how long a proof took that came to an end. */
  onTook?: (took: { proof: ProofName; ms: number }) => void;
  signal?: AbortSignal;
}): Promise<Validation> => {
  const full = await withLive({ command, liveFile });
  const candidate = await mirrorCandidate({ command: full, liveFile, stagedFile, mirrorFolder, builtText, tables });
  const warnings: string[] = [];
  for (const { name, flag } of PROOFS) {
    if (!proofs.includes(name)) continue;
    const before = performance.now();
    const validation = await runProof({
      name,
      flag,
      command: full,
      candidate,
      timeoutMs: typeof timeoutMs === 'number' ? timeoutMs : timeoutMs(name),
      signal,
    });
    onTook({ proof: name, ms: performance.now() - before });
    if (!validation.ok) return validation;
    warnings.push(...validation.warnings);
  }
  return { ok: true, warnings: [...new Set(warnings)] };
};

/** What both proofs look at. */
type Candidate = {
  /** What each proof reads: the second one, which writes, with a data folder of its own. */
  inputs: Readonly<Record<ProofName, { args: string[]; mirroredPaths: MirroredPath[] }>>;
  interpolates: boolean;
  liveFile: string;
  /** The file that would go live. */
  staged: string;
  redact: Redact;
};

const mirrorCandidate = async ({
  command,
  liveFile,
  stagedFile,
  mirrorFolder,
  builtText,
  tables,
}: {
  command: VectorCommand;
  liveFile: string;
  stagedFile: string;
  mirrorFolder: string;
  builtText: string | undefined;
  tables: ReadonlyMap<string, string>;
}): Promise<Candidate> => {
  const env = environmentOf(command);
  const named = readArgs({ args: command.args, env });
  const paths = await findConfigPaths({ named, cwd: command.cwd, liveFile });
  const live = await trueFilePath(liveFile);
  const loaded = await loadedFiles(paths);
  const isOwn = await Promise.all(loaded.map(async ({ file }) => (await trueFilePath(file)) !== live));
  const own = loaded.filter((_, index) => isOwn[index]);
  await rm(mirrorFolder, { recursive: true, force: true });
  await mkdir(mirrorFolder, { recursive: true, mode: 0o700 });
  const withTables = await tableStandIns({ tables, mirrorFolder });
  const staged = await readFile(stagedFile, 'utf8');
  const standIns = new Map([[live, await withTables({ name: basename(stagedFile), text: staged, file: stagedFile })]]);
  const mirroredPaths = await mirrorPaths({ paths, liveFile, standIns, folder: mirrorFolder });
  const folder = join(mirrorFolder, 'components');
  const builtFile = async (text: string) =>
    withTables({ name: 'built.toml', text, file: await writeBuilt({ folder, text }) });
  const ownData = await ownDataDir({ files: own, dataDir: join(folder, 'data'), folder: join(folder, 'own') });
  const built = builtText === undefined ? [] : [[live, await builtFile(builtText)] as const];
  const instead = new Map([...built, ...ownData.standIns]);
  const componentStands =
    instead.size === 0
      ? mirroredPaths
      : await mirrorPaths({ paths, liveFile, standIns: new Map([...standIns, ...instead]), folder });
  const texts = named.interpolates ? await Promise.all(own.map(({ file }) => readLoaded(file).catch(() => ''))) : [];
  return {
    // The variables that name configurations stay as they are: a list of arguments hides each that counted.
    inputs: {
      configuration: { args: validateArgs(mirroredPaths), mirroredPaths },
      components: {
        args: [...validateArgs(componentStands), ...ownData.added.map(asArgument)],
        mirroredPaths: componentStands,
      },
    },
    interpolates: named.interpolates,
    liveFile,
    staged,
    redact: createRedact({ texts: [...texts, staged], env: named.interpolates ? env : undefined }),
  };
};

/** It is read once, by the proof, so the disk need not have it. */
const writeBuilt = async ({ folder, text }: { folder: string; text: string }): Promise<string> => {
  const place = join(folder, 'built');
  await mkdir(place, { recursive: true, mode: 0o700 });
  const file = join(place, 'nomad.toml');
  await writeFile(file, text);
  return file;
};

const runProof = async ({
  name,
  flag,
  command,
  candidate: { inputs, interpolates, liveFile, staged, redact },
  timeoutMs,
  signal,
}: {
  name: ProofName;
  flag: string;
  command: VectorCommand;
  candidate: Candidate;
  timeoutMs: number;
  signal: AbortSignal | undefined;
}): Promise<Validation> => {
  const { mirroredPaths } = inputs[name];
  const args = ['--color=never', ...(interpolates ? [INTERPOLATION] : []), 'validate', flag, ...inputs[name].args];
  const shown = (words: string): string =>
    withOriginalPaths({ words: withOriginals({ text: redact(words), mirroredPaths }), command });
  const finished = await runVector({ command, args, timeoutMs, ...(signal && { signal }) }).catch((error: unknown) => {
    throw withFacts({ error, name, shown });
  });
  const { exitCode, stdout, stderr } = finished;
  const report = readReport({ stdout, stderr });
  if (exitCode === 0 && !report.leftOut) return { ok: true, warnings: report.warnings.map(shown) };
  if (exitCode !== 0 && exitCode !== EX_CONFIG) {
    throw new NvlError('vectorDied', {
      message: `Vector ended with ${exitCode} where it should have judged the configuration`,
      facts: {
        command: ['vector', ...args].join(' '),
        said: shown(`${report.text}\n${stderr}`).trim().slice(-2_000) || undefined,
      },
      advice: 'run the command by hand to see what is wrong with it',
    });
  }
  return {
    ok: false,
    proof: name,
    refusals: report.refusals.map((refusal) => {
      const { file, message, ...rest } = withStagedFile({ refusal, staged, liveFile });
      return { ...rest, message: shown(message), ...(file === undefined ? {} : { file: shown(file) }) };
    }),
    report: shown(report.text),
  };
};

/** Which proof it was, and nothing that Vector interpolated. */
const withFacts = ({
  error,
  name,
  shown,
}: {
  error: unknown;
  name: ProofName;
  shown: (words: string) => string;
}): unknown => {
  if (!(error instanceof NvlError)) return error;
  const { code, message, facts, advice, cause } = error;
  const said = facts.said === undefined ? {} : { said: shown(facts.said) };
  return new NvlError(code, { message, facts: { ...facts, ...said, proof: name }, ...(advice && { advice }), cause });
};

/** Vector says line and column of what it cannot parse, and not the file: it is the staged one if that does not parse. */
const withStagedFile = ({
  refusal,
  staged,
  liveFile,
}: {
  refusal: VectorRefusal;
  staged: string;
  liveFile: string;
}): VectorRefusal => (refusal.line !== undefined && !isToml(staged) ? { ...refusal, file: liveFile } : refusal);

const isToml = (text: string): boolean => {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
};

const withOriginals = ({ text, mirroredPaths }: { text: string; mirroredPaths: MirroredPath[] }): string =>
  mirroredPaths.reduce((words, { path, original }) => words.replaceAll(join(path), original), text);
