import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Seconds that a command of nvl takes: by the clock, and by the processor. It may end with 1, for what it found; anything else throws. */
export const timeNvl = async ({
  program,
  args,
  cwd,
  output = '/dev/null',
}: {
  program: string;
  args: readonly string[];
  cwd: string;
  /** Where it writes. */
  output?: string;
}): Promise<{ clock: number; processor: number }> => {
  const command = `TIMEFORMAT='%R %U %S'; time "$@" > "$0" || [ $? = 1 ]`;
  const { stderr } = await promisify(execFile)('bash', ['-c', command, output, process.execPath, program, ...args], {
    cwd,
  });
  const [clock = 0, user = 0, system = 0] = (stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { clock, processor: user + system };
};
