import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { test as testCommand } from '../../lib/commands/test.ts';
import { binaryOf, needs, pathOf, vector } from '../support/programs.ts';
import { folderWith, transform } from './support.ts';

const testFile = `# of the team
- name: greets
  lines: hello
  events:
    - message: bye   # for now
- name: new
  lines: again
`;

const team = () =>
  folderWith({
    'nvl.yaml': 'templates: templates\n',
    'api/main.go': '',
    'templates/profiles/web/transform.toml.hbs': transform(),
    'templates/profiles/web/tests/a.yaml': testFile,
    'templates/profiles/api/transform.toml.hbs': transform({ source: '.api = 1' }),
    'templates/profiles/api/tests/a.yaml': '- { name: a, lines: x, events: [{ api: 1 }] }\n',
  });

const run = async ({
  cwd,
  args = [],
  flags = {},
  env = {},
}: {
  cwd: string;
  args?: string[];
  flags?: Record<string, unknown>;
  env?: Record<string, string>;
}) => {
  const said = { out: '', err: '' };
  const io = {
    out: (text: string) => {
      said.out += text;
    },
    err: (text: string) => {
      said.err += text;
    },
    stderr: new Writable(),
    readInput: async function* () {},
    env: { PATH: process.env.PATH, ...env },
    cwd,
    systemDir: '/no/such/folder',
    isTty: false,
    isErrTty: false,
    signal: new AbortController().signal,
    onHangup: () => () => {},
  };
  return { code: await testCommand({ io, flags: { vectorBinary: binaryOf(vector), ...flags }, args }), ...said };
};

test('it ends with 1 and says where, or with 0', needs(vector), async () => {
  const cwd = team();
  const all = await run({ cwd });
  expect(all).toMatchObject({ code: 1, err: '' });
  expect(all.out).toMatch(/^ok {4}api {6}1 case\nnone {2}default {2}no tests\nFAIL {2}web {6}2 of 2 cases failed\n/);
  expect(all.out).toContain('greets  templates/profiles/web/tests/a.yaml:2\n');
  expect(await run({ cwd, args: ['api'] })).toMatchObject({
    code: 0,
    out: expect.stringContaining('1 profile, 1 case: all passed'),
  });
});

test.each([
  ['a folder and a name', { args: ['templates', 'api'] }],
  ['the name of a folder without templates', { args: ['api'] }],
  ['--profile', { flags: { profile: 'api' } }],
  ['--profile, more than once', { args: ['./templates'], flags: { profile: ['api', 'api'] } }],
])('one profile by %s', needs(vector), async (_, given) => {
  const { code, out } = await run({ cwd: team(), ...given });
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringMatching(/^ok {4}api {2}1 case\n\nProven .*\n\n1 profile, 1 case/),
  });
});

test('--update writes what comes, names the files, and passes from then on', needs(vector), async () => {
  const cwd = team();
  const updated = await run({ cwd, flags: { update: true } });
  expect(updated).toMatchObject({ code: 0, err: 'wrote templates/profiles/web/tests/a.yaml\n' });
  expect(readFileSync(join(cwd, 'templates/profiles/web/tests/a.yaml'), 'utf8')).toBe(`# of the team
- name: greets
  lines: hello
  events:
    - message: hello # for now
- name: new
  lines: again
  events:
    - message: again
      seen: true
`);
  expect(await run({ cwd, flags: { update: true } })).toMatchObject({ code: 0, err: '' });
});

test('--junit writes a file', needs(vector), async () => {
  const cwd = team();
  expect((await run({ cwd, flags: { junit: 'junit.xml' } })).code).toBe(1);
  const xml = readFileSync(join(cwd, 'junit.xml'), 'utf8');
  // Three cases and two proofs.
  expect(xml.match(/<testcase /g)).toHaveLength(5);
  expect(xml.match(/<failure /g)).toHaveLength(2);
});

const LOKI = (more: string) =>
  `[sinks.loki]\ntype = "loki"\ninputs = ["{{input}}"]\nendpoint = "http://127.0.0.1:1"\nencoding.codec = "text"\n${more}\n`;
const KAFKA = '[sinks.kafka]\ntype = "nonsense"\ninputs = ["{{input}}"]\n';
const BOTH = 'vector validate --no-environment and vector validate --skip-healthchecks';

