import { expect, test } from 'vitest';
import { runCycle } from '../../lib/cycle.ts';
import type { CycleDeps } from '../../lib/cycle-deps.ts';
import { rowsOf } from '../../lib/pipelines/table.ts';
import { digestOf } from '../../lib/plan/plan.ts';
import { anAllocation, idOf } from '../support/builders.ts';
import { aNode, logAccessWith, type TestNode, writeLog } from './support.ts';

// nvl is killed at each step of a cycle, starts again, and has to end where it would have ended without.

const [one, two] = [1, 2].map((digit) => anAllocation({ id: idOf(digit) })) as [
  ReturnType<typeof anAllocation>,
  ReturnType<typeof anAllocation>,
];
/** Needs a pipeline of its own. */
const other = anAllocation({ id: idOf(2), taskMeta: { nvl_profile: 'logfmt' } });

const dies = (): never => {
  throw new Error('killed');
};
const onDisk = (deps: CycleDeps, disk: Partial<CycleDeps['disk']>): CycleDeps => ({
  ...deps,
  disk: { ...deps.disk, ...disk },
});

const killedAt: Record<string, (deps: CycleDeps) => CycleDeps> = {
  'before anything is staged': (deps) => onDisk(deps, { stage: dies }),
  'in the proof': (deps) => ({ ...deps, prove: dies }),
  'before the table is written': (deps) => onDisk(deps, { writeTable: dies }),
  'behind the table, before the swap': (deps) => onDisk(deps, { swap: dies }),
  'before Vector is told': (deps) => ({ ...deps, reload: dies }),
  'behind the reload, before the file is kept': (deps) => onDisk(deps, { keepGeneration: dies }),
  'behind the reload, before it is remembered': (deps) => ({ ...deps, store: { ...deps.store, hold: dies } }),
  'before the links': (deps) => ({
    ...deps,
    // A link that can't be made is told, which a killed nvl does not live to do.
    log: { ...deps.log, error: dies },
    logAccess: logAccessWith(deps, { open: dies }),
  }),
  'between the links of two tasks': (deps) => {
    let opened = 0;
    return {
      ...deps,
      log: { ...deps.log, error: dies },
      logAccess: logAccessWith(deps, {
        open: (task) => {
          opened += 1;
          if (opened > 1) dies();
          deps.logAccess.open(task);
        },
      }),
    };
  },
};

const placeOf = async (node: TestNode) => ({
  live: node.live,
  table: node.table,
  loaded: [node.state.loaded?.digest, node.state.loaded?.table],
  tasks: Object.keys(node.state.tasks).sort(),
  pipelines: Object.keys(node.state.pipelines ?? {}).sort(),
  generations: node.generations.at(-1),
  links: await node.links(),
});

const NEW_FILE = Object.keys(killedAt);
// One more task of a pipeline that is there: the file is the same, and nothing is staged or proven.
const NEW_ROW = NEW_FILE.filter((when) => !/staged|proof|swap|kept/.test(when));

test.each([
  ...NEW_FILE.map((when) => ({ when, what: 'a task with a pipeline of its own', added: other })),
  ...NEW_ROW.map((when) => ({ when, what: 'a task of a pipeline that is there', added: two })),
])('killed $when, with $what', async ({ when, added }) => {
  const unharmed = await aNode({ allocations: [one] });
  const node = await aNode({ allocations: [one] });
  // The same names in both files, wherever the folders of the two lie.
  node.linksDir = unharmed.linksDir;
  for (const each of [unharmed, node]) {
    for (const { id } of [one, two]) await writeLog({ node: each, allocId: id, text: 'a\n' });
    await each.cycle();
    each.allocations = [one, added];
  }
  const before = { live: node.live, table: node.table };
  await unharmed.cycle();

  const kill = killedAt[when] ?? ((deps: CycleDeps) => deps);
  await expect((async () => runCycle(kill(node.deps())))()).rejects.toThrow('killed');
  // Vector never meets what is neither the old set nor the new one, nor a pipeline without its rows.
  expect([before.live, unharmed.live]).toContain(node.live);
  expect([before.table, unharmed.table]).toContain(node.table);
  const pipelines = new Set(rowsOf(node.table).map(({ pipeline }) => pipeline));
  for (const pipeline of node.pipelines()) expect([...pipelines]).toContain(pipeline);

  node.restart();
  node.steps.length = 0;
  await node.cycle();
  expect(await placeOf(node)).toEqual(await placeOf(unharmed));
  // A link has not lain there before Vector had the row.
  for (const { rows, links } of node.told)
    for (const link of links) expect(rows).toContain(link.split('/')[1]?.split('.')[0]);
  node.steps.length = 0;
  expect((await node.cycle()).outcome).toBe('unchanged');
  expect(node.steps).toEqual([]);
});

