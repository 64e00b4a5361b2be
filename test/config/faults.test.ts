import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configInvalid, shown } from '../../lib/config/faults.ts';
import { aFolder, faultsOf, loadIn, printed } from './folder.ts';

const fixtures = join(import.meta.dirname, '../fixtures/config');

/** A folder a case: the file, and beside it in `expected/` what a person reads. `vitest -u` writes that anew. */
test.each(readdirSync(fixtures))('faults: %s', async (name) => {
  const cwd = join(fixtures, name);
  const configFile = readdirSync(cwd).find((file) => file.startsWith('nvl.')) ?? '';
  const text = await printed(loadIn(cwd, { configFile }));
  expect(text).toMatch(/^nvl: the configuration has /);
  await expect(`${text}\n`).toMatchFileSnapshot(join(cwd, 'expected/faults.txt'));
});

test.each([
  ['a tab', 'nvl.yaml', 'nomad:\n\ttoken: hunter2\n', 'nvl.yaml:2  a tab indents this line; YAML takes blanks only'],
  [
    'no blank behind a colon',
    'nvl.yaml',
    'nomad:\n  token:hunter2\n  region: x\n',
    'nvl.yaml:2  a key needs a colon and a blank behind it',
  ],
  [
    'an open quote',
    'nvl.yaml',
    'root: "hunter2\n',
    'nvl.yaml:2  a quote, bracket, comma or colon is missing here or before',
  ],
  ['a second colon', 'nvl.yaml', 'root: a: b\n', 'nvl.yaml:1  a value that holds ": " needs quotes around it'],
  [
    'a reserved character',
    'nvl.yaml',
    'root: @x\n',
    'nvl.yaml:1  a value that starts with this character needs quotes around it',
  ],
  ['a tag', 'nvl.yaml', 'root: !!js/function hunter2\n', 'nvl.yaml:1  a tag ("!name") means nothing here'],
  [
    'two documents',
    'nvl.yaml',
    'root: a\n---\nroot: b\n',
    'nvl.yaml:2  a second document ("---") starts here; only one belongs into the file',
  ],
  [
    'an alias to nothing',
    'nvl.yaml',
    'root: *hunter2\n',
    'nvl.yaml  an alias ("*name") has no anchor ("&name") before it, or there are too many of them',
  ],
  [
    'a bad escape',
    'nvl.yaml',
    'root: "\\q"\n',
    'nvl.yaml:1  a backslash in double quotes starts an escape that does not exist; double it, or use single quotes',
  ],
  ['only a list', 'nvl.yaml', '- root\n', 'nvl.yaml  the file is a list, not a mapping; it takes keys with values'],
  ['only a text', 'nvl.yaml', 'hunter2\n', 'nvl.yaml  the file is text, not a mapping; it takes keys with values'],
  ['an unquoted JSON text', 'nvl.json', '{\n"root": hunter2}', 'nvl.json:2  this is not JSON'],
  ['a JSON comma at the end', 'nvl.json', '{\n"root": "x",\n}', 'nvl.json:3  this is not JSON'],
  ['a JSON comment', 'nvl.json', '// hunter2\n{}', 'nvl.json:1  this is not JSON'],
  ['YAML in a JSON file', 'nvl.json', 'root: "hunter2"', 'nvl.json  this is not JSON'],
  ['a JSON key twice', 'nvl.json', '{"root": "/a",\n"root": "/b"}', 'nvl.json:2  "root" stands here a second time'],
  ['TOML without quotes', 'nvl.toml', '[nomad]\ntoken = hunter2\n', 'nvl.toml:2  this is not TOML: invalid value'],
  [
    'a TOML key twice',
    'nvl.toml',
    'root = "a"\nroot = "b"\n',
    'nvl.toml:2  this is not TOML: trying to redefine an already defined table or value',
  ],
  [
    'a huge TOML number',
    'nvl.toml',
    'root = 99999999999999999999\n',
    'nvl.toml:1  this is not TOML: integer value cannot be represented losslessly',
  ],
])('a file that holds %s', async (_, name, content, fault) => {
  const [first, ...more] = await faultsOf(loadIn(await aFolder({ [name]: content }), { configFile: name }));
  expect(first?.startsWith(fault) && more.length === 0 ? fault : first).toBe(fault);
});

