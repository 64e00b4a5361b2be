import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stemOf } from '../../lib/context/id.ts';
import { runCycle } from '../../lib/cycle.ts';
import { rowsOf } from '../../lib/pipelines/table.ts';
import { anAllocation, aTransform, idOf } from '../support/builders.ts';
import { aNode, reloaded, T0, type TestNode, useTemplates, writeLog, writePositions } from './support.ts';

// A new task costs a row: written, told, confirmed, and only then are its files where Vector reads.

const SECOND = 1_000;
const [one, two] = [1, 2].map((digit) => anAllocation({ id: idOf(digit) })) as [
  ReturnType<typeof anAllocation>,
  ReturnType<typeof anAllocation>,
];
const logfmt = (digit: number, more = {}) =>
  anAllocation({ id: idOf(digit), taskMeta: { nvl_profile: 'logfmt' }, ...more });
const stem = (digit: number) => stemOf({ allocId: idOf(digit), task: 'app' });
const linkOf = (node: TestNode, digit: number) => `${node.pipelineOf(stem(digit))}/${stem(digit)}.stdout.000000000`;

/** Vector reads the first task; the second one has a log, and is about to be listed. */
const aNodeAndOneMore = async (): Promise<TestNode> => {
  const node = await aNode({ allocations: [one] });
  for (const { id } of [one, two]) await writeLog({ node, allocId: id, text: 'a\n' });
  await node.cycle();
  node.allocations = [one, two];
  node.steps.length = 0;
  node.told.length = 0;
  return node;
};

test('one more task of a profile: its row, a reload, its link; no byte of the file changes and nothing is proven', async () => {
  const node = await aNodeAndOneMore();
  const { live } = node;
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(node.steps).toEqual(['remember', 'write the table', 'reload, new: 0', 'remember']);
  expect(node.live).toBe(live);
  expect(node.told).toEqual([{ pipelines: node.pipelines(), rows: [stem(1), stem(2)], links: [linkOf(node, 1)] }]);
  expect(await node.links()).toEqual([linkOf(node, 1), linkOf(node, 2)]);
  expect(node.pipelineOf(stem(2))).toBe(node.pipelineOf(stem(1)));
});

test('what a job calls itself stands in the table, never in the file', async () => {
  const odd = { job: 'job "of" $HOME', group: "it's", task: 'a,b\nc' };
  const node = await aNode({ allocations: [one] });
  await node.cycle();
  const { live } = node;
  node.allocations = [one, anAllocation({ id: idOf(2), ...odd })];
  await node.cycle();
  expect(node.live).toBe(live);
  expect(Object.values(rowsOf(node.table)[1]?.cells ?? {})).toEqual(
    expect.arrayContaining([odd.job, odd.group, odd.task]),
  );
});

test('a task with a pipeline of its own: table and file go live together, and the running one stays as it is', async () => {
  const node = await aNodeAndOneMore();
  node.allocations = [one, logfmt(2)];
  const before = node.pipelines();
  await node.cycle();
  expect(node.steps).toEqual([
    'stage',
    'prove',
    'remember',
    'write the table',
    'swap',
    'reload, new: 1',
    'remember',
    'keep the templates',
  ]);
  expect(node.pipelines()).toEqual(expect.arrayContaining(before));
  expect(node.told[0]?.links).toEqual([linkOf(node, 1)]);
  expect(await node.links()).toEqual([linkOf(node, 1), linkOf(node, 2)].sort());
});

test.each([
  ['unconfirmed', { kind: 'unconfirmed', why: 'nothing was seen' }, 'unconfirmed', undefined],
  [
    'refused, as over a broken file of the team’s',
    { kind: 'refused', why: 'no such port' },
    'rejected',
    'no such port',
  ],
  ['failed, as no Vector runs', { kind: 'failed', why: 'no process 17 runs' }, 'unconfirmed', 'no process 17 runs'],
  ['answered by the end of Vector', { kind: 'died', why: 'out of memory' }, 'rejected', 'out of memory'],
  ['refused until Vector is restarted', { kind: 'needsRestart', why: 'data_dir' }, 'needsRestart', 'data_dir'],
] as const)(
  'a reload that is %s opens no new link, takes none away, blames no block, and is tried again',
  async (_, answer, outcome, said) => {
    const node = await aNodeAndOneMore();
    const { live } = node;
    node.reloads = [answer, answer];
    for (let times = 0; times < 2; times += 1) {
      const result = await node.cycle();
      expect([result.outcome, result.refused]).toEqual([outcome, []]);
      if (said !== undefined) expect(result.why?.facts.said).toBe(said);
      expect([node.live, await node.links()]).toEqual([live, [linkOf(node, 1)]]);
    }
    expect(node.steps.filter((step) => step === 'write the table')).toHaveLength(1);
    expect(node.state.refusedLoads).toBeUndefined();
    expect((await node.cycle()).outcome).toBe('reloaded');
    expect(node.told).toHaveLength(3);
    expect(await node.links()).toEqual([linkOf(node, 1), linkOf(node, 2)]);
  },
);

test('a task that ends while its row is not confirmed is collected all the same', async () => {
  const node = await aNodeAndOneMore();
  node.reloads = [{ kind: 'unconfirmed', why: 'nothing was seen' }];
  await node.cycle();
  node.allocations = [one, anAllocation({ id: idOf(2), status: 'complete', finishedAt: new Date(T0).toISOString() })];
  node.now = T0 + 3_600 * SECOND;
  await node.cycle();
  expect(await node.links()).toEqual([linkOf(node, 1), linkOf(node, 2)]);
});

