import fc from 'fast-check';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { commentText } from '../../lib/comment-text.ts';
import { isOwnedId } from '../../lib/ids.ts';
import {
  assembleFile,
  type Block,
  blocksOf,
  holdsMark,
  namesOfPipeline,
  pipelineHeading,
  shownProfile,
  taskHeading,
  withSink,
} from '../../lib/render/file.ts';
import { tomlText } from '../../lib/toml-text.ts';
import { LINKS, shuffled } from '../support/builders.ts';

const aBlock = ({ key = 'nvl_default_aaaaaaaa', ...given }: Partial<Block> = {}): Block => ({
  key,
  kind: 'pipeline',
  heading: 'profile default',
  text: `[sources.${key}]\ntype = "file"\ninclude = ["x"]`,
  ...given,
});
const aSink = (given: Partial<Block> = {}): Block =>
  aBlock({
    key: 'sink:default',
    kind: 'sink',
    heading: 'vector/sink.toml.hbs',
    text: '[sinks.x]\ntype = "blackhole"',
    ...given,
  });

const assemble = (blocks: readonly Block[], templates: string[] = []) =>
  assembleFile({ blocks, templates, linksDir: LINKS });

test('a file can be taken apart again: what was put in comes out', () => {
  const blocks = [
    aBlock(),
    aBlock({ key: 'nvl_json_b', heading: 'profile json with params.level=warn (sink x)' }),
    aSink(),
  ];
  expect([...blocksOf(assemble(blocks)).values()]).toEqual(blocks);
});

test('taken apart and put together again it is the same file, byte for byte', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((made) => !holdsMark(made) && made.trim() !== '');
  const block = fc
    .tuple(fc.stringMatching(/^nvl_[a-z0-9_]{1,12}$/), text, fc.string({ unit: 'binary', maxLength: 20 }))
    .map(([key, made, name]) =>
      aBlock({
        key,
        text: made.trim(),
        heading: pipelineHeading({ profile: name, about: name, sink: name === '' ? undefined : name }),
      }),
    );
  fc.assert(
    fc.property(fc.uniqueArray(block, { selector: ({ key }) => key, maxLength: 6 }), (blocks) => {
      const file = assemble(blocks);
      const again = blocksOf(file);
      expect(again.size).toBe(blocks.length);
      expect(assemble([...again.values()])).toBe(file);
    }),
  );
});

test('nothing comes out of a text that nvl did not write', () => {
  expect(blocksOf('')).toEqual(new Map());
  expect(blocksOf('[sinks.x]\ntype = "blackhole"\n')).toEqual(new Map());
});

test('the order is that of headings, whatever order blocks come in', () => {
  const blocks = ['b', 'a', 'c', 'a'].map((name, index) => aBlock({ key: `nvl_${index}`, heading: name }));
  const file = assemble(blocks);
  for (let seed = 0; seed < 10; seed += 1) expect(assemble(shuffled(blocks, seed))).toBe(file);
  expect([...blocksOf(file).keys()]).toEqual(['nvl_1', 'nvl_3', 'nvl_0', 'nvl_2']);
});

test('nomad_logs reads the source that is always there and the labels of each pipeline, listed and sorted', () => {
  const inputsOf = (blocks: Block[]) => {
    const { transforms } = parse(assemble(blocks)) as { transforms: Record<string, { inputs: string[] }> };
    return transforms.nomad_logs?.inputs;
  };
  expect(inputsOf([])).toEqual(['nvl_none']);
  expect(inputsOf([aSink()])).toEqual(['nvl_none']);
  expect(inputsOf([aBlock({ key: 'nvl_b', heading: 'a' }), aBlock({ key: 'nvl_a', heading: 'b' })])).toEqual([
    'nvl_none',
    'nvl_a_out',
    'nvl_b_out',
  ]);
});

test('without any pipeline there is still a source, whose one path never exists', () => {
  const { sources } = parse(assemble([])) as { sources: Record<string, { include: string[] }> };
  expect(sources).toEqual({
    nvl_none: expect.objectContaining({ type: 'file', include: ['/nvl/links/nvl_none/none'] }),
  });
});

test.each([
  ['# nvl:own', true],
  ['[a]\n# nvl:x y', true],
  ['a # nvl:x', false],
  ['#nvl:x', false],
  ['', false],
])('a line that would open a block in %j: %s', (text, holds) => {
  expect(holdsMark(text)).toBe(holds);
});

test.each([
  ['nvl_anything', true],
  ['nomad_logs', true],
  ['nomad_logs_2', true],
  ['my_nvl_x', false],
])('%s is an id that only nvl writes: %s', (id, isOwned) => {
  expect(isOwnedId(id)).toBe(isOwned);
});

test('a heading is one line that Vector finds nothing to replace in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (name) => {
      const heading = taskHeading({ namespace: name, job: name, group: name, index: 0, task: name, profile: name });
      expect(heading).not.toMatch(/[\n\r$[\]{}"'\\]/);
      expect(heading).toMatch(/^[\x20-\x7e]*$/);
    }),
  );
});

test('a text in TOML comes out as it went in, without a character that Vector would replace', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      const written = tomlText(value);
      expect(parse(`a = ${written}`)).toEqual({ a: value });
      expect(written).not.toMatch(/[$[]/);
    }),
  );
});

test('what collects the lines names the sinks that read it, and changes with them alone', () => {
  const reads = (id: string, input: string) => aSink({ text: `[sinks.${id}]\ntype = "x"\ninputs = ["${input}"]` });
  const readersOf = (...blocks: Block[]) =>
    Object.entries(parse(assembleFile({ blocks, templates: [], linksDir: LINKS })).transforms ?? {}).map(
      ([id, table]) => [id, Object(table).graph?.node_attributes.read_by],
    );
  expect(
    readersOf(aBlock(), { ...reads('a', 'nomad_logs_rest'), key: 'sink:a' }, reads('b', 'nomad_logs_rest')),
  ).toEqual([
    ['nomad_logs', undefined],
    ['nomad_logs_a', undefined],
    ['nomad_logs_rest', 'a, b'],
  ]);
  expect(readersOf(aBlock(), reads('b', 'nomad_logs'))[0]).toEqual(['nomad_logs', 'b']);
});

test.each<[string, string, string | undefined]>([
  ['json', '', undefined],
  ['json', 'params.level=warn', 'tenant'],
  ['a with b', 'x=y (sink evil)', undefined],
  ['a (sink b)', ') (sink evil)', 'te) (sink nant'],
  ['tën', 'x= with y', 'tën'],
])(
  'of the heading of the profile %j with %j and the sink %j, nothing is taken for anything else',
  (profile, about, sink) => {
    const heading = pipelineHeading({ profile, about, sink });
    const names = { profile: shownProfile(profile), ...(sink === undefined ? {} : { sink: commentText(sink) }) };
    expect(namesOfPipeline(heading)).toEqual(names);
    // With another sink, and back again, it is the same.
    expect(withSink(withSink(heading, 'other'), sink)).toBe(heading);
    expect(namesOfPipeline(withSink(heading, undefined))).toEqual({ profile: names.profile });
  },
);
