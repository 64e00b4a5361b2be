import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { TestCase } from '../../lib/profile-test/case.ts';
import type { EngineName } from '../../lib/profile-test/run-by-engine.ts';
import type { RunCase } from '../../lib/profile-test/run-pipeline.ts';
import {
  type CaseResult,
  hasPassed,
  type ProfileResult,
  type TestRun,
  testProfiles,
} from '../../lib/profile-test/test-profiles.ts';
import { binaryOf, vector } from '../support/programs.ts';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A folder of its own with these files, by their paths below it; it goes with the tests of the file that asked for it. */
export const folderWith = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-profile-test-'));
  made.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};

/** A `vector` that says it is one and then does what `body`, lines of JavaScript, says; `args` are its arguments. */
export const fakeVector = (body: string): string => {
  const folder = folderWith({
    vector: `#!/usr/bin/env node
const fs = require('node:fs');
const args = process.argv.slice(2);
if (args[0] === '--version') { console.log('vector 0.57.0'); process.exit(0); }
${body}
`,
  });
  chmodSync(join(folder, 'vector'), 0o755);
  return join(folder, 'vector');
};

/**
 * The real Vector, before whose eyes the generated configuration is changed: `edit` is an expression of JavaScript with the `text` and
 * the number of the `run`, from 0. `texts`: what each run was to read.
 */
export const editedVector = (edit = 'text'): { binary: string; texts: () => string[] } => {
  const binary = fakeVector(`
const config = args.find((arg) => arg.endsWith('nomad.toml'));
if (!args.includes('validate') && config !== undefined) {
  const run = fs.readdirSync(__dirname).filter((name) => name.endsWith('.toml')).length;
  const text = fs.readFileSync(config, 'utf8');
  fs.writeFileSync(require('node:path').join(__dirname, run + '.toml'), text);
  fs.writeFileSync(config, ${edit});
}
const child = require('node:child_process').spawn(${JSON.stringify(binaryOf(vector))}, args, { stdio: 'inherit' });
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
`);
  const folder = dirname(binary);
  const texts = () =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.toml'))
      .sort()
      .map((name) => readFileSync(join(folder, name), 'utf8'));
  return { binary, texts };
};

/** By nvl itself no Vector is to be found, so that nothing but nvl judges. */
const NOWHERE = '/nowhere/vector';

/** What comes of the tests in a folder with these files. */
export const runFiles = async ({
  files,
  engine = 'vector',
  binary = engine === 'vector' ? binaryOf(vector) : NOWHERE,
  names = [],
}: {
  files: Record<string, string>;
  engine?: EngineName;
  binary?: string;
  names?: string[];
}) => {
  const dir = folderWith(files);
  const { profiles } = await testProfiles({
    dir,
    names,
    engine,
    command: { binary, env: {}, cwd: tmpdir() },
    shownPath: (file) => file.replace(`${dir}/`, ''),
    signal: new AbortController().signal,
  });
  return profiles.map(({ profile, errors, cases }) => ({
    profile,
    errors: errors.map(({ code, facts }) => `${code} ${facts.at}`),
    cases: cases.map((one) => ({
      name: one.testCase.name,
      passed: hasPassed(one),
      events: one.events.map(({ message }) => message),
      errors: one.errors.map(({ message }) => message),
      said: one.said,
      ...(one.lost.length > 0 ? { lost: one.lost } : {}),
    })),
  }));
};

/** The smallest transform that Vector takes. */
export const transform = ({ source = '.seen = true', more = '' }: { source?: string; more?: string } = {}): string =>
  `[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\n${more}source = '''\n${source}\n'''\n`;

export const aTestCase = (parts: Partial<TestCase> = {}): TestCase => ({
  profile: 'p',
  name: 'a case',
  file: '/templates/profiles/p/tests/a.yaml',
  line: 3,
  position: 0,
  task: {},
  params: {},
  stream: 'stdout',
  bytes: Buffer.from('x\n'),
  events: [],
  isExact: false,
  ...parts,
});

export const aCaseResult = ({
  testCase,
  ...parts
}: Partial<Omit<CaseResult, 'testCase'>> & { testCase?: Partial<TestCase> } = {}): CaseResult => ({
  testCase: aTestCase(testCase),
  isRun: true,
  events: [],
  differences: [],
  errors: [],
  said: [],
  lost: [],
  ...parts,
});

export const aRun = (...profiles: ProfileResult[]): TestRun => ({
  profiles,
  proofs: undefined,
  readTimes: { fromMs: 0, toMs: 0 },
  tookMs: 1_234,
  misnamed: [],
  warnings: [],
  engine: 'vector',
});

/** A case as its file was read: of `plain`, without a line. */
export const aRunCase = (parts: Partial<RunCase>): RunCase => ({
  profile: 'plain',
  name: 'a case',
  file: 'a.yaml',
  line: 1,
  position: 0,
  task: {},
  params: {},
  stream: 'stdout',
  bytes: Buffer.alloc(0),
  ...parts,
});
