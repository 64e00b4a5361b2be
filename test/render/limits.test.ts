import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import type { TaskContext } from '../../lib/context/context.ts';
import { helpers } from '../../lib/render/helpers.ts';
import { compileSafe } from '../../lib/render/safe/index.ts';
import { aContext, aTransform, idOf, someTemplates } from '../support/builders.ts';
import { pipelineOf, renderOf } from './support.ts';

const manyKeys = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key_${index}`, `value ${index}`]));

const big = (profile: string): TaskContext =>
  aContext({ id: idOf(1), task: 'big', jobMeta: { ...manyKeys(400), nvl_profile: profile } });
const other = aContext({ id: idOf(2), task: 'other', jobMeta: { nvl_profile: 'logfmt' } });

/** What is said of the task with 400 meta keys, its transform being this; the other task is rendered in any case. */
const saidOf = async (transform: string, partials: Record<string, string> = {}) => {
  const templates = await someTemplates({
    'profiles/p/transform.toml.hbs': transform,
    // The many keys are no parameters; none of them begins with nvl_.
    ...Object.fromEntries(Object.entries(partials).map(([name, text]) => [`partials/${name}.hbs`, text])),
  });
  const before = performance.now();
  const rendered = await renderOf({ templates, tasks: [big('p'), other] });
  const { refused } = rendered;
  const tookMs = performance.now() - before;
  expect(pipelineOf(rendered, other)).toMatch(/^nvl_logfmt_/);
  const [error] = refused.flatMap(({ errors }) => errors);
  return { message: error?.message, at: error?.facts.at, facts: Object.keys(error?.facts ?? {}), tookMs };
};

const doubled = Object.fromEntries(
  Array.from({ length: 24 }, (_, level) => [
    `p${level}`,
    level === 23 ? '.x = 1\n' : `{{> p${level + 1}}}{{> p${level + 1}}}`,
  ]),
);

const STEPS = 'it takes over 5,000 steps (values, calls of helpers, rounds of #each, partials)';

test.each<[string, string, string, Record<string, string>]>([
  [
    'each in each',
    aTransform('{{#each meta}}{{#each ../meta}}\n.a."{{@key}}" = "{{this}}"\n{{/each}}{{/each}}'),
    STEPS,
    {},
  ],
  ['empty rounds', aTransform('{{#each meta}}{{#each ../meta}}{{/each}}{{/each}}'), STEPS, {}],
  [
    'sections in sections',
    aTransform('{{#each meta}}{{#each @root.meta}}{{#if this}}{{/if}}{{/each}}{{/each}}'),
    STEPS,
    {},
  ],
  [
    'lookups',
    aTransform('{{#each meta}}{{#each ../meta}}{{#if (lookup @root.meta @key)}}{{/if}}{{/each}}{{/each}}'),
    STEPS,
    {},
  ],
  ['a partial that doubles itself', aTransform('{{> p0}}'), STEPS, doubled],
  [
    'an inline partial that calls itself',
    aTransform('{{#*inline "x"}}{{> x}}{{/inline}}{{> x}}'),
    'the partial x calls itself for ever',
    {},
  ],
  [
    'a partial that a value chooses, and that chooses itself',
    aTransform('{{> (concat "q" "")}}'),
    'the partial q calls itself for ever',
    { q: '{{> (concat "q" "")}}' },
  ],
  [
    'much text of the author',
    aTransform(`{{#each meta}}\n# ${'x'.repeat(1_000)}\n{{/each}}`),
    'it renders over 262,144 characters',
    {},
  ],
  [
    'one value many times',
    aTransform('{{#each meta}}\n.a = {{json @root.meta}}\n{{/each}}'),
    'it renders over 262,144 characters',
    {},
  ],
  [
    'a text that doubles',
    aTransform(`${'{{#with (concat x x) as |x|}}'.repeat(30)}{{x}}${'{{/with}}'.repeat(30)}`.replace('x x', 'id id')),
    'the text it makes is over 1 MiB long',
    {},
  ],
  [
    'a partial that a value chooses, which is empty',
    aTransform('{{> (lookup meta "nosuch")}}'),
    'the value that chooses a partial is empty',
    {},
  ],
  ['a partial that no one has', aTransform('{{> (concat "no" "where")}}'), 'no partial is named nowhere', {}],
])(
  'a template that multiplies is refused soon, and no other task is held up: %s',
  async (_, transform, why, partials) => {
    const { message, at, facts, tookMs } = await saidOf(transform, partials);
    expect(message).toContain(why);
    expect(message).not.toMatch(/^ /);
    expect(at).toMatch(/^(?:profiles\/p\/transform\.toml|partials\/\w+)\.hbs:\d+:\d+$/);
    if (message === why) expect(facts).toEqual(['at']);
    // One that is not stopped takes minutes.
    expect(tookMs).toBeLessThan(30_000);
  },
);

