import { expect, test } from 'vitest';
import { blameFor, fitsAgain, isOverTable } from '../../lib/quarantine/blame.ts';
import { assembleFile, type Block } from '../../lib/render/file.ts';

const pipeline = (key: string, text = 'a'): Block => ({
  key: `nvl_${key}`,
  kind: 'pipeline',
  heading: `profile ${key}`,
  text: `[sources.nvl_${key}]\ntype = "file"\ninclude = ["/x/${text}"]`,
});
const sink = (id: string, text = 'a'): Block => ({
  key: `sink:${id}`,
  kind: 'sink',
  heading: `vector/${id}.toml.hbs`,
  text: `[sinks.${id}]\ntype = "console"\ninputs = ["nomad_logs"]\nencoding.codec = "${text}"`,
});
const file = (...blocks: Block[]) => assembleFile({ blocks, templates: [], linksDir: '/links' });

const before = file(pipeline('one'), pipeline('two'), sink('out'));
const line = (words: string) =>
  `2026-11-26T11:14:00.1Z ERROR vector::topology::builder: ${words} internal_log_rate_limit=false`;

test.each<[string, Block[], string, string[]]>([
  [
    'whom Vector names, whatever else is new',
    [pipeline('one'), pipeline('new'), sink('out', 'b')],
    line('Configuration error. error=Source "nvl_new": no such folder'),
    ['nvl_new'],
  ],
  [
    'whom it names in JSON',
    [pipeline('one'), pipeline('new'), sink('out', 'b')],
    JSON.stringify({ level: 'ERROR', message: 'Configuration error.', error: 'Sink "out": port taken' }),
    ['sink:out'],
  ],
  [
    'a sink that it names though nothing of it is new, as after an upgrade',
    [pipeline('one'), pipeline('new'), sink('out')],
    'Configuration error. error=Sink "out": unknown codec',
    ['sink:out'],
  ],
  [
    'nobody, when it names a component of the team’s',
    [pipeline('new'), sink('out')],
    line('Configuration error. error=Sink "theirs": no'),
    [],
  ],
  [
    'a sink that was edited before a pipeline that is new',
    [pipeline('one'), pipeline('new'), sink('out', 'b')],
    'panicked',
    ['sink:out'],
  ],
  [
    'a pipeline that was edited before one that is new',
    [pipeline('one', 'b'), pipeline('new'), sink('out')],
    'panicked',
    ['nvl_one'],
  ],
  [
    'what is new, when nothing else is',
    [pipeline('one'), pipeline('two'), pipeline('new'), sink('out')],
    '',
    ['nvl_new'],
  ],
  ['nobody, when a pipeline only went', [pipeline('one'), sink('out')], 'panicked', []],
  [
    'what is new, when it is nvl’s own component that broke',
    [pipeline('one'), pipeline('two'), pipeline('new'), sink('out')],
    'ERROR transform{component_kind="transform" component_id=nomad_logs component_type=filter}: vector::topology: An error occurred that Vector couldn\'t handle: the task panicked.',
    ['nvl_new'],
  ],
  [
    'whose task panicked',
    [pipeline('one'), pipeline('two', 'b'), pipeline('new'), sink('out', 'b')],
    'ERROR source{component_kind="source" component_id=nvl_new component_type=file}: vector::topology: An error occurred that Vector couldn\'t handle: the task panicked.',
    ['nvl_new'],
  ],
  [
    'not a sink that only failed to deliver',
    [pipeline('one'), pipeline('new'), sink('out')],
    'ERROR sink{component_kind="sink" component_id=out}: vector_common: Service call failed. No retries or retries exhausted.',
    ['nvl_new'],
  ],
])('to blame: %s', (_, blocks, said, keys) => {
  const blamed = blameFor({ bad: file(...blocks), good: before, said }).blocks;
  expect(blamed.map(({ key }) => key)).toEqual(keys);
});

test('an earlier file is a way back when each that is blamed reads otherwise in it', () => {
  const blamed = [sink('out', 'b')];
  expect(fitsAgain({ text: before, blamed })).toBe(true);
  expect(fitsAgain({ text: file(sink('out', 'b')), blamed })).toBe(false);
  expect(fitsAgain({ text: file(pipeline('one')), blamed })).toBe(true);
});

test('a table that Vector cannot read is nobody’s fault, though it says so of each program that looks a row up', () => {
  for (const table of ['nvl_cells', 'nvl_labels_0a1b2c3d']) {
    const said = [
      line(`Configuration error. error=Enrichment Table "${table}": Permission denied (os error 13)`),
      line('Configuration error. error=Transform "nvl_one_out": '),
    ].join('\n');
    expect(isOverTable(said)).toBe(true);
    expect(isOverTable(JSON.stringify({ level: 'ERROR', error: `Enrichment Table "${table}": no` }))).toBe(true);
  }
  expect(isOverTable(line('Configuration error. error=Enrichment Table "theirs": no such file'))).toBe(false);
});
