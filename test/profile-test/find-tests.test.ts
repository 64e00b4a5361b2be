import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shippedTemplatesDir } from '../../lib/config/read-templates.ts';
import { findTests, profileFolder } from '../../lib/profile-test/find-tests.ts';
import { folderWith } from './support.ts';

const find = async (files: Readonly<Record<string, string>>, profile = 'web') => {
  const dir = folderWith(files);
  const [found] = await findTests({ dir, profiles: [profile] });
  const faults = found?.faults.map(({ message, facts }) => `${facts.at?.slice(dir.length + 1)} ${message}`);
  return { cases: found?.cases.map(({ file, ...rest }) => ({ ...rest, file: file.slice(dir.length + 1) })), faults };
};

test('each YAML file beside a profile, in the order of their names', async () => {
  const { cases, faults } = await find({
    'profiles/web/tests/b.yml': '- { name: second, lines: x }',
    'profiles/web/tests/a.yaml': '- { name: first, lines: "x\\ny" }',
    'profiles/web/tests/c.log': 'not a test',
    'profiles/other/tests/a.yaml': '- { name: other, lines: x }',
  });
  expect(faults).toEqual([]);
  expect(cases?.map(({ name, file, bytes }) => [name, file, bytes.toString()])).toEqual([
    ['first', 'profiles/web/tests/a.yaml', 'x\ny'],
    ['second', 'profiles/web/tests/b.yml', 'x'],
  ]);
});

test('the tests of the default profile lie in vector/', async () => {
  const { cases } = await find({ 'vector/tests/a.yaml': '- { name: a, lines: x }' }, 'default');
  expect(cases).toHaveLength(1);
});

test('a profile without any', async () => {
  expect(await find({ 'profiles/web/transform.toml.hbs': '' })).toEqual({ cases: [], faults: [] });
});

test('lines of a file are taken byte for byte', async () => {
  const { cases } = await find({
    'profiles/web/tests/a.yaml':
      '- { name: a, file: a.log }\n- { name: b, file: ../b.log }\n- { name: c, file: empty.log }',
    'profiles/web/tests/a.log': 'x\r\n\u0000y',
    'profiles/web/tests/empty.log': '',
    'profiles/web/b.log': 'z\n\n',
  });
  expect(cases?.map(({ bytes }) => bytes.toString())).toEqual(['x\r\n\u0000y', 'z\n\n', '']);
});

test.each([
  ['that is not there', 'none.log', /^profiles\/web\/tests\/a.yaml:1 none.log cannot be read: ENOENT/],
  ['of the machine', '/etc/hostname', /:1 \/etc\/hostname lies outside the profile's folder$/],
  ['of another profile', '../../other/secret.log', /:1 ..\/..\/other\/secret.log lies outside the profile's folder$/],
])('a file %s is a fault of its case alone', async (_, file, fault) => {
  const { cases, faults } = await find({
    'profiles/web/tests/a.yaml': `- { name: a, file: ${file} }\n- { name: b, lines: x }`,
    'profiles/other/secret.log': 's',
  });
  expect(cases?.map(({ name }) => name)).toEqual(['b']);
  expect(faults).toEqual([expect.stringMatching(fault)]);
});

test('where profiles lie', () => {
  expect(profileFolder({ dir: '/t', profile: 'web' })).toBe('/t/profiles/web');
  expect(profileFolder({ dir: '/t', profile: 'default' })).toBe('/t/vector');
  expect(profileFolder({ dir: undefined, profile: 'json' })).toBe(join(shippedTemplatesDir(), 'samples', 'json'));
});

test('a byte order mark moves nothing', async () => {
  const { cases, faults } = await find({
    'profiles/web/tests/a.yaml': '\ufeff- name: a\n  lines: x\n- name: b\n  lines: y\n',
  });
  expect([cases?.map(({ name, line }) => [name, line]), faults]).toEqual([
    [
      ['a', 1],
      ['b', 3],
    ],
    [],
  ]);
});
