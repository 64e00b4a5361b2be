import { expect, test } from 'vitest';
import type { Block } from '../../lib/render/file.ts';
import { anAllocation, aTransform, idOf } from '../support/builders.ts';
import { aNode, refusing, useTemplates } from './support.ts';

const good = anAllocation({ id: idOf(1), task: 'good' });
const bad = anAllocation({ id: idOf(2), task: 'bad', taskMeta: { nvl_profile: 'mine' } });
const other = anAllocation({ id: idOf(3), task: 'other', taskMeta: { nvl_profile: 'mine' } });
const mine = (program: string) => ({ 'profiles/mine/transform.toml.hbs': aTransform(program) });
const isOf = (name: string) => (block: Block) => block.key.includes(`_${name}_`) && block.text.includes('.x = 1');
const marksOf = (text = '') => [...text.matchAll(/^\.nvl\.profile_error = "(.*)"$/gm)].map(([, mark]) => mark);
const holds = (words: string) => (block: Block) => block.text.includes(words);
const tasksOf = (sources: string[]) => sources.map((id) => id.split('_')[2]).sort();

test('the task of one bad block ships by default, with its reason, and all others as ever, in the same cycle', async () => {
  const node = await aNode({ allocations: [good, bad, other] });
  await useTemplates(node, mine('.x = 1'));
  node.judge = refusing(isOf('bad'), 'error[E103]');
  const { outcome, refused } = await node.cycle();
  expect(outcome).toBe('reloaded');
  expect(tasksOf(node.sources())).toEqual(['bad', 'good', 'other']);
  expect(marksOf(node.live)).toEqual(['profile \\"mine\\" is refused']);
  expect(refused).toMatchObject([
    { instead: 'default', errors: [{ code: 'vectorRefused', facts: { said: 'error[E103]' } }] },
  ]);
  expect(node.steps.filter((step) => step === 'prove')).toHaveLength(2);
});

test('one that Vector refuses by default too is left out', async () => {
  const node = await aNode({ allocations: [good, bad] });
  await useTemplates(node, mine('.x = 1'));
  node.judge = refusing(holds('bad'), 'error[E103]');
  const { outcome, refused } = await node.cycle();
  expect([outcome, refused.map(({ instead }) => instead)]).toEqual(['reloaded', ['nothing']]);
  expect(tasksOf(node.sources())).toEqual(['good']);
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
  expect(node.live).toContain(`/ other (profile mine)`);
  expect(marksOf(node.live)).toEqual([]);
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
  node.judge = refusing(holds('bad'));
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
  expect(tasksOf(node.sources())).toEqual(['bad', 'good']);
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
  node.allocations = [good, bad, anAllocation({ id: idOf(4), task: 'fresh' })];
  node.judge = refusing(holds('get_enrichment_table_record'), 'no table t');
  const { outcome, refused } = await node.cycle();
  expect(outcome).toBe('reloaded');
  expect(tasksOf(node.sources())).toEqual(['bad', 'fresh', 'good']);
  expect(refused).toMatchObject([{ instead: 'default' }]);
});

test('blame comes in rounds: what is found only once another is out is left out too', async () => {
  const node = await aNode({ allocations: [good, bad, other] });
  await useTemplates(node, mine('.x = 1'));
  // As Vector does: it names the first one that it meets.
  node.judge = (candidate) => {
    const proof = refusing(({ key }) => key.includes('bad') || key.includes('other'))(candidate);
    return proof.ok ? proof : { ...proof, blamed: proof.blamed.slice(0, 1) };
  };
  const { outcome, refused } = await node.cycle();
  expect([outcome, refused.length]).toEqual(['reloaded', 2]);
  expect(tasksOf(node.sources())).toEqual(['good']);
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
  node.allocations = [good, anAllocation({ id: idOf(4), task: 'fresh' })];
  node.judge = () => ({ ok: false, error: expect.anything() as never, blamed: [] });
  expect((await node.cycle()).outcome).toBe('rejected');
  expect(node.live).toBe(live);
});

test('a carried block that Vector takes no more does not stop the others', async () => {
  const node = await aNode({ allocations: [good, bad] });
  await useTemplates(node, mine('.x = 1'));
  await node.cycle();
  // Nomad does not list it, and nobody says that it is gone.
  node.allocations = [good, other];
  node.exists = 'hidden';
  node.judge = refusing(({ key }) => key.includes('_bad_'));
  const { outcome } = await node.cycle();
  expect(outcome).toBe('reloaded');
  expect(tasksOf(node.sources())).toEqual(['good', 'other']);
});

test('a task that is left out has its link, so that its lines are read as soon as it is in', async () => {
  const node = await aNode({ allocations: [bad] });
  await useTemplates(node, { 'vector/sink.toml.hbs': '{{jobb}}' });
  await node.cycle();
  expect(node.sources()).toEqual([]);
  expect(await node.links()).toHaveLength(1);
});