test('the table is taken away while Vector reloads: it says of each program that it is bad, and none is to blame', async () => {
  const node = await aNodeAndOneMore();
  node.allocations = [one, logfmt(2)];
  const [pipeline] = node.pipelines();
  const reload = async () => {
    node.table = undefined;
    return { kind: 'died', why: `Configuration error. error=Transform "${pipeline}_out": ` } as const;
  };
  const { outcome, why } = await runCycle({ ...node.deps(), reload });
  expect([outcome, why?.message]).toEqual(['unconfirmed', expect.stringContaining('table of tasks was taken away')]);
  expect(node.state.refusedLoads).toBeUndefined();
  expect(await node.cycle()).toMatchObject({ outcome: 'reloaded', refused: [] });
  expect(node.rows()).toHaveLength(2);
  expect(await node.links()).toHaveLength(2);
});

test('the table is taken away before Vector has read it: what it confirms is the old one, and no link is opened', async () => {
  const node = await aNodeAndOneMore();
  const reload = async () => {
    node.table = undefined;
    return reloaded;
  };
  expect((await runCycle({ ...node.deps(), reload })).outcome).toBe('unconfirmed');
  expect(await node.links()).toEqual([expect.stringContaining(stem(1))]);
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(await node.links()).toEqual([linkOf(node, 1), linkOf(node, 2)]);
});

test('a disk that does not take the table: nothing is told, no link is opened, and all goes on when it does', async () => {
  const node = await aNodeAndOneMore();
  const before = [node.live, node.table];
  const deps = node.deps();
  const writeTable = async () => {
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  };
  await expect(runCycle({ ...deps, disk: { ...deps.disk, writeTable } })).rejects.toThrow('no space left');
  expect([node.live, node.table]).toEqual(before);
  expect([node.told, await node.links()]).toEqual([[], [linkOf(node, 1)]]);
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(await node.links()).toEqual([linkOf(node, 1), linkOf(node, 2)]);
});

test('rows stay while Vector may still deliver, and go with the next write, which changes no byte of the file', async () => {
  const node = await aNodeAndOneMore();
  await node.cycle();
  const { live } = node;
  const { dev, ino, size } = await stat(join(node.allocDir, idOf(2), 'alloc', 'logs', 'app.stdout.0'), {
    bigint: true,
  });
  const readTo = (at: bigint) => writePositions({ node, id: node.pipelines()[0] ?? '', positions: [{ dev, ino, at }] });
  node.allocations = [one, anAllocation({ id: idOf(2), status: 'complete', finishedAt: new Date(T0).toISOString() })];
  const rowsAt = async (seconds: number) => {
    node.now = T0 + seconds * SECOND;
    await node.cycle();
    return node.rows().length;
  };
  await readTo(0n);
  expect([await rowsAt(60), await rowsAt(3_600), await rowsAt(7_200)]).toEqual([2, 2, 2]);
  await readTo(size);
  expect(await rowsAt(7_201)).toBe(2);
  expect(await node.links()).toEqual([linkOf(node, 1)]);
  const { table } = node;
  expect(await rowsAt(7_202)).toBe(2);
  expect([node.live, node.table]).toEqual([live, table]);
  expect(node.state.tasks[stem(2)]?.phase).toBe('drained');
  node.allocations = [one, anAllocation({ id: idOf(3) })];
  await rowsAt(7_203);
  expect(node.rows()).toEqual([stem(1), stem(3)]);
  expect(node.live).toBe(live);
});

test('a pipeline that no task is in stays for ten minutes, and a task that comes meanwhile costs a row', async () => {
  const node = await aNode({ allocations: [one, logfmt(2)] });
  await node.cycle();
  const both = node.pipelines();
  expect(both).toHaveLength(2);
  const pipelinesAt = async (seconds: number) => {
    node.now = T0 + seconds * SECOND;
    await node.cycle();
    return node.pipelines();
  };
  node.allocations = [one];
  for (const seconds of [0, 60, 120, 121]) await pipelinesAt(seconds);
  expect(Object.keys(node.state.tasks)).toEqual([stem(1)]);
  expect(await pipelinesAt(600)).toEqual(both);

  node.allocations = [one, logfmt(3)];
  node.steps.length = 0;
  expect(await pipelinesAt(601)).toEqual(both);
  expect(node.steps).not.toContain('prove');
  node.allocations = [one];
  for (const seconds of [700, 800, 801]) await pipelinesAt(seconds);
  expect(Object.keys(node.state.tasks)).toEqual([stem(1)]);

  // From when it was empty again, also by an nvl that was started anew.
  node.restart();
  expect(await pipelinesAt(1_300)).toEqual(both);
  expect(await pipelinesAt(1_500)).toEqual([node.pipelineOf(stem(1))]);
  node.steps.length = 0;
  expect((await node.cycle()).outcome).toBe('unchanged');
  expect(node.steps).toEqual([]);
});

test('an edit that changes no value keeps each pipeline’s id, so that nothing is read again and no link moves', async () => {
  const node = await aNode({ allocations: [logfmt(1)] });
  await writeLog({ node, allocId: idOf(1), text: 'a\n' });
  await node.cycle();
  const [live, table, links] = [node.live, node.table, await node.links()];
  await useTemplates(node, { 'profiles/logfmt/transform.toml.hbs': aTransform('.edited = true') });
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(node.live).not.toBe(live);
  expect([node.table, await node.links()]).toEqual([table, links]);
});
