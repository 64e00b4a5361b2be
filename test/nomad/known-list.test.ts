import { afterEach, expect, test, vi } from 'vitest';
import { createRandom } from '../../lib/demo/random.ts';
import { shuffleKeys } from '../../lib/demo/shuffle.ts';
import type { Allocation } from '../../lib/nomad/allocation.ts';
import { KnownList, type WhyOver } from '../../lib/nomad/known-list.ts';
import { createListReader } from '../../lib/nomad/list-elements.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { recorded } from './fake-nomad.ts';

afterEach(() => void vi.restoreAllMocks());

const random = createRandom(5);
const { signal } = new AbortController();

/** A list of a Nomad that says `answer`, each map in another order each time; `parsed` counts what was parsed of the last. */
const aList = ({
  answer,
  ...given
}: {
  answer: unknown[];
  whyOver?: (allocation: Allocation) => WhyOver | undefined;
  found?: () => string[];
}) => {
  const nomad = { answer, texts: undefined as string[] | undefined, index: 1, asked: 0, wait: async () => {} };
  const list = new KnownList({
    ...given,
    ask: async ({ onElement }) => {
      nomad.asked += 1;
      const { index } = nomad;
      const texts = nomad.texts ?? nomad.answer.map((element) => JSON.stringify(shuffleKeys(element, random)));
      const bytes = Buffer.from(`[${texts.join(',')}]`);
      await nomad.wait();
      const reader = createListReader({ onElement });
      reader.push(bytes);
      if (reader.end() !== 'list') throw new Error('no list');
      return { index, knownLeader: true, bytes: bytes.length };
    },
  });
  const parse = vi.spyOn(JSON, 'parse');
  const take = async () => {
    parse.mockClear();
    const { isChanged } = await list.follow({ index: 0, signal });
    const parsed = parse.mock.calls.length;
    return { isChanged, parsed, ids: list.listed().allocations.map(({ id }) => id) };
  };
  return { nomad, list, take };
};

const three = [1, 2, 3].map((digit) => aRawAllocation({ id: idOf(digit), jobMeta: { a: '1', b: '2', c: '3' } }));

test('of an answer only what is new or changed is parsed, whatever order the maps are written in', async () => {
  const { nomad, take } = aList({ answer: three });
  expect(await take()).toEqual({ isChanged: true, parsed: 3, ids: [1, 2, 3].map(idOf) });
  for (let times = 0; times < 10; times += 1)
    expect(await take()).toEqual({ isChanged: false, parsed: 0, ids: [1, 2, 3].map(idOf) });
  nomad.answer = [three[2], aRawAllocation({ id: idOf(2), status: 'complete' }), three[0]];
  expect(await take()).toEqual({ isChanged: true, parsed: 1, ids: [3, 2, 1].map(idOf) });
  nomad.answer = [three[0], three[1]];
  expect(await take()).toMatchObject({ isChanged: true, parsed: 1, ids: [1, 2].map(idOf) });
});

test("each field of Nomad's own allocations that is read is read anew when it changes", async () => {
  const [recordedOne] = JSON.parse(recorded('node-allocations')) as Record<string, unknown>[];
  for (const changed of changesOf(recordedOne)) {
    const { nomad, list, take } = aList({ answer: [recordedOne] });
    await take();
    nomad.answer = [changed];
    await take();
    const fresh = aList({ answer: [changed] });
    await fresh.take();
    expect(list.listed()).toEqual(fresh.list.listed());
  }
});

/** Each with one text of it changed. */
const changesOf = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value.flatMap((item, at) => changesOf(item).map((one) => value.with(at, one)));
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? [`${value}0`] : [];
  return Object.entries(value).flatMap(([key, item]) => changesOf(item).map((one) => ({ ...value, [key]: one })));
};

test('what has left the list is forgotten, and parsed again when it is back', async () => {
  const { nomad, take } = aList({ answer: three });
  await take();
  nomad.answer = [];
  expect(await take()).toEqual({ isChanged: true, parsed: 0, ids: [] });
  nomad.answer = three;
  expect(await take()).toMatchObject({ parsed: 3 });
});

test('of one that is over the id is kept alone, until Nomad says something new of it', async () => {
  const finished = aRawAllocation({ id: idOf(2), status: 'complete' });
  const over = new Set<string>();
  const whyOver = ({ id, status }: Allocation) =>
    over.has(id) && status.clientStatus === 'complete' ? 'past' : undefined;
  const { nomad, list, take } = aList({ answer: [three[0], finished], whyOver });
  expect(await take()).toMatchObject({ ids: [idOf(1), idOf(2)] });
  over.add(idOf(2));
  expect(list.listed()).toMatchObject({ allocations: [{ id: idOf(1) }] });
  expect([1, 2, 3].map((digit) => list.listed().over.has(idOf(digit)))).toEqual([false, true, false]);
  over.clear();
  expect(await take()).toMatchObject({ isChanged: false, parsed: 0, ids: [idOf(1)] });
  nomad.answer = [three[0], aRawAllocation({ id: idOf(2) })];
  expect(await take()).toMatchObject({ parsed: 1, ids: [idOf(1), idOf(2)] });
});

