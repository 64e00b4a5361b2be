import type { VrlBreak } from './wasm-instance.ts';
import type { WasmModule } from './web-assembly.ts';

/** What the thread begins with. */
export type VrlThreadData = { module: WasmModule; maxMemoryMib: number };

/** One thing that the thread is to do; texts are the JSON of the module's requests. */
export type VrlOrder =
  | { kind: 'version' }
  | { kind: 'check'; compile: string }
  /** `tables` are fed only where they are not those of the last order. */
  | { kind: 'run'; compile: string; tables: string; events: string; options: VrlRunSettings };

/** Of all events of one run. */
export type VrlRunSettings = {
  now: string | undefined;
  timezone: string | undefined;
  withValue: boolean | undefined;
};

/** Answers are the module's, as JSON; `ran` is absent where the program was refused. */
export type VrlNews = { kind: 'answer'; verdict: string; ran?: string } | { kind: 'broken'; how: VrlBreak };
