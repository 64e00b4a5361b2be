import { expect, test } from 'vitest';
import { options, withTwoDashes } from '../../lib/config/flags.ts';
import { aFolder, faultsOf, loadIn } from './folder.ts';
import { companions, samples } from './keys.ts';

const valueAt = (config: unknown, path: readonly string[]) =>
  path.reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], config);
const expected = (value: unknown, cwd: string) =>
  typeof value === 'string' && value.startsWith('./') ? `${cwd}${value.slice(1)}` : value;

test('every key has a sample', () => expect(options.map(({ key }) => key)).toEqual(Object.keys(samples)));

test.each(options.map((option) => [option.env, option] as const))('%s sets its key', async (_, { key, env, path }) => {
  const [text, value] = samples[key] ?? ['', undefined];
  const cwd = await aFolder();
  const config = await loadIn(cwd, { env: { [env]: text, ...companions[key] } });
  expect(valueAt(config, path)).toEqual(expected(value, cwd));
});

test.each(options.filter(({ flag }) => flag !== undefined).map((option) => [option.flag, option] as const))(
  '%s sets its key',
  async (_, { key, attribute = '', path }) => {
    const [text, value] = samples[key] ?? ['', undefined];
    const cwd = await aFolder();
    const config = await loadIn(cwd, { flags: { [attribute]: text }, env: companions[key] ?? {} });
    expect(valueAt(config, path)).toEqual(expected(value, cwd));
  },
);

test("Nomad's own flags and variables have Nomad's names", () => {
  expect(options.filter(({ meta }) => meta.nomad).map(({ flag, env }) => `${flag} ${env}`)).toEqual([
    '--address NOMAD_ADDR',
    '--region NOMAD_REGION',
    '--token NOMAD_TOKEN',
    'undefined NOMAD_HTTP_AUTH',
    '--ca-cert NOMAD_CACERT',
    '--ca-path NOMAD_CAPATH',
    '--client-cert NOMAD_CLIENT_CERT',
    '--client-key NOMAD_CLIENT_KEY',
    '--tls-server-name NOMAD_TLS_SERVER_NAME',
    '--tls-skip-verify NOMAD_SKIP_VERIFY',
  ]);
});

test('no two keys share a flag or a variable', () => {
  expect(new Set(options.map(({ env }) => env)).size).toBe(options.length);
  const flags = options.flatMap(({ flag }) => flag ?? []);
  expect(new Set(flags).size).toBe(flags.length);
});

test.each([
  ['1', true],
  ['t', true],
  ['T', true],
  ['TRUE', true],
  ['True', true],
  ['0', false],
  ['f', false],
  ['False', false],
  ['yes', false],
  ['', false],
])('NOMAD_SKIP_VERIFY=%j is %s, as for nomad', async (text, isSkipped) => {
  const config = await loadIn(await aFolder(), { env: { NOMAD_SKIP_VERIFY: text } });
  expect(config.nomad.tlsSkipVerify).toBe(isSkipped);
});

test("a yes/no of nvl's own is not passed over", async () => {
  const loading = loadIn(await aFolder(), { env: { NVL_COLLECT_SELF: 'yes' } });
  expect(await faultsOf(loading)).toEqual(['NVL_COLLECT_SELF  collect.self: "yes" is not true or false']);
});

test.each([
  ['its socket', { NOMAD_UNIX_ADDR: 'unix:///secrets/api.sock' }, '', 'unix:///secrets/api.sock'],
  ['NOMAD_ADDR first', { NOMAD_UNIX_ADDR: 'unix:///s', NOMAD_ADDR: 'http://a:1' }, '', 'http://a:1'],
  ['the file first', { NOMAD_UNIX_ADDR: 'unix:///s' }, 'nomad: { address: "http://f:1" }', 'http://f:1'],
  ['nothing', { NOMAD_UNIX_ADDR: '', NOMAD_ADDR: '' }, '', 'http://127.0.0.1:4646'],
])('inside a task the address is %s', async (_, env, file, address) => {
  const config = await loadIn(await aFolder({ 'nvl.yaml': file }), { env });
  expect(config.nomad.address).toBe(address);
});

test('NOMAD_NAMESPACE changes nothing', async () => {
  const cwd = await aFolder();
  expect(await loadIn(cwd, { env: { NOMAD_NAMESPACE: 'prod' } })).toEqual(await loadIn(cwd));
});

test('flags of commands are passed over, and lists come as lists', async () => {
  const flags = { dryRun: true, out: 'x', vectorArgs: ['--config-dir', 'a b'], collectSelf: true, address: '' };
  const config = await loadIn(await aFolder(), { flags });
  expect(config.vector.args).toEqual(['--config-dir', 'a b']);
  expect(config.collect.self).toBe(true);
  expect(config.nomad.address).toBe('http://127.0.0.1:4646');
});

test.each([
  ['NVL_COLECT_SELF', 'NVL_COLLECT_SELF'],
  ['NVL_COLLECT_REMOVALDELAY', 'NVL_COLLECT_REMOVAL_DELAY'],
  ['NVL_TEMPLATE', 'NVL_TEMPLATES'],
])('%s is taken for a slip', async (name, meant) => {
  const loading = loadIn(await aFolder(), { env: { [name]: '1' } });
  expect(await faultsOf(loading)).toEqual([`${name}  is not a variable that nvl knows; did you mean ${meant}?`]);
});

test.each(['NVL_PORT', 'NVL_PORT_4646_TCP_ADDR', 'NVL_IN_AUTOMATION', 'NOMAD_TOKEN_X'])(
  "%s is somebody else's",
  async (name) => {
    expect(await loadIn(await aFolder(), { env: { [name]: 'tcp://x' } })).toMatchObject({ root: '/var/lib/nvl' });
  },
);

test.each([
  [
    ['-address=http://x', 'render'],
    ['--address=http://x', 'render'],
  ],
  [
    ['-address', 'http://x'],
    ['--address', 'http://x'],
  ],
  [['--ca-cert=a=b'], ['--ca-cert=a=b']],
  [
    ['-c', 'nvl.yaml'],
    ['-c', 'nvl.yaml'],
  ],
  [
    ['-client-key', 'k'],
    ['--client-key', 'k'],
  ],
  [['-insecure'], ['--tls-skip-verify']],
  [['-tls-skip-verify=false'], ['--no-tls-skip-verify']],
  [['--nomad-stale=F'], ['--no-nomad-stale']],
  [['--collect-self=maybe'], ['--collect-self=maybe']],
  [['-no-collect-self'], ['--no-collect-self']],
  [
    ['-unknown', '-no-color'],
    ['-unknown', '--no-color'],
  ],
  [
    ['run', '-token=x', '--', 'vector', '-address=y'],
    ['run', '--token=x', '--', 'vector', '-address=y'],
  ],
])('the arguments %j are read as %j', (given, read) => expect(withTwoDashes(given, ['no-color'])).toEqual(read));
