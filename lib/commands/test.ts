import { realpathSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join, relative as relativePath, resolve } from 'node:path';
import { shippedTemplatesDir } from '../config/read-templates.ts';
import { describeError, NvlError } from '../errors.ts';
import { toJunit } from '../profile-test/junit.ts';
import { ENGINES, type EngineName } from '../profile-test/run-by-engine.ts';
import type { RunObserver } from '../profile-test/run-observer.ts';
import { showTests } from '../profile-test/show.ts';
import { isAllGood, testProfiles } from '../profile-test/test-profiles.ts';
import { updateTests } from '../profile-test/update-tests.ts';
import { warningText } from '../render/unread-files.ts';
import { ownCommand } from '../vector/config/command.ts';
import { colorsOf, EXIT, type Io } from '../wiring/io.ts';
import { configFor, type Flags, textFlag } from '../wiring/prepare.ts';
import { colorFlag } from './render.ts';
import { openTestCoverage } from './test-coverage.ts';

/** `nvl test [DIR] [PROFILE…]`: what profiles make of the lines of their tests. */
export const test = async ({ io, flags, args }: { io: Io; flags: Flags; args: string[] }): Promise<number> => {
  try {
    return await testAndShow({ io, flags, args });
  } catch (error) {
    // Somebody stopped it, by Ctrl-C for example, and knows why it ends.
    if (io.signal.aborted) return EXIT.error;
    throw error;
  }
};

const testAndShow = async ({ io, flags, args }: { io: Io; flags: Flags; args: string[] }): Promise<number> => {
  if (flags.update === true && isCi(io.env)) throw updateInCi();
  const config = await configFor({ io, flags });
  const { dir, names } = await whatToTest({ args, flags, cwd: io.cwd, configured: config.templates });
  const shownPath = (file: string) => shownFrom({ file, cwd: io.cwd });
  const command = ownCommand({ config, cwd: io.cwd, vectorArgs: [] });
  const engine = engineOf(flags);
  const view = { width: widthOf(io), colors: colorsOf({ io, wanted: colorFlag(flags) }) };
  const coverage = openTestCoverage({ io, flags, config, dir, programDir: command.cwd, shownPath, view });
  const runTests = (profiles: readonly string[] = names) => {
    const provesSinks = config.sinks !== 'none';
    const start = (observer?: RunObserver) =>
      testProfiles({ dir, names: profiles, engine, command, shownPath, provesSinks, observer, signal: io.signal });
    return coverage === undefined ? start() : coverage.watched(start);
  };
  const run = await runTests();
  const updated = flags.update === true ? await updateTests({ run, again: runTests }) : undefined;
  const shown = updated?.run ?? run;
  const covered = await coverage?.report(shown);
  io.out(`${showTests({ run: shown, ...view, shownPath })}\n`);
  if (covered !== undefined) io.out(`\n${covered.text}\n`);
  for (const fault of shown.misnamed) io.err(`${describeError(fault)}\n`);
  for (const warning of shown.warnings) io.err(`look at: ${warningText(warning)}\n`);
  for (const file of [...(updated?.files ?? []), ...(covered?.files ?? [])]) io.err(`wrote ${shownPath(file)}\n`);
  for (const { at, name, counts } of updated?.unsteady ?? []) {
    const times = counts.map((count) => `${count}`).join(', then ');
    io.err(`not written: ${shownPath(at.file)}:${at.line} ${name}: the same lines gave ${times} events\n`);
  }
  const junit = textFlag(flags, 'junit');
  if (junit !== undefined)
    await writeFile(resolve(io.cwd, junit), toJunit({ run: shown, shownPath, more: covered?.suites ?? [] }));
  return isAllGood(shown) && covered?.isEnough !== false ? EXIT.done : EXIT.error;
};

/** As every system that runs jobs for changes says of itself. */
const isCi = ({ CI: said = '' }: Io['env']): boolean => !['', '0', 'false'].includes(said.toLowerCase());

const updateInCi = (): NvlError =>
  new NvlError('usage', {
    message: '--update takes whatever comes now as what is expected, so in CI every test would pass',
    facts: { found: 'CI in the environment' },
    advice: 'run nvl test --update where you work, read the change, and commit it; here, run nvl test',
  });

const engineOf = (flags: Flags): EngineName => ENGINES.find((name) => name === textFlag(flags, 'engine')) ?? 'node';

/** The first argument is a folder where it is written as a path or holds templates; all others are names. */
const whatToTest = async ({
  args,
  flags,
  cwd,
  configured,
}: {
  args: string[];
  flags: Flags;
  cwd: string;
  configured: string | undefined;
}): Promise<{ dir: string | undefined; names: string[] }> => {
  const [first, ...others] = args;
  const isDir = first !== undefined && (/[/\\.]/.test(first) || (await holdsTemplates(resolve(cwd, first))));
  const dir = isDir ? resolve(cwd, first) : configured;
  if (isDir && dir !== undefined && (await isFolder(dir)) && !(await holdsTemplates(dir))) throw noTemplates(first);
  const listed = Array.isArray(flags.profile) ? flags.profile.map(String) : [textFlag(flags, 'profile') ?? []].flat();
  const names = [...(isDir || first === undefined ? [] : [first]), ...others, ...listed];
  return { dir: dir !== undefined && isShipped(dir) ? undefined : dir, names };
};

/** What it lacks would be the shipped default's, and all of that passes. */
const noTemplates = (dir: string): NvlError =>
  new NvlError('usage', {
    message: `${dir} holds no templates: neither vector/ nor profiles/ is there`,
    advice: 'name the folder of your templates (nvl test templates), or leave it out where nvl.yaml names it',
  });

const holdsTemplates = async (dir: string): Promise<boolean> =>
  (await Promise.all(['vector', 'profiles'].map((name) => isFolder(join(dir, name))))).includes(true);

const isFolder = (dir: string): Promise<boolean> =>
  stat(dir).then(
    (found) => found.isDirectory(),
    () => false,
  );

const isShipped = (dir: string): boolean => {
  try {
    return realpathSync(dir) === realpathSync(shippedTemplatesDir());
  } catch {
    return false;
  }
};

/** Relative where that is shorter to read. */
const shownFrom = ({ file, cwd }: { file: string; cwd: string }): string => {
  const relative = relativePath(cwd, file);
  return relative.startsWith('..') ? file : relative;
};

const widthOf = ({ env }: Io): number => {
  const columns = Number(env.COLUMNS);
  return Number.isInteger(columns) && columns >= 40 ? Math.min(columns, 200) : 100;
};
