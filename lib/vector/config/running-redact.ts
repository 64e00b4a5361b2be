import { environmentOf, readArgs, type VectorCommand } from './command.ts';
import { loadedFiles, readLoaded } from './loaded-files.ts';
import { withOriginalPaths } from './on-copies.ts';
import { findConfigPaths } from './paths.ts';
import { createRedact, type Redact } from './redact.ts';

/** What takes variables and secrets out of the words of a Vector that runs so, by the files that it loads now. */
export const runningRedact = async (command: VectorCommand): Promise<Redact> => {
  const env = environmentOf(command);
  const named = readArgs({ args: command.args, env });
  // No file is nvl's own here: any may hold a secret.
  const paths = await findConfigPaths({ named, cwd: command.cwd, liveFile: '/' });
  const files = await loadedFiles(paths);
  const texts = await Promise.all(files.map(({ file }) => readLoaded(file).catch(() => '')));
  return createRedact({ texts, env: named.interpolates ? env : undefined, isRunning: true });
};

/** Lines of its log: Vector quotes its configuration with variables and secrets in it, and none of them is shown, logged or kept. */
export const redactLines = async ({
  command,
  lines,
}: {
  command: VectorCommand;
  lines: readonly string[];
}): Promise<string[]> => {
  if (lines.length === 0) return [];
  const redact = await runningRedact(command).catch(() => () => '(not shown)');
  return withOriginalPaths({ words: redact(lines.join('\n')), command }).split('\n');
};
