import { expect, test } from 'vitest';
import { programsIn } from '../../lib/vector-check/programs.ts';
import { readVectorConfig } from '../../lib/vector-check/read-config.ts';

const read = (text: string) => readVectorConfig([{ file: 'vector.toml', text }]);

/** `component option: program`, each with a sign for its kind. */
const shown = (text: string): string[] =>
  programsIn(read(text)).programs.map(
    ({ component, option, kind, source, files }) =>
      `${kind} ${component} ${option}: ${source ?? `of ${files?.join(', ')}`}`,
  );

test.each([
  ['a program', 'type = "remap"\nsource = ".a = 1"', ['remap t source: .a = 1']],
  ['a program in a file', 'type = "remap"\nfile = "a.vrl"', ['remap t file: of a.vrl']],
  ['one in several', 'type = "remap"\nfiles = ["a.vrl", "b.vrl"]', ['remap t files: of a.vrl, b.vrl']],
  ['a filter', 'type = "filter"\ncondition = ".a == 1"', ['condition t condition: .a == 1']],
  [
    'a filter, written long',
    'type = "filter"\ncondition = { type = "vrl", source = ".a" }',
    ['condition t condition.source: .a'],
  ],
  ['a condition of another kind', 'type = "filter"\ncondition = { type = "datadog_search", source = "a" }', []],
  ['a condition that tells the kind of the event', 'type = "filter"\ncondition.type = "is_log"', []],
  [
    'routes',
    'type = "route"\nroute.web = ".a"\nroute."b c" = { type = "vrl", source = ".b" }',
    ['condition t route.web: .a', 'condition t route."b c".source: .b'],
  ],
  [
    'exclusive routes',
    'type = "exclusive_route"\nroutes = [{ name = "a", condition = ".a" }, { name = "b", condition = { type = "vrl", source = ".b" } }]',
    ['condition t routes[0].condition: .a', 'condition t routes[1].condition.source: .b'],
  ],
  [
    'a reduce',
    'type = "reduce"\nstarts_when = ".a"\nends_when = ".b"',
    ['condition t starts_when: .a', 'condition t ends_when: .b'],
  ],
  ['a sample', 'type = "sample"\nrate = 2\nexclude = ".a"', ['condition t exclude: .a']],
  ['a throttle', 'type = "throttle"\nexclude = ".a"', ['condition t exclude: .a']],
  ['a delay', 'type = "delay"\ncondition = ".a"', ['condition t condition: .a']],
  [
    'a window',
    'type = "window"\nflush_when = ".a"\nforward_when = ".b"',
    ['condition t forward_when: .b', 'condition t flush_when: .a'],
  ],
  ['nothing that could be one', 'type = "route"\nroute = 5', []],
  ['no list of routes', 'type = "exclusive_route"\nroutes = [1]', []],
  ['a type that nobody knows', 'type = "constructor"\nsource = ".a"', []],
])('%s', (_, options, programs) => {
  expect(shown(`[transforms.t]\ninputs = ["in"]\n${options}\n`)).toEqual(programs);
});

test('a program tells its file, its line and what its transform reads; tables are those that programs may look into', () => {
  const text = `[enrichment_tables.tasks]\ntype = "file"\n[enrichment_tables.mem]\ntype = "memory"\n[transforms.t]\ntype = "remap"\ninputs = ["a", "b*"]\nsource = '''\n.a = 1\n'''\n[sinks.s]\nsource = "no program"\n`;
  const config = read(text);
  const { programs, tables } = programsIn(config);
  expect(tables).toEqual(['tasks', 'mem']);
  expect(programs.map(({ file, inputs, path }) => ({ file, inputs, line: config.lineOf(file, path) }))).toEqual([
    { file: 'vector.toml', inputs: ['a', 'b*'], line: 8 },
  ]);
});
