import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { NvlError } from '../errors.ts';
import { environmentOf, interpolation, readArgs, type VectorCommand } from './command.ts';
import { findConfigPaths } from './config-paths.ts';
import { mirrorPaths, type Stand, validateArgs } from './mirror.ts';
import { type Refusal, readReport } from './report.ts';
import { runVector } from './run.ts';
import { withLive } from './with-live.ts';

export type Validation =
  | { ok: true; warnings: string[] }
  | {
      ok: false;
      refusals: Refusal[];
      /** All that Vector said, with the live file's path where the staged one stood in for it. */
      report: string;
    };

/**
 * Asks `vector validate --no-environment` whether it would load everything it loads now with `stagedFile` in the place of
 * `liveFile`: same arguments, working directory and environment. `mirrorFolder` is nvl's own and is made anew.
 * Throws `vectorHangs` after `timeoutMs`, `vectorDied` for any end but Vector's 0 and 78, `vectorMissing`, `usage`.
 */
export const validate = async ({
  command,
  liveFile,
  stagedFile,
  mirrorFolder,
  timeoutMs = 30_000,
  signal,
}: {
  command: VectorCommand;
  liveFile: string;
  stagedFile: string;
  mirrorFolder: string;
  timeoutMs?: number;
  signal?: AbortSignal;
}): Promise<Validation> => {
  const full = await withLive({ command, liveFile });
  const named = readArgs({ args: full.args, env: environmentOf(full) });
  const paths = await findConfigPaths({ named, cwd: full.cwd, liveFile });
  const stands = await mirrorPaths({ paths, liveFile, stagedFile, folder: mirrorFolder });
  // The variables that name configurations stay as they are: a list of arguments hides each that counted.
  const args = [
    '--color=never',
    ...(named.interpolates ? [interpolation] : []),
    'validate',
    '--no-environment',
    ...validateArgs(stands),
  ];
  const { exitCode, stdout, stderr } = await runVector({ command: full, args, timeoutMs, ...(signal && { signal }) });
  const report = readReport({ stdout, stderr });
  if (exitCode === 0 && !report.leftOut) return { ok: true, warnings: report.warnings };
  if (exitCode !== 0 && exitCode !== invalidConfig) {
    throw new NvlError('vectorDied', {
      message: `Vector ended with ${exitCode} where it should have judged the configuration`,
      facts: {
        command: ['vector', ...args].join(' '),
        said: `${report.text}\n${stderr}`.trim().slice(-2_000) || undefined,
      },
      advice: 'run the command by hand to see what is wrong with it',
    });
  }
  const fault = await parseFault(stagedFile);
  return {
    ok: false,
    refusals: report.refusals.map((refusal) =>
      showOriginals({ refusal: locate({ refusal, fault, liveFile }), stands }),
    ),
    report: withOriginals({ text: report.text, stands }),
  };
};

/** EX_CONFIG of sysexits.h. */
const invalidConfig = 78;

/** Vector says line and column of what it cannot parse, and not the file: it is the staged one if that does not parse. */
const locate = ({
  refusal,
  fault,
  liveFile,
}: {
  refusal: Refusal;
  fault: TomlError | undefined;
  liveFile: string;
}): Refusal => (fault !== undefined && refusal.line !== undefined ? { ...refusal, file: liveFile } : refusal);

const parseFault = async (file: string): Promise<TomlError | undefined> => {
  try {
    parse(await readFile(file, 'utf8'));
    return undefined;
  } catch (error) {
    return error instanceof TomlError ? error : undefined;
  }
};

const showOriginals = ({ refusal, stands }: { refusal: Refusal; stands: Stand[] }): Refusal => ({
  ...refusal,
  message: withOriginals({ text: refusal.message, stands }),
  ...(refusal.file === undefined ? {} : { file: withOriginals({ text: refusal.file, stands }) }),
});

const withOriginals = ({ text, stands }: { text: string; stands: Stand[] }): string =>
  stands.reduce((words, { path, original }) => words.replaceAll(join(path), original), text);
