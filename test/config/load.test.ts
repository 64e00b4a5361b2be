import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, faultsOf, loadIn, printed } from './folder.ts';
import { defaults } from './keys.ts';

test('without a file there are the defaults', async () => {
  expect(await loadIn(await aFolder({ '.git/': '' }))).toEqual(defaults);
});

test.each([
  ['an empty file', ''],
  ['a file of comments', '# nothing yet\n'],
  ['keys without values', 'nomad:\ncollect:\n  self:\nrules: null\nvector: { env: { A: null } }\n'],
])('%s sets nothing', async (_, content) => {
  const cwd = await aFolder({ 'nvl.yaml': content });
  expect(await loadIn(cwd)).toEqual({ ...defaults, file: join(cwd, 'nvl.yaml') });
});

test.each([
  ['nvl.yaml', 'log: { level: warn }\nrules: [{ match: { meta: { a.b: x } }, profile: p }]\n'],
  ['nvl.json', '{ "log": { "level": "warn" }, "rules": [{ "match": { "meta": { "a.b": "x" } }, "profile": "p" }] }'],
  ['nvl.toml', 'log.level = "warn"\n[[rules]]\nmatch.meta."a.b" = "x"\nprofile = "p"\n'],
  ['.nvlrc', '{ "log": { "level": "warn" }, "rules": [{ "match": { "meta": { "a.b": "x" } }, "profile": "p" }] }'],
])('%s is read as its format', async (name, content) => {
  const config = await loadIn(await aFolder({ [name]: `\ufeff${content}` }));
  expect(config).toMatchObject({ log: { level: 'warn' }, rules: [{ match: { meta: { 'a.b': 'x' } }, profile: 'p' }] });
});

const layers = {
  file: 'reload: { method: command, command: [a] }',
  env: { NVL_RELOAD_METHOD: 'signal' },
  flags: { reloadMethod: 'watch' },
};

test.each([
  ['a flag', layers, 'watch'],
  ['a variable', { ...layers, flags: {} }, 'signal'],
  [
    'a variable, as an empty flag of ours would be a fault',
    { ...layers, flags: { reloadMethod: undefined } },
    'signal',
  ],
  ['the file', { ...layers, flags: {}, env: {} }, 'command'],
  ['the file, as an empty variable is not set', { ...layers, flags: {}, env: { NVL_RELOAD_METHOD: '' } }, 'command'],
  ['the default', { file: '', flags: {}, env: {} }, 'auto'],
])('%s counts', async (_, { file, env, flags }, method) => {
  const config = await loadIn(await aFolder({ 'nvl.yaml': file }), { env, flags });
  expect(config.reload.method).toBe(method);
});

test('lists and mappings are replaced whole, sections are not', async () => {
  const cwd = await aFolder({ 'nvl.yaml': 'vector: { args: [a, b], env: { A: "1" }, binary: v }' });
  const { vector } = await loadIn(cwd, { env: { NVL_VECTOR_ENV: 'B=2', NVL_VECTOR_ARGS: 'c' } });
  expect(vector).toMatchObject({ args: ['c'], env: { B: '2' }, binary: 'v' });
});

test('paths of the file are meant from its folder, those of flags and variables from the working directory', async () => {
  const content = `
templates: templates
nomad: { caCert: tls/ca.pem, allocDir: /alloc }
vector: { binary: ./vector, args: [./kept] }
reload: { command: [bin/reload, ./kept] }
`;
  const root = await aFolder({ 'ops/nvl.yaml': content, 'work/': '' });
  const cwd = join(root, 'work');
  const config = await loadIn(cwd, {
    configFile: '../ops/nvl.yaml',
    env: { NVL_ROOT: '../out' },
    flags: { tokenFile: 'token', clientCert: 'c', clientKey: '/k' },
  });
  expect(config).toMatchObject({
    file: join(root, 'ops/nvl.yaml'),
    templates: join(root, 'ops/templates'),
    root: join(root, 'out'),
    nomad: {
      caCert: join(root, 'ops/tls/ca.pem'),
      allocDir: '/alloc',
      tokenFile: join(cwd, 'token'),
      clientCert: join(cwd, 'c'),
      clientKey: '/k',
    },
    vector: { binary: join(root, 'ops/vector'), args: ['./kept'] },
    reload: { command: [join(root, 'ops/bin/reload'), './kept'] },
  });
});

