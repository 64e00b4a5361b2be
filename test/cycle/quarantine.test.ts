import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rowsOf } from '../../lib/pipelines/table.ts';
import type { Block } from '../../lib/render/file.ts';
import { anAllocation, aTransform, idOf } from '../support/builders.ts';
import { aNode, refusing, type TestNode, useTemplates, writeLog } from './support.ts';

const good = anAllocation({ id: idOf(1), task: 'good' });
const bad = anAllocation({ id: idOf(2), task: 'bad', taskMeta: { nvl_profile: 'mine' } });
/** Of the same pipeline. */
const other = anAllocation({ id: idOf(3), task: 'other', taskMeta: { nvl_profile: 'mine' } });
/** Of another one that renders alike. */
const yours = anAllocation({ id: idOf(5), task: 'yours', taskMeta: { nvl_profile: 'yours' } });
const mine = (program: string) => ({ 'profiles/mine/transform.toml.hbs': aTransform(program) });
const both = (program: string) => ({ ...mine(program), 'profiles/yours/transform.toml.hbs': aTransform(program) });
const isOf = (profile: string) => (block: Block) => block.key.includes(`_${profile}_`) && block.text.includes('.x = 1');
const marksOf = (node: TestNode) => rowsOf(node.table).flatMap(({ mark }) => (mark === '' ? [] : [mark]));
const holds = (words: string) => (block: Block) => block.text.includes(words);
/** A task that has just moved has a row in each of its pipelines. */
const tasksOf = (node: TestNode) => [...new Set(node.rows().map((stem) => stem.split('_')[2]))].sort();

test('the tasks of one bad pipeline ship by default, with its reason, and all others as ever, in the same cycle', async () => {
  const node = await aNode({ allocations: [good, bad, other, yours] });
  await useTemplates(node, both('.x = 1'));
  node.judge = refusing(isOf('mine'), 'error[E103]');
  const { outcome, refused } = await node.cycle();
  expect(outcome).toBe('reloaded');
  expect(tasksOf(node)).toEqual(['bad', 'good', 'other', 'yours']);
  expect(node.pipelines().map((id) => id.split('_')[1])).toEqual(['default', 'yours']);
  expect(marksOf(node)).toEqual(['profile "mine" is refused', 'profile "mine" is refused']);
  const one = { instead: 'default', errors: [{ code: 'vectorRefused', facts: { said: 'error[E103]' } }] };
  expect(refused).toMatchObject([one, one]);
  expect(node.steps.filter((step) => step === 'prove')).toHaveLength(2);
});

test('one that Vector refuses by default too is left out', async () => {
  const node = await aNode({ allocations: [bad, yours] });
  await useTemplates(node, both('.x = 1'));
  node.judge = refusing(({ key }) => /_(mine|default)_/.test(key), 'error[E103]');
  const { outcome, refused } = await node.cycle();
  expect([outcome, refused.map(({ instead }) => instead)]).toEqual(['reloaded', ['nothing']]);
  expect(tasksOf(node)).toEqual(['yours']);
});

test('what Vector took of a profile is what new tasks get when it refuses the next', async () => {
  const node = await aNode({ allocations: [good, bad] });
  await useTemplates(node, mine('.old = 1'));
  await node.cycle();
  node.judge = refusing(holds('.broken'));
  for (const program of ['.broken = 1', '.broken = 2']) {
    await useTemplates(node, mine(program));
    await node.cycle();
  }
  node.allocations = [good, other];
  const { refused } = await node.cycle();
  expect(refused).toMatchObject([{ instead: 'lastGood' }]);
  expect(node.table).toContain(`/ other (profile mine)`);
  expect(node.live).toContain('.old = 1');
  expect(marksOf(node)).toEqual([]);
});

test('what Vector died of was never good', async () => {
  const node = await aNode({ allocations: [good] });
  await node.cycle();
  await useTemplates(node, mine('.deadly = 1'));
  node.allocations = [good, bad];
  node.reloads = [{ kind: 'died', why: 'panicked' }];
  await node.cycle();
  const { refused } = await node.cycle();
  expect(refused).toMatchObject([{ instead: 'default' }]);
});

test('it is not offered again as long as it is the same, and costs no more proofs', async () => {
  const node = await aNode({ allocations: [good, bad] });
  await useTemplates(node, mine('.x = 1'));
  node.judge = refusing(isOf('mine'));
  await node.cycle();
  node.steps.length = 0;
  const { outcome, refused } = await node.cycle();
  expect([outcome, refused.length]).toEqual(['unchanged', 1]);
  expect(node.steps).toEqual([]);
});

test('a fixed template brings it in', async () => {
  const node = await aNode({ allocations: [good, bad] });
  await useTemplates(node, mine('.broken = 1'));
  node.judge = refusing(holds('.broken'));
  await node.cycle();
  await useTemplates(node, mine('.fixed = 1'));
  expect(await node.cycle()).toMatchObject({ outcome: 'reloaded', refused: [] });
  expect(tasksOf(node)).toEqual(['bad', 'good']);
});

