import { expect, test } from 'vitest';
import type { Row } from '../../lib/pipelines/row.ts';
import { rowsOf, tableText } from '../../lib/pipelines/table.ts';
import { digestOf, makePlan, type Plan } from '../../lib/plan/plan.ts';
import { labelTable, labelTableComment } from '../../lib/render/labels/label-tables.ts';

const [a, b] = ['# nvl:nvl_a a\n[sources.nvl_a]\n', '# nvl:nvl_b b\n[sources.nvl_b]\n'];

const aRow = (stem: string, pipeline = 'nvl_a'): Row => ({
  stem,
  pipeline,
  about: stem,
  mark: '',
  cells: { c_a: 'x' },
});
const none = tableText([]);
const one = tableText([aRow('nvl_1')]);

type Given = { rendered: string; live: string | undefined; loaded: string | undefined };
const planOf = ({ rendered, live, loaded }: Given) =>
  makePlan({
    rendered: { text: rendered, rows: [], former: [] },
    live: { text: live, table: live === undefined ? undefined : none },
    loaded: loaded === undefined ? undefined : { digest: loaded, table: digestOf(none) },
  });

test.each<[string, Given, Partial<Plan>]>([
  ['nothing yet', { rendered: a, live: undefined, loaded: undefined }, { swap: true, prove: true, reload: true }],
  ['same bytes, loaded', { rendered: a, live: a, loaded: digestOf(a) }, { swap: false, prove: false, reload: false }],
  [
    'same bytes, reload failed',
    { rendered: a, live: a, loaded: digestOf(b) },
    { swap: false, prove: true, reload: true },
  ],
  [
    'same bytes, never confirmed',
    { rendered: a, live: a, loaded: undefined },
    { swap: false, prove: true, reload: true },
  ],
  ['new bytes', { rendered: b, live: a, loaded: digestOf(a) }, { swap: true, prove: true, reload: true }],
  // Whoever swaps reloads, whatever was loaded before: between the two another file was live.
  [
    'the bytes of before again',
    { rendered: a, live: b, loaded: digestOf(a) },
    { swap: true, prove: true, reload: false },
  ],
  [
    'somebody took the live file away',
    { rendered: a, live: undefined, loaded: digestOf(a) },
    { swap: true, prove: true, reload: false },
  ],
])('plan: %s', (_, given, plan) => {
  expect(planOf(given)).toMatchObject({ ...plan, text: given.rendered, digest: digestOf(given.rendered) });
});

test('a digest is that of the bytes', () => {
  expect(digestOf('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('a plan says what becomes different', () => {
  expect(planOf({ rendered: b, live: a, loaded: undefined }).changes).toMatchObject({
    added: [{ kind: 'source', id: 'nvl_b' }],
    removed: [{ kind: 'source', id: 'nvl_a' }],
  });
});

test.each<[string, { live: string | undefined; loaded: string | undefined }, Partial<Plan>]>([
  ['one more', { live: none, loaded: none }, { write: true, reload: true, taskCount: 1 }],
  ['none at all yet', { live: undefined, loaded: undefined }, { write: true, reload: true }],
  ['the same, loaded', { live: one, loaded: one }, { write: false, reload: false }],
  ['the same, not confirmed', { live: one, loaded: none }, { write: false, reload: true }],
  ['somebody took the table away', { live: undefined, loaded: one }, { write: true, reload: false }],
])('a new row needs no proof, and changes no byte of the file: %s', (_, { live, loaded }, plan) => {
  const made = makePlan({
    rendered: { text: a, rows: [aRow('nvl_1')], former: [] },
    live: { text: a, table: live },
    loaded: { digest: digestOf(a), table: loaded === undefined ? undefined : digestOf(loaded) },
  });
  expect(made).toMatchObject({ ...plan, swap: false, prove: false, tableDigest: digestOf(made.table) });
  expect(made.changes).toMatchObject({ added: [], changed: [], removed: [], blocks: [] });
});

test('rows that are the live ones are not looked into', () => {
  const row = Object.defineProperty(aRow('nvl_1'), 'cells', { get: () => expect.unreachable() });
  const made = makePlan({
    rendered: { text: a, rows: [row], former: [] },
    live: { text: a, table: one, rows: [row] },
    loaded: { digest: digestOf(a), table: digestOf(one) },
  });
  expect(made).toMatchObject({ table: one, write: false, reload: false, changes: { tasks: [] } });
});

test('the rows of a plan are those of its table', () => {
  const former = [aRow('nvl_2', 'nvl_a')];
  const row = aRow('nvl_1');
  const made = makePlan({
    rendered: { text: a, rows: [row, aRow('nvl_2', 'nvl_b')], former },
    live: { text: a, table: one },
    loaded: undefined,
  });
  expect(made.rows).toEqual(rowsOf(made.table));
  expect(made.rows[0]).toBe(row);
});

test('the row of a pipeline that a task has just left stays in the table, and is no task more', () => {
  const made = makePlan({
    rendered: { text: a, rows: [aRow('nvl_1', 'nvl_b')], former: [aRow('nvl_1', 'nvl_a')] },
    live: { text: a, table: one },
    loaded: undefined,
  });
  expect(made.table).toBe(tableText([aRow('nvl_1', 'nvl_a'), aRow('nvl_1', 'nvl_b')]));
  expect([made.taskCount, made.changes.tasks]).toEqual([
    1,
    [{ key: 'nvl_1', heading: 'nvl_1', change: 'changed', from: 'nvl_a', to: 'nvl_b' }],
  ]);
});

test('what Vector reads of the table is written again where it is not as nvl wrote it, and Vector told', () => {
  const rows = [aRow('nvl_1')];
  const given = {
    rendered: { text: a, rows, former: [] },
    loaded: { digest: digestOf(a), table: digestOf(one) },
  };
  const live = { text: a, table: one, rows };
  expect(makePlan({ ...given, live })).toMatchObject({ write: false, reload: false });
  expect(makePlan({ ...given, live: { ...live, hasTables: false } })).toMatchObject({
    write: true,
    prove: false,
    reload: true,
  });
});

test('labels of other names of the same values are other tables, though no row differs', () => {
  const rows = [aRow('nvl_1')];
  const fileWith = (key: string) =>
    `# nvl:nvl_a a\n# Columns: c_a a string\n${labelTableComment(labelTable([{ key, column: 'c_a' }]))}\n[sources.nvl_a]\n`;
  const plan = makePlan({
    rendered: { text: fileWith('job'), rows, former: [] },
    live: { text: fileWith('job_name'), table: one, rows },
    loaded: undefined,
  });
  expect([plan.table, plan.write, plan.swap]).toEqual([one, true, true]);
});
