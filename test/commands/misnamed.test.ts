import { expect, test, vi } from 'vitest';
import { aCheckout, commit, git, review } from '../review/support.ts';
import { aRawAllocation, aTransform, idOf } from '../support/builders.ts';
import { binaryOf, needs, vector } from '../support/programs.ts';
import { aFolder, aVector, nvl, put } from './support.ts';

// A file of a templates folder whose name is nearly right is told wherever templates are looked at.

vi.setConfig({ testTimeout: 60_000 });

const SINK = '[sinks.mine]\ntype = "blackhole"\ninputs = ["{{input}}"]\n';
const SAID = 'vector/sinks.toml.hbs is not read: its name should be vector/sink.toml.hbs, which is missing';
const BESIDE = 'vector/sinks.toml.hbs is not read; vector/sink.toml.hbs is there, and is used';

const folderOf = async (files: Record<string, unknown>) => {
  const folder = await aFolder();
  await put(folder, { 'node.json': [aRawAllocation({ id: idOf(1), job: 'shop' })], ...files });
  const { binary } = await aVector(folder);
  const given = ['--allocations', 'node.json', '--templates', 'templates', '--vector-binary', binary];
  return (...args: string[]) => nvl([...args, ...given], { cwd: folder });
};

test('no line goes to the console for a sink whose name is nearly right: render and validate fail and say why', async () => {
  const run = await folderOf({ 'templates/vector/sinks.toml.hbs': SINK });
  const rendered = await run('render');
  expect(rendered.code).toBe(1);
  expect(rendered.out).not.toMatch(/^\[sinks/m);
  expect(rendered.err).toContain(SAID);
  const validated = await run('validate');
  expect(validated.code).toBe(1);
  expect(validated.err.split(SAID)).toHaveLength(2);
  expect(validated.err).toContain('rename it to vector/sink.toml.hbs');
});

test('beside the right one it is a warning, in every format', async () => {
  const run = await folderOf({ 'templates/vector/sinks.toml.hbs': SINK, 'templates/vector/sink.toml.hbs': SINK });
  const rendered = await run('render');
  expect([rendered.code, rendered.out]).toEqual([0, expect.stringContaining('[sinks.mine]')]);
  expect(rendered.err).toContain(BESIDE);
  expect(await run('validate')).toMatchObject({ code: 0, err: expect.stringContaining(`Look at: ${BESIDE}; `) });
  const dry = async (format: string) => (await run('render', '--dry-run', '--format', format)).out;
  expect(JSON.parse(await dry('json'))).toMatchObject({ warnings: [{ code: 'templateMisnamed', message: BESIDE }] });
  expect(await dry('markdown')).toContain(`- :warning: ${BESIDE}`);
  expect(await dry('github')).toContain(`::warning::${BESIDE}`);
});

test('nvl test says it, though it renders no sink', needs(vector), async () => {
  const folder = await aFolder();
  await put(folder, {
    'templates/vector/sinks.toml.hbs': SINK,
    'templates/profiles/web/transform.toml.hbs': aTransform(),
    'templates/profiles/web/old.toml.hbs': '',
  });
  const { err, code } = await nvl(['test', 'templates', '--vector-binary', binaryOf(vector)], { cwd: folder });
  expect(err).toContain(`nvl: ${SAID}`);
  expect(code).toBe(1);
  expect(err).toContain('look at: profiles/web/old.toml.hbs is not read');
});

test('a review tells what a rename costs', async () => {
  const { dir } = await aCheckout({ 'templates/vector/sink.toml.hbs': SINK });
  await git(dir, 'mv', 'templates/vector/sink.toml.hbs', 'templates/vector/sinks.toml.hbs');
  await commit(dir);
  const { code, found } = await review(dir, ['HEAD~1']);
  expect(code).toBe(1);
  expect(found.report).toMatchObject({ faults: [{ message: SAID }] });
});
