import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exactJson, parseExact } from '../../lib/exact-json.ts';
import { createVrlPool } from '../../lib/vrl/vrl-pool.ts';
import { isAbsent, needs, type Program, vector } from '../support/programs.ts';
import { CORPUS_FOLDER, type EngineAnswer, writtenCases } from './corpus.ts';
import { DIFFERENCES } from './differences.ts';
import { nvlAnswer } from './nvl-answers.ts';
import { vectorAnswers } from './vector-answers.ts';

/**
 * What Vector answered. `VITEST_RECORD=1 npx vitest run --project unit test/engine/corpus.test.ts` records anew; two records are the same but
 * for their first line, whichever machine made them.
 */
const RECORD = join(CORPUS_FOLDER, 'recorded.jsonl');
const VERSION = '0.57.0';

type Answers = Readonly<Record<string, EngineAnswer>>;

const usableVector = (): Program => {
  if (isAbsent(vector)) return vector;
  if (vector.version !== VERSION)
    return { name: 'vector', absent: `this is Vector ${vector.version}, the engine does as ${VERSION}` };
  // How far it has read is seen there.
  return existsSync('/proc/self/fdinfo') ? vector : { name: 'vector', absent: 'this machine has no /proc' };
};
const cases = writtenCases();
const ids = cases.map(({ id }) => id);
const vrl = createVrlPool({ limitMs: 60_000 });

afterAll(() => vrl.close());

const readRecord = (): { vector?: string; answers: Answers } => {
  const [head, ...lines] = (existsSync(RECORD) ? readFileSync(RECORD, 'utf8') : '{}').trimEnd().split('\n');
  const answers = lines.map((line) => parseExact(line) as { id: string; answer: EngineAnswer });
  return {
    ...(JSON.parse(head ?? '{}') as { vector?: string }),
    answers: Object.fromEntries(answers.map(({ id, answer }) => [id, answer])),
  };
};

const writeRecord = (answers: Answers): void => {
  const head = JSON.stringify({ vector: VERSION, at: new Date().toISOString() });
  writeFileSync(RECORD, `${[head, ...ids.map((id) => exactJson({ id, answer: answers[id] }))].join('\n')}\n`);
};

test('the corpus is a large one, each case has a name of its own and looks at something', () => {
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(170);
  expect(cases.filter(({ observed }) => observed.length === 0)).toEqual([]);
  expect(Object.keys(DIFFERENCES).filter((id) => !ids.includes(id))).toEqual([]);
});

test('nvl makes the same events as the Vector at hand', { ...needs(usableVector()), timeout: 600_000 }, async () => {
  const ofVector = await vectorAnswers(cases);
  if (process.env.VITEST_RECORD === '1') writeRecord(ofVector);
  const found = [];
  for (const one of cases) {
    const nvl = await nvlAnswer({ test: one, vrl });
    const isAlike = isDeepStrictEqual(nvl, ofVector[one.id]);
    if (isAlike !== (DIFFERENCES[one.id] === undefined)) found.push({ id: one.id, nvl, vector: ofVector[one.id] });
  }
  expect(found).toEqual([]);
});

describe('nvl makes the same events as Vector did', () => {
  let record: ReturnType<typeof readRecord>;

  // Behind the test that writes it.
  beforeAll(() => {
    record = readRecord();
  });

  test('of each case it is known what that was', () => {
    expect({ vector: record.vector, ids: Object.keys(record.answers) }).toEqual({ vector: VERSION, ids });
  });

  test.each(cases)('$id', async (one) => {
    const nvl = await nvlAnswer({ test: one, vrl });
    if (DIFFERENCES[one.id] === undefined) expect(nvl).toStrictEqual(record.answers[one.id]);
    else expect(nvl).not.toEqual(record.answers[one.id]);
  });
});
