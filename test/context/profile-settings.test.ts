import { expect, test } from 'vitest';
import { readProfileSettings } from '../../lib/context/profile-settings.ts';

const read = (name: string) =>
  readProfileSettings({
    path: 'profiles/p/profile.yaml',
    text: `parameters:\n  ${name}: { type: boolean, default: true }\n`,
  });

test.each(['profile', 'enabled', 'enable', 'disabled'])('a parameter named %s is a fault of its profile', (name) => {
  expect(read(name).faults).toMatchObject([
    {
      code: 'templateInvalid',
      message: expect.stringContaining(`parameters.${name}: `),
      facts: { at: 'profiles/p/profile.yaml:2' },
    },
  ]);
});

test.each(['level', 'profiles_dir', 'width'])('one named %s is none', (name) => {
  expect(read(name).faults).toEqual([]);
});

const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...['b', 'c', 'd', 'e'].map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcd'[at]}`)}]`),
];
test.each([
  ['a value that starts with a star', 'parameters:\n  x: { type: string, default: *log }\n'],
  ['an alias of nothing', 'parameters: *x\n'],
  ['aliases that multiply', `${bomb.join('\n')}\nparameters: *e\n`],
  ['thousands of levels', `parameters: ${'['.repeat(50_000)}\n`],
  ['thousands of levels that are closed', `parameters: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`],
])('%s is a fault of the file, never thrown', (_, text) => {
  const { faults } = readProfileSettings({ path: 'profiles/x/profile.yaml', text });
  expect(faults.length).toBeGreaterThan(0);
  expect(faults[0]?.code).toBe('templateInvalid');
});
