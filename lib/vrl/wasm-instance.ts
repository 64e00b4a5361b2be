import { randomFillSync } from 'node:crypto';
import { type WasmModule, WebAssembly } from './web-assembly.ts';

/** What the module can be asked; `vrl/README.md` has each request and answer. */
export type VrlQuestion = 'version' | 'check' | 'load' | 'run' | 'tables' | 'drop';

/** One instance of the module, with a memory of its own. After an error that it throws it must not be used again. */
export type VrlInstance = {
  /** JSON in, JSON out. Throws a `VrlBroken` where the module ended half way. */
  ask(question: VrlQuestion, request?: string): string;
};

/** Why an instance is of no use any more. */
export type VrlBreak = { kind: 'panicked' | 'memory'; said: string };

export class VrlBroken extends Error {
  readonly how: VrlBreak;

  constructor(how: VrlBreak) {
    super(how.said);
    this.how = how;
  }
}

/** Makes an instance whose memory never grows over `maxMemoryMib`. */
export const instantiateVrl = ({ module, maxMemoryMib }: { module: WasmModule; maxMemoryMib: number }): VrlInstance => {
  const memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: maxMemoryMib * PAGES_PER_MIB });
  const bytesAt = (pointer: number, length: number): Buffer => Buffer.from(memory.buffer, pointer >>> 0, length >>> 0);
  let panicSaid: string | undefined;
  const { exports } = new WebAssembly.Instance(module, {
    env: {
      memory,
      now: () => Date.now(),
      random: (pointer: number, length: number) => void randomFillSync(bytesAt(pointer, length)),
      panic: (pointer: number, length: number) => {
        panicSaid = bytesAt(pointer, length).toString('utf8');
      },
    },
  });
  const { alloc, free, ...questions } = exports as unknown as Exports;

  const put = (text: string): { pointer: number; length: number } => {
    const length = Buffer.byteLength(text);
    const pointer = alloc(length);
    bytesAt(pointer, length).write(text);
    return { pointer, length };
  };
  /** The text of an answer, whose memory is given back. */
  const take = (answer: bigint): string => {
    const [pointer, length] = [Number(BigInt.asUintN(32, answer >> 32n)), Number(BigInt.asUintN(32, answer))];
    const text = bytesAt(pointer, length).toString('utf8');
    free(pointer, length);
    return text;
  };
  return {
    ask: (question, request) => {
      try {
        if (request === undefined) return take(questions[question](0, 0));
        const { pointer, length } = put(request);
        const answer = questions[question](pointer, length);
        free(pointer, length);
        return take(answer);
      } catch (error) {
        throw new VrlBroken(breakOf({ error, panicSaid }));
      }
    },
  };
};

type Exports = Record<VrlQuestion, (pointer: number, length: number) => bigint> & {
  alloc(length: number): number;
  free(pointer: number, length: number): void;
};

/** A panic says its words before it traps. What traps without a word is an allocation that the memory had no room for. */
const breakOf = ({ error, panicSaid }: { error: unknown; panicSaid: string | undefined }): VrlBreak => {
  if (panicSaid !== undefined) return { kind: 'panicked', said: panicSaid };
  if (error instanceof WebAssembly.RuntimeError && error.message === 'unreachable')
    return { kind: 'memory', said: 'the memory has no more room' };
  return { kind: 'panicked', said: String(error) };
};

const PAGES_PER_MIB = 16;
/** The module's stack and data need this much to begin with. */
const FIRST_PAGES = 256;
