import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { NvlError } from '../../lib/errors.ts';
import { environmentOf, ownCommand, readArgs } from '../../lib/vector/config/command.ts';
import { divideWork } from '../../lib/vector/config/divide-work.ts';

const defaults = { files: [{ path: '/etc/vector/vector.yaml', format: 'yaml' }], dirs: [], isDefault: true };

test.each<[string, string[], Record<string, string>, object]>([
  ['nothing named means the default file', [], {}, defaults],
  ['other flags name nothing', ['-v', '--threads', '2'], {}, { ...defaults, rest: ['-v', '--threads=2'] }],
  [
    '-c and --config, repeated',
    ['-c', 'a', '--config', 'b'],
    {},
    { files: [{ path: 'a' }, { path: 'b' }], isDefault: false },
  ],
  ['joined and with =', ['-ca', '--config=b', '-c=d'], {}, { files: [{ path: 'a' }, { path: 'b' }, { path: 'd' }] }],
  ['lists split at commas', ['-c', 'a,b'], {}, { files: [{ path: 'a' }, { path: 'b' }] }],
  ['globs stay as they are', ['-c', '/etc/*.toml'], {}, { files: [{ path: '/etc/*.toml' }] }],
  ['folders', ['-C', 'd', '--config-dir=e,f'], {}, { files: [], dirs: ['d', 'e', 'f'], isDefault: false }],
  [
    'formats, after the plain ones',
    ['--config-json', 'j', '--config-toml=t', '-c', 'a', '--config-yaml', 'y'],
    {},
    {
      files: [
        { path: 'a' },
        { path: 't', format: 'toml' },
        { path: 'j', format: 'json' },
        { path: 'y', format: 'yaml' },
      ],
    },
  ],
  [
    'a variable without its flag',
    [],
    { VECTOR_CONFIG: 'a,b' },
    { files: [{ path: 'a' }, { path: 'b' }], isDefault: false },
  ],
  ['a flag hides its variable', ['-c', 'a'], { VECTOR_CONFIG: 'b' }, { files: [{ path: 'a' }] }],
  ['and no other', ['-c', 'a'], { VECTOR_CONFIG_DIR: 'd' }, { files: [{ path: 'a' }], dirs: ['d'] }],
  ['formats by variable', [], { VECTOR_CONFIG_TOML: 't' }, { files: [{ path: 't', format: 'toml' }] }],
  ['watching', ['-w'], {}, { watches: true, rest: [] }],
  ['watching, long', ['--watch-config'], {}, { watches: true }],
  ['watching by variable', [], { VECTOR_WATCH_CONFIG: 'true' }, { watches: true }],
  ['not watching by variable', [], { VECTOR_WATCH_CONFIG: 'false' }, { watches: false }],
  ['interpolation is off', [], {}, { interpolates: false }],
  ['interpolation by flag', ['--dangerously-allow-env-var-interpolation'], {}, { interpolates: true, rest: [] }],
  ['interpolation by variable', [], { VECTOR_DANGEROUSLY_ALLOW_ENV_VAR_INTERPOLATION: 'true' }, { interpolates: true }],
  ['bundled', ['-vwqc', 'a'], {}, { watches: true, files: [{ path: 'a' }], rest: ['-v', '-q'] }],
  ['bundled, value joined', ['-wca'], {}, { watches: true, files: [{ path: 'a' }] }],
  [
    '-r, -t and -i take a value',
    ['-r', 'true', '-t4', '-i', '1'],
    {},
    { rest: ['--require-healthy=true', '--threads=4', '--internal-log-rate-limit=1'] },
  ],
  ['a value may look like a flag', ['--config', '-w'], {}, { files: [{ path: '-w' }], watches: false }],
  ['JSON logs', ['--log-format', 'json'], {}, { logFormat: 'json', rest: ['--log-format=json'] }],
  ['JSON logs by variable', [], { VECTOR_LOG_FORMAT: 'json' }, { logFormat: 'json' }],
])('arguments: %s', (_, args, env, expected) => {
  expect(readArgs({ args, env })).toMatchObject(expected);
});

