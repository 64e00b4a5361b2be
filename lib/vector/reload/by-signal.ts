import { readFile, realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ageMs,
  isSameProcess,
  type ProcessIdentity,
  readProcess,
  readProgram,
  signalProcess,
  untilHandlesHangup,
} from '../process/identity.ts';
import type { ReloadResult } from '../process/reload-result.ts';
import { askAndConfirm } from './ask-and-confirm.ts';
import type { Confirmer, Reloader } from './reloader.ts';

/**
 * Reloads a Vector that somebody else runs: SIGHUP to the process of a pid file, once the kernel says that it is that
 * Vector (it runs a file called `vector`, or `binary`) and has not changed since. Where there is no /proc nothing is proven, so
 * nothing is signalled. A Vector younger than `youngMs` is waited for, as a SIGHUP in its first moments kills it.
 */
export const createSignalReloader = ({
  pidFile,
  binary = 'vector',
  confirmer,
  youngMs = 2_000,
}: {
  pidFile: string;
  binary?: string;
  confirmer?: Confirmer;
  youngMs?: number;
}): Reloader => {
  let signalled: ProcessIdentity | undefined;
  const ask = async ({ signal }: { signal?: AbortSignal }): Promise<ReloadResult | undefined> => {
    const found = await findVectorProcess({ pidFile, binary });
    if ('why' in found) return { kind: 'failed', why: found.why };
    const youthMs = youngMs - ((await ageMs(found)) ?? youngMs);
    if (youthMs > 0) await sleep(youthMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    await untilHandlesHangup(found.pid, { maxMs: NOT_READY_MAX_MS });
    if (signal?.aborted === true) return { kind: 'unconfirmed', why: 'nvl stopped before it signalled Vector' };
    const sent = await signalProcess(found, 'SIGHUP');
    if (sent === 'gone') return { kind: 'failed', why: `process ${found.pid} of ${pidFile} has ended` };
    if (sent === 'refused') {
      return {
        kind: 'failed',
        why: `nvl may not signal process ${found.pid} of ${pidFile}: run it as Vector's user, or as root`,
      };
    }
    signalled = found;
    return undefined;
  };
  const watched = confirmer && {
    ...confirmer,
    begin: (o: { added: string[] }) => watchLife({ confirmer, o, who: () => signalled }),
  };
  return askAndConfirm({ name: 'signal', ask, confirmer: watched });
};

const NOT_READY_MAX_MS = 10_000;

/** A Vector that is gone after the signal has not reloaded, whatever else there is to see. */
const watchLife = async ({
  confirmer,
  o,
  who,
}: {
  confirmer: Confirmer;
  o: { added: string[] };
  who: () => ProcessIdentity | undefined;
}): ReturnType<Confirmer['begin']> => {
  const watch = await confirmer.begin(o);
  return {
    look: async () => {
      const process = who();
      if (process !== undefined && !(await isSameProcess(process))) {
        return { kind: 'died', why: `Vector (process ${process.pid}) ended after it was told to reload` };
      }
      return watch.look();
    },
  };
};

/** The Vector that a pid file speaks of, once it is proven to be one; else why it is not. */
export const findVectorProcess = async ({
  pidFile,
  binary,
}: {
  pidFile: string;
  binary: string;
}): Promise<ProcessIdentity | { why: string }> => {
  const text = await readFile(pidFile, 'utf8').catch((error: Error) => error);
  if (text instanceof Error) return { why: `the pid file cannot be read: ${text.message}` };
  const pid = /^\s*(\d+)\s*$/.exec(text)?.[1];
  if (pid === undefined || Number(pid) <= 1) return { why: `${pidFile} holds no process id` };
  const identity = await readProcess(Number(pid));
  if (identity === undefined)
    return { why: `no process ${pid} runs, of which ${pidFile} speaks, or it cannot be looked at here` };
  const { name, file } = await readProgram(Number(pid));
  const isVector = file === undefined ? name === 'vector' : await isBinary({ file, binary });
  return isVector ? identity : { why: `process ${pid} of ${pidFile} is ${file ?? name}, not Vector` };
};

const isBinary = async ({ file, binary }: { file: string; binary: string }): Promise<boolean> => {
  if (basename(file) === 'vector' || basename(file) === basename(binary)) return true;
  return binary.includes('/') && file === (await realpath(binary).catch(() => binary));
};
