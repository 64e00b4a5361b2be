import { expect, test } from 'vitest';
import { type Ends, findHanging, standIn, suspectsOf, unitsOf } from '../../lib/apply/hanging.ts';
import type { Block } from '../../lib/render/file.ts';

const task = (name: string, program = '.x = 1', key = `nvl_${name}_`): Block => ({
  key,
  kind: 'pipeline',
  heading: name,
  text: `[sources.${key}]\ntype = "file"\n[transforms.${key}_out]\nsource = '''\n.nomad.job = "${name}"\n${program}\n'''`,
});
const sink = (id: string, type = 'loki'): Block => ({
  key: `sink:${id}`,
  kind: 'sink',
  heading: id,
  text: `[sinks.${id}]\ntype = "${type}"\ninputs = ["nomad_logs"]`,
});
const byKey = (blocks: readonly Block[]) => new Map(blocks.map((block) => [block.key, block]));

/** Hangs over a set that holds such words, and counts the proofs. */
const hangingOver = (...words: string[]): { ends: Ends; proofs: () => number } => {
  let count = 0;
  const ends: Ends = async (blocks) => {
    count += 1;
    return !blocks.some(({ text }) => words.some((word) => text.includes(word)));
  };
  return { ends, proofs: () => count };
};
const keys = (blocks: readonly Block[] | undefined) => blocks?.map(({ heading }) => heading).sort();

test('a new shape is set aside in one proof, and a new task of a shape that is live ships', async () => {
  const { ends, proofs } = hangingOver('forever');
  const live = byKey([task('a'), sink('loki')]);
  const blocks = [task('a'), task('b'), task('c', 'forever()'), sink('loki')];
  expect(keys(await suspectsOf({ blocks, live, ends }))).toEqual(['c']);
  expect(proofs()).toBe(1);
});

test('an edited sink that hangs is set aside: the live one stays', async () => {
  const { ends } = hangingOver('"slow"');
  const live = byKey([task('a'), sink('loki')]);
  expect(keys(await suspectsOf({ blocks: [task('a'), task('b'), sink('loki', 'slow')], live, ends }))).toEqual([
    'loki',
  ]);
});

test('a value that hangs in a shape that is live takes all that is new with it, and nothing that is live', async () => {
  const { ends, proofs } = hangingOver('"bad"');
  const live = byKey([task('a'), sink('loki')]);
  expect(keys(await suspectsOf({ blocks: [task('a'), task('bad'), task('c'), sink('loki')], live, ends }))).toEqual([
    'bad',
    'c',
  ]);
  expect(proofs()).toBe(1);
});

test('what is live and hangs as well is nobody’s fault', async () => {
  const { ends } = hangingOver('loki');
  const live = byKey([task('a'), sink('loki')]);
  expect(await suspectsOf({ blocks: [task('a'), task('b'), sink('loki')], live, ends })).toBeUndefined();
});

test('with nothing live, all is set aside at once', async () => {
  const { ends } = hangingOver('forever');
  const blocks = [task('a'), task('b', 'forever()'), sink('loki')];
  expect(keys(await suspectsOf({ blocks, live: new Map(), ends }))).toEqual(['a', 'b', 'loki']);
});

test('a unit is a sink, or all tasks that are alike but for names and numbers', () => {
  const blocks = [task('a'), task('b'), task('c', '.y = "z"'), task('d', '.x = 2'), sink('loki')];
  expect(unitsOf(blocks).map(keys)).toEqual([['a', 'b', 'd'], ['c'], ['loki']]);
});

test('a command finds each culprit, by halves', async () => {
  const blocks = [
    ...Array.from({ length: 16 }, (_, index) => task(`t${index}`, `.f${'x'.repeat(index)} = 1`)),
    sink('loki'),
  ];
  const { ends, proofs } = hangingOver('.fxxx =', '"loki"');
  expect(keys(await findHanging({ blocks, ends }))).toEqual(['loki', 't3']);
  expect(proofs()).toBeLessThan(20);
});

test('what stands in for a sink takes its inputs, and leaves the transforms before it out', () => {
  const block = {
    ...sink('loki'),
    text: '[transforms.loki_lines]\ntype = "remap"\ninputs = ["nomad_logs"]\nsource = "."\n[sinks.loki]\ntype = "loki"\ninputs = ["loki_lines"]',
  };
  expect(standIn(block).text).toBe('[sinks.loki]\ntype = "blackhole"\ninputs = ["nomad_logs"]');
  expect(standIn(sink('o')).text).toBe('[sinks.o]\ntype = "blackhole"\ninputs = ["nomad_logs"]');
});
