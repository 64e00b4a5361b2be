import { rootPaths } from '../apply/paths.ts';
import { unprovenText } from '../apply/prove.ts';
import { stage } from '../apply/stage.ts';
import type { Config } from '../config/config.ts';
import { blocksOf } from '../render/file.ts';
import type { Io } from './io.ts';
import { proverOf } from './prover.ts';
import { readRunningVector } from './running-vector.ts';
import { withTemporaryStage } from './temporary-stage.ts';

/**
 * Whether Vector accepts a text as the live file, beside the team's own files, what it says if not, and what of it this
 * machine could not prove.
 */
export const proveText = ({
  io,
  config,
  text,
}: {
  io: Io;
  config: Config;
  text: string;
}): Promise<{ isGood: boolean; said: string; unproven: readonly string[] }> =>
  withTemporaryStage(rootPaths(config.root), async (paths) => {
    const runningVector = await readRunningVector({ config, cwd: io.cwd, paths, vectorArgs: [], isDry: true });
    await stage({ paths, text });
    const proof = await proverOf({ config, paths, runningVector, signal: io.signal, toleratesLacks: true })({
      text,
      blocks: [...blocksOf(text).values()],
    });
    return proof.ok
      ? { isGood: true, said: '', unproven: (proof.unproven ?? []).map(unprovenText) }
      : { isGood: false, said: proof.error.facts.said ?? proof.error.message, unproven: [] };
  });
