import { expect, test } from 'vitest';
import { askingById } from '../../lib/nomad/ask-by-id.ts';
import type { NodeSource } from '../../lib/nomad/node-source.ts';
import { anAllocation, anAnswer, idOf } from '../support/builders.ts';

const raw = (id: string) => ({
  ID: id,
  TaskGroup: 'g',
  JobID: 'j',
  Job: { TaskGroups: [{ Name: 'g', Tasks: [{ Name: 'app' }] }] },
});

/** Nomad lists one allocation, and tells of others when it is asked for them. */
const aSource = ({
  held,
  known = [],
  hidden = [],
  over,
}: {
  held: string[];
  known?: string[];
  hidden?: string[];
  over?: string[];
}) => {
  const asked: string[] = [];
  const told: string[][] = [];
  let now = 1;
  const source: NodeSource = {
    ask: async () => ({
      ...anAnswer(anAllocation({ id: idOf(1) })),
      ...(over === undefined ? {} : { over: new Set(over) }),
    }),
    exists: async () => 'gone',
  };
  const asking = askingById({
    source,
    held: () => held,
    read: async (id) => {
      asked.push(id);
      if (id === idOf(13)) throw new Error('Nomad is away');
      return known.includes(id) ? raw(id) : undefined;
    },
    isHidden: async (id) => hidden.includes(id),
    tellHidden: (ids) => void told.push([...ids]),
    now: () => now,
  });
  return {
    asked,
    told,
    wait: (ms: number) => (now += ms),
    ids: async () => (await asking.ask()).allocations.map(({ id }) => id),
  };
};

test('what log files are held of and the list does not name is asked for by its id, and collected when Nomad knows it', async () => {
  const source = aSource({ held: [idOf(1), idOf(2), idOf(3)], known: [idOf(2)] });
  expect(await source.ids()).toEqual([idOf(1), idOf(2)]);
  expect(source.asked).toEqual([idOf(2), idOf(3)]);
  // It stays known while it is held, and is not asked for at each look.
  source.wait(59_999);
  expect(await source.ids()).toEqual([idOf(1), idOf(2)]);
  expect(source.asked).toHaveLength(2);
  source.wait(1);
  await source.ids();
  expect(source.asked).toHaveLength(4);
});

test('what Nomad has and does not tell of is told once, and again when it was not held meanwhile', async () => {
  const held = [idOf(2), idOf(3), idOf(4)];
  const source = aSource({ held, known: [idOf(2)], hidden: [idOf(3)] });
  await source.ids();
  source.wait(60_000);
  await source.ids();
  expect(source.told).toEqual([[idOf(3)]]);
  held.pop();
  held.pop();
  await source.ids();
  held.push(idOf(3));
  await source.ids();
  expect(source.told).toEqual([[idOf(3)], [idOf(3)]]);
});

test('one that cannot be asked for keeps no other from it', async () => {
  const source = aSource({ held: [idOf(13), idOf(2)], known: [idOf(2)] });
  expect(await source.ids()).toEqual([idOf(1), idOf(2)]);
});

test('what is listed, or known to be over, is not asked for; nor is anything when nothing is held', async () => {
  const source = aSource({ held: [idOf(1), idOf(4)], over: [idOf(4)] });
  await source.ids();
  expect(source.asked).toEqual([]);
});

test('a node full of folders that nobody knows costs fifty questions at once, and each has its turn', async () => {
  const held = Array.from({ length: 120 }, (_, index) => idOf(100 + index));
  const source = aSource({ held });
  await source.ids();
  expect(source.asked).toHaveLength(50);
  for (let times = 0; times < 2; times += 1) {
    source.wait(60_000);
    await source.ids();
  }
  expect(new Set(source.asked)).toEqual(new Set(held));
});
