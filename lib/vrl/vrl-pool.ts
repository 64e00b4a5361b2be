import { availableParallelism } from 'node:os';
import { readVrlModule, vrlModuleFile } from './module-file.ts';
import { createVrl, type Vrl, type VrlProgram } from './vrl.ts';
import type { WasmModule } from './web-assembly.ts';

/**
 * The same as `createVrl`, in several threads: each program has one of them, which keeps what it compiled. To compile is what takes longest,
 * and of many programs several are compiled at once.
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
  const all = Array.from({ length: Math.max(1, threads) }, () => createVrl({ ...limits, readModule }));
  const of = new Map<string, Vrl>();
  let next = 0;
  const the = (index: number): Vrl => {
    const one = all[index % all.length];
    if (one === undefined) throw new Error('a pool without threads');
    return one;
  };
  const forProgram = ({ source, kind }: VrlProgram): Vrl => {
    const key = `${kind} ${source}`;
    const known = of.get(key);
    if (known !== undefined) return known;
    const one = the(next);
    next += 1;
    of.set(key, one);
    return one;
  };
  return {
    version: () => the(0).version(),
    check: (program, tables) => forProgram(program).check(program, tables),
    run: (program, events, options) => forProgram(program).run(program, events, options),
    close: async () => {
      await Promise.all(all.map((one) => one.close()));
    },
  };
};

/** Each has an instance of the module, with a memory of its own. */
const MOST_THREADS = 4;