test('killed behind the swap, and what was new is gone when it starts again: Vector is told of the old set', async () => {
  const node = await aNode({ allocations: [one] });
  await node.cycle();
  const { table } = node;
  const before = node.pipelines();
  node.allocations = [one, other];
  await expect((async () => runCycle({ ...node.deps(), reload: dies }))()).rejects.toThrow('killed');
  node.restart();
  node.allocations = [one];
  node.state.tasks = Object.fromEntries(Object.entries(node.state.tasks).filter(([id]) => id.startsWith('nvl_1')));
  node.steps.length = 0;
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(node.table).toBe(table);
  expect(node.steps).toContainEqual(expect.stringMatching(/^reload/));
  // The pipeline goes as any other that no task is in.
  node.now += 600_000;
  await node.cycle();
  expect(node.pipelines()).toEqual(before);
});

test('an nvl without its state goes on with what runs: nothing is written, no link moves', async () => {
  const node = await aNode({ allocations: [one, two] });
  for (const { id } of [one, two]) await writeLog({ node, allocId: id, text: 'a\n' });
  await node.cycle();
  const [live, table, links] = [node.live, node.table, await node.links()];
  expect(links).toHaveLength(2);
  node.restart();
  node.state = { schema: 1, installedAt: node.now, tasks: {} };
  node.steps.length = 0;
  const { outcome } = await node.cycle();
  expect(outcome).toBe('reloaded');
  expect([node.live, node.table]).toEqual([live, table]);
  expect(node.steps.filter((step) => /write|swap/.test(step))).toEqual([]);
  expect(await node.links()).toEqual(links);
  expect(node.state.loaded?.digest).toBe(digestOf(live ?? ''));
});

test('somebody took the live file away: it is written again, and told', async () => {
  const node = await aNode({ allocations: [one] });
  await node.cycle();
  const { live } = node;
  node.live = undefined;
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect(node.live).toBe(live);
});

test('somebody edited the live file: the next cycle writes it again', async () => {
  const node = await aNode({ allocations: [one] });
  await node.cycle();
  const { live } = node;
  node.live = `${live}\n[sinks.mine]\ntype = "blackhole"\n`;
  await node.cycle();
  expect(node.live).toBe(live);
});

test.each([
  ['taken away by a cleaner', () => undefined],
  ['cut off in the middle', (table: string) => table.slice(0, table.length / 2)],
  ['cut off behind a line', (table: string) => table.slice(0, table.lastIndexOf('\n', table.length - 2) + 1)],
  ['emptied', () => ''],
  ['edited', (table: string) => table.replace('shop', 'evil')],
  ['in another order', (table: string) => table.split('\n').toReversed().join('\n')],
])('a table that was %s is written again, and Vector told', async (_, harm) => {
  const node = await aNode({ allocations: [one, two] });
  await node.cycle();
  const { live, table = '' } = node;
  node.table = harm(table);
  node.steps.length = 0;
  expect((await node.cycle()).outcome).toBe('reloaded');
  expect([node.live, node.table]).toEqual([live, table]);
  expect(node.steps).toEqual(['write the table', 'reload, new: 0']);
});

test('a task that Nomad does not list keeps its row when the table is taken away: nobody else knows what it says', async () => {
  const node = await aNode({ allocations: [one, other] });
  await node.cycle();
  const { live, table } = node;
  node.allocations = [one];
  node.exists = 'hidden';
  node.table = undefined;
  await node.cycle();
  expect(node.table).toBe(table);
  expect(node.live?.replaceAll(/^#.*\n/gm, '')).toBe(live?.replaceAll(/^#.*\n/gm, ''));
});
