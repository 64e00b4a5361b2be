import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { pathOf, vector } from './programs.ts';
import { PUBLISHED } from './published.ts';
import { fileSink } from './vector.ts';

export const projectFolder = join(import.meta.dirname, '..', '..');

/** This checkout's nvl, the file that Node runs: as it is published, or from the sources where no package was made for the run. */
export const nvlProgram = process.env[PUBLISHED] ?? join(projectFolder, 'bin', 'nvl.js');

/**
 * Writes a program that runs nvl on the Node that the tests run on, and returns its path: an installed nvl runs on the machine's Node.
 * `source`: nvl's own file; this checkout's if not said.
 */
export const writeNvlProgram = async (program: string, source = nvlProgram): Promise<string> => {
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${source}' "$@"\n`);
  await chmod(program, 0o755);
  return program;
};

export type RunningNvl = Child & {
  root: string;
  /** Where what it collected ends up, a line of JSON an event. */
  delivered: string;
};

/**
 * Starts the real daemon over a real Vector: `nvl run -c nvl.yaml -- vector -c team.toml`, as a team would that keeps its
 * own sink. The Vector's data, the output root and all logs lie in `folder`, so the same folder goes on where it ended.
 */
export const startNvl = async ({
  folder,
  config,
  env = {},
  program = nvlProgram,
  through = [],
  sink = (file) => fileSink({ file }),
}: {
  folder: string;
  /** Added to the configuration's `root`, `sinks` and `vector`. */
  config: Record<string, unknown>;
  env?: Record<string, string>;
  /** nvl's own file that Node runs; this checkout's if not said. */
  program?: string;
  /** A command that runs Node with what it is given, such as one that takes rights away. */
  through?: readonly string[];
  /** The team's sink, as TOML, that takes what is delivered. */
  sink?: (file: string) => string;
}): Promise<RunningNvl> => {
  const [root, dataDir, delivered] = [
    join(folder, 'root'),
    join(folder, 'vector-data'),
    join(folder, 'delivered.ndjson'),
  ];
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(folder, 'team.toml'), `data_dir = ${JSON.stringify(dataDir)}\n${sink(delivered)}`);
  // JSON is YAML, too.
  await writeFile(
    join(folder, 'nvl.yaml'),
    JSON.stringify({ root, sinks: 'none', metrics: { address: 'off' }, ...config }, undefined, 2),
  );
  const args = ['run', '-c', join(folder, 'nvl.yaml'), '--', pathOf(vector), '-c', join(folder, 'team.toml')];
  const [file = process.execPath, ...words] = [...through, process.execPath, program, ...args];
  const child = await startChild(file, words, {
    cwd: folder,
    env: { ...withoutNomad(process.env), ...env },
    logFile: join(folder, 'nvl.log'),
  });
  // A Vector takes up to 60 s to deliver the rest when it is told to end.
  return { ...child, root, delivered, end: ({ graceMs = 75_000 } = {}) => child.end({ graceMs }) };
};

/** What the person who runs the tests has set up for another Nomad must not reach this one. */
const withoutNomad = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(NOMAD|NVL|VECTOR)_/.test(name)));