test('a file that cannot be read as its format does not hide the faults of flags and variables', async () => {
  const cwd = await aFolder({ 'nvl.yaml': 'root: "x\n' });
  const faults = await faultsOf(
    loadIn(cwd, { env: { NVL_SINKS: 'all' }, flags: { logLevel: 'loud', clientCert: 'c' } }),
  );
  expect(faults.map((fault) => fault.split('  ')[0])).toEqual(['nvl.yaml:2', 'NVL_SINKS', '--log-level']);
});

test('many aliases do not burst the tree', async () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...'bcdefghi'.split('').map((name, index) => {
      const before = 'abcdefgh'[index];
      return `${name}: &${name} [*${before}, *${before}, *${before}, *${before}, *${before}, *${before}, *${before}, *${before}, *${before}]`;
    }),
  ].join('\n');
  expect(await faultsOf(loadIn(await aFolder({ 'nvl.yaml': bomb })))).toHaveLength(1);
});

test('an alias is a fault where it stands', async () => {
  const cwd = await aFolder({ 'nvl.yaml': 'collect:\n  ceiling: &long 24\nnomad:\n  timeout: *long\n' });
  expect((await faultsOf(loadIn(cwd))).map((fault) => fault.split('  ')[0])).toEqual(['nvl.yaml:2', 'nvl.yaml:4']);
});

test.each([
  ['NVL_RULES', '[{', 'rules is text, not a list; write it as JSON'],
  ['NVL_RULES', '[{"match": {}}]', 'rules[0].profile names neither a profile nor a sink'],
  ['NVL_VECTOR_ENV', 'hunter2', 'vector.env is text, not a mapping; write it as JSON'],
  ['NVL_VECTOR_ARGS', '["a', 'vector.args is text, not a list; write it as JSON'],
  ['NVL_ROOT', '~', 'root: "~" starts with "~", which only a shell knows; write the folder out'],
  ['NVL_NOMAD_INTERVAL', '50ms', 'nomad.interval: "50ms" is under 100ms'],
  [
    'NVL_RELOAD_TIMEOUT',
    '34s',
    'reload.timeout: "34s" is under 35s: a blocked sink makes the removal of one source take 30s',
  ],
  ['NVL_VECTOR_DRAIN', '25d', 'vector.drain: "25d" is over 24d'],
  [
    'NVL_COLLECT_BACKFILL',
    'since:',
    'collect.backfill: "since:" is empty; leave the key out to use its default (after "since:")',
  ],
  [
    'NVL_COLLECT_BACKFILL',
    'some',
    'collect.backfill: "some" is not "all", "none" or "since:" and a duration, such as "since:24h"',
  ],
  ['NVL_RELOAD_SETTLE', '1:2', 'reload.settle: "1:2" is not "min:max": "1" has no unit; write "1s" for seconds'],
  [
    'NVL_METRICS_ADDRESS',
    '4650',
    'metrics.address: "4650" is not "host:port", such as "127.0.0.1:4650", and not "off"',
  ],
  [
    'NVL_METRICS_ADDRESS',
    '::1:80',
    'metrics.address: "::1:80" is not "host:port", such as "127.0.0.1:4650", and not "off"',
  ],
  [
    'NVL_METRICS_ADDRESS',
    'a:70000',
    'metrics.address: "a:70000" is not "host:port", such as "127.0.0.1:4650", and not "off"',
  ],
  [
    'NOMAD_ADDR',
    'unix://secrets/api.sock',
    'nomad.address: "unix://secrets/api.sock" is not the absolute path of a socket; write unix:///path',
  ],
  ['NOMAD_ADDR', 'http://', 'nomad.address: "http://" is not a URL'],
  [
    'NVL_RELOAD_METRICS',
    'unix:///x',
    'reload.metrics: "unix:///x" has a scheme that nvl does not speak; it starts with one of http://, https://',
  ],
])('%s=%s', async (name, value, fault) => {
  expect(await faultsOf(loadIn(await aFolder(), { env: { [name]: value } }))).toEqual([`${name}  ${fault}`]);
});

