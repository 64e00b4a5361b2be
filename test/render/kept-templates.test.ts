import { expect, test } from 'vitest';
import { keptTemplates, keptTemplatesText } from '../../lib/render/kept-templates.ts';
import { aContext, aTransform, idOf, someTemplates } from '../support/builders.ts';
import { renderOf } from './support.ts';

const tasks = [aContext(), aContext({ id: idOf(2), task: 'b', taskMeta: { nvl_profile: 'mine' } })];
const soundOf = async (files: Record<string, string>) =>
  (await renderOf({ templates: await someTemplates(files), tasks })).sound;
const OWN = 'profiles/mine/transform.toml.hbs';

test('equal templates give equal bytes, whatever was made of them before', async () => {
  const { text } = keptTemplatesText(await soundOf({ [OWN]: aTransform('.a = 1') }));
  const again = keptTemplates(text);
  expect(again && keptTemplatesText(again)).toEqual({ text, left: [] });
});

test.each([
  ['that is called by its name', '{{> used}}', ['partials/used.hbs', 'partials/deeper.hbs'].sort()],
  [
    'whose name is made of values',
    '{{> (lookup job "name")}}',
    ['partials/deeper.hbs', 'partials/other.hbs', 'partials/used.hbs'],
  ],
  ['that only a comment names', '# used', []],
])('of the partials, those %s and what they call are kept', async (_, call, expected) => {
  const { profiles } = await someTemplates({
    [OWN]: aTransform(call),
    'partials/used.hbs': '{{> deeper}}',
    'partials/deeper.hbs': '.a = 1',
    'partials/other.hbs': '.b = 1',
  });
  const from = profiles.get('mine')?.transform?.from ?? [];
  expect(from.map(({ path }) => path)).toEqual([OWN, ...expected]);
});

test('one text that many templates call is kept once', async () => {
  const partial = `# ${'x'.repeat(10_000)}`;
  const all = {
    'partials/p.hbs': partial,
    [OWN]: aTransform('{{> p}}'),
    'vector/transform.toml.hbs': aTransform('{{> p}}'),
  };
  expect(keptTemplatesText(await soundOf(all)).text.split(partial)).toHaveLength(2);
});

test('what there is no room for is left and named, and the default profile is not among it', async () => {
  const sound = await soundOf({ [OWN]: aTransform(`# ${'x'.repeat(20_000)}`) });
  const { text, left } = keptTemplatesText(sound, 20_000);
  expect([left, text.length < 25_000]).toEqual([['profiles/mine'], true]);
  expect([...(keptTemplates(text)?.profiles.keys() ?? [])]).toEqual(['default']);
});
