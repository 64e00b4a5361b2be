import { Worker } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import type { VrlNews, VrlOrder, VrlThreadData } from './messages.ts';
import { afterOwnTime } from './own-time.ts';

/** A thread that runs the module. It keeps no program from its end but while it has something to do. */
export type VrlWorker = {
  /**
   * Its answer, or `late` once the limit has passed since its turn came, by the clock and by processor time: orders are obeyed one after
   * the other, and none waits for whoever asks. Anything but an answer means that the thread has ended; to an order that it had not come
   * to, it says `unasked`.
   */
  ask(order: VrlOrder, limitMs: number): Promise<VrlNews | { kind: 'late' } | { kind: 'unasked' }>;
  end(): Promise<void>;
};

export const startVrlWorker = (workerData: VrlThreadData): VrlWorker => {
  const worker = new Worker(programOf(import.meta.url), { workerData, name: 'nvl-vrl', env: {}, execArgv: [] });
  worker.unref();
  const waiting: Waiting[] = [];
  let hasEnded = false;
  let stopWatching = (): void => {};
  const watchFirst = (): void => {
    stopWatching();
    const [first] = waiting;
    if (first === undefined) worker.unref();
    else stopWatching = afterOwnTime({ limitMs: first.limitMs, onOver: () => giveUp({ kind: 'late' }) });
  };
  const giveUp = (news: Heard): void => {
    hasEnded = true;
    // It keeps the process from its end until it has ended: whoever asked waits for that, and perhaps for nothing else.
    stopWatching();
    const [first, ...others] = waiting.splice(0);
    first?.tell(news);
    for (const { tell } of others) tell({ kind: 'unasked' });
  };
  const broke = (said: string): void => giveUp({ kind: 'broken', how: { kind: 'panicked', said } });
  worker.on('message', (news: VrlNews) => {
    // It had come to an order behind the one that broke it.
    if (hasEnded) return;
    if (news.kind === 'broken') return giveUp(news);
    waiting.shift()?.tell(news);
    watchFirst();
  });
  worker.on('error', (error) => broke(messageOf(error)));
  worker.on('exit', () => broke('its thread has ended'));
  let ending: Promise<unknown> | undefined;
  // Whoever waited ends it: once is enough.
  const end = async (): Promise<void> => {
    ending ??= worker.terminate();
    await ending;
  };
  return {
    end,
    ask: async (order, limitMs) => {
      if (hasEnded) return { kind: 'unasked' };
      const { promise, resolve } = Promise.withResolvers<Heard>();
      waiting.push({ limitMs, tell: resolve });
      if (waiting.length === 1) {
        worker.ref();
        watchFirst();
      }
      worker.postMessage(order);
      const news = await promise;
      if (news.kind !== 'answer') await end();
      return news;
    },
  };
};

type Heard = Awaited<ReturnType<VrlWorker['ask']>>;

/** An order that has no answer yet. */
type Waiting = { limitMs: number; tell: (news: Heard) => void };

/** Beside this file, in the sources as in what is published. */
const programOf = (from: string): URL => new URL(from.endsWith('.ts') ? './vrl-thread.ts' : './vrl-thread.js', from);
