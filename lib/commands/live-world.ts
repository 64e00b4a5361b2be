import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type RootPaths, rootPaths } from '../apply/paths.ts';
import { proveCandidate } from '../apply/prove.ts';
import { stage } from '../apply/stage.ts';
import { gateFile } from '../apply/structure.ts';
import type { Config } from '../config/config.ts';
import type { World } from '../cycle.ts';
import { NvlError } from '../errors.ts';
import { assembleFile, type Block } from '../render/file.ts';
import type { Templates } from '../render/templates.ts';
import { findVector } from '../vector/find.ts';
import { findOwnedIds } from '../vector/user-config.ts';
import { validate } from '../vector/validate.ts';
import type { VectorSide } from './vector-side.ts';

/** Has the real Vector judge candidates, in the place of the live file. */
export const proverOf = ({
  config,
  paths,
  side,
  templates,
  signal,
}: {
  config: Config;
  paths: RootPaths;
  side: VectorSide;
  /** What is proven was rendered from these; undefined where no place in them needs to be told. */
  templates?: Templates;
  signal: AbortSignal;
}): World['prove'] => {
  const validateStaged = () =>
    validate({
      command: side.command,
      liveFile: rootPaths(config.root).liveFile,
      stagedFile: paths.stagedFile,
      mirrorFolder: paths.mirror,
      timeoutMs: config.reload.timeout,
      signal,
    });
  return async ({ text, blocks }) => {
    const [problem] = gateFile({ text });
    if (problem !== undefined) return { ok: false, error: gateError(problem.message), blamed: [] };
    await findVector({ command: side.command, signal });
    const owned = findOwnedIds(side.user);
    if (owned !== undefined) return { ok: false, error: owned, blamed: [] };
    const validateOnly = async (some: readonly Block[]) => {
      const text = assembleFile({ blocks: some, templates: [], linksDir: paths.links });
      await stage({ paths, text });
      return validateStaged();
    };
    return proveCandidate({ blocks, templates, validateStaged, validateOnly });
  };
};

const gateError = (message: string): NvlError =>
  new NvlError('blockRefused', {
    message: `the generated file must not go live: ${message}`,
    advice: 'mend the template that it comes from; what is live is untouched',
  });

/** Folders to prove in without touching the root: `validate` writes nothing that stays. */
export const withTemporaryStage = async <T>(paths: RootPaths, use: (paths: RootPaths) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'nvl-'));
  try {
    const { stage: staging, stagedFile, mirror } = rootPaths(folder);
    await mkdir(staging, { recursive: true });
    return await use({ ...paths, stage: staging, stagedFile, mirror });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
