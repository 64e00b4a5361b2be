import { expect, test } from 'vitest';
import { assembleFile } from '../../lib/render/file.ts';
import { gateBlock } from '../../lib/render/gate.ts';
import { createFileGate, gateFile } from '../../lib/render/gate-file.ts';

const id = 'nvl_web_12345678';

const source = (rest = 'include = ["/x"]', name = id) => `[sources.${name}]\ntype = "file"\n${rest}\n`;
const transform = (name: string, inputs: string[], rest = 'type = "remap"\nsource = "."') =>
  `[transforms.${id}_${name}]\ninputs = ${JSON.stringify(inputs)}\n${rest}\n`;
const prepare = (name: string, input: string) =>
  `[transforms.${name}]\ntype = "remap"\ninputs = ["${input}"]\nsource = "."\n`;
const sink = (name: string) => `[sinks.${name}]\ntype = "console"\ninputs = ["nomad_logs"]\nencoding.codec = "json"\n`;

test.each([
  ['a source', 'source', source()],
  ['a transform', 'transform', transform('parse', [id])],
  ['a transform behind the row’s', 'transform', transform('parse', [`${id}_in`])],
  [
    'a chain with a named output',
    'transform',
    transform('split', [id], 'type = "route"\nroute.a = ".x == 1"') +
      transform('parse', [`${id}_split.a`, `${id}_split._unmatched`]),
  ],
  ['the labels', 'labels', transform('out', [`${id}_parse`])],
  ['sinks', 'sink', sink('loki') + sink('es-2')],
  ['transforms before a sink', 'sink', prepare('a', 'nomad_logs') + prepare('b', 'a') + sink('loki')],
  ['a transform of a sink that takes its own tasks', 'sink', prepare('a', 'nomad_logs_rest') + sink('loki')],
] as const)('gate: %s passes', (_, kind, text) => {
  expect(gateBlock({ text, kind, id })).toEqual([]);
});

test.each([
  ['TOML that cannot be parsed', 'source', '[sources.x\n', 1, 'not TOML'],
  ['no source', 'source', '# nothing\n', undefined, 'lacks {{id}}'],
  ['a source of another name', 'source', source(undefined, 'mine') + source(), 1, 'must be called {{id}}, not mine'],
  ['a second source', 'source', `${source()}${source(undefined, `${id}_2`)}`, 4, 'must be called {{id}}'],
  ['an empty include', 'source', source('include = []'), 3, 'Vector would end'],
  ['an empty path', 'source', source('include = ["/x", ""]'), 3, 'Vector would end'],
  ['no include', 'source', source(''), 1, 'Vector would end'],
  [
    'a transform in a source block',
    'source',
    source() + transform('parse', [id]),
    4,
    'define no other transform: not ',
  ],
  ['a global', 'source', `data_dir = "/tmp"\n${source()}`, 1, '[data_dir] has no place'],
  ['secrets', 'source', `${source()}[secret.x]\ntype = "exec"\n`, 4, '[secret] has no place'],
  ['a provider', 'source', `${source()}[provider]\ntype = "http"\n`, 4, '[provider] has no place'],
  ['tests', 'transform', `${transform('parse', [id])}[[tests]]\nname = "x"\n`, 5, '[tests] has no place'],
  [
    'a table',
    'transform',
    `${transform('parse', [id])}[enrichment_tables.x]\ntype = "file"\n`,
    5,
    '[enrichment_tables] has no place',
  ],
  ['the API', 'sink', `${sink('o')}[api]\nenabled = true\n`, 5, '[api] has no place'],
  ['a transform without parse', 'transform', transform('pars', [id]), undefined, 'lacks {{id}}_parse'],
  [
    'a transform outside the stem',
    'transform',
    `${transform('parse', [id])}[transforms.other]\ninputs = ["${id}"]\n`,
    5,
    'not other',
  ],
  [
    'a stem without a name',
    'transform',
    `${transform('parse', [id])}${transform('', [id])}`,
    5,
    'must be called {{id}}_ and a name',
  ],
  ['the labels’ own name', 'transform', transform('parse', [id]) + transform('out', [id]), 5, 'written by nvl itself'],
  ['the row’s own name', 'transform', transform('parse', [id]) + transform('in', [id]), 5, 'written by nvl itself'],
  [
    'a name with a dot',
    'transform',
    `${transform('parse', [id])}[transforms."${id}_a.b"]\ninputs = ["${id}"]\n`,
    5,
    'character other than',
  ],
  ['another pipeline’s lines', 'transform', transform('parse', ['nvl_db_87654321']), 1, 'not a part of its own task'],
  ['all lines', 'transform', transform('parse', ['nomad_logs']), 1, 'not a part of its own task'],
  ['lines with their labels', 'transform', transform('parse', [`${id}_out`]), 1, 'not a part of its own task'],
  ['a glob', 'transform', transform('parse', [`${id}*`]), 1, 'without a glob'],
  [
    'a circle',
    'transform',
    transform('parse', [id]) + transform('a', [`${id}_b`]) + transform('b', [`${id}_a`]),
    5,
    'in a circle',
  ],
  ['a circle of one', 'transform', transform('parse', [`${id}_parse`]), 1, 'in a circle'],
  [
    'a circle by a named output',
    'transform',
    transform('parse', [`${id}_a.x`]) + transform('a', [`${id}_parse`]),
    1,
    'in a circle',
  ],
  [
    'labels of another name',
    'labels',
    transform('out', [id]) + transform('more', [id]),
    5,
    'one transform, {{id}}_out',
  ],
  ['no sink', 'sink', '', undefined, 'no sink is defined'],
  ['a sink of nvl’s', 'sink', sink('nvl_x'), 1, 'keeps for itself'],
  ['the logs as a sink', 'sink', sink('nomad_logs'), 1, 'keeps for itself'],
  ['transforms without a sink', 'sink', prepare('a', 'nomad_logs'), undefined, 'no sink is defined'],
  [
    'a transform before a sink, with an id of nvl’s',
    'sink',
    sink('o') + prepare('nvl_x', 'nomad_logs'),
    5,
    'the transform nvl_x has an id that nvl keeps',
  ],
  ['one task’s lines before a sink', 'sink', sink('o') + prepare('a', `${id}_out`), 5, 'neither {{input}} nor'],
  ['lines without their labels before a sink', 'sink', sink('o') + prepare('a', id), 5, 'neither {{input}} nor'],
  ['a glob before a sink', 'sink', sink('o') + prepare('a', 'nomad_logs*'), 5, 'neither {{input}} nor'],
  ['a circle before a sink', 'sink', sink('o') + prepare('a', 'b') + prepare('b', 'a'), 5, 'in a circle'],
  ['a source in a sink block', 'sink', sink('o') + source(), 5, '[sources] has no place in a sink block'],
] as const)('gate: %s is a problem, with its line', (_, kind, text, line, words) => {
  const problems = gateBlock({ text, kind, id });
  expect(problems.map(({ message }) => message).join('\n')).toContain(words);
  expect(problems.find(({ message }) => message.includes(words))?.line).toBe(line);
});

