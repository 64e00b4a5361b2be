import { lstat, mkdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stemOf } from '../../lib/context/id.ts';
import { runCycle } from '../../lib/cycle.ts';
import { askingById } from '../../lib/nomad/ask-by-id.ts';
import { anAllocation, aRawAllocation, idOf } from '../support/builders.ts';
import { aNode, T0, type TestNode, writeLog, writePositions } from './support.ts';

// Order is what keeps lines and their labels: a row is there before its link, and the link away, with the rest delivered, before
// the row goes.

const id = stemOf({ allocId: idOf(1), task: 'app' });
const running = anAllocation();
const finished = anAllocation({ status: 'complete', finishedAt: new Date(T0).toISOString() });
const SECOND = 1_000;

/** A task with 100 bytes of lines and a rest of 5 behind them has run, and is collected. */
const aCollectedTask = async (): Promise<TestNode & { file: string }> => {
  const node = await aNode({ allocations: [running] });
  const file = await writeLog({ node, allocId: idOf(1), text: `${'x'.repeat(99)}\nrest!` });
  await node.cycle();
  node.steps.length = 0;
  return Object.assign(node, { file });
};
const vectorRead = async (node: TestNode & { file: string }, at: bigint) => {
  const { dev, ino } = await stat(node.file, { bigint: true });
  await writePositions({ node, id: node.pipelineOf(id) ?? '', positions: [{ dev, ino, at }] });
};
const place = async (node: TestNode) => ({
  hasLink: (await node.links()).some((path) => path.includes(id)),
  hasRow: node.rows().includes(id),
});
const LINK = `${id}.stdout.000000000`;

test('the row is there before the link, which is a hard one in the folder of its pipeline', async () => {
  const node = await aNode({ allocations: [running] });
  const file = await writeLog({ node, allocId: idOf(1), text: 'a\n' });
  await node.cycle();
  const [pipeline = ''] = node.pipelines();
  expect(node.told).toEqual([{ pipelines: [pipeline], rows: [id], links: [] }]);
  expect(await node.links()).toEqual([`${pipeline}/${LINK}`]);
  expect((await stat(join(node.linksDir, pipeline, LINK))).ino).toBe((await stat(file)).ino);
});

test('at the end: read, link away, rest delivered, row away, remembered as drained', async () => {
  const node = await aCollectedTask();
  node.allocations = [finished];
  await vectorRead(node, 100n);
  node.now = T0 + 29 * SECOND;
  await node.cycle();
  expect(await place(node)).toEqual({ hasLink: true, hasRow: true });

  node.now = T0 + 30 * SECOND;
  await node.cycle();
  expect(await place(node)).toEqual({ hasLink: false, hasRow: true });

  node.now = T0 + 31 * SECOND;
  await node.cycle();
  expect(await place(node)).toEqual({ hasLink: false, hasRow: true });

  await vectorRead(node, 105n);
  node.steps.length = 0;
  await node.cycle();
  // Of a row that nobody asks for Vector need not be told.
  expect(node.steps.filter((step) => step !== 'remember')).toEqual([]);
  expect(await place(node)).toEqual({ hasLink: false, hasRow: true });
  expect(node.state.tasks[id]).toMatchObject({ phase: 'drained', files: [{ name: 'app.stdout.0', size: '105' }] });

  node.now = T0 + 300 * SECOND;
  node.steps.length = 0;
  expect((await node.cycle()).outcome).toBe('unchanged');
  expect(node.steps).toEqual([]);
});

test('that a link goes is remembered before it goes: an nvl that is killed in the reload behind it does not bring it back', async () => {
  const node = await aCollectedTask();
  node.allocations = [finished, anAllocation({ id: idOf(2) })];
  await vectorRead(node, 100n);
  node.now = T0 + 30 * SECOND;
  const killed = { ...node.deps(), reload: () => Promise.reject(new Error('killed')) };
  await expect(runCycle(killed)).rejects.toThrow('killed');
  expect(await place(node)).toEqual({ hasLink: false, hasRow: true });
  node.restart();
  node.now += SECOND;
  await node.cycle();
  expect(await place(node)).toEqual({ hasLink: false, hasRow: true });
});

test('a link stays while that it goes cannot be remembered, as on a full disk', async () => {
  const node = await aCollectedTask();
  node.allocations = [finished];
  await vectorRead(node, 100n);
  node.now = T0 + 30 * SECOND;
  const deps = node.deps();
  const full = () => {
    throw new Error('ENOSPC');
  };
  await expect(runCycle({ ...deps, store: { ...deps.store, write: full } })).rejects.toThrow('ENOSPC');
  expect(await place(node)).toEqual({ hasLink: true, hasRow: true });
});

test('a link that was taken away is put back, and one that leads elsewhere is fixed', async () => {
  const node = await aCollectedTask();
  const folder = join(node.linksDir, node.pipelineOf(id) ?? '');
  await rm(join(folder, LINK));
  expect((await node.cycle()).outcome).toBe('unchanged');
  expect(await node.links()).toHaveLength(1);
  await rm(folder, { recursive: true });
  await symlink('/elsewhere', folder);
  expect((await node.cycle()).outcome).toBe('unchanged');
  expect(await node.links()).toHaveLength(1);
  expect((await lstat(folder)).isDirectory()).toBe(true);
});

