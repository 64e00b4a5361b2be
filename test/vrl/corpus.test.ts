import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exactJson, parseExact } from '../../lib/exact-json.ts';
import { createVrl } from '../../lib/vrl/vrl.ts';
import { isAbsent, needs, type Program, vector } from '../support/programs.ts';
import { CORPUS_FOLDER, type CorpusAnswer, type CorpusCase, writtenCases } from './corpus.ts';
import { DIFFERENCES } from './differences.ts';
import { nvlAnswer } from './nvl-answers.ts';
import { sampleCases } from './sample-cases.ts';
import { vectorAnswers } from './vector-answers.ts';

/**
 * What Vector answered, which version of it, and when: a time without a year is this year's, so nvl is asked as if it were then.
 * `VITEST_RECORD=1 npx vitest run --project unit test/vrl/corpus.test.ts` records anew.
 */
const RECORD = join(CORPUS_FOLDER, 'recorded.jsonl');

/** As they are recorded, by the ids of their cases. */
type Answers = Record<string, unknown>;

const VERSION = '0.57.0';
const sameVector: Program =
  isAbsent(vector) || vector.version === VERSION
    ? vector
    : { name: 'vector', absent: `this is Vector ${vector.version}, the module is made for ${VERSION}` };
const vrl = createVrl({ limitMs: 60_000 });
let cases: CorpusCase[] = [];

beforeAll(async () => {
  cases = [...writtenCases(), ...(await sampleCases())];
});

afterAll(() => vrl.close());

/** The thousands of events of the samples by their digests. */
const briefly = ({ id }: CorpusCase, answer: CorpusAnswer): unknown =>
  id.startsWith('sample_')
    ? { ...answer, events: answer.events.map((event) => digestOf(exactJson(event) ?? '')) }
    : answer;

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

const nvlAnswers = async (now: string): Promise<Answers> => {
  const answers: Answers = {};
  for (const one of cases) answers[one.id] = briefly(one, await nvlAnswer({ vrl, now, ...one }));
  return answers;
};

const askVector = async (): Promise<Answers> => {
  const answers = await vectorAnswers(cases);
  return Object.fromEntries(cases.map((one) => [one.id, briefly(one, answers[one.id] ?? { events: [], dropped: [] })]));
};

const readRecord = (): { at: string; vector: string; answers: Answers } => {
  const [head, ...lines] = (existsSync(RECORD) ? readFileSync(RECORD, 'utf8') : '{}').trimEnd().split('\n');
  const answers = lines.map((line) => parseExact(line) as { id: string; answer: unknown });
  return {
    ...(JSON.parse(head ?? '{}') as { at: string; vector: string }),
    answers: Object.fromEntries(answers.map(({ id, answer }) => [id, answer])),
  };
};

const writeRecord = (answers: Answers, at: string): void => {
  const lines = cases.map(({ id }) => exactJson({ id, answer: answers[id] }));
  writeFileSync(RECORD, `${[JSON.stringify({ vector: VERSION, at }), ...lines].join('\n')}\n`);
};

/** Cases whose answers differ, without those that may; and those that should, but don't. */
const unlike = (nvl: Answers, ofVector: Answers) => {
  const found = cases.map(({ id }) => id).filter((id) => !isDeepStrictEqual(nvl[id], ofVector[id]));
  return {
    unlike: found
      .filter((id) => DIFFERENCES[id] === undefined)
      .map((id) => ({ id, nvl: nvl[id], vector: ofVector[id] })),
    alike: Object.keys(DIFFERENCES).filter((id) => !found.includes(id)),
  };
};

/** The codes of each refusal. */
const refusalsOf = (answers: Answers) =>
  Object.entries(answers).flatMap(([id, answer]) => {
    const { refused } = answer as CorpusAnswer;
    return refused === undefined ? [] : `${id} ${(refused.match(/error\[E\d+\]/g) ?? []).join(' ')}`;
  });

test('the corpus is a large one, and each case has a name of its own', () => {
  expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  expect(cases.length).toBeGreaterThan(330);
  expect(cases.filter(({ steps }) => steps.length > 1).length).toBeGreaterThan(30);
});

test('nvl answers as the Vector at hand does', { ...needs(sameVector), timeout: 600_000 }, async () => {
  const at = new Date().toISOString();
  const answers = await askVector();
  if (process.env.VITEST_RECORD === '1') writeRecord(answers, at);
  expect(unlike(await nvlAnswers(at), answers)).toEqual({ unlike: [], alike: [] });
});

test('nvl answers as Vector did: the words of a refusal, the events in their order, what was dropped and why', async () => {
  const { at, vector: version, answers } = readRecord();
  expect(version).toBe(VERSION);
  const own = await nvlAnswers(at);
  expect(unlike(own, answers)).toEqual({ unlike: [], alike: [] });
  expect(refusalsOf(own)).toEqual(refusalsOf(answers));
});

test('the lines of each sample find their row in a table', async () => {
  const samples = cases.filter(({ id }) => id.startsWith('sample_'));
  const found = await Promise.all(
    samples.map(async (one) => {
      const { events } = await nvlAnswer({
        vrl,
        now: new Date().toISOString(),
        ...one,
        events: one.events.slice(0, 9),
      });
      const jobs = new Set(events.map(({ event }) => (event as { nomad?: { job_name?: string } }).nomad?.job_name));
      return `${one.id} ${[...jobs].join(' ')}`.replaceAll('-', '_');
    }),
  );
  expect(found).toEqual(samples.map(({ id }) => `${id} ${id.replace('sample_', '')}`));
});