const own = { include: ['/links/web.stdout.[0-9]*'], allocId: 'a1' };

test.each([
  ['its own files', 'include = ["/links/web.stdout.[0-9]*"]', []],
  ['other files', 'include = ["/x"]', [[3, 'the source nvl_web_12345678: include has "/x", which']]],
  [
    'files that it deletes',
    'include = ["/links/web.stdout.[0-9]*"]\nremove_after_secs = 5',
    [[4, 'the source nvl_web_12345678: remove_after_secs would delete']],
  ],
  ['lines that it loses, which is a risk and no more', 'include = ["/links/web.stdout.[0-9]*"]\nread_from = "end"', []],
] as const)('gate: a source reads %s', (_, rest, expected) => {
  const problems = gateBlock({ text: source(rest), kind: 'source', id, own });
  expect(problems.map(({ line }) => line)).toEqual(expected.map(([line]) => line));
  for (const [index, [, words]] of expected.entries()) expect(problems[index]?.message).toContain(words);
});

test('gate: all problems of a block are told at once', () => {
  const text = `data_dir = "/x"\n${source('include = []')}[provider]\ntype = "http"\n`;
  expect(gateBlock({ text, kind: 'source', id }).map(({ line }) => line)).toEqual([1, 5, 4]);
});

const block = (text: string) => ({ key: id, kind: 'pipeline' as const, heading: 'web', text });
/** With keys of their own. */
const twoBlocks = (...texts: string[]) =>
  assembleFile({
    blocks: texts.map((text, index) => ({ ...block(text), key: `${id}${index}` })),
    templates: [],
    linksDir: '/var/lib/nvl/links',
  });
const fileOf = (...texts: string[]) =>
  assembleFile({ blocks: texts.map(block), templates: [], linksDir: '/var/lib/nvl/links' });

test('gate: a whole file as nvl writes it passes, with tasks and without', () => {
  expect(gateFile({ text: fileOf() })).toEqual([]);
  expect(gateFile({ text: fileOf(source() + transform('out', [id])) })).toEqual([]);
});

test('gate: a block that is live from before does not hold up the whole file with what a block may no longer say', () => {
  expect(gateFile({ text: fileOf(source('include = ["/x"]\nremove_after_secs = 5')) })).toEqual([]);
});

test.each([
  ['no TOML', 'x = ', 'not TOML'],
  ['nothing of nvl’s in it', source() + sink('o'), 'the source nvl_none is missing'],
  ['no logs', fileOf().replace('[transforms.nomad_logs]', '[transforms.other]'), 'the transform nomad_logs is missing'],
  ['a global', `data_dir = "/x"\n${fileOf()}`, '[data_dir] has no place'],
  ['a source that ends Vector', fileOf(source('include = []')), 'Vector would end'],
  ['a circle over blocks', fileOf(transform('out', ['nomad_logs'])), 'in a circle'],
  ['a data folder of one source', fileOf(source('include = ["/x"]\ndata_dir = "/y"')), 'hide the checkpoints'],
  ['an id in two blocks', twoBlocks(source(), source()), `sources.${id} is defined twice`],
  ['a key that would fall to the block before', twoBlocks(source(), 'type = "exec"'), '[type] has no place'],
  ['a dot in an id', fileOf(source(undefined, '"a.b"')), 'character other than'],
])('gate: a whole file with %s does not', (_, text, words) => {
  expect(
    gateFile({ text })
      .map(({ message }) => message)
      .join('\n'),
  ).toContain(words);
});

test('gate: a file is judged the same whatever file was judged before', () => {
  const files = [
    fileOf(),
    fileOf(source()),
    twoBlocks(source(), source()),
    'x = ',
    `data_dir = "/x"\n${fileOf(source())}`,
    fileOf(transform('out', ['nomad_logs'])),
  ];
  const gate = createFileGate();
  for (const before of files)
    for (const text of files) {
      gate({ text: before });
      expect(gate({ text })).toEqual(gateFile({ text }));
    }
});

test('gate: the line of a fault in a later block is counted from the start of the file', () => {
  const text = twoBlocks(source(), 'x = ');
  const line = text.split('\n').findIndex((one) => one.startsWith('x =')) + 1;
  expect(gateFile({ text }).map((problem) => problem.line)).toEqual([line]);
});
