import { rootPaths } from '../apply/paths.ts';
import { stage } from '../apply/stage.ts';
import type { Config } from '../config/config.ts';
import type { Io } from './io.ts';
import { proverOf, withTemporaryStage } from './live-world.ts';
import { readVectorSide } from './vector-side.ts';

/** Whether Vector accepts a text as the live file, beside the team's own files, and what it says if not. */
export const proveText = ({
  io,
  config,
  text,
}: {
  io: Io;
  config: Config;
  text: string;
}): Promise<{ isGood: boolean; said: string }> =>
  withTemporaryStage(rootPaths(config.root), async (paths) => {
    const side = await readVectorSide({ config, cwd: io.cwd, paths, words: [], isDry: true });
    await stage({ paths, text });
    const proof = await proverOf({ config, paths, side, signal: io.signal })({ text, blocks: [] });
    return proof.ok
      ? { isGood: true, said: '' }
      : { isGood: false, said: proof.error.facts.said ?? proof.error.message };
  });
