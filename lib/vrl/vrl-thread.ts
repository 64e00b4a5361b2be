import { parentPort, workerData } from 'node:worker_threads';
import type { VrlNews, VrlOrder, VrlThreadData } from './messages.ts';
import { instantiateVrl, VrlBroken } from './wasm-instance.ts';

// The thread of `createVrl`: it has one instance of the module, and does one order after the other.

const instance = instantiateVrl(workerData as VrlThreadData);

/** Programs that were compiled, the longest unused first, by what they were compiled from. */
const loaded = new Map<string, { verdict: string; handle: number }>();
const MOST_LOADED = 1_000;
let fedTables = '';

/** What a table that the module refuses is answered with. */
const isFault = (answer: string): boolean => 'fault' in (JSON.parse(answer) as object);

const obey = (order: VrlOrder): VrlNews => {
  if (order.kind === 'version') return { kind: 'answer', verdict: instance.ask('version') };
  if (order.kind === 'check') return { kind: 'answer', verdict: instance.ask('check', order.compile) };
  if (order.tables !== fedTables) {
    const verdict = instance.ask('tables', order.tables);
    if (isFault(verdict)) return { kind: 'answer', verdict };
    fedTables = order.tables;
  }
  const { verdict, handle } = load(order.compile);
  if (handle === undefined) return { kind: 'answer', verdict };
  // The events are JSON already.
  const options = JSON.stringify({ handle, ...order.options });
  const ran = instance.ask('run', `${options.slice(0, -1)},"events":${order.events}}`);
  return { kind: 'answer', verdict, ran };
};

const load = (compile: string): { verdict: string; handle?: number } => {
  const known = loaded.get(compile);
  if (known !== undefined) {
    loaded.delete(compile);
    loaded.set(compile, known);
    return known;
  }
  const verdict = instance.ask('load', compile);
  const { handle } = JSON.parse(verdict) as { handle?: number };
  if (handle === undefined) return { verdict };
  const [oldest] = loaded;
  if (loaded.size >= MOST_LOADED && oldest !== undefined) {
    instance.ask('drop', JSON.stringify({ handle: oldest[1].handle }));
    loaded.delete(oldest[0]);
  }
  loaded.set(compile, { verdict, handle });
  return { verdict, handle };
};

parentPort?.on('message', (order: VrlOrder) => {
  try {
    parentPort?.postMessage(obey(order) satisfies VrlNews);
  } catch (error) {
    if (!(error instanceof VrlBroken)) throw error;
    parentPort?.postMessage({ kind: 'broken', how: error.how } satisfies VrlNews);
  }
});
