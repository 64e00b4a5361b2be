import { afterAll, expect, onTestFinished, test } from 'vitest';
import { branchesOf } from '../../lib/coverage/vrl/branches.ts';
import { withProbes } from '../../lib/coverage/vrl/probes.ts';
import { isSameProgram } from '../../lib/coverage/vrl/same-program.ts';
import { createVrlWatch, type SeenProgram } from '../../lib/coverage/vrl/watch.ts';
import type { VrlEvent } from '../../lib/vrl/answers.ts';
import { createVrl } from '../../lib/vrl/vrl.ts';
import { createVrlPool } from '../../lib/vrl/vrl-pool.ts';
import { ENDLESS } from '../support/endless.ts';
import { type CorpusCase, writtenCases } from '../vrl/corpus.ts';
import { sampleCases } from '../vrl/sample-cases.ts';

const vrl = createVrlPool({ threads: 2, limitMs: 60_000 });
afterAll(() => vrl.close());

const watched = async (source: string, events: readonly VrlEvent[], kind: 'remap' | 'condition' = 'remap') => {
  const watch = createVrlWatch();
  const program = { name: 'a program', source, kind };
  const run = await watch.wrap(vrl).run(program, events);
  const plain = await vrl.run(program, events);
  return { run, plain, seen: watch.seen(program) as SeenProgram };
};

const missedOf = ({ branches, taken }: SeenProgram): string[] =>
  branches.flatMap(({ kind, about }, index) => (taken[index] === 0 ? [`${kind} ${about}`] : []));

test('what comes out is what comes out unwatched, also where VRL says at which byte something failed', async () => {
  const source = 'if .a == true { .b = 1 }\n.c, .error = parse_json(.m)\nif .d == true { . = parse_json!(.m) }';
  const events = [
    { event: { a: true, m: 'no' } },
    { event: { a: false, m: '{}', d: true } },
    { event: { m: '', d: true, a: 1n } },
  ];
  const { run, plain } = await watched(source, events);
  expect(run).toEqual(plain);
  const at = source.indexOf('parse_json');
  expect(run.results[0]).toMatchObject({ event: { error: expect.stringContaining(`at (${at}:${at + 14})`) } });
});

test.each([
  ['an arm', 'if .a == true { .b = 1 } else { .b = 2 }', ['else .a == true']],
  ['the right side of &&', '.b = .a == true && .c == 1 && .d == 2', ['and .d == 2']],
  ['the right side of ||', '.b = .c == 1 || .a == true || .d == 2', ['or .d == 2']],
  ['a fallback', '.b = parse_json(.j) ?? .m', ['fallback .m']],
  ['a closure', '.b = filter(array(.l) ?? []) -> |_i, v| { v == 1 }', ['closure |_i, v|']],
  ['what an error keeps it from', 'if .a == true { . = parse_json!(.m)\n abort }', ['abort abort', 'skip .a == true']],
])('%s that no event takes is missed, and nothing else', async (_, source, missed) => {
  const { seen } = await watched(source, [{ event: { a: true, m: 'x', j: '{}' } }]);
  expect({ events: seen.events, missed: missedOf(seen) }).toEqual({ events: 1, missed });
});

test('of a condition it is known how often it was fulfilled', async () => {
  const { seen } = await watched(
    '.a == 1 && .b == 2',
    [{ event: { a: 1n, b: 2n } }, { event: { a: 1n } }, { event: {} }],
    'condition',
  );
  expect({ events: seen.events, fulfilled: seen.fulfilled, missed: missedOf(seen) }).toEqual({
    events: 3,
    fulfilled: 1,
    missed: [],
  });
});

test('an event that takes a branch thousands of times hides none behind it', async () => {
  const source = `list = array!(.list)
for_each(list) -> |i, _v| { if i > 1990 { .late = true } }
if .a == true { .b = 1 }
if .late == true { for_each(list) -> |i, _v| { if i == 1999 { .last = true } else if i == 3000 { .no = 1 } } }`;
  const list = Array.from({ length: 2_000 }, () => 1n);
  const { run, plain, seen } = await watched(source, [{ event: { list } }, { event: { list, a: true } }]);
  expect(run).toEqual(plain);
  expect({ unmeasured: seen.unmeasured, missed: missedOf(seen) }).toEqual({
    unmeasured: undefined,
    missed: ['if i == 3000', 'skip .late == true'],
  });
});

