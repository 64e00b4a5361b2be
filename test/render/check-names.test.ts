import { expect, test } from 'vitest';
import { taskSchema } from '../../lib/context/schema.ts';
import { someTemplates } from '../support/builders.ts';

type Partials = Record<string, string>;

/** What is said of a template: each fault's message, its place, and what to do about it. */
const faultsOf = async (path: string, text: string, partials: Partials = {}) => {
  const files = Object.fromEntries(Object.entries(partials).map(([name, body]) => [`partials/${name}.hbs`, body]));
  const { faults } = await someTemplates({ [path]: text, ...files });
  return faults.map(({ code, message, facts, advice }) => ({ code, at: facts.at, message, advice }));
};
const inTransform = (text: string, partials?: Partials) => faultsOf('vector/transform.toml.hbs', text, partials);
const inSink = (text: string, partials?: Partials) => faultsOf('vector/sink.toml.hbs', text, partials);

const isFaultAt = (at: string, message: string, advice?: string) => [
  { code: 'templateInvalid', at, message, ...(advice === undefined ? {} : { advice }) },
];
const here = (place: string) => `vector/transform.toml.hbs:${place}`;

test.each([
  ['plain names', '{{id}} {{input}} {{job.name}} {{alloc.nodeName}} {{node.meta.rack}}'],
  ['any key of a map', '{{meta.anything}} {{meta.[a.b]}} {{job.meta.x}} {{ports.http.value}}'],
  ['lists', '{{tags.length}} {{tags.[0]}} {{logs.include}} {{job.datacenters.length}}'],
  ['this', '{{this.job.name}} {{#each tags}}{{this}} {{.}}{{/each}}'],
  ['the outside of a block', '{{#each tags}}{{../job.name}} {{@root.id}} {{@index}} {{@first}}{{/each}}'],
  ['each over a list of objects', '{{#each job.ui.links}}{{label}} {{this.url}}{{/each}}'],
  ['each over a map', '{{#each ports}}{{@key}} {{value}} {{hostIp}}{{/each}}'],
  ['block parameters', '{{#each job.ui.links as |link i|}}{{link.url}} {{i}}{{/each}}'],
  ['with', '{{#with alloc}}{{shortId}} {{../id}}{{/with}}{{#with alloc as |a|}}{{a.shortId}}{{/with}}'],
  [
    'conditions keep the scope',
    '{{#if job.isBatch}}{{id}}{{else if job.isPeriodic}}{{id}}{{else}}{{id}}{{/if}}{{#unless tags}}{{id}}{{/unless}}',
  ],
  ['blocks of a name', '{{#tags}}{{this}}{{/tags}}{{#job}}{{name}}{{/job}}{{^job.ui.links}}none{{/job.ui.links}}'],
  [
    'lookup passes',
    '{{lookup meta "a.b"}} {{lookup meta job.name}} {{#each (lookup this "tags")}}{{this.what}}{{/each}}',
  ],
  ['helpers', '{{upper job.name}} {{default meta.a "x"}} {{#if (eq job.type "batch")}}{{id}}{{/if}}'],
  ["Vector's own braces", 'path = "/var/log/\\{{ message }}.log"'],
])('known: %s', async (_, text) => {
  expect(await inTransform(text)).toEqual([]);
});

test.each([
  ['a slip', '{{job.nam}}', '1:3', 'job.nam is not known', 'did you mean name?'],
  ['a slip in the first name', '{{jobb.name}}', '1:3', 'jobb.name is not known', 'did you mean job?'],
  ['its line and column', 'a\n\n  {{jobb.name}}', '3:5', 'jobb.name is not known', 'did you mean job?'],
  ['in three braces', '{{{job.nam}}}', '1:4', 'job.nam is not known', 'did you mean name?'],
  ['as a condition', '{{#if jobb}}{{/if}}', '1:7', 'jobb is not known', 'did you mean job?'],
  ['as an argument', '{{upper job.nam}}', '1:9', 'job.nam is not known', 'did you mean name?'],
  ['in a sub-expression', '{{#if (eq job.tpe "x")}}{{/if}}', '1:11', 'job.tpe is not known', 'did you mean type?'],
  ['in else if', '{{#if id}}{{else if job.nam}}{{/if}}', '1:21', 'job.nam is not known', 'did you mean name?'],
  ['behind ..', '{{#each tags}}{{../job.nam}}{{/each}}', '1:17', '../job.nam is not known', 'did you mean name?'],
  ['behind @root', '{{@root.idd}}', '1:3', '@root.idd is not known', 'did you mean id?'],
  [
    'of a block parameter',
    '{{#with alloc as |a|}}{{a.idd}}{{/with}}',
    '1:25',
    'a.idd is not known',
    'did you mean id?',
  ],
  ['of an item', '{{#each ports}}{{valu}}{{/each}}', '1:18', 'valu is not known', 'did you mean value?'],
  ['of what lookup is given', '{{lookup metta "x"}}', '1:10', 'metta is not known', 'did you mean meta?'],
  ['a helper', '{{uper job.name}}', '1:1', 'no helper is named uper', 'did you mean upper?'],
  ['a name of all objects', '{{job.constructor}}', '1:3', 'job.constructor is not known', undefined],
])('unknown: %s', async (_, text, place, message, advice) => {
  expect(await inTransform(text)).toMatchObject(isFaultAt(here(place), message, advice));
});