test('an empty flag of ours is a fault, since a variable of a shell may have been empty', async () => {
  const faults = await faultsOf(loadIn(await aFolder(), { flags: { root: '' } }));
  expect(faults).toEqual(['--root  root is empty; leave the key out to use its default']);
});

test('35s are long enough for a reload', async () => {
  const config = await loadIn(await aFolder(), { flags: { reloadTimeout: '35s' } });
  expect(config.reload.timeout).toBe(35_000);
});

const secret = 'hunter2';
test.each([
  ['a token that is no text', `nomad: { token: [${secret}] }`, {}],
  ['a token file that is a token', `nomad: { tokenFile: ~${secret} }\nroot: ~`, { NVL_SINKS: 'x' }],
  ['credentials that are a mapping', `nomad: { httpAuth: { user: ${secret} } }`, {}],
  ['credentials in a URL', `nomad: { address: "ftp://user:${secret}@host" }`, {}],
  ['credentials in half a URL', `nomad: { address: "${secret}:${secret}@host" }`, {}],
  ['credentials in a slipped URL', `nomad: { address: "http:/x:${secret}@host" }`, {}],
  ['a token in a query', `reload: { metrics: "ws://host/?token=${secret}" }`, {}],
  ['a token in place of a section', `nomad: ${secret}`, {}],
  ['a key and a token in one', `nomad: { token:${secret} }`, {}],
  ['a token under an unknown key', `nomad: { tokn: ${secret} }`, {}],
  ['a variable of Vector', `vector: { env: { TOKEN: [${secret}] } }`, {}],
  ['an argument of Vector', `vector: { args: [{ a: ${secret} }] }`, {}],
  ['an argument in a variable', '', { NVL_VECTOR_ARGS: `["${secret}` }],
  ['a variable in a variable', '', { NVL_VECTOR_ENV: secret }],
  ['a token in JSON', '', { NVL_RULES: `[{"${secret}` }],
  ['a token beside its file', `nomad: { token: ${secret}, tokenFile: /x/${secret} }`, {}],
  ['a bad byte beside a token', `nomad: { token: ${secret} \u0000`, {}],
])('no fault shows %s', async (_, content, env) => {
  const text = await printed(loadIn(await aFolder({ 'nvl.yaml': content }), { env }));
  expect(text).toMatch(/^nvl: the configuration has/);
  expect(text).not.toContain(secret);
});

test.each([
  ['short', '"short"'],
  ['x'.repeat(60), `"${'x'.repeat(45)}…"`],
  ['a\u001b[31m\nb\u009b', '"a\\u001b[31m\\nb\\u009b"'],
  [5, '5'],
])('%j is shown as %s', (value, text) => expect(shown(value)).toBe(text));

test('faults of one line stand below each other', () => {
  const fault = { where: 'nvl.json', line: 1 };
  const { facts, message } = configInvalid([
    { ...fault, text: 'a' },
    { ...fault, text: 'b' },
  ]);
  expect({ facts, message }).toEqual({ facts: { 'nvl.json:1': 'a\nb' }, message: 'the configuration has 2 faults' });
});

test('containers are read by an nvl of a whole node alone', async () => {
  const content = 'collect:\n  docker: journald\n  groupOnly: true\n';
  expect(await faultsOf(loadIn(await aFolder({ 'nvl.yaml': content })))).toEqual([
    expect.stringContaining('collect.docker is for an nvl of a whole node'),
  ]);
});