test.each([
  ['a subcommand', ['validate', 'x.toml']],
  ['a subcommand behind flags', ['-v', 'test']],
  ['the end of options', ['--', '-c', 'x']],
  ['no value', ['-v', '--config']],
  ['no value, short', ['-wc']],
])('arguments: %s is a usage error', (_, args) => {
  expect(() => readArgs({ args, env: {} })).toThrow(expect.objectContaining({ code: 'usage' }) as NvlError);
});

const commandWith = (env: Record<string, string>) =>
  ownCommand({ config: { vector: { binary: 'vector', args: [], env } }, cwd: '/', vectorArgs: [] });

test('Vector has no token of Nomad, unless it is given one, and cannot speak to systemd for nvl', () => {
  vi.stubEnv('NOMAD_TOKEN', 'a secret');
  vi.stubEnv('NOMAD_HTTP_AUTH', 'user:password');
  vi.stubEnv('NOTIFY_SOCKET', '/run/systemd/notify');
  expect(environmentOf(commandWith({ A: 'b' }))).toMatchObject({
    NOMAD_TOKEN: undefined,
    NOMAD_HTTP_AUTH: undefined,
    NOTIFY_SOCKET: undefined,
    A: 'b',
    PATH: process.env.PATH,
  });
  expect(environmentOf(commandWith({ NOMAD_TOKEN: 'its own' })).NOMAD_TOKEN).toBe('its own');
  vi.unstubAllEnvs();
});

test('`vector.user` is for the Vector that nvl starts', () => {
  const config = { vector: { binary: 'vector', args: ['-C', '/etc/vector'], env: {}, user: 'nobody' } };
  expect(ownCommand({ config, cwd: '/', vectorArgs: ['vector', '-w'] })).toMatchObject({
    args: ['-w'],
    user: 'nobody',
  });
  expect(ownCommand({ config, cwd: '/', vectorArgs: [] })).toMatchObject({
    args: ['-C', '/etc/vector'],
    user: undefined,
  });
});

describe('how Vector divides its work', () => {
  test('threads to spare and small turns, where nobody said how many', () => {
    const work = { VECTOR_THREADS: '8', VECTOR_CHUNK_SIZE_EVENTS: '100' };
    expect(divideWork({ env: {}, processors: 1 })).toEqual(work);
    expect(divideWork({ env: {}, processors: 7 })).toEqual(work);
    expect(divideWork({ env: { VECTOR_THREADS: '2' }, processors: 1 })).toEqual({ VECTOR_CHUNK_SIZE_EVENTS: '100' });
    expect(divideWork({ env: { VECTOR_CHUNK_SIZE_EVENTS: '1000' }, processors: 1 })).toEqual({ VECTOR_THREADS: '8' });
  });

  test('a machine with more processors has a thread for each, as Vector would', () => {
    expect(divideWork({ env: {}, processors: 8 })).toEqual({ VECTOR_CHUNK_SIZE_EVENTS: '100' });
  });

  test('it is for the Vector that nvl starts, and what is said of it counts', () => {
    const envOf = ({ vectorArgs, env = {} }: { vectorArgs: string[]; env?: Record<string, string> }) =>
      ownCommand({ config: { vector: { binary: 'vector', args: [], env } }, cwd: '/', vectorArgs }).env;
    expect(envOf({ vectorArgs: ['vector'] })).toMatchObject({ VECTOR_CHUNK_SIZE_EVENTS: '100' });
    expect(envOf({ vectorArgs: ['vector'], env: { VECTOR_CHUNK_SIZE_EVENTS: '500' } })).toMatchObject({
      VECTOR_CHUNK_SIZE_EVENTS: '500',
    });
    expect(envOf({ vectorArgs: [] })).not.toHaveProperty('VECTOR_CHUNK_SIZE_EVENTS');
    vi.stubEnv('VECTOR_CHUNK_SIZE_EVENTS', '7');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(envOf({ vectorArgs: ['vector'] })).not.toHaveProperty('VECTOR_CHUNK_SIZE_EVENTS');
  });
});