test('where nothing is near, what there is is listed, without what must not be used here', async () => {
  const [fault] = await inTransform('{{task.xyzzy}}');
  const stable = Object.entries(taskSchema.fields?.task?.fields ?? {}).flatMap(([name, field]) =>
    field.volatile === undefined ? name : [],
  );
  expect(stable).toEqual(expect.arrayContaining(['driver', 'name', 'user']));
  expect(fault?.advice).toBe(`known here: ${stable.sort().join(', ')}`);
  expect((await inSink('{{#each tasks}}{{task.xyzzy}}{{/each}}'))[0]?.advice).toContain('startedAt, state, user');
});

test.each([
  ['{{message}}', 'message'],
  ['{{ timestamp }}', 'timestamp'],
  ['{{nomad.job_name}}', 'nomad.job_name'],
])('%s looks like a field of an event', async (text, name) => {
  expect(await inTransform(text)).toMatchObject([
    {
      message: `${name} is not known to nvl; it looks like a field of Vector's events`,
      advice: `write \\{{ ${name} }} to leave it to Vector`,
    },
  ]);
});

test.each([
  ['task.state', 'it changes while the allocation lives'],
  ['alloc.clientStatus', 'it changes while the allocation lives'],
  ['job.version', 'it changes when the job is updated in place'],
  ['node.status', 'the node changes it by itself'],
])('%s restarts what is rendered from it, so that only a sink may use it', async (name, reason) => {
  for (const path of ['vector/source.toml.hbs', 'vector/transform.toml.hbs', 'vector/labels.toml.hbs']) {
    const [fault] = await faultsOf(path, `{{${name}}}`);
    expect(fault?.message).toBe(
      `${name} must not be used here: ${reason}, and each change would restart what is rendered from it`,
    );
  }
  expect(await inSink(name.startsWith('node.') ? `{{${name}}}` : `{{#each tasks}}{{${name}}}{{/each}}`)).toEqual([]);
});

test('a sink sees the node, not one task', async () => {
  expect(await inSink('{{job.name}}')).toMatchObject([{ message: 'job.name is not known' }]);
  expect(
    await inSink('{{input}} {{node.name}} {{region}} {{tasks.length}} {{#each tasks}}{{job.name}}{{/each}}'),
  ).toEqual([]);
});

test.each<[string, string, Partials, string, string]>([
  ['its own names', '{{> p}}', { p: '{{job.nam}}' }, 'partials/p.hbs:1:3', 'job.nam is not known'],
  ['those of what it is given', '{{> p job}}', { p: '{{name}}{{nam}}' }, 'partials/p.hbs:1:11', 'nam is not known'],
  [
    'volatile ones too',
    '{{> p}}',
    { p: '{{task.state}}' },
    'partials/p.hbs:1:3',
    'task.state must not be used here: it changes while the allocation lives, and each change would restart what is rendered from it',
  ],
  [
    'what is put into it',
    '{{#> p}}{{job.nam}}{{/p}}',
    { p: '{{> @partial-block}}' },
    here('1:11'),
    'job.nam is not known',
  ],
  ['what it is called with', '{{> p a=job.nam}}', { p: '{{a}}' }, here('1:9'), 'job.nam is not known'],
  ['none of that name', '{{> q}}', { p: '' }, here('1:1'), 'no partial is named q'],
  [
    'one that calls itself',
    '{{> p}}',
    { p: '{{> p}}' },
    'partials/p.hbs:1:1',
    'partials call each other in a circle: p → p',
  ],
  [
    'two that call each other',
    '{{> p}}',
    { p: '{{> q}}', q: '{{> p}}' },
    'partials/q.hbs:1:1',
    'partials call each other in a circle: p → q → p',
  ],
])('partials: %s', async (_, text, partials, at, message) => {
  expect(await inTransform(text, partials)).toMatchObject(isFaultAt(at, message));
});

test.each<[string, string, Partials]>([
  ['with the scope they are called in', '{{#with job}}{{> p}}{{/with}}', { p: '{{name}} {{isBatch}}' }],
  ['with parameters of their own', '{{> p width=80}}', { p: '{{width}} {{id}}' }],
  ['inline', '{{#*inline "p"}}{{id}}{{/inline}}{{> p}}', {}],
  ['inline, and called before', '{{> p}}{{#*inline "p"}}{{id}}{{/inline}}', {}],
  ['with a fallback', '{{#> nowhere}}{{id}}{{/nowhere}}', {}],
  ['twice, which is no circle', '{{> p}}{{> p}}', { p: '{{id}}' }],
])('known partials: %s', async (_, text, partials) => {
  expect(await inTransform(text, partials)).toEqual([]);
});

test('each fault is told, and each once, though a partial is called from two templates', async () => {
  const { faults } = await someTemplates({
    'vector/source.toml.hbs': '{{> p}}{{jobb}}',
    'vector/transform.toml.hbs': '{{> p}}{{jobb}}',
    'partials/p.hbs': '{{idd}}\n{{idd}}',
  });
  expect(faults.map(({ facts }) => facts.at)).toEqual([
    'partials/p.hbs:1:3',
    'partials/p.hbs:2:3',
    'vector/source.toml.hbs:1:10',
    here('1:10'),
  ]);
});
