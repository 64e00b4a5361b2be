import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DemoJob } from '../../lib/demo/allocation.ts';
import { createDemoNode, type DemoNode } from '../../lib/demo/node.ts';
import { startChild } from './child.ts';
import { nvlProgram } from './nvl.ts';

export type Diagnosis = {
  exitCode: number | undefined;
  said: string;
  /** The lines of the report, by what they are about. */
  lines: { verdict: string; name: string; text: string }[];
};

/** A node on which everything is well, and what `nvl doctor` says about it when one thing is not. */
export type Ward = {
  folder: string;
  node: DemoNode;
  write: (files: Readonly<Record<string, string>>) => Promise<void>;
  /** `wrap`: a command that runs another, which is handed to it as its last words. */
  diagnose: (options?: {
    args?: string[];
    vector?: string[];
    env?: Record<string, string | undefined>;
    wrap?: string[];
    uid?: number;
  }) => Promise<Diagnosis>;
};

const web: DemoJob = { id: 'web', tasks: [{ name: 'app' }, { name: 'app-sidecar' }] };

export const openWard = async ({ jobs = [web] }: { jobs?: DemoJob[] } = {}): Promise<Ward> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-doctor-'));
  const node = await createDemoNode({ dataDir: join(folder, 'nomad'), seed: 1 });
  onTestFinished(async () => {
    await node.close();
    await rm(folder, { recursive: true, force: true });
  });
  for (const job of jobs) await node.startJob(job);
  const write: Ward['write'] = async (files) => {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
  };
  await write({
    'nvl.yaml': JSON.stringify({ root: 'root', nomad: { address: node.address } }),
    'vector.toml': `data_dir = ${JSON.stringify(join(folder, 'data'))}\n`,
    'data/.keep': '',
  });
  return {
    folder,
    node,
    write,
    diagnose: async ({ args = [], vector = ['vector', '-c', 'vector.toml'], env = {}, wrap = [], uid } = {}) => {
      const words = [process.execPath, nvlProgram, 'doctor', ...args, '--', ...vector];
      const [file = '', ...rest] = [...wrap, ...words];
      const child = await startChild(file, rest, {
        cwd: folder,
        env: { ...cleanEnv(), ...env },
        logFile: join(folder, 'said.txt'),
        ...(uid === undefined ? {} : { uid, gid: uid }),
      });
      const exitCode = await child.ended;
      const said = await child.said();
      await rm(join(folder, 'said.txt'));
      return { exitCode, said, lines: linesOf(said) };
    },
  };
};

/** What the person who runs the tests has set up for another Nomad or Vector must not reach the child. */
const cleanEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NOMAD|NVL|VECTOR)_/.test(name)));

const linesOf = (said: string): Diagnosis['lines'] =>
  said.split('\n').flatMap((line) => {
    const [, verdict, name, text] = /^(ok|warn|fail) +(\S+(?: \S+)?) {2,}(.*)$/.exec(line) ?? [];
    return verdict === undefined || name === undefined || text === undefined ? [] : [{ verdict, name, text }];
  });

/** The lines that are not well, as `name: text`. */
export const troubles = ({ lines }: Diagnosis): string[] =>
  lines.flatMap(({ verdict, name, text }) => (verdict === 'ok' ? [] : [`${verdict} ${name}: ${text}`]));