test('partials that double are checked in no time, and each of their faults is told once', async () => {
  const { faults } = await someTemplates({
    'vector/transform.toml.hbs': '{{> p0}}',
    ...Object.fromEntries(Object.entries(doubled).map(([name, text]) => [`partials/${name}.hbs`, text])),
    'partials/p23.hbs': '{{jobb}}',
  });
  expect(faults.map(({ facts }) => facts.at)).toEqual(['partials/p23.hbs:1:3']);
});

test.each([
  ['blocks', () => '{{#if id}}'.repeat(20_000) + '{{/if}}'.repeat(20_000), /characters long/],
  ['fewer blocks', () => '{{#if id}}'.repeat(5_000) + '{{/if}}'.repeat(5_000), /blocks are nested over 64 levels deep/],
  [
    'sub-expressions',
    () => `{{upper ${'(upper '.repeat(20_000)}id${')'.repeat(20_000)}}}`,
    /sub-expressions are nested over 64 levels deep/,
  ],
  ['much text', () => '# x\n'.repeat(100_000), /it is 400,000 characters long, and a template may be 262,144/],
  ['many megabytes', () => '{{id}}'.repeat(2_000_000), /it is 12,000,000 characters long/],
])('a template that is too large or too deep is a fault of its own: %s', async (_, text, why) => {
  const { faults } = await someTemplates({ 'vector/transform.toml.hbs': text() });
  expect(faults.map(({ message }) => message)).toEqual([expect.stringMatching(why)]);
});

test('what a log pipeline needs is far below the limits: 400 meta keys, each with its value', async () => {
  const { message, tookMs } = await saidOf(aTransform('{{#each meta}}\n.meta."{{@key}}" = "{{this}}"\n{{/each}}'));
  expect(message).toBeUndefined();
  expect(tookMs).toBeLessThan(30_000);
});

test('a sink may go through all the tasks of a node', async () => {
  const sink = '[sinks.console]\ntype = "console"\ninputs = ["{{input}}"]\nencoding.codec = "json"\n';
  const each = '{{#each tasks}}# {{job.name}} {{task.name}} {{@root.tasks.length}}\n{{/each}}';
  const templates = await someTemplates({ 'vector/sink.toml.hbs': sink + each });
  const tasks = Array.from({ length: 100 }, (_, index) => aContext({ id: idOf(1), task: `app-${index}` }));
  expect((await renderOf({ templates, tasks })).refused).toEqual([]);
});

test.each([
  ['join', ['x'.repeat(1_000_000), 'y'.repeat(1_000_000)]],
  ['join of few', [Array.from({ length: 1_000 }, () => 'x'), '-'.repeat(1_000_000)]],
  ['replace', ['x'.repeat(1_000), 'x', 'y'.repeat(1_000_000)]],
])('a helper makes no text that fills the memory: %s', (name, args) => {
  const helper = helpers[name.split(' ')[0] as string];
  const given = name === 'join' ? [args, ''] : args;
  expect(() => helper?.(...given, {})).toThrow('over 1 MiB');
});

test('$ means nothing in what replace puts', () => {
  expect(helpers.replace?.('a-b', '-', '$&$$', {})).toBe('a$&$$b');
});

test('equal input is refused each time, or rendered each time', () => {
  const text = '[sinks.a]\nauth.user = "{{#each list}}{{this}}{{/each}}"\n';
  const made = (count: number) =>
    compileSafe({ name: 't', text, limits: { steps: 100, characters: 100_000 } }).render({
      list: Array.from({ length: count }, () => 'x'),
    }).ok;
  expect([made(49), made(50), made(49), made(50)]).toEqual([true, false, true, false]);
});

test.each([
  ['VRL statements', '[transforms.a]\ntype = "remap"\nsource = """\n{{#each list}}\n.a = {{this}}\n{{/each}}\n"""\n'],
])('the time for many values grows with their number, not with its square: %s', (_, text) => {
  const timeOf = (count: number): number => {
    const template = compileSafe({ name: 't', text });
    const list = Array.from({ length: count }, (_, index) => `v${index}`);
    // The processor's time: what else the machine does is no part of it.
    const before = process.cpuUsage();
    expect(template.render({ list }).ok).toBe(true);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  timeOf(200);
  const [few, many] = [Math.min(timeOf(250), timeOf(250), timeOf(250)), Math.min(timeOf(2_000), timeOf(2_000))];
  // Eight times as many; by the square it would be sixty-four.
  expect(many / few).toBeLessThan(32);
});
