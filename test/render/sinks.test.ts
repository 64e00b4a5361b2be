import { expect, test } from 'vitest';
import { blocksOf, namesOfHeading } from '../../lib/render/file.ts';
import { aContext, idOf, someTemplates } from '../support/builders.ts';
import { componentsIn, renderOf } from './support.ts';

const sink = (name: string) =>
  `[sinks.${name}]\ntype = "blackhole"\ninputs = ["{{input}}"]\nacknowledgements.enabled = true\n`;
const plain = aContext({ id: idOf(1), task: 'plain' });
const own = aContext({ id: idOf(2), task: 'own', taskMeta: { nvl_profile: 'tenant' } });
const ruled = { ...aContext({ id: idOf(3), task: 'ruled' }), sink: 'tenant' };

test('without a sink of a profile, the one of the node takes every line', async () => {
  const { transforms, sinks } = componentsIn((await renderOf({ tasks: [plain] })).text);
  expect(Object.keys(transforms).filter((id) => id.startsWith('nomad_logs'))).toEqual(['nomad_logs']);
  expect(sinks.console?.inputs).toEqual(['nomad_logs']);
});

test('a profile’s own sink takes its tasks’ lines and those a rule sends it, and the node’s takes the rest', async () => {
  const templates = await someTemplates({ 'profiles/tenant/sink.toml.hbs': sink('tenant') });
  const { text, refused } = await renderOf({ templates, tasks: [ruled, own, plain] });
  const { transforms, sinks } = componentsIn(text);
  expect(refused).toEqual([]);
  expect(sinks.tenant?.inputs).toEqual(['nomad_logs_tenant']);
  expect(sinks.console?.inputs).toEqual(['nomad_logs_rest']);
  expect(transforms.nomad_logs_tenant?.inputs).toEqual(['nvl_none', `${own.id}_out`, `${ruled.id}_out`]);
  expect(transforms.nomad_logs_rest?.inputs).toEqual(['nvl_none', `${plain.id}_out`]);
  expect(transforms.nomad_logs?.inputs).toHaveLength(4);
  expect([...blocksOf(text).values()].map(({ heading }) => namesOfHeading(heading)?.sink)).toEqual([
    'tenant',
    undefined,
    'tenant',
    undefined,
    undefined,
  ]);
});

test('the sink of a profile without tasks here is left out', async () => {
  const templates = await someTemplates({ 'profiles/tenant/sink.toml.hbs': sink('tenant') });
  const { sinks } = componentsIn((await renderOf({ templates, tasks: [plain] })).text);
  expect(Object.keys(sinks)).toEqual(['console']);
});

test.each([
  ['is broken', { 'profiles/tenant/sink.toml.hbs': '[sinks.nvl_x]\ntype = "blackhole"' }, ['sink:tenant', own.id]],
  ['has the name of another', { 'profiles/tenant/sink.toml.hbs': sink('console') }, ['sink:tenant', own.id]],
])('a profile’s sink that %s leaves out its own tasks, and no others', async (_, files, left) => {
  const { text, refused } = await renderOf({ templates: await someTemplates(files), tasks: [own, plain] });
  expect(refused.map(({ key }) => key)).toEqual(left);
  expect([...blocksOf(text).keys()]).toEqual([plain.id, 'sink:default']);
});

test('a rule that names a sink that is not there leaves its tasks out, and says so', async () => {
  const { refused } = await renderOf({ tasks: [plain, ruled] });
  expect(refused).toMatchObject([{ key: ruled.id, errors: [{ code: 'profileUnknown' }] }]);
});
