import { afterAll, expect, test } from 'vitest';
import { createRandom, type Random } from '../../lib/demo/random.ts';
import { NvlError } from '../../lib/errors.ts';
import type { VrlValue } from '../../lib/vrl/values.ts';
import { createVrl } from '../../lib/vrl/vrl.ts';
import { writtenCases } from './corpus.ts';

const LIMIT_MS = 4_000;
const vrl = createVrl({ limitMs: LIMIT_MS, maxMemoryMib: 256 });
afterAll(() => vrl.close());

/** `VITEST_TIMES=20` for twenty times as many. Each round has a seed of its own, which its name says. */
const ROUNDS = Array.from({ length: Number(process.env.VITEST_TIMES ?? 1) }, (_, index) => 11 + index);
const PROGRAMS = 300;

const sources = writtenCases().flatMap(({ steps }) => steps.map(({ source }) => source));

/** What programs are made of: words, numbers, strings, operators. */
const tokensOf = (source: string): string[] => source.match(/[A-Za-z_0-9.]+|"(?:[^"\\]|\\.)*"|\s+|./gs) ?? [];

const all = sources.flatMap(tokensOf) as [string, ...string[]];

/** A program of the corpus with some tokens gone, doubled, or another's. */
const mutated = (random: Random): string => {
  const tokens = tokensOf(random.pick(sources as [string, ...string[]]));
  for (let times = random.between(0, 3); times > 0; times -= 1) {
    const at = random.between(0, Math.max(0, tokens.length - 1));
    const how = random.between(0, 3);
    if (how === 0) tokens.splice(at, 1);
    else if (how === 1) tokens.splice(at, 0, ...tokens.slice(at, at + random.between(1, 5)));
    else tokens.splice(at, how === 2 ? 1 : 0, random.pick(all));
  }
  return tokens.join('');
};

const anyValue = (random: Random, depth = 0): VrlValue => {
  const kinds: [() => VrlValue, ...(() => VrlValue)[]] = [
    () => null,
    () => random.next() > 0.5,
    () => BigInt(random.between(-5, 5)) * 2n ** BigInt(random.between(0, 60)),
    () => (random.next() - 0.5) * 10 ** random.between(-300, 300),
    () => String.fromCodePoint(...Array.from({ length: random.between(0, 20) }, () => random.between(0, 0x2fff))),
    () => new Uint8Array(Array.from({ length: random.between(0, 20) }, () => random.between(0, 255))),
    () => Array.from({ length: random.between(0, 4) }, () => anyValue(random, depth + 1)),
    () =>
      Object.fromEntries(
        Array.from({ length: random.between(0, 4) }, (_, index) => [`k${index}`, anyValue(random, depth + 1)]),
      ),
  ];
  return random.pick(depth > 3 ? [() => null] : kinds)();
};

const anyEvent = (random: Random) => ({
  event: { message: anyValue(random), a: anyValue(random), b: anyValue(random), '.x y': anyValue(random) },
});

test.each(ROUNDS)(
  'a program that nobody meant, over events that nobody expects, ends nothing but itself: seed %i',
  { timeout: 600_000 },
  async (seed) => {
    const random = createRandom(seed);
    const count = { refused: 0, ran: 0, broken: 0 };
    for (let number = 0; number < PROGRAMS; number += 1) {
      const source = mutated(random);
      const began = Date.now();
      try {
        const { verdict, results } = await vrl.run({ name: `fuzz ${seed} ${number}`, source }, [
          anyEvent(random),
          anyEvent(random),
        ]);
        if (verdict.ok) expect(results).toHaveLength(2);
        count[verdict.ok ? 'ran' : 'refused'] += 1;
      } catch (error) {
        if (!(error instanceof NvlError)) throw new Error(`program:\n${source}`, { cause: error });
        expect(error.facts.program).toBe(`fuzz ${seed} ${number}`);
        console.log(`${error.code} ${error.facts.said ?? ''}:\n${source}`);
        count.broken += 1;
      }
      // A thread starts anew behind one that was ended.
      expect({ source, ms: Date.now() - began }).toMatchObject({
        ms: expect.toSatisfy((ms: number) => ms < LIMIT_MS + 60_000),
      });
    }
    console.log(count);
    // The mutations are neither all nonsense nor all harmless.
    expect(count.ran).toBeGreaterThan(PROGRAMS / 10);
    expect(count.refused).toBeGreaterThan(PROGRAMS / 10);
  },
);

test('programs that come and go leave no memory behind', { timeout: 600_000 }, async () => {
  const random = createRandom(5);
  const runMany = async (count: number) => {
    for (let number = 0; number < count; number += 1)
      await vrl.run(
        { name: 'many', source: `.n = ${random.between(0, 2 ** 31)}\n.m = match(string!(.message), r'a+${number}')` },
        [{ event: { message: 'a'.repeat(10_000) } }],
      );
  };
  await runMany(1_200);
  const before = process.memoryUsage().rss;
  await runMany(1_200);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
});
