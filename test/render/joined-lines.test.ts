import { expect, test } from 'vitest';
import { aContext, aTransform, idOf, someTemplates } from '../support/builders.ts';
import { blockOf, componentsIn, pipelineOf, refusedIn, renderOf } from './support.ts';

// A source block may join its lines in {{id}}_lines. That keeps something from one line to the next, but file by file, so
// tasks share it; and what reads the lines reads them there.

const SOURCE = '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\n';
const join = (options: string, { id = '{{id}}_lines', type = 'reduce' } = {}): string =>
  `${SOURCE}\n[transforms.${id}]\ntype = "${type}"\n${options}\n`;
const GOOD = 'inputs = ["{{id}}"]\ngroup_by = ["file"]';

const [first, second] = [1, 2].map((digit) => aContext({ id: idOf(digit), taskMeta: { nvl_profile: 'mine' } })) as [
  ReturnType<typeof aContext>,
  ReturnType<typeof aContext>,
];
const renderWith = async (source: string, files: Record<string, string> = {}) =>
  renderOf({
    templates: await someTemplates({ 'profiles/mine/source.toml.hbs': source, ...files }),
    tasks: [first, second],
  });

const parsing = { 'profiles/mine/transform.toml.hbs': aTransform('.a = 1') };

test.each([
  ['its labels', {}, '_out'],
  ['what looks up the row before its profile', parsing, '_in'],
])('two tasks share it, and %s read the joined lines', async (_, files, reader) => {
  const rendered = await renderWith(join(GOOD), files);
  expect(refusedIn(rendered)).toEqual([]);
  const id = pipelineOf(rendered, first);
  expect(pipelineOf(rendered, second)).toBe(id);
  const { transforms } = componentsIn(rendered.text) as { transforms: Record<string, { inputs: string[] }> };
  expect(transforms[`${id}${reader}`]?.inputs).toEqual([`${id}_lines`]);
  expect(transforms[`${id}_lines`]?.inputs).toEqual([id]);
});

test.each([
  ['', 'merge_strategies.nvl_offset = "discard"'],
  ['\nmerge_strategies.message = "concat_newline"', 'merge_strategies.nvl_offset = "discard"'],
  ['\nmerge_strategies = { message = "concat_newline" }', undefined],
  ['\n[transforms.{{id}}_lines.merge_strategies]\nmessage = "concat_newline"', undefined],
])('the offset of an event is that of its first line, where nvl can say so: %j', async (more, line) => {
  const text = blockOf(await renderWith(join(`${GOOD}${more}`)), first)?.text ?? '';
  expect(/^merge_strategies\.nvl_offset.*$/m.exec(text)?.[0]).toBe(line);
});

test.each([
  ['another name', join(GOOD, { id: '{{id}}_join' }), 'may join lines in {{id}}_lines, and define no other transform'],
  ['another type', join(GOOD, { type: 'dedupe' }), '{{id}}_lines has to be of type reduce'],
  ['no group', join('inputs = ["{{id}}"]'), 'group_by = ["file"]'],
  ['another group', join('inputs = ["{{id}}"]\ngroup_by = ["host"]'), 'group_by = ["file"]'],
  ['another input', join('inputs = ["{{id}}", "x"]\ngroup_by = ["file"]'), 'inputs = ["{{id}}"]'],
  ['a change of the file’s name', join(`${GOOD}\nmerge_strategies.file = "array"`), 'no merge_strategies.file'],
  [
    'a sink beside',
    `${SOURCE}[sinks.x]\ntype = "blackhole"\ninputs = ["{{id}}"]\n`,
    '[sinks] has no place in a source block',
  ],
])('with %s it is refused', async (_, source, words) => {
  const { refused } = await renderWith(source);
  expect(refused.flatMap(({ errors }) => errors)[0]?.message).toContain(words);
});

test('a profile’s transform does not take its name', async () => {
  const transform = `${aTransform('.a = 1')}\n[transforms.{{id}}_lines]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = "."\n`;
  const { refused } = await renderWith(join(GOOD), { 'profiles/mine/transform.toml.hbs': transform });
  expect(refused.flatMap(({ errors }) => errors)[0]?.message).toContain('belongs into the source block');
});
