import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseExact } from '../../lib/exact-json.ts';
import type { Event } from '../../lib/profile-test/case.ts';
import { compareEvents } from '../../lib/profile-test/compare.ts';
import { readCases } from '../../lib/profile-test/read-cases.ts';
import type { TestRun } from '../../lib/profile-test/test-profiles.ts';
import { updateTests } from '../../lib/profile-test/update-tests.ts';
import { aCaseResult, aRun, folderWith } from './support.ts';

/** Runs a test file of one profile as `nvl test` does, but for Vector: `give` says which events a run has, the first being 0. */
const runsOf = (text: string, give: (run: number, name: string) => string) => {
  const file = join(folderWith({ 'a.yaml': text }), 'a.yaml');
  const asked: (readonly string[] | undefined)[] = [];
  let count = 0;
  const run = (): TestRun => {
    const { cases } = readCases({ profile: 'p', file, text: readFileSync(file, 'utf8').replace('\ufeff', '') });
    const results = cases.map(({ lines = '', linesFile: _, ...testCase }) => {
      const events = parseExact(`[${give(count, testCase.name)}]`) as Event[];
      const { events: expected = [], isExact } = testCase;
      const readTimes = { fromMs: 0, toMs: 0 };
      const differences = compareEvents({ expected, actual: events, isExact, readTimes });
      return aCaseResult({ testCase: { ...testCase, bytes: Buffer.from(lines) }, events, differences });
    });
    count += 1;
    return aRun({ profile: 'p', cases: results, errors: [] });
  };
  const again = async (profiles?: readonly string[]) => {
    asked.push(profiles);
    return run();
  };
  return { run: run(), again, asked, text: () => readFileSync(file, 'utf8') };
};

const CASE = '- name: a\n  lines: x\n';

test('what differs in the second run is marked, and the third run passes', async () => {
  const { run, again, asked, text } = runsOf(CASE, (turn) => `{"message":"x","timestamp_end":"T${turn}"}`);
  const { run: after, files, unsteady } = await updateTests({ run, again });
  expect(text()).toBe(`${CASE}  events:\n    - message: x\n      timestamp_end: !any\n`);
  expect(after.profiles[0]?.cases[0]?.differences).toEqual([]);
  expect([files.length, unsteady, asked]).toEqual([1, [], [['p'], undefined]]);
});

test('what differs in the run after the writing only is marked then', async () => {
  const { run, again, text } = runsOf(CASE, (turn) => `{"coin":${turn < 2}}`);
  const { run: after } = await updateTests({ run, again });
  expect(text()).toBe(`${CASE}  events:\n    - coin: !any\n`);
  expect(after.profiles[0]?.cases[0]?.differences).toEqual([]);
});

test('a case with another number of events each time is not written, and the others are', async () => {
  const given = `${CASE}- name: b\n  lines: y\n`;
  const { run, again, text } = runsOf(given, (turn, name) =>
    name === 'a' && turn === 1 ? '' : '{"n":1234567890123456789}',
  );
  const { unsteady } = await updateTests({ run, again });
  expect(text()).toBe(`${given}  events:\n    - n: 1234567890123456789\n`);
  expect(unsteady).toMatchObject([{ name: 'a', counts: [1, 0], at: { line: 1 } }]);
});

test('what passes is neither run again nor written', async () => {
  const given = `${CASE}  events:\n    -   n: 1\n`;
  const { run, again, asked, text } = runsOf(given, () => '{"n":1.0}');
  expect(await updateTests({ run, again })).toMatchObject({ files: [], unsteady: [] });
  expect([text(), asked]).toEqual([given, []]);
});

test('what never comes twice ends all the same', async () => {
  const { run, again, asked } = runsOf(CASE, (turn) => Array.from({ length: turn + 1 }, () => '{"n":1}').join());
  const { files, unsteady } = await updateTests({ run, again });
  expect([files, asked.length]).toEqual([[], 1]);
  expect(unsteady[0]?.counts).toEqual([1, 2]);
});

test('a byte order mark stays where it is', async () => {
  const { run, again, text } = runsOf(`\ufeff${CASE}`, () => '{"n":"x"}');
  await updateTests({ run, again });
  expect(text()).toBe(`\ufeff${CASE}  events:\n    - n: x\n`);
});
