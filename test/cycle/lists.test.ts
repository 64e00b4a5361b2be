import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAllocation } from '../../lib/nomad/read-allocation.ts';
import { readValue } from '../../lib/nomad/read-element.ts';
import { rowsOf } from '../../lib/pipelines/table.ts';
import { anAllocation, aRawAllocation, idOf } from '../support/builders.ts';
import { aNode, T0, writeLog } from './support.ts';

// An empty or much smaller answer is not believed at once.

const SECOND = 1_000;
const three = [1, 2, 3].map((digit) => anAllocation({ id: idOf(digit) }));

const aFullNode = async ({ withLogs = true } = {}) => {
  const node = await aNode({ allocations: three });
  if (withLogs) for (const { id } of three) await writeLog({ node, allocId: id, text: 'a\n' });
  await node.cycle();
  return node;
};

test.each([
  ['an empty list, of a token that may see no allocation', [], 'hidden'],
  ['an empty list, and all are there', [], 'present'],
  ['a smaller list, of a token that sees one namespace', three.slice(0, 1), 'hidden'],
] as const)('%s: no task is let go of, for as long as it lasts', async (_, allocations, exists) => {
  const node = await aFullNode();
  const { live, table } = node;
  node.allocations = [...allocations];
  node.exists = exists;
  for (const hours of [0, 1, 100]) {
    node.now = T0 + hours * 3_600 * SECOND;
    await node.cycle();
    expect(node.table).toBe(table);
    expect(await node.links()).toHaveLength(3);
  }
  // All that tells them apart is which templates are named in the head.
  expect(node.live?.replace(/^#.*\n/gm, '')).toBe(live?.replace(/^#.*\n/gm, ''));
});

test('an answer without a leader proves nothing', async () => {
  const node = await aFullNode();
  node.allocations = [];
  node.hasLeader = false;
  node.now = T0 + 3_600 * SECOND;
  await node.cycle();
  node.now = T0 + 7_200 * SECOND;
  await node.cycle();
  expect(node.rows()).toHaveLength(3);
});

test('a node that is truly empty lets go of its tasks once their removal delay is over', async () => {
  const node = await aFullNode({ withLogs: false });
  node.allocations = [];
  node.exists = 'gone';
  const tasksAt = async (seconds: number) => {
    node.now = T0 + seconds * SECOND;
    await node.cycle();
    return Object.keys(node.state.tasks).length;
  };
  expect(await tasksAt(0)).toBe(3);
  expect(await tasksAt(29)).toBe(3);
  // Their folders went with them, so that what Vector reads is looked at until it stands still.
  for (const seconds of [60, 61]) await tasksAt(seconds);
  expect(await node.links()).toEqual([]);
  expect(node.state.tasks).toEqual({});
});

test('an allocation that comes back into the list goes on as if nothing had been', async () => {
  const node = await aFullNode();
  const { live, table } = node;
  node.allocations = three.slice(1);
  await node.cycle();
  node.now = T0 + 10 * SECOND;
  node.allocations = three;
  await node.cycle();
  expect([node.live, node.table]).toEqual([live, table]);
  expect(Object.values(node.state.tasks).map(({ finishedAt }) => finishedAt)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('equal lists in another order are no change', async () => {
  const node = await aFullNode();
  node.allocations = three.toReversed();
  expect((await node.cycle()).outcome).toBe('unchanged');
});

test('an allocation that nvl cannot read stays as it was', async () => {
  const node = await aFullNode();
  // `readAllocation` leaves out what names no task to work with.
  node.allocations = three.slice(1);
  node.exists = 'present';
  await node.cycle();
  expect(node.rows()).toHaveLength(3);
});

test('a new allocation without its job ships with the labels that are known; one that ships already stays as it was', async () => {
  const node = await aNode();
  const partial = readAllocation({ ...aRawAllocation({ job: 'web' }), Job: null });
  if (partial === undefined) throw new Error('it is none');
  node.allocations = [partial];
  node.exists = 'present';
  await node.cycle();
  expect(node.rows()).toHaveLength(1);
  expect(node.table).toContain('"web"');

  node.allocations = [anAllocation({ job: 'web', jobMeta: { a: 'b' } })];
  await node.cycle();
  const whole = rowsOf(node.table);
  expect(whole).toHaveLength(1);
  node.allocations = [partial];
  await node.cycle();
  expect(rowsOf(node.table)).toEqual(whole);
});

test('elements that are no allocations are named, and all others are collected', async () => {
  const node = await aFullNode();
  const bad = [{ ID: '../../etc', TaskGroup: 'g' }, null].map((value, digest) => readValue({ value, digest }));
  node.faults = bad.flatMap((element) => ('fault' in element ? [element.fault] : []));
  const { notes } = await node.cycle();
  expect(notes.map(({ heading, errors }) => `${heading}: ${errors[0]?.facts.why}`)).toEqual([
    'allocation "../../etc": its ID is no UUID',
    "an element of Nomad's list: it has no ID",
  ]);
  expect(rowsOf(node.table)).toHaveLength(3);
});

test('what is held of an allocation that is over is let go', async () => {
  const node = await aFullNode();
  const folder = join(node.folder, 'held', idOf(7));
  await mkdir(folder);
  await writeFile(join(folder, 'app.stdout.0'), 'line\n');
  node.restart();
  node.over = new Set([idOf(7)]);
  await node.cycle();
  expect(existsSync(folder)).toBe(false);
});
