import { expect, test } from 'vitest';
import type { Row } from '../../lib/pipelines/row.ts';
import { changesBetween } from '../../lib/plan/changes.ts';
import { assembleFile, type Block } from '../../lib/render/file.ts';
import { LINKS } from '../support/builders.ts';

const source = (id: string, more = '') => `[sources.${id}]\ntype = "file"\ninclude = ["x"]\n${more}`;
const transform = (id: string, program = '.') => `[transforms.${id}]\ntype = "remap"\nsource = "${program}"\n`;
const aPipeline = (key: string, text: string, heading = key): Block => ({ key, kind: 'pipeline', heading, text });
const aSink = (text: string): Block => ({ key: 'sink:default', kind: 'sink', heading: 'sink', text });
const fileOf = (...blocks: Block[]) => assembleFile({ blocks, templates: [], linksDir: LINKS });

const change = (before: string, after: string) => {
  const { added, changed, removed, blocks } = changesBetween({
    before: { text: before, rows: [] },
    after: { text: after, rows: [] },
  });
  const named = (list: typeof added) => list.map(({ kind, id }) => `${kind} ${id}`);
  return {
    added: named(added),
    changed: named(changed),
    removed: named(removed),
    blocks: blocks.map(({ key, change: what }) => `${key} ${what}`),
  };
};
type Told = Record<'added' | 'changed' | 'removed' | 'blocks', string[]>;
const nothing: Told = { added: [], changed: [], removed: [], blocks: [] };

const one = aPipeline('nvl_a', source('nvl_a') + transform('nvl_a_out'));
const two = aPipeline('nvl_b', source('nvl_b') + transform('nvl_b_out'));

test.each<[string, string, string, Partial<Told>]>([
  ['nothing', fileOf(one), fileOf(one), {}],
  [
    'the first file of all',
    '',
    fileOf(one),
    { added: ['source nvl_a', 'transform nvl_a_out'], blocks: ['nvl_a added'] },
  ],
  [
    'a new pipeline, which no word is lost about in nomad_logs',
    fileOf(one),
    fileOf(one, two),
    { added: ['source nvl_b', 'transform nvl_b_out'], blocks: ['nvl_b added'] },
  ],
  [
    'a pipeline that is gone',
    fileOf(one, two),
    fileOf(two),
    { removed: ['source nvl_a', 'transform nvl_a_out'], blocks: ['nvl_a removed'] },
  ],
  [
    'one component of a pipeline',
    fileOf(one),
    fileOf(aPipeline('nvl_a', source('nvl_a') + transform('nvl_a_out', 'x'))),
    { changed: ['transform nvl_a_out'], blocks: ['nvl_a changed'] },
  ],
  [
    'a component that a pipeline gets, and one that it loses',
    fileOf(aPipeline('nvl_a', source('nvl_a') + transform('nvl_a_x'))),
    fileOf(aPipeline('nvl_a', source('nvl_a') + transform('nvl_a_y'))),
    { added: ['transform nvl_a_y'], removed: ['transform nvl_a_x'], blocks: ['nvl_a changed'] },
  ],
  [
    'a comment restarts nothing',
    fileOf(one),
    fileOf(aPipeline('nvl_a', `# new words\n${one.text}`)),
    { blocks: ['nvl_a changed'] },
  ],
  [
    'nor does the same table written otherwise',
    fileOf(aPipeline('nvl_a', source('nvl_a'))),
    fileOf(aPipeline('nvl_a', '[sources]\nnvl_a = { include = ["x"], type = "file" }')),
    { blocks: ['nvl_a changed'] },
  ],
  [
    'a sink',
    fileOf(aSink('[sinks.x]\ntype = "console"')),
    fileOf(aSink('[sinks.x]\ntype = "loki"')),
    { changed: ['sink x'], blocks: ['sink:default changed'] },
  ],
  [
    'a live block that is no TOML counts as none',
    fileOf(aPipeline('nvl_a', 'not [toml')),
    fileOf(one),
    { added: ['source nvl_a', 'transform nvl_a_out'], blocks: ['nvl_a changed'] },
  ],
])('what changes: %s', (_, before, after, expected) => {
  expect(change(before, after)).toEqual({ ...nothing, ...expected });
});

test('lists are sorted, whatever the order of the blocks', () => {
  const pipelines = ['c', 'a', 'b'].map((name) => aPipeline(`nvl_${name}`, source(`nvl_${name}`), `heading ${name}`));
  expect(change('', fileOf(...pipelines))).toMatchObject({
    added: ['source nvl_a', 'source nvl_b', 'source nvl_c'],
    blocks: ['nvl_a added', 'nvl_b added', 'nvl_c added'],
  });
});

const aRow = (stem: string, more: Partial<Row> = {}): Row => ({
  stem,
  pipeline: 'nvl_a',
  about: `task ${stem}`,
  mark: '',
  cells: { c_a: 'x' },
  ...more,
});

test.each<[string, Row[], Row[], string[]]>([
  ['nothing', [aRow('s1')], [aRow('s1')], []],
  ['one that comes, and one that goes', [aRow('s1')], [aRow('s2')], ['s1 removed', 's2 added']],
  ['another value of its labels', [aRow('s1')], [aRow('s1', { cells: { c_a: 'y' } })], ['s1 changed']],
  ['a mark', [aRow('s1')], [aRow('s1', { mark: 'profile refused' })], ['s1 changed']],
  ['another pipeline', [aRow('s1')], [aRow('s1', { pipeline: 'nvl_b' })], ['s1 changed, nvl_a to nvl_b']],
  ['a table with more columns', [aRow('s1')], [aRow('s1', { cells: { c_a: 'x', c_b: '' } })], []],
  ['a row that the task has left', [aRow('s1', { pipeline: 'nvl_0' }), aRow('s1')], [aRow('s1')], []],
])('which tasks change: %s', (_, before, after, expected) => {
  const { tasks } = changesBetween({ before: { text: 't', rows: before }, after: { text: 't', rows: after } });
  const words = tasks.map(
    ({ key, change: what, from, to }) => `${key} ${what}${from === undefined ? '' : `, ${from} to ${to}`}`,
  );
  expect(words).toEqual(expected);
});

test('all tasks of a pipeline change with it', () => {
  const { tasks } = changesBetween({
    before: { text: fileOf(one, two), rows: [aRow('s1'), aRow('s2'), aRow('s3', { pipeline: 'nvl_b' })] },
    after: {
      text: fileOf(aPipeline('nvl_a', source('nvl_a')), two),
      rows: [aRow('s1'), aRow('s2'), aRow('s3', { pipeline: 'nvl_b' })],
    },
  });
  expect(tasks.map(({ key, change: what }) => `${key} ${what}`)).toEqual(['s1 changed', 's2 changed']);
});
