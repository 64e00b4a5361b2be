import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sentenceOf } from '../../lib/vector-check/finding.ts';
import { valueFindings } from '../../lib/vector-check/options.ts';
import { VECTOR_SCHEMA } from '../../lib/vector-check/read-schema.ts';
import { askVector } from '../../scripts/vector-schema/ask.ts';
import { isAbsent, needs, type Program, pathOf, vector } from '../support/programs.ts';
import { randomComponents } from './random-components.ts';
import { randomTopologies } from './random-topologies.ts';
import { errorsOf } from './support.ts';

const sameVector: Program =
  isAbsent(vector) || vector.version === VECTOR_SCHEMA.vector
    ? vector
    : { name: 'vector', absent: `this is Vector ${vector.version}, the schema is that of ${VECTOR_SCHEMA.vector}` };

/** Another one each day, so that each run of a day can be had again. */
const seed = Math.floor(Date.now() / 86_400_000);

test(`of random components nvl refuses only what Vector refuses, of seed ${seed}`, needs(sameVector), async () => {
  const drawn = randomComponents({ schema: VECTOR_SCHEMA, seed, count: 1_200 });
  const nvl = drawn.map(({ table, id, options }) =>
    valueFindings(
      { value: options, path: [table, id], schema: VECTOR_SCHEMA },
      VECTOR_SCHEMA.shapes[VECTOR_SCHEMA[table]] ?? {},
    )
      .filter(({ severity }) => severity === 'error')
      .map(sentenceOf),
  );
  const said = await askVector({
    binary: pathOf(sameVector),
    questions: drawn.map(({ table, id, options }) => ({ component: id, config: { [table]: { [id]: options } } })),
  });
  const falseAlarms = drawn.flatMap(({ options }, at) =>
    said[at] === undefined && (nvl[at]?.length ?? 0) > 0 ? [{ options, nvl: nvl[at] }] : [],
  );
  expect(falseAlarms).toEqual([]);
  const refused = said.filter((answer) => answer !== undefined).length;
  const seen = nvl.filter((errors) => errors.length > 0).length;
  // Both happen often, or the test shows nothing; the rest are texts that have to be paths, addresses of the web and the like.
  expect(refused).toBeGreaterThan(300);
  expect(refused).toBeLessThan(900);
  expect(seen / refused).toBeGreaterThan(0.6);
});

const isRefused = (binary: string, file: string): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(binary, ['validate', '--no-environment', file], { env: {} }, (error) => resolve(error !== null));
  });

test(
  `random ways to connect components are refused by Vector where nvl refuses them, of seed ${seed}`,
  needs(sameVector),
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nvl-check-'));
    try {
      const answers: { text: string; nvl: string[]; vector: boolean }[] = [];
      for (const [at, topology] of randomTopologies({ seed, count: 100 }).entries()) {
        const text = JSON.stringify(topology);
        const file = join(folder, `${at}.json`);
        await writeFile(file, text);
        answers.push({ text, nvl: errorsOf(text, 'json'), vector: await isRefused(pathOf(sameVector), file) });
      }
      expect(answers.filter(({ nvl, vector: other }) => nvl.length > 0 && !other)).toEqual([]);
      // What Vector dies of, for a table that hides a source.
      expect(answers.filter(({ nvl, vector: other }) => nvl.length === 0 && other).length).toBeLessThan(4);
      const refused = answers.filter(({ vector: other }) => other).length;
      expect(refused).toBeGreaterThan(30);
      expect(refused).toBeLessThan(95);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
