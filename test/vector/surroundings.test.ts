import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { VectorCommand } from '../../lib/vector/config/command.ts';
import { surroundingsOf } from '../../lib/vector/proof/surroundings.ts';
import { aCommand, ownFolder, writeProgram } from './support.ts';

// What makes another try of a refused file worth while.

const aVector = async () => {
  const folder = await ownFolder();
  const install = (version: string) => writeProgram({ folder, source: `#!/bin/sh\necho vector ${version}\n` });
  const binary = await install('0.57.0');
  const seen = (given: Partial<VectorCommand> = {}, filesDigest = 'files') =>
    surroundingsOf({ command: aCommand({ cwd: folder, binary, ...given }), filesDigest });
  return { folder, install, seen };
};

test.each<[string, Partial<VectorCommand>, string?]>([
  ['a variable', { env: { OUT_USER: 'right' } }],
  ['an argument', { args: ['--threads', '2'] }],
  ['another file', {}, 'other files'],
])('surroundings: %s makes them others', async (_, given, files) => {
  const { seen } = await aVector();
  expect(await seen(given, files)).not.toBe(await seen());
});

test('surroundings: so does another binary, in the same place or not there yet', async () => {
  const { folder, install, seen } = await aVector();
  const before = await seen();
  await install('0.58.0-later');
  expect(await seen()).not.toBe(before);
  expect(await seen({ binary: join(folder, 'none') })).not.toBe(before);
});

test('surroundings: what each start of nvl brings, and the order of variables, changes nothing', async () => {
  const { seen } = await aVector();
  const before = await seen({ env: { A: '1', B: '2' } });
  const env = { B: '2', A: '1', INVOCATION_ID: 'f00', NOMAD_ALLOC_ID: 'f00', SHLVL: '9' };
  expect(await seen({ env })).toBe(before);
});
