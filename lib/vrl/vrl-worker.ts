import { Worker } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import type { VrlNews, VrlOrder, VrlThreadData } from './messages.ts';

/** A thread that runs the module. It keeps no program from its end but while it has something to do. */
export type VrlWorker = {
  /** Its answer, or `late` once the limit has passed. Anything but an answer means that the thread has ended. */
  ask(order: VrlOrder, limitMs: number): Promise<VrlNews | { kind: 'late' }>;
  end(): Promise<void>;
};

export const startVrlWorker = (workerData: VrlThreadData): VrlWorker => {
  const worker = new Worker(programOf(import.meta.url), { workerData, name: 'nvl-vrl', env: {}, execArgv: [] });
  worker.unref();
  let tell: (news: VrlNews) => void = () => {};
  let brokenBy: VrlNews | undefined;
  const broke = (said: string): void => {
    brokenBy ??= { kind: 'broken', how: { kind: 'panicked', said } };
    tell(brokenBy);
  };
  worker.on('message', (news: VrlNews) => tell(news));
  worker.on('error', (error) => broke(messageOf(error)));
  worker.on('exit', () => broke('its thread has ended'));
  const end = async (): Promise<void> => void (await worker.terminate());
  return {
    end,
    ask: async (order, limitMs) => {
      if (brokenBy !== undefined) return brokenBy;
      worker.ref();
      const { promise, resolve } = Promise.withResolvers<VrlNews | { kind: 'late' }>();
      tell = resolve;
      const timer = setTimeout(() => resolve({ kind: 'late' }), limitMs);
      worker.postMessage(order);
      const news = await promise;
      clearTimeout(timer);
      if (news.kind === 'answer') worker.unref();
      else await end();
      return news;
    },
  };
};

/** Beside this file, in the sources as in what is published. */
const programOf = (from: string): URL => new URL(from.endsWith('.ts') ? './vrl-thread.ts' : './vrl-thread.js', from);
