import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { TestCase } from '../../lib/profile-test/case.ts';
import type { CaseResult, ProfileResult, TestRun } from '../../lib/profile-test/test-profiles.ts';

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
