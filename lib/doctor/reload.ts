import { hasCode, NvlError } from '../errors.ts';
import { environmentOf, readArgs } from '../vector/config/command.ts';
import { findBinary } from '../vector/process/run.ts';
import { findVectorProcess } from '../vector/reload/by-signal.ts';
import { reloaderFor } from '../wiring/reloader.ts';
import type { DoctorContext } from './doctor-context.ts';
import { type Finding, fail, failOf, notChecked, ok, warn } from './finding.ts';

/** Is there a way to make Vector load what is new, and would it work now? */
export const checkReload = async (context: DoctorContext): Promise<Finding[]> => {
  const { config, io, vectorArgs } = context;
  if (vectorArgs.length > 0) return [ok('nvl runs Vector itself, and tells it')];
  const runningVector = await context.runningVector().catch(() => undefined);
  if (runningVector === undefined) return [notChecked('it needs what the line on vector files says is wrong')];
  const { watches } = readArgs({ args: runningVector.command.args, env: environmentOf(runningVector.command) });
  try {
    const { name } = reloaderFor({
      config,
      cwd: io.cwd,
      dataDir: runningVector.dataDir,
      watches,
      supervisor: undefined,
    });
    if (name === 'signal') return [await checkPidFile(context)];
    if (name === 'command') return [await checkCommand(context)];
    if (name === 'none') return [ok('reload.method is none: somebody else makes Vector load what is new')];
    return [await checkWatch({ context, watches })];
  } catch (error) {
    // Whether nvl is going to run Vector itself stands in no configuration.
    const isOpen = error instanceof NvlError && config.reload.method === 'auto';
    return [isOpen ? { ...failOf(error), verdict: 'warn' } : failOf(error)];
  }
};

const checkPidFile = async ({ config }: DoctorContext): Promise<Finding> => {
  const { pidFile = '' } = config.reload;
  const found = await findVectorProcess({ pidFile, binary: config.vector.binary });
  if ('why' in found) return fail(found.why, `have Vector's service write its process id to ${pidFile}`);
  try {
    process.kill(found.pid, 0);
  } catch (error) {
    if (hasCode(error, 'EPERM')) {
      return fail(`nvl may not signal process ${found.pid} of ${pidFile}`, "run nvl as Vector's user, or as root");
    }
    throw error;
  }
  return ok(`a SIGHUP to Vector, process ${found.pid} of ${pidFile}`);
};

const checkCommand = async ({ config, io }: DoctorContext): Promise<Finding> => {
  const [binary = ''] = config.reload.command ?? [];
  const file = await findBinary({ binary, env: {}, cwd: io.cwd }).catch(() => undefined);
  return file === undefined
    ? fail(`reload.command begins with ${binary}, which cannot be run`, 'install it, or write its whole path')
    : ok(`by a command, ${file}`);
};

const checkWatch = async ({ context, watches }: { context: DoctorContext; watches: boolean }): Promise<Finding> =>
  watches || (await context.isVectorUnknown())
    ? ok("by Vector's own --watch-config, about a second late")
    : warn(
        'reload.method is watch, and vector.args hold no --watch-config',
        'start Vector with --watch-config, and add it there',
      );