test('a reload that failed brings no link of a task back that is on its way out', async () => {
  const node = await aCollectedTask();
  node.allocations = [finished];
  await vectorRead(node, 105n);
  for (const seconds of [30, 31]) {
    node.now = T0 + seconds * SECOND;
    // Another task has Vector told of a table in which the row of this one is not.
    if (seconds === 31) node.allocations = [finished, anAllocation({ id: idOf(2) })];
    node.reloads = seconds === 31 ? [{ kind: 'failed', why: 'busy' }] : [];
    await node.cycle();
  }
  expect(await place(node)).toEqual({ hasLink: false, hasRow: false });
  node.steps.length = 0;
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(node.steps.filter((step) => step !== 'remember')).toEqual(['reload, new: 0']);
  expect(await place(node)).toEqual({ hasLink: false, hasRow: false });
});

test('a job that the list never named is collected when Nomad knows it by its id, though its folder is gone', async () => {
  const node = await aNode({ allocations: [running] });
  const stem = stemOf({ allocId: idOf(2), task: 'app' });
  await writeLog({ node, allocId: idOf(2), text: 'all it ever said\n' });
  node.files.see({ allocDir: node.allocDir });
  await rm(join(node.allocDir, idOf(2)), { recursive: true });
  const deps = node.deps();
  const nodeSource = askingById({
    source: deps.nodeSource,
    held: () => node.files.shelf.heldAllocs(),
    read: async (allocId) =>
      aRawAllocation({ id: allocId, status: 'complete', finishedAt: new Date(T0).toISOString() }),
    isHidden: async () => false,
    tellHidden: () => {},
    now: () => node.now,
  });
  await runCycle({ ...deps, nodeSource });
  expect(node.rows()).toContain(stem);
  expect(await node.links()).toEqual([`${node.pipelineOf(stem)}/${stem}.stdout.000000000`]);
  // It is held no more, and stays collected all the same.
  node.now += 20_000;
  await runCycle({ ...node.deps(), nodeSource });
  expect(node.rows()).toContain(stem);
});

test('what is given up at the ceiling is counted by task', async () => {
  const node = await aCollectedTask();
  node.allocations = [finished];
  node.now = T0 + 25 * 3_600 * SECOND;
  await node.cycle();
  expect(node.files.unread.all()).toMatchObject([{ task: `${idOf(1)}/app`, why: 'ceiling', bytes: 100 }]);
});

test('two tasks of one allocation end each by itself', async () => {
  const both = { tasks: ['app', 'db'] };
  const node = await aNode({ allocations: [anAllocation(both)] });
  await writeLog({ node, allocId: idOf(1), task: 'app', text: 'a\n' });
  await writeLog({ node, allocId: idOf(1), task: 'db', text: 'b\n' });
  await node.cycle();
  const ended = anAllocation({ ...both, status: 'running' });
  const [app] = ended.tasks;
  if (app === undefined) throw new Error('no task');
  app.state = { ...app.state, state: 'dead', finishedAt: new Date(T0 - 60 * SECOND).toISOString() };
  node.allocations = [ended];
  const { dev, ino } = await stat(join(node.allocDir, idOf(1), 'alloc', 'logs', 'app.stdout.0'), { bigint: true });
  await writePositions({ node, id: node.pipelineOf(id) ?? '', positions: [{ dev, ino, at: 2n }] });
  await node.cycle();
  await node.cycle();
  const db = stemOf({ allocId: idOf(1), task: 'db' });
  expect([node.state.tasks[id]?.phase, node.state.tasks[db]?.phase]).toEqual(['drained', 'collected']);
  expect(await node.links()).toEqual([`${node.pipelineOf(db)}/${db}.stdout.000000000`]);
});

test('a link that cannot be made is told once and tried again, and all others ship', async () => {
  const bad = stemOf({ allocId: idOf(2), task: 'app' });
  const node = await aNode({ allocations: [running, anAllocation({ id: idOf(2) })] });
  for (const allocId of [idOf(1), idOf(2)]) await writeLog({ node, allocId, text: 'b\n' });
  const [pipeline = ''] = (await node.plan()).rendered.rows.map((row) => row.pipeline);
  await mkdir(join(node.linksDir, pipeline, `${bad}.stdout.000000000`), { recursive: true });
  const complaints = () =>
    node.logged.filter((line) => JSON.stringify(line).includes('the link of a task cannot be set'));

  expect((await node.cycle()).outcome).toBe('reloaded');
  const isLink = async (stem: string) =>
    (await lstat(join(node.linksDir, pipeline, `${stem}.stdout.000000000`))).isFile();
  expect([await isLink(id), await isLink(bad)]).toEqual([true, false]);
  await node.cycle();
  expect(complaints()).toHaveLength(1);
  expect(node.memory.linkFaults).toContain('EISDIR');

  await rm(join(node.linksDir, pipeline, `${bad}.stdout.000000000`), { recursive: true });
  await node.cycle();
  expect([await isLink(id), await isLink(bad)]).toEqual([true, true]);
  expect(node.memory.linkFaults).toBe('');
});

test('names that make no path are refused by name, and all others ship', async () => {
  const odd = [anAllocation({ id: 'a'.repeat(5_000) }), anAllocation({ id: 'batch-7' })];
  const node = await aNode({
    allocations: [running, ...odd, anAllocation({ id: idOf(2), tasks: ['../../x', 'app', 'y'.repeat(300)] })],
  });
  const { notes } = await node.cycle();
  expect(notes.map(({ errors }) => [errors[0]?.code, String(errors[0]?.facts.said).slice(0, 50)])).toEqual([
    ['nameRefused', `the allocation's id is no UUID ("${'a'.repeat(17)}`],
    ['nameRefused', `the allocation's id is no UUID ("batch-7")`],
    ['nameRefused', 'the task\'s name has a slash or a zero byte in it ("'.slice(0, 50)],
    ['nameRefused', "the task's name is too long for a file's (\"yyyyyyy".slice(0, 50)],
  ]);
  expect(node.rows()).toEqual([id, stemOf({ allocId: idOf(2), task: 'app' })]);
});