test('a block that was good before keeps its live bytes', async () => {
  const node = await aNode({ allocations: [good, bad] });
  await useTemplates(node, mine('.old = 1'));
  await node.cycle();
  const { live } = node;
  await useTemplates(node, mine('.broken = 1'));
  node.judge = refusing(holds('.broken'));
  expect(await node.cycle()).toMatchObject({ outcome: 'unchanged', refused: [{ instead: 'live' }] });
  expect(node.live).toBe(live);
});

test('and loses them when Vector takes those no more, as after an edit of the own files: the others still ship', async () => {
  const node = await aNode({ allocations: [good, bad] });
  await useTemplates(node, mine('get_enrichment_table_record!("t", {}) # old'));
  await node.cycle();
  await useTemplates(node, mine('get_enrichment_table_record!("t", {}) # new'));
  node.allocations = [good, bad, anAllocation({ id: idOf(4), task: 'fresh', taskMeta: { nvl_profile: 'logfmt' } })];
  node.judge = refusing(holds('!("t"'), 'no table t');
  const { outcome, refused } = await node.cycle();
  expect(outcome).toBe('reloaded');
  expect(tasksOf(node)).toEqual(['bad', 'fresh', 'good']);
  expect(refused).toMatchObject([{ instead: 'default' }]);
});

test('blame comes in rounds: what is found only once another is out is left out too', async () => {
  const node = await aNode({ allocations: [good, bad, other, yours] });
  await useTemplates(node, both('.x = 1'));
  // As Vector does: it names the first one that it meets.
  node.judge = (candidate) => {
    const proof = refusing(holds('.x = 1'))(candidate);
    return proof.ok ? proof : { ...proof, blamed: proof.blamed.slice(0, 1) };
  };
  const { outcome, refused } = await node.cycle();
  expect([outcome, refused.map(({ instead }) => instead)]).toEqual(['reloaded', ['default', 'default', 'default']]);
  expect(tasksOf(node)).toEqual(['bad', 'good', 'other', 'yours']);
  expect(node.steps.filter((step) => step === 'prove')).toHaveLength(3);
});

test('who is to blame without end ends the cycle, not nvl', async () => {
  const node = await aNode({ allocations: [good] });
  let count = 0;
  node.judge = ({ blocks }) => {
    count += 1;
    const error = expect.anything() as never;
    const [block] = blocks;
    // A text of its own each time, so that nothing that is left out ever helps.
    return { ok: false, error, blamed: block === undefined ? [] : [{ block: { ...block, text: `${count}` }, error }] };
  };
  expect((await node.cycle()).outcome).toBe('rejected');
  expect(count).toBe(20);
});

test('a refusal that is nobody’s leaves what is live', async () => {
  const node = await aNode({ allocations: [good] });
  await node.cycle();
  const { live } = node;
  node.allocations = [good, anAllocation({ id: idOf(4), task: 'fresh', taskMeta: { nvl_profile: 'logfmt' } })];
  node.judge = () => ({ ok: false, error: expect.anything() as never, blamed: [] });
  expect((await node.cycle()).outcome).toBe('rejected');
  expect(node.live).toBe(live);
});

test('a carried task whose pipeline Vector takes no more does not stop the others', async () => {
  const node = await aNode({ allocations: [good, bad] });
  await useTemplates(node, mine('.x = 1'));
  await node.cycle();
  // Nomad does not list it, and nobody says that it is gone.
  node.allocations = [good, other];
  node.exists = 'hidden';
  node.judge = refusing(isOf('mine'));
  // Something else is edited, so that Vector judges the file again.
  await useTemplates(node, { ...mine('.x = 1'), 'vector/transform.toml.hbs': aTransform('.y = 1') });
  const { outcome, refused } = await node.cycle();
  expect(outcome).toBe('reloaded');
  expect(refused.map(({ heading, instead }) => [heading, instead])).toEqual([
    ['default / shop / web 0 / other (profile mine)', 'default'],
    ['default / shop / web 0 / bad (profile mine)', 'nothing'],
  ]);
  expect(tasksOf(node)).toEqual(['good', 'other']);
});

test('the files of a task that is left out are held, and read as soon as it is in', async () => {
  const node = await aNode({ allocations: [bad] });
  await writeLog({ node, allocId: bad.id, task: 'bad', text: 'all it ever said\n' });
  node.files.see({ allocDir: node.allocDir });
  await rm(join(node.allocDir, bad.id), { recursive: true });
  await useTemplates(node, { 'vector/sink.toml.hbs': '{{jobb}}', ...mine('.x = 1') });
  await node.cycle();
  expect([node.rows(), await node.links()]).toEqual([[], []]);
  expect(node.files.shelf.heldOf(bad.id)).toHaveLength(1);
  await useTemplates(node, mine('.x = 1'));
  await node.cycle();
  expect(tasksOf(node)).toEqual(['bad']);
  expect(await node.links()).toHaveLength(1);
});
