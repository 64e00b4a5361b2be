import { expect, test } from 'vitest';
import { aContext, aTransform, idOf, someTemplates } from '../support/builders.ts';
import { refusedIn, renderOf } from './support.ts';

// Tasks of one template share its shape, so that it is judged once for many. What one job's meta makes of it must not slip
// through behind a task that was judged before.

test('thousands of faults of a block, each with its line, are soon told', async () => {
  const many = Array.from({ length: 2_500 }, (_, index) => `[transforms.x${index}]\ntype = "y"\n`).join('');
  const templates = await someTemplates(transform(many));
  const { refused } = await renderOf({ templates, tasks: [aTask(1, 'x')] });
  const places = refused.flatMap(({ errors }) => errors).map(({ facts }) => facts.at);
  expect(places).toHaveLength(2_500);
  expect(places.at(-1)).toBe('profiles/mine/transform.toml.hbs:4999');
});

test.each([
  ['[[sources.{{id}}]]\ntype = "file"\n', 'makes a list of tables: write [sources.', 1],
  ['[sources]\n{{id}} = 7\n', 'is no table: write [sources.', 2],
  ['sources = 7\n', 'sources is no table: write [sources.…]', 1],
])('a component that is no table is told as what it is: %s', async (text, words, line) => {
  const templates = await someTemplates({ 'profiles/mine/source.toml.hbs': text });
  const { refused } = await renderOf({ templates, tasks: [aTask(1, 'x')] });
  const [first, ...others] = refused.flatMap(({ errors }) => errors);
  expect(first?.message).toContain(words);
  expect(first?.facts.at).toBe(`profiles/mine/source.toml.hbs:${line}`);
  expect(others).toEqual([]);
});

const aTask = (digit: number, x: string) =>
  aContext({ id: idOf(digit), task: `app${digit}`, taskMeta: { nvl_profile: 'mine', x } });

const named = `[transforms.{{id}}_{{meta.x}}]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = "."\n`;
const reading = `[transforms.{{id}}_a]\ntype = "remap"\ninputs = ["{{id}}{{meta.x}}"]\nsource = "."\n`;
const transform = (text: string) => ({ 'profiles/mine/transform.toml.hbs': `${text}${aTransform()}` });

test.each([
  ['the labels', transform(named), 'out', '{{id}}_out is written by nvl itself'],
  ['the component with its row', transform(named), 'in', '{{id}}_in is written by nvl itself'],
  ['a name without an end', transform(named), '', 'a transform must be called {{id}}_ and a name'],
  ['its own labels as an input', transform(reading), '_out', 'not a part of its own task before the labels'],
  [
    'an empty path',
    { 'profiles/mine/source.toml.hbs': '[sources.{{id}}]\ntype = "file"\ninclude = ["{{meta.x}}"]\n' },
    '',
    'Vector would end over it',
  ],
  [
    'a path of the node',
    { 'profiles/mine/source.toml.hbs': '[sources.{{id}}]\ntype = "file"\ninclude = ["{{meta.x}}"]\n' },
    '/etc/shadow',
    'include has "/etc/shadow", which is not of the task’s own files',
  ],
  [
    'a path of the node beside its own',
    {
      'profiles/mine/source.toml.hbs':
        '[sources.{{id}}]\ntype = "file"\ninclude = ["{{logs.include.[0]}}", "{{meta.x}}"]\n',
    },
    '/etc/shadow',
    'include has "/etc/shadow"',
  ],
  [
    'the field of the path',
    {
      'profiles/mine/source.toml.hbs':
        '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nfile_key = {{meta.x}}\n',
    },
    'message',
    'file_key has to be "file"',
  ],
  [
    'the field of the host',
    {
      'profiles/mine/source.toml.hbs':
        '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nhost_key = "{{meta.x}}"\n',
    },
    'message',
    'would overwrite that field',
  ],
])('a job cannot choose %s', async (_, files, x, why) => {
  const templates = await someTemplates(files);
  const harmless = [1, 2, 3].map((digit) => aTask(digit, '_parse'));
  const evil = aTask(7, x);
  for (const tasks of [[...harmless, evil], [evil, ...harmless], [evil]]) {
    const rendered = await renderOf({ templates, tasks });
    const found = refusedIn(rendered).find(({ key }) => key === evil.id);
    expect(found?.why.join('\n')).toContain(why);
  }
});

test('a source reads its pipeline’s files, written as it likes', async () => {
  const sources = [
    'include = {{logs.include}}',
    'include = ["{{logs.include.[0]}}"]',
    'include = [{{#each logs.include}}"{{this}}",{{/each}}]',
  ];
  for (const include of sources) {
    const text = `[sources.{{id}}]\ntype = "file"\n${include}\n`;
    const rendered = await renderOf({
      templates: await someTemplates({ 'profiles/mine/source.toml.hbs': text }),
      tasks: [1, 2, 3].map((digit) => aTask(digit, 'x')),
    });
    expect(refusedIn(rendered)).toEqual([]);
  }
});

test('what is refused is told with the template’s own line', async () => {
  const text = `{{! A comment }}\n# Old.\n[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nremove_after_secs = 5\n`;
  const rendered = await renderOf({
    templates: await someTemplates({ 'profiles/mine/source.toml.hbs': text }),
    tasks: [aTask(1, 'x')],
  });
  expect(rendered.refused[0]?.errors.map(({ facts }) => facts)).toEqual([
    { at: 'profiles/mine/source.toml.hbs:6', rendered: 'remove_after_secs = 5' },
  ]);
});