test('one that had no files is read again when some are found, and the list is asked for at once', async () => {
  let isFound = false;
  const whyOver = ({ id }: Allocation) => (id === idOf(2) && !isFound ? 'noFiles' : undefined);
  const { nomad, list, take } = aList({
    answer: three.slice(0, 2),
    whyOver,
    found: () => (isFound ? [idOf(1), idOf(2)] : []),
  });
  expect(await take()).toMatchObject({ ids: [idOf(1)] });
  isFound = true;
  // It is not known for over, so that what was found is not let go of.
  expect(list.listed().over.has(idOf(2))).toBe(false);
  await list.take({});
  expect(nomad.asked).toBe(2);
  expect(list.listed().allocations.map(({ id }) => id)).toEqual([idOf(1), idOf(2)]);
});

test.each<[string, string, { heading: RegExp; why: RegExp }]>([
  ['no object', '"y"', { heading: /an element/, why: /no ID/ }],
  ['null', 'null', { heading: /an element/, why: /no ID/ }],
  ['no id', '{"Name":"x"}', { heading: /an element/, why: /no ID/ }],
  ['an id that is a path', '{"ID":"../../etc","TaskGroup":"g"}', { heading: /etc/, why: /no UUID/ }],
  ['no task', `{"ID":"${idOf(7)}"}`, { heading: /77777777/, why: /no task/ }],
  ['no JSON', '{"ID":}', { heading: /an element/, why: /JSON/ }],
  ['no JSON, with an id', `{"ID":"${idOf(7)}","Job":{"a":tru}}`, { heading: /77777777/, why: /JSON/ }],
])(
  'an element that is no allocation is told by name, and the others are read: %s',
  async (_, bad, { heading, why }) => {
    const { nomad, list, take } = aList({ answer: [] });
    nomad.texts = [JSON.stringify(three[0]), bad, JSON.stringify(three[1])];
    expect(await take()).toMatchObject({ ids: [idOf(1), idOf(2)] });
    const { faults } = list.listed();
    expect(faults).toMatchObject([{ heading: expect.stringMatching(heading), error: { code: 'nomadAnswer' } }]);
    expect(faults[0]?.error.facts.why).toMatch(why);
    await take();
    // It is the same fault, not another one.
    expect(list.listed().faults).toEqual(faults);
  },
);

test('of two elements of one id the newer counts, and that is said', async () => {
  const [old, young] = [1, 2].map((ModifyIndex) => ({ ...aRawAllocation(), ModifyIndex }));
  for (const answer of [
    [old, young],
    [young, old],
  ]) {
    const { list, take } = aList({ answer });
    await take();
    expect(list.listed()).toMatchObject({
      allocations: [{ status: { modifyIndex: 2 } }],
      faults: [{ error: { facts: { why: 'it is listed twice' } } }],
    });
  }
});

test('a fault says nothing of an element but its id, and that in a way that no terminal acts on', async () => {
  const { nomad, list, take } = aList({ answer: [] });
  nomad.texts = [
    '{"Job":{"Env":{"token":s3cret}}}',
    JSON.stringify({ ID: `\u001b/${'y'.repeat(100_000)}`, Env: 's3cret' }),
  ];
  await take();
  const said = JSON.stringify(list.listed().faults.map(({ heading, error }) => [heading, error.message, error.facts]));
  expect(list.listed().faults).toHaveLength(2);
  expect(said.length).toBeLessThan(600);
  for (const bad of ['s3cret', '\u001b']) expect(said).not.toContain(bad);
});

test('a broken answer leaves what was known', async () => {
  const { nomad, list, take } = aList({ answer: three });
  await take();
  nomad.texts = ['{"ID":"'];
  await expect(take()).rejects.toThrow('no list');
  expect(list.listed().allocations).toHaveLength(3);
});

test('who asks while somebody does gets the same answer', async () => {
  const { nomad, list } = aList({ answer: three });
  await Promise.all([list.take({}), list.follow({ index: 0, signal }), list.take({})]);
  expect(nomad.asked).toBe(1);
});

test('who has seen a change since asks anew, behind the question that is under way', async () => {
  const { nomad, list } = aList({ answer: three });
  const taking = list.take({});
  nomad.index = 2;
  const [, fresh] = await Promise.all([taking, list.follow({ index: 0, isFresh: true, signal })]);
  expect({ asked: nomad.asked, index: fresh.index }).toEqual({ asked: 2, index: 2 });
});

test('of two answers under way at once, the older does not undo the newer', async () => {
  const { nomad, list } = aList({ answer: three });
  const { promise: isReleased, resolve: release } = Promise.withResolvers<void>();
  nomad.wait = () => isReleased;
  const older = list.take({});
  nomad.wait = async () => {};
  Object.assign(nomad, { index: 2, answer: three.slice(0, 1) });
  await list.follow({ index: 1, signal });
  release();
  await older;
  expect(list.listed().allocations).toHaveLength(1);
});
