import { expect, test, vi } from 'vitest';
import { aRawAllocation, aTransform, type GivenAllocation, idOf } from '../support/builders.ts';
import { aFolder, nvl, put } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const FILES = {
  'nvl.yaml': 'templates: templates\nroot: /var/lib/nvl\n',
  'templates/profiles/web/transform.toml.hbs': aTransform(
    '. = object!(parse_json!(.message))\n.team = "{{meta.team}}"\n.key = "{{params.key}}"',
  ),
  'templates/profiles/web/profile.yaml': 'parameters: { key: { type: string, default: msg } }\n',
  'templates/profiles/strict/transform.toml.hbs': aTransform('. = object!(parse_json!(.message))').replace(
    'source =',
    'drop_on_error = true\nsource =',
  ),
  'templates/profiles/broken/transform.toml.hbs': aTransform('. = parse_json(.message)'),
  'templates/profiles/lua/transform.toml.hbs':
    '[transforms.{{id}}_parse]\ntype = "lua"\ninputs = ["{{input}}"]\nversion = "2"\nhooks.process = ""\n',
};

const pipe = async (
  args: string[],
  input: readonly (string | Buffer)[],
  { allocations = [] }: { allocations?: readonly GivenAllocation[] } = {},
) => {
  const folder = await aFolder();
  await put(folder, { ...FILES, 'node.json': allocations.map(aRawAllocation) });
  const node = allocations.length === 0 ? [] : ['--allocations', 'node.json'];
  const { code, out, err } = await nvl(['pipe', ...args, ...node], { cwd: folder, input });
  return {
    code,
    err,
    events: out
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line)),
    out,
  };
};

test('the lines of a profile, labelled and parsed, one event a line', async () => {
  const { code, events, err } = await pipe(['--profile', 'web', '--param', 'key=text'], ['{"a":1}\nno json\n']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(events).toMatchObject([
    { a: 1, key: 'text', nomad: { job_name: 'web', stream: 'stdout' } },
    { message: 'no json', nomad: { job_name: 'web' } },
  ]);
});

test('those of a job, with its own meta and labels, by its id or an allocation’s', async () => {
  const allocations = [{ id: idOf(7), taskMeta: { nvl_profile: 'web', team: 'shop-team' } }];
  for (const job of ['shop', idOf(7), idOf(7).slice(0, 8)]) {
    const { events } = await pipe([job, '--stream', 'stderr'], ['{"a":1}\n'], { allocations });
    expect(events).toMatchObject([
      { team: 'shop-team', nomad: { job_name: 'shop', alloc_id: idOf(7), stream: 'stderr' } },
    ]);
  }
});

test.each([
  ['a line torn between two reads', ['{"a":', '1}\n{"a":2}\n'], [1, 2]],
  [
    'a character torn between two reads',
    [Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xc3]), Buffer.from([0xa9, 0x22, 0x7d, 0x0a])],
    ['é'],
  ],
  ['a last line without its end', ['{"a":1}\n{"a":2}'], [1, 2]],
  ['no line at all', [], []],
])('%s', async (_, input, values) => {
  const { events } = await pipe(['--profile', 'web'], input);
  expect(events.map(({ a }) => a)).toEqual(values);
});

test('lines that are joined come as one, at the latest at the end', async () => {
  const folder = await aFolder();
  await put(folder, { 'nvl.yaml': 'root: /var/lib/nvl\n' });
  const trace = 'java.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)\n';
  const { out } = await nvl(['pipe', '--profile', 'java'], { cwd: folder, input: [trace] });
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([{ exception: 'java.lang.IllegalStateException', message: 'no' }]);
});

test('what was dropped is counted, and shown with its reason', async () => {
  expect(await pipe(['--profile', 'strict'], ['no json\n{"a":1}\n'])).toMatchObject({
    code: 0,
    events: [{ a: 1 }],
    err: '1 of the lines gave no event: --dropped shows them, and why\n',
  });
  const { err } = await pipe(['--profile', 'strict', '--dropped'], ['no json\n']);
  expect(err).toMatch(/^dropped by parse: error: .*unable to parse json.*\n {2}\{.*"message":"no json"/);
});

test('--trace shows what each component did', async () => {
  const { out } = await pipe(['--profile', 'web', '--trace'], ['{"a":1}\n']);
  expect(out).toMatch(
    /^line 1\n {2}source +\+ \.file .*\n(.*\n)* {2}parse +\+ \.a 1\n(.*\n)* {2}out +\+ \.nomad\.alloc_id .*\n(.*\n)* {2}=> \{"a":1,/,
  );
});

test.each([
  ['where the running Vector works', 'vector: { cwd: work }\n', 'work', true],
  ['and not where nvl does, then', 'vector: { cwd: work }\n', '.', false],
  ['where nvl does, if that is not said', '', '.', true],
])('a file with VRL is looked for %s', async (_, vector, dir, isFound) => {
  const folder = await aFolder();
  const transform = '[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nfile = "vrl/own.vrl"\n';
  await put(folder, {
    'nvl.yaml': `templates: templates\nroot: root\n${vector}`,
    'templates/profiles/own/transform.toml.hbs': transform,
    'node.json': [aRawAllocation({ taskMeta: { nvl_profile: 'own' } })],
    [`${dir}/vrl/own.vrl`]: '.own = true\n',
  });
  for (const given of [
    ['--profile', 'own'],
    ['shop', '--allocations', 'node.json'],
  ]) {
    const { code, out } = await nvl(['pipe', ...given], { cwd: folder, input: ['x\n'] });
    expect([code, out.includes('"own":true')]).toEqual([isFound ? 0 : 1, isFound]);
  }
});

test.each([
  ['an unknown profile', ['--profile', 'webb'], [], 'no profile is named webb; did you mean "web"?'],
  ['a parameter without a value', ['--profile', 'web', '--param', 'key'], [], 'write --param NAME=VALUE'],
  [
    'a parameter that the profile does not have',
    ['--profile', 'web', '--param', 'keys=x'],
    [],
    'the profile web has no parameter keys; did you mean "key"?',
  ],
  ['a program that does not compile', ['--profile', 'broken'], [], 'error[E103]: unhandled fallible assignment'],
  ['a component that runs in Vector alone', ['--profile', 'lua'], [], 'of type lua does not run without Vector'],
  ['an unknown job', ['shops'], [{}], 'did you mean shop?'],
])('%s is an error', async (_, args, allocations, said) => {
  const { code, err, out } = await pipe(args, ['x\n'], { allocations: allocations as GivenAllocation[] });
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain(said);
});