test.each([
  ['a flag before a variable', '', { NOMAD_TOKEN: 't' }, { tokenFile: '/f' }, { tokenFile: '/f' }],
  ['a flag before a variable, the other way', '', { NVL_NOMAD_TOKEN_FILE: '/f' }, { token: 't' }, { token: 't' }],
  ['a variable before the file', 'nomad: { tokenFile: /f }', { NOMAD_TOKEN: 't' }, {}, { token: 't' }],
  ['of two variables the token file', '', { NOMAD_TOKEN: 't', NVL_NOMAD_TOKEN_FILE: '/f' }, {}, { tokenFile: '/f' }],
])('of token and token file counts %s', async (_, file, env, flags, expected) => {
  const { nomad } = await loadIn(await aFolder({ 'nvl.yaml': file }), { env, flags });
  expect({
    ...(nomad.token && { token: nomad.token }),
    ...(nomad.tokenFile && { tokenFile: nomad.tokenFile }),
  }).toEqual(expected);
});

test.each([
  ['-c', { configFile: 'my.yaml' }],
  ['NVL_CONFIG', { env: { NVL_CONFIG: 'my.yaml' } }],
  ['-c before NVL_CONFIG', { configFile: 'my.yaml', env: { NVL_CONFIG: 'other.yaml' } }],
])('%s names the file, and no other is looked for', async (_, given) => {
  const cwd = await aFolder({ 'my.yaml': 'sinks: none', 'nvl.yaml': 'broken: true' });
  expect(await loadIn(cwd, given)).toMatchObject({ file: join(cwd, 'my.yaml'), sinks: 'none' });
});

test.each([
  ['missing.yaml', 'missing.yaml  does not exist'],
  ['nvl.yaml/x.yaml', 'nvl.yaml/x.yaml  does not exist'],
  ['folder', 'folder  is a folder, not a file'],
  ['nvl.js', 'nvl.js  is not a format that nvl reads; name it .yaml, .yml, .toml or .json'],
  ['latin1.yaml', 'latin1.yaml:2  is not UTF-8; save it as such'],
])('-c %s is a fault', async (configFile, fault) => {
  const cwd = await aFolder({
    'nvl.yaml': '',
    'folder/': '',
    'nvl.js': 'throw new Error("was run")',
    'latin1.yaml': Buffer.from('# fine\n# na\u00efve\n', 'latin1'),
  });
  expect(await faultsOf(loadIn(cwd, { configFile }))).toEqual([fault]);
});

test('a file outside the working directory is named whole', async () => {
  const root = await aFolder({ 'nvl.toml': 'root = 5', 'work/': '' });
  const faults = await faultsOf(loadIn(join(root, 'work')));
  expect(faults).toEqual([`${join(root, 'nvl.toml')}:1  root: 5 is a number, not text; put it in quotes`]);
});

test('a person reads one fault a line', async () => {
  const cwd = await aFolder({ 'nvl.yaml': 'collect:\n  removalDelay: "5"\n' });
  expect(await printed(loadIn(cwd, { flags: { reloadMethod: 'sig' } }))).toBe(
    [
      'nvl: the configuration has 2 faults',
      '  nvl.yaml:2       collect.removalDelay: "5" has no unit; write "5s" for seconds',
      '  --reload-method  reload.method: "sig" is not one of auto, signal, command, watch, none; did you mean "signal"?',
      '  try              docs/configuration.md lists every key with what it takes',
    ].join('\n'),
  );
});
