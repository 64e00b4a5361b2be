import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aRawAllocation, aTransform, idOf } from '../support/builders.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { aFolder, aVector, nvl, put, textOf } from './support.ts';

const shop = aRawAllocation({ id: idOf(1), job: 'shop' });
const own = aRawAllocation({ id: idOf(2), job: 'own', taskMeta: { nvl_profile: 'mine' } });
const mine = (program: string) => ({ 'templates/profiles/mine/transform.toml.hbs': aTransform(program) });

const validate = async (
  files: Record<string, unknown>,
  { binary, args = [] }: { binary?: string; args?: string[] } = {},
) => {
  const folder = await aFolder();
  await put(folder, { 'node.json': [shop, own], ...mine('.x = 1'), ...files });
  const program = binary ?? (await aVector(folder)).binary;
  const before = (await readdir(folder)).sort();
  const given = ['--allocations', 'node.json', '--templates', 'templates', '--root', join(folder, 'root')];
  const told = await nvl(['validate', ...given, '--vector-binary', program, ...args], { cwd: folder });
  // Nothing is written that stays.
  expect((await readdir(folder)).sort()).toEqual(before);
  return told;
};

test('what Vector accepts', async () => {
  expect(await validate({})).toMatchObject({ code: 0, out: '', err: 'Vector accepts it: 2 tasks in 2 pipelines.\n' });
});

test('what can lose lines is named, with the template’s line, and accepted', async () => {
  const { code, err } = await validate({
    'templates/vector/source.toml.hbs': `[sources.{{id}}]
type = "file"
include = {{logs.include}}
read_from = "end"
fingerprint.strategy = "device_and_inode"
max_line_bytes = 1_048_576
`,
  });
  expect({ code, err }).toEqual({
    code: 0,
    err: `Risk: vector/source.toml.hbs:4: read_from = "end" skips what a task writes before Vector sees its file
Vector accepts it: 2 tasks in 2 pipelines.
`,
  });
});

test('a source that reads or deletes more than its own task’s log is not used, and is told with the template’s line', async () => {
  const wide = (more: string) => ({
    'templates/profiles/mine/source.toml.hbs': `[sources.{{id}}]\ntype = "file"\n${more}\nread_from = "beginning"\n`,
  });
  for (const more of [
    'include = ["/opt/nomad/data/alloc/*/alloc/logs/*.std*.[0-9]*"]',
    'include = {{logs.include}}\nremove_after_secs = 5',
  ]) {
    const { code, err } = await validate(wide(more));
    expect(code).toBe(1);
    expect(err).toMatch(
      /Ships by default, unparsed and marked: default \/ own .*\n(?:.*\n)*?.*at +profiles\/mine\/source.toml.hbs:[34]\n/,
    );
    expect(err).toContain('Vector accepts it: 2 tasks in 1 pipeline.');
  }
});

test('what Vector refuses is blamed on its task, and it ends with 78', async () => {
  const { code, err } = await validate(mine('# REFUSE'));
  expect(code).toBe(78);
  expect(err).toContain('Ships by default, unparsed and marked: default / own / web 0 / app (profile mine)');
  expect(err).toContain('error[E103]: no');
  expect(err).toContain('Vector accepts it: 2 tasks in 1 pipeline.');
});

test('what is refused before Vector sees it ends with 1', async () => {
  const { code, err } = await validate(mine('{{jobb}}'));
  expect(code).toBe(1);
  expect(err).toContain('jobb is not known');
  expect(err).toContain('Vector accepts it: 2 tasks in 1 pipeline.');
});

test('without a Vector nvl’s own check looks at a recording, and says that nothing is proven', async () => {
  const { code, err } = await validate({}, { binary: '/nowhere/vector' });
  expect(code).toBe(0);
  expect(err).toBe(
    'nvl’s own check finds nothing against it. Not proven: no /nowhere/vector was found, so Vector was not asked.\n',
  );
});

test.each([
  ['a program that does not compile', mine('.x = parse_json(.message)'), /error\[E103\]/],
  [
    'an option that Vector does not have',
    {
      'templates/vector/sink.toml.hbs':
        '[sinks.out]\ntype = "console"\ninputs = ["{{input}}"]\nencoding.codec = "jsn"\n',
    },
    /encoding\.codec.*"jsn"/,
  ],
  [
    'a program in a file of its own that does not compile',
    {
      'templates/profiles/mine/transform.toml.hbs':
        '[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nfile = "own.vrl"\n',
      'own.vrl': '.x = parse_json(.message)',
    },
    /error\[E103\]/,
  ],
])('without a Vector: %s', async (_, files, said) => {
  const { code, err } = await validate(files, { binary: '/nowhere/vector' });
  expect(code).toBe(78);
  expect(err).toMatch(said);
});

const real = { timeout: 120_000, ...needs(vector) };

test('the real Vector accepts the shipped templates', real, async () => {
  expect(await validate({}, { binary: pathOf(vector) })).toMatchObject({ code: 0 });
});

test(
  'the real Vector refuses a program that does not compile: its tasks ship by default, and its line is told',
  real,
  async () => {
    const { code, err } = await validate(mine('.x = nonsense('), { binary: pathOf(vector) });
    expect(code).toBe(78);
    expect(err).toContain('Ships by default, unparsed and marked: default / own / web 0 / app (profile mine)');
    expect(err).toContain('Vector accepts it: 2 tasks in 1 pipeline.');
  },
);

test("the team's own files are proven with it: an id of nvl's in them is refused", real, async () => {
  const team = '[transforms.nomad_logs]\ntype = "filter"\ninputs = ["x"]\ncondition = "true"\n';
  const folder = await aFolder();
  await put(folder, { 'team.toml': team });
  const { code, err } = await validate(
    {},
    { binary: pathOf(vector), args: ['--vector-args', `-c,${folder}/team.toml`] },
  );
  expect(code).toBe(1);
  expect(err).toContain('nomad_logs');
  expect(await textOf(folder, 'team.toml')).toBe(team);
});
