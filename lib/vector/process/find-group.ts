import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import { NvlError } from '../../errors.ts';

/** The number of a group by name or number, asked of the system. Throws `vectorUser`. */
export const findGroup = async (group: string): Promise<number> => {
  if (/^\d{1,10}$/.test(group)) return Number(group);
  const found = (await asked(group)).map((line) => line.split(':')).find(([name]) => name === group)?.[2];
  if (found !== undefined && /^\d+$/.test(found)) return Number(found);
  throw new NvlError('vectorUser', {
    message: 'the group that may read what nvl writes for Vector is not known',
    facts: { group },
    advice: `make it (groupadd --system ${group}), or name another one in vector.group`,
  });
};

/** Lines of group(5); a system without getent has all of its groups in one file. */
const asked = async (group: string): Promise<string[]> => {
  const { failed, stdout } = await execa('getent', ['group', '--', group], { reject: false, stdin: 'ignore' });
  const text = failed ? await readFile('/etc/group', 'utf8').catch(() => '') : stdout;
  return text.split('\n');
};