test.each([
  ['is whole', { 'templates/vector/sink.toml.hbs': LOKI('labels.a = "b"') }, 0, [`Proven with the sinks, by ${BOTH}.`]],
  [
    'has a certificate that is not here',
    { 'templates/vector/sink.toml.hbs': LOKI('labels.a = "b"\ntls.ca_file = "/no/such/ca.pem"') },
    0,
    [
      `Proven with the sinks but for what follows, by ${BOTH}.`,
      'Not proven: loki, by vector validate --skip-healthchecks: this machine lacks the file /no/such/ca.pem',
    ],
  ],
  [
    'reads what a file of the team makes',
    { 'templates/vector/sink.toml.hbs': LOKI('labels.a = "b"').replace('{{input}}', 'of_the_team') },
    0,
    ['Not proven: vector/sink.toml.hbs, by', 'of_the_team, which it reads, is in none of them'],
  ],
  [
    'names what no node has',
    {
      'templates/vector/sink.toml.hbs': '[sinks.a]\ntype = "blackhole"\ninputs = ["{{input}}"]\n# {{node.rack}}\n',
    },
    0,
    ['Not proven: vector/sink.toml.hbs, by', 'it cannot be rendered for the made-up node'],
  ],
  [
    'is refused by its own rules',
    { 'templates/vector/sink.toml.hbs': LOKI('labels.a = "\\{{ nomad.job_name }}"') },
    1,
    ['FAIL  a sink', 'templates/vector/sink.toml.hbs', 'vector validate --skip-healthchecks', '1 sink refused'],
  ],
  [
    'is of no kind, and a profile has it',
    { 'templates/profiles/api/sink.toml.hbs': KAFKA },
    1,
    ['templates/profiles/api/sink.toml.hbs', '1 sink refused'],
  ],
])('a sink that %s: what was proven is said', needs(vector), async (_, files, code, words) => {
  const cwd = folderWith({
    'nvl.yaml': 'templates: templates\n',
    'templates/profiles/api/transform.toml.hbs': transform({ source: '.api = 1' }),
    'templates/profiles/api/tests/a.yaml': '- { name: a, lines: x, events: [{ api: 1 }] }\n',
    ...files,
  });
  const said = await run({ cwd, args: ['api'] });
  for (const word of words) expect(said.out).toContain(word);
  expect(said.code).toBe(code);
});

test('variables that would configure another Vector mean nothing to it', needs(vector), async () => {
  const cwd = team();
  writeFileSync(join(cwd, 'broken.toml'), 'not toml');
  const env = {
    VECTOR_CONFIG_TOML: join(cwd, 'broken.toml'),
    VECTOR_CONFIG_DIR: '/nowhere',
    VECTOR_LOG: 'off',
    VECTOR_LOG_FORMAT: 'json',
  };
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    expect((await run({ cwd, args: ['api'], env })).code).toBe(0);
  } finally {
    for (const name of Object.keys(env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
});

test('without a vector the lines run all the same, and what was not proven is said once', async () => {
  const { code, out } = await run({ cwd: team(), args: ['api'], flags: { vectorBinary: '/nowhere/vector' } });
  expect(code).toBe(0);
  expect(out).toMatch(
    /^ok {4}api {2}1 case\n\nNot proven: the whole, by [^\n]*: no \/nowhere\/vector was found; the lines ran in nvl itself, [^\n]*\n\n1 profile, 1 case: all passed/,
  );
});

test('without a vector nvl’s own check looks at the sinks', async () => {
  const cwd = team();
  mkdirSync(join(cwd, 'templates/vector'));
  writeFileSync(
    join(cwd, 'templates/vector/sink.toml.hbs'),
    '[sinks.out]\ntype = "console"\ninputs = ["{{input}}"]\nencoding.codec = "jsn"\n',
  );
  const { code, out } = await run({ cwd, args: ['api'], flags: { vectorBinary: '/nowhere/vector' } });
  expect(code).toBe(1);
  expect(out).toMatch(/FAIL {2}a sink\n.*nvl’s own check refuses a sink.*\n.*encoding\.codec/);
});

test('--engine vector needs one', async () => {
  const running = run({ cwd: team(), flags: { vectorBinary: '/nowhere/vector', engine: 'vector' } });
  await expect(running).rejects.toMatchObject({ code: 'vectorMissing', message: 'no /nowhere/vector was found' });
});

test('--engine vector runs both, and they agree', needs(vector), async () => {
  const { code, out } = await run({ cwd: team(), args: ['api'], flags: { engine: 'vector' } });
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('1 profile, 1 case: all passed') });
});

test('the binary of the configuration counts', needs(vector), async () => {
  expect((await run({ cwd: team(), args: ['api'], flags: { vectorBinary: pathOf(vector) } })).code).toBe(0);
});

test('a folder that is not there', async () => {
  await expect(run({ cwd: team(), args: ['./nowhere'] })).rejects.toMatchObject({ code: 'templateInvalid' });
});

test('a folder without templates is no folder whose tests all pass', async () => {
  const cwd = team();
  await expect(run({ cwd, args: ['.'] })).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('holds no templates'),
  });
});