test.each([
  [
    'logs without end',
    'for_each(array!(.list)) -> |_i, v| { log(v) }\nif .a == true { .b = 1 }',
    [{ event: { list: Array.from({ length: 2_000 }, () => 1n) } }],
    'it logs more of an event than nvl can read',
  ],
  [
    'names a variable on a right side that is read behind it',
    'x = parse_json(.m) ?? (y = 1)\n.b = y\n.c = x',
    [{ event: { m: '' } }],
    'with probes in it VRL’s compiler takes it for another program',
  ],
])('a program that %s is not measured, which is said, and runs as ever', async (_, source, events, unmeasured) => {
  const { run, plain, seen } = await watched(source, events);
  expect(run).toEqual(plain);
  expect(seen.unmeasured).toBe(unmeasured);
});

test('that a program is not measured is known once it was compiled, before an event comes', async () => {
  const watch = createVrlWatch();
  const program = { name: 'a', source: 'x = parse_json(.m) ?? (y = 1)\n.b = y\n.c = x' };
  await watch.wrap(vrl).run(program, []);
  expect(watch.seen(program)?.unmeasured).toContain('another program');
});

test('what the compiler refuses is refused in the same words, and has nothing to measure', async () => {
  const { run, plain, seen } = await watched('if .a == true { .b = nothing() }', [{ event: {} }]);
  expect(run).toEqual(plain);
  expect(run.verdict.ok).toBe(false);
  expect(seen.unmeasured).toBeUndefined();
});

test('a program that takes too long with its probes alone costs nothing but its own measure', async () => {
  const [slow, hasty] = [createVrl({ limitMs: 60_000 }), createVrl({ limitMs: 100 })];
  onTestFinished(async () => void (await Promise.all([slow.close(), hasty.close()])));
  const watch = createVrlWatch();
  const program = { name: 'a', source: 'if .a == true { .b = 1 }' };
  const late = {
    ...slow,
    run: (...[one, events, ...rest]: Parameters<typeof slow.run>) =>
      one.source === program.source || events.length === 0
        ? slow.run(one, events, ...rest)
        : hasty.run({ ...one, source: ENDLESS }, events, ...rest),
  };
  const run = await watch.wrap(late).run(program, [{ event: { a: true } }]);
  expect(run.results[0]).toMatchObject({ kind: 'done', event: { a: true, b: 1n } });
  expect(watch.seen(program)?.unmeasured).toContain('took more than 100 ms');
});

/** Vector's own message says at which byte of the program something failed, and there a probe moves it. */
const withoutPlaces = (value: unknown): string =>
  JSON.stringify(value, (key, one) => {
    if (key === 'logs' || key === 'labels') return undefined;
    return typeof one === 'bigint' ? `${one}n` : one;
  }).replaceAll(/at \(\d+:\d+\)/g, 'at');

test('with probes in it every program of the corpus and of the samples is the same to the compiler, and gives the same', async () => {
  let programs = 0;
  const faults: string[] = [];
  const compare = async ({ id, steps, events, tables }: CorpusCase): Promise<void> => {
    let given: VrlEvent[] = events.slice(0, MOST_EVENTS).map((event) => ({ event: event as VrlEvent['event'] }));
    for (const { source } of steps) {
      const options = { tables, now: '2026-01-02T03:04:05Z' };
      const plain = await vrl.run({ name: id, source }, given, options);
      if (!plain.verdict.ok) return;
      const { branches, edits } = branchesOf(source);
      const probed = withProbes({ source, edits, branches: new Set(branches.keys()) });
      const other = await vrl.run({ name: id, source: probed.source }, given, options);
      programs += 1;
      if (!isSameProgram(plain.verdict, other.verdict)) faults.push(`${id}: another program`);
      for (const [index, result] of plain.results.entries())
        if (withoutPlaces(result) !== withoutPlaces(other.results[index])) faults.push(`${id}: event ${index}`);
      given = plain.results.flatMap((result, index) =>
        result.kind === 'done'
          ? [{ event: result.event, metadata: result.metadata as object, secrets: result.secrets } as VrlEvent]
          : [given[index] as VrlEvent],
      );
    }
  };
  for (const one of [...writtenCases(), ...(await sampleCases())]) await compare(one);
  expect(faults).toEqual([]);
  expect(programs).toBeGreaterThan(300);
}, 600_000);

/** Of a case: the samples' real logs have hundreds. */
const MOST_EVENTS = 60;
