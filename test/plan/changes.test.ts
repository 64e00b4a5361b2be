import { expect, test } from 'vitest';
import { changesBetween } from '../../lib/plan/changes.ts';
import { assembleFile, type Block } from '../../lib/render/file.ts';
import { LINKS } from '../support/builders.ts';

const source = (id: string, more = '') => `[sources.${id}]\ntype = "file"\ninclude = ["x"]\n${more}`;
const transform = (id: string, program = '.') => `[transforms.${id}]\ntype = "remap"\nsource = "${program}"\n`;
const aTask = (key: string, text: string, heading = key): Block => ({ key, kind: 'task', heading, text });
const aSink = (text: string): Block => ({ key: 'sink:default', kind: 'sink', heading: 'sink', text });
const fileOf = (...blocks: Block[]) => assembleFile({ blocks, templates: [], linksDir: LINKS });

const change = (before: string, after: string) => {
  const { added, changed, removed, blocks } = changesBetween({ before, after });
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

const one = aTask('nvl_a', source('nvl_a') + transform('nvl_a_out'));
const two = aTask('nvl_b', source('nvl_b') + transform('nvl_b_out'));

test.each<[string, string, string, Partial<Told>]>([
  ['nothing', fileOf(one), fileOf(one), {}],
  [
    'the first file of all',
    '',
    fileOf(one),
    { added: ['source nvl_a', 'transform nvl_a_out'], blocks: ['nvl_a added'] },
  ],
  [
    'a new task, which no word is lost about in nomad_logs',
    fileOf(one),
    fileOf(one, two),
    { added: ['source nvl_b', 'transform nvl_b_out'], blocks: ['nvl_b added'] },
  ],
  [
    'a task that is gone',
    fileOf(one, two),
    fileOf(two),
    { removed: ['source nvl_a', 'transform nvl_a_out'], blocks: ['nvl_a removed'] },
  ],
  [
    'one component of a task',
    fileOf(one),
    fileOf(aTask('nvl_a', source('nvl_a') + transform('nvl_a_out', 'x'))),
    { changed: ['transform nvl_a_out'], blocks: ['nvl_a changed'] },
  ],
  [
    'a component that a task gets, and one that it loses',
    fileOf(aTask('nvl_a', source('nvl_a') + transform('nvl_a_x'))),
    fileOf(aTask('nvl_a', source('nvl_a') + transform('nvl_a_y'))),
    { added: ['transform nvl_a_y'], removed: ['transform nvl_a_x'], blocks: ['nvl_a changed'] },
  ],
  [
    'a comment restarts nothing',
    fileOf(one),
    fileOf(aTask('nvl_a', `# new words\n${one.text}`)),
    { blocks: ['nvl_a changed'] },
  ],
  [
    'nor does the same table written otherwise',
    fileOf(aTask('nvl_a', source('nvl_a'))),
    fileOf(aTask('nvl_a', '[sources]\nnvl_a = { include = ["x"], type = "file" }')),
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
    fileOf(aTask('nvl_a', 'not [toml')),
    fileOf(one),
    { added: ['source nvl_a', 'transform nvl_a_out'], blocks: ['nvl_a changed'] },
  ],
])('what changes: %s', (_, before, after, expected) => {
  expect(change(before, after)).toEqual({ ...nothing, ...expected });
});

test('lists are sorted, whatever the order of the blocks', () => {
  const tasks = ['c', 'a', 'b'].map((name) => aTask(`nvl_${name}`, source(`nvl_${name}`), `heading ${name}`));
  expect(change('', fileOf(...tasks))).toMatchObject({
    added: ['source nvl_a', 'source nvl_b', 'source nvl_c'],
    blocks: ['nvl_a added', 'nvl_b added', 'nvl_c added'],
  });
});
