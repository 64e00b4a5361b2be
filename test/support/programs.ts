import { execFileSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

/** A real program that some tests need: where it is and which version, or the reason why it cannot be used. */
export type Program =
  | { name: string; path: string; version: string; absent?: never }
  | { name: string; version?: never; absent: string };

declare module 'vitest' {
  interface TaskMeta {
    /** Names of the programs a test cannot run without; the reporter says why such a test was skipped. */
    needs?: string[];
  }
}

/** Looks on PATH and nowhere else: what a test runs is what a person at this prompt would run. */
export const findProgram = (
  name: string,
  { path = process.env.PATH ?? '', isRoot = process.getuid?.() === 0 }: { path?: string; isRoot?: boolean } = {},
): Program => {
  const file = path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => resolve(folder, name))
    .find(isExecutable);
  if (file === undefined) return { name, absent: `no ${name} on PATH` };
  if (name === 'nomad' && !isRoot) return { name, absent: 'a Nomad client agent needs root' };
  try {
    const said = execFileSync(file, versionArgs(name), { encoding: 'utf8', timeout: 10_000, stdio: 'pipe' });
    const version = /\d+\.\d+\.\d+\S*/.exec(said)?.[0] ?? (SILENT.has(name) ? 'unknown' : undefined);
    return version === undefined ? { name, absent: `${file} does not say its version` } : { name, path: file, version };
  } catch (error) {
    return { name, absent: `${file} does not run: ${firstLine(error)}` };
  }
};

/**
 * The options of a test that cannot run without these programs: `test('name', needs(nomad, vector), async () => …)`.
 * Where one is absent the test is skipped and the reporter's last lines name it with the reason.
 */
export const needs = (...programs: Program[]) => ({
  skip: programs.some(isAbsent),
  meta: { needs: programs.map(({ name }) => name) },
});

/** The path of a program that `needs` has found, for the body of such a test. */
export const pathOf = (program: Program): string => {
  if (isAbsent(program)) throw new Error(program.absent);
  return program.path;
};

/** The same as a default of many tests: of an absent program, which no test with `needs` then runs, the bare name. */
export const binaryOf = (program: Program): string => (isAbsent(program) ? program.name : program.path);

export const isAbsent = (program: Program): program is { name: string; absent: string } => program.absent !== undefined;

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
};

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';

/** Servers that tell a version only where the builder gave them one, and systemd, whose version is one number. */
const SILENT: ReadonlySet<string> = new Set(['jq', 'victoria-logs', 'loki', 'systemd-analyze', 'systemd-notify']);

const versionArgs = (name: string): string[] => (name === 'nomad' ? ['version'] : ['--version']);

/** Holds what was found once for all test files, as JSON by name: each runs in a process of its own. */
export const FOUND = 'VITEST_NVL_PROGRAMS';
const found = JSON.parse(process.env[FOUND] ?? '{}') as Record<string, Program>;
const known = (name: string): Program => {
  found[name] ??= findProgram(name);
  return found[name];
};
/** All that tests look for, as `FOUND` holds them. */
export const foundPrograms = (): string => JSON.stringify(found);

// Last, as they are looked for while this file loads.
export const vector = known('vector');
export const nomad = known('nomad');
export const victoriaLogs = known('victoria-logs');
export const loki = known('loki');
export const systemdAnalyze = known('systemd-analyze');
export const systemdNotify = known('systemd-notify');
export const setpriv = known('setpriv');
export const jq = known('jq');
