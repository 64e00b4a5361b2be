import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootPaths } from '../apply/paths.ts';
import { isLogFileOf } from '../files/log-name.ts';
import { isSameProcess } from '../vector/process/identity.ts';
import { findVectorProcess } from '../vector/reload/by-signal.ts';
import type { DoctorContext } from './doctor-context.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/**
 * What Vector holds open, as measured with 0.57: every file that it has a link to, which is one a stream of a task where it
 * keeps up, and each rotated one until it is read; for a moment one more a pipeline, for its checkpoint; and about a dozen
 * of its own.
 */
const OWN_FILES = 32;
/** For sinks, their buffers and connections, and for what else its configuration runs. */
const ROOM = 128;

/** May Vector open as many files as the tasks of this node have now, and as many as they may come to have? */
export const checkOpenFiles = async (context: DoctorContext): Promise<Finding[]> => {
  const { limit, whose } = await readLimit(context);
  const tasks = (await context.tasks().catch(() => undefined))?.filter(({ route }) => route === 'files');
  if (tasks === undefined) {
    const text = `${whose} may open ${limit} files; how many tasks there are is not known`;
    return limit >= USUAL ? [ok(text)] : [tooLow({ text, atLeast: USUAL, verdict: warn })];
  }
  const linked = await countLinks(rootPaths(context.config.root).links);
  const files = linked > 0 ? linked : sum(await Promise.all(tasks.map(countFiles)));
  const now = OWN_FILES + files;
  const atMost = ROOM + sum(tasks.map(({ task }) => 2 * task.logs.maxFiles));
  const whom = tasks.length === 1 ? '1 task' : `${tasks.length} tasks`;
  const shown = `${whose} may open ${limit} files`;
  if (limit < now) {
    const text = `${shown}, and ${whom} take ${now} now: Vector does not read what it cannot open`;
    return [tooLow({ text, atLeast: atMost, verdict: fail })];
  }
  if (limit < atMost) {
    const text = `${shown}; ${whom} take ${now} now, and ${atMost} where a sink is away until all their logs have rotated`;
    return [tooLow({ text, atLeast: atMost, verdict: warn })];
  }
  return [ok(`${shown}, enough for ${whom} (${atMost} at most)`)];
};

/** What systemd and most distributions give a service: too little for a node of some hundred tasks. */
const USUAL = 1_024;
const LEAST_ADVISED = 4_096;

const tooLow = ({
  text,
  atLeast,
  verdict,
}: {
  text: string;
  atLeast: number;
  verdict: (text: string, advice: string) => Finding;
}): Finding => {
  const number = Math.max(LEAST_ADVISED, 2 ** Math.ceil(Math.log2(atLeast)));
  return verdict(
    text,
    `set ${number} where Vector is started: ulimit -n ${number}, or LimitNOFILE=${number} with systemd`,
  );
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Before nvl has run there is none. */
const countLinks = async (linksDir: string): Promise<number> => {
  const folders = await readdir(linksDir).catch(() => []);
  return sum(
    await Promise.all(folders.map(async (name) => (await readdir(join(linksDir, name)).catch(() => [])).length)),
  );
};

const countFiles = async ({ task, logDir }: Awaited<ReturnType<DoctorContext['tasks']>>[number]): Promise<number> => {
  const names = await readdir(logDir).catch(() => []);
  return names.filter((name) => isLogFileOf({ task: task.name, name })).length;
};

/** The limit of the running Vector, where its process is known; a Vector that nvl starts has the limit of nvl. */
const readLimit = async (context: DoctorContext): Promise<{ limit: number; whose: string }> => {
  const pid = await findRunning(context);
  const running = pid === undefined ? undefined : await limitOf(String(pid));
  if (running !== undefined) return { limit: running, whose: `the running Vector (process ${pid})` };
  return { limit: (await limitOf('self')) ?? Number.POSITIVE_INFINITY, whose: 'nvl, and a Vector that it runs,' };
};

const findRunning = async ({ config, state }: DoctorContext): Promise<number | undefined> => {
  const { pidFile } = config.reload;
  if (pidFile !== undefined) {
    const found = await findVectorProcess({ pidFile, binary: config.vector.binary });
    return 'why' in found ? undefined : found.pid;
  }
  const known = (await state().catch(() => undefined))?.vector;
  return known !== undefined && (await isSameProcess(known)) ? known.pid : undefined;
};

/** The soft limit, which is the one that counts: proc_pid_limits(5). Undefined where there is none to be read. */
const limitOf = async (pid: string): Promise<number | undefined> => {
  const text = await readFile(`/proc/${pid}/limits`, 'utf8').catch(() => '');
  const soft = /^Max open files +(\S+)/m.exec(text)?.[1];
  if (soft === undefined) return undefined;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
};
