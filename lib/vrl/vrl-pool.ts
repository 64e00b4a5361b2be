import { availableParallelism } from 'node:os';
import { readVrlModule, vrlModuleFile } from './module-file.ts';
import { createVrl, type Vrl, type VrlProgram } from './vrl.ts';
import type { WasmModule } from './web-assembly.ts';

/**
 * The same as `createVrl`, in several threads: each program has one of them, which keeps what it compiled. To compile is what takes longest,
 * and of many programs several are compiled at once; a new one goes to the thread with the least to do.
 */
export const createVrlPool = ({
  threads = Math.min(availableParallelism(), MOST_THREADS),
  moduleFile = vrlModuleFile(),
  ...limits
}: { threads?: number } & Omit<Parameters<typeof createVrl>[0] & object, 'readModule'> = {}): Vrl => {
  let module: Promise<WasmModule> | undefined;
  const readModule = () => {
    module ??= readVrlModule(moduleFile);
    return module;
  };
  const first: Thread = { vrl: createVrl({ ...limits, readModule }), waiting: 0 };
  const all = [first];
  while (all.length < threads) all.push({ vrl: createVrl({ ...limits, readModule }), waiting: 0 });
  const of = new Map<string, Thread>();
  const threadOf = ({ source, kind }: VrlProgram): Thread => {
    const key = `${kind} ${source}`;
    const known = of.get(key) ?? all.reduce((least, one) => (one.waiting < least.waiting ? one : least));
    of.set(key, known);
    return known;
  };
  const within = async <T>(thread: Thread, ask: (vrl: Vrl) => Promise<T>): Promise<T> => {
    thread.waiting += 1;
    try {
      return await ask(thread.vrl);
    } finally {
      thread.waiting -= 1;
    }
  };
  return {
    // Asks each: afterwards all of them run.
    version: async () => {
      const others = all.slice(1).map(({ vrl }) => vrl.version());
      const [version] = await Promise.all([first.vrl.version(), ...others]);
      return version;
    },
    check: (program, tables) => within(threadOf(program), (vrl) => vrl.check(program, tables)),
    run: (program, events, options) => within(threadOf(program), (vrl) => vrl.run(program, events, options)),
    close: async () => {
      await Promise.all(all.map(({ vrl }) => vrl.close()));
    },
  };
};

/** `waiting`: how many calls it has not answered yet. */
type Thread = { vrl: Vrl; waiting: number };

/** Each has an instance of the module, with a memory of its own. */
const MOST_THREADS = 4;
