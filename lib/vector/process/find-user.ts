import { execa } from 'execa';
import { NvlError } from '../../errors.ts';

export type VectorUser = { uid: number; gid: number };

/**
 * The numbers of a user by name or number, asked of the system once. A Vector that is started with them has no group beside
 * that user's own, and no capability. Throws `vectorUser`.
 */
export const findUser = (user: string): Promise<VectorUser> => {
  const found = known.get(user) ?? ask(user);
  known.set(user, found);
  found.catch(() => known.delete(user));
  return found;
};

const known = new Map<string, Promise<VectorUser>>();

const ask = async (user: string): Promise<VectorUser> => {
  const [uid, gid] = await Promise.all([numberOf('-u', user), numberOf('-g', user)]);
  const own = process.geteuid?.();
  if (own !== 0 && uid !== own)
    throw vectorUser({
      user,
      message: 'Vector cannot run as another user',
      reason: `nvl is user ${own}, and only root starts a program as somebody else`,
      advice: 'run nvl as root, or leave vector.user out',
    });
  return { uid, gid };
};

const numberOf = async (flag: string, user: string): Promise<number> => {
  const { exitCode, stdout, stderr } = await execa('id', [flag, '--', user], { reject: false, stdin: 'ignore' });
  if (exitCode === 0 && /^\d+$/.test(stdout)) return Number(stdout);
  throw vectorUser({
    user,
    message: 'the user that Vector is to run as is not known',
    reason: stderr.trim() || 'id cannot be run',
    advice: `make it (useradd --system ${user}), or name another one in vector.user`,
  });
};

const vectorUser = ({
  user,
  message,
  reason,
  advice,
}: {
  user: string;
  message: string;
  reason: string;
  advice: string;
}): NvlError => new NvlError('vectorUser', { message, facts: { user, reason }, advice });
