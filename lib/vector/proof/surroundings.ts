import { hash } from 'node:crypto';
import { environmentOf, type VectorCommand } from '../config/command.ts';
import { identityOf } from '../process/find.ts';
import { findBinary } from '../process/run.ts';

/**
 * Equal as long as Vector is the same program, run in the same way, and loads the same files besides the live one: what it
 * refused then it refuses again. `filesDigest` tells what those files say.
 */
export const surroundingsOf = async ({
  command,
  filesDigest,
}: {
  command: VectorCommand;
  filesDigest: string;
}): Promise<string> => {
  const binary = await findBinary(command).then(identityOf, () => 'none');
  const variables = Object.entries(environmentOf(command))
    .filter(([name, value]) => value !== undefined && !OF_ONE_RUN.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return hash('sha256', JSON.stringify([filesDigest, binary, command.args, command.cwd, variables]), 'hex');
};

/** What systemd, Nomad, a container or a shell sets anew at each start of nvl: that alone is no reason for another try. */
const OF_ONE_RUN =
  /^(?:INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_EXEC_PID|MEMORY_PRESSURE_\w+|LISTEN_\w+|NOMAD_\w+|HOSTNAME|PWD|OLDPWD|SHLVL|_|NVL_VECTOR_OF)$/;
