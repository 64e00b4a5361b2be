import { expect, test } from 'vitest';
import { findGroup } from '../../lib/vector/process/find-group.ts';

test.each([
  ['root', 0],
  ['65534', 65_534],
])('the group %s is found', async (name, number) => expect(await findGroup(name)).toBe(number));

test.each(['no-such-group', '--help', '-1', ''])('"%s" is no group', async (group) => {
  await expect(findGroup(group)).rejects.toMatchObject({ code: 'vectorUser', facts: { group } });
});
