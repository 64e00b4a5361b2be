import { expect, test } from 'vitest';
import { ownGroupOf } from '../../lib/wiring/own-group.ts';
import { aConfig, idOf } from '../support/builders.ts';

const env = { NOMAD_ALLOC_ID: idOf(1), NOMAD_ALLOC_DIR: '/alloc', NOMAD_TASK_NAME: 'nvl', NOMAD_DC: 'dc1' };
const config = aConfig({ collect: { groupOnly: true } });

test('the group is the one that Nomad names to the task', () => {
  expect(ownGroupOf({ config, env })).toEqual({ allocId: idOf(1), allocDir: '/alloc', task: 'nvl', datacenter: 'dc1' });
});

test('without the mode a task of Nomad collects its node all the same', () => {
  expect(ownGroupOf({ config: aConfig(), env })).toBeUndefined();
});

test.each([
  ['nothing is', {}, 'NOMAD_ALLOC_ID, NOMAD_ALLOC_DIR, NOMAD_TASK_NAME'],
  ['the id is none', { ...env, NOMAD_ALLOC_ID: '../../etc' }, 'NOMAD_ALLOC_ID'],
  ['the folder is empty', { ...env, NOMAD_ALLOC_DIR: '' }, 'NOMAD_ALLOC_DIR'],
])('outside of a task it is refused: %s', (_, given, missing) => {
  expect(() => ownGroupOf({ config, env: given })).toThrow(
    expect.objectContaining({ code: 'configInvalid', facts: { missing } }),
  );
});
