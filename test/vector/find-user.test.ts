import { expect, test } from 'vitest';
import { findUser } from '../../lib/vector/process/find-user.ts';

const isRoot = process.geteuid?.() === 0;

test('its own user is found by number, whoever runs it', async () => {
  const [uid, gid] = [process.geteuid?.() as number, process.getegid?.() as number];
  expect(await findUser(String(uid))).toEqual({ uid, gid });
});

test('root finds any user by its name; nobody else starts Vector as another', async () => {
  if (isRoot) expect(await findUser('root')).toEqual({ uid: 0, gid: 0 });
  else
    await expect(findUser('root')).rejects.toMatchObject({
      code: 'vectorUser',
      advice: expect.stringContaining('as root'),
    });
});

test.each(['no-such-user', '--help', '-u'])('%s is no user', async (user) => {
  await expect(findUser(user)).rejects.toMatchObject({
    code: 'vectorUser',
    message: 'the user that Vector is to run as is not known',
    facts: { user, reason: expect.stringContaining(user) },
  });
});
