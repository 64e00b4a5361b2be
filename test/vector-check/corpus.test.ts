import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readReport } from '../../lib/vector/proof/report.ts';
import { isAbsent, needs, type Program, pathOf, vector } from '../support/programs.ts';
import { cases, UNSEEN } from './cases.ts';
import { errorsOf } from './support.ts';

/**
 * What Vector said of each case; nothing where it takes it.
 * `VITEST_RECORD=1 npx vitest run --project unit test/vector-check/corpus.test.ts && npm run format` records anew.
 */
const RECORD = join(import.meta.dirname, 'recorded.json');
type Recorded = { vector: string; said: Record<string, string[]> };

const VERSION = '0.57.0';
const sameVector: Program =
  isAbsent(vector) || vector.version === VERSION
    ? vector
    : { name: 'vector', absent: `this is Vector ${vector.version}, the schema is that of ${VERSION}` };

const readRecord = (): Recorded => JSON.parse(readFileSync(RECORD, 'utf8')) as Recorded;

/** As `vector validate --no-environment` says it; a Vector that ends by a signal has refused, too. */
const askVector = async (): Promise<Recorded['said']> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-check-'));
  try {
    const said: Recorded['said'] = {};
    for (const [at, { name, text, format }] of cases.entries()) {
      const file = join(folder, `${at}.${format}`);
      await writeFile(file, text);
      said[name] = await refusalsOf(file);
    }
    return said;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const refusalsOf = (file: string): Promise<string[]> =>
  new Promise((resolve) => {
    execFile(pathOf(vector), ['validate', '--no-environment', file], { env: {} }, (error, stdout, stderr) => {
      const messages = readReport({ stdout, stderr }).refusals.map(({ message }) => message.split('\n')[0] ?? '');
      if (error === null) resolve([]);
      else resolve(messages.length === 0 ? [`Vector ended: ${error.signal ?? error.code}`] : messages.sort());
    });
  });

/** Where nvl and Vector differ, by the names of cases. */
const differences = (said: Recorded['said']) => {
  const refusedBy = cases.map(({ name, text, format }) => ({ name, nvl: errorsOf(text, format), vector: said[name] }));
  return {
    unknown: refusedBy.filter((one) => one.vector === undefined).map(({ name }) => name),
    falseAlarms: refusedBy.filter(({ nvl, vector: words }) => nvl.length > 0 && words?.length === 0),
    unseen: refusedBy
      .filter(({ nvl, vector: words }) => nvl.length === 0 && words !== undefined && words.length > 0)
      .map(({ name }) => name)
      .sort(),
  };
};

test('there are many cases, good and bad', () => {
  const { said } = readRecord();
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  expect(cases.length).toBeGreaterThan(230);
  expect(cases.filter(({ name }) => said[name]?.length === 0).length).toBeGreaterThan(50);
});

test('the Vector at hand says what was recorded', { ...needs(sameVector), timeout: 120_000 }, async () => {
  const said = await askVector();
  if (process.env.VITEST_RECORD === '1') {
    writeFileSync(RECORD, `${JSON.stringify({ vector: VERSION, said }, null, 1)}\n`);
  }
  const isRefused = (all: Recorded['said']) =>
    Object.entries(all).map(([name, words]) => `${name}: ${words.length > 0}`);
  expect(isRefused(said)).toEqual(isRefused(readRecord().said));
});

test('nvl refuses nothing that Vector takes, and sees all that it refuses but what is said to be unseen', () => {
  const { vector: version, said } = readRecord();
  expect(version).toBe(VERSION);
  expect(differences(said)).toEqual({ unknown: [], falseAlarms: [], unseen: Object.keys(UNSEEN).sort() });
});
