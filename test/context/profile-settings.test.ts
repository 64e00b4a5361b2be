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
