import { randomBytes } from 'node:crypto';
import { LIST_SCAN } from './list-scan-wasm.ts';

/** One element of a JSON list. */
export type ListElement = {
  /**
   * The same for the same values, whatever order the keys of its objects are written in, as long as this process lasts:
   * Nomad writes each map in another order in each answer.
   */
  digest: number;
  /** Its JSON. Throws where it is too large to be taken. */
  text(): string;
};

export type ListReader = {
  /** The next bytes of the answer, cut anywhere. */
  push(piece: Uint8Array): void;
  /** What it was: a whole list, or no list, or no JSON. To be called once, at the end of the answer. */
  end(): 'list' | 'noList' | 'noJson';
};

/**
 * Cuts a JSON list into its elements while it arrives. Of each, bytes are kept until the next begins and no longer: what
 * is known by its digest is never made a string. The scan itself is WebAssembly: a daemon runs without V8's compilers
 * (docs/decisions/0016), and JavaScript takes ten times as long for each byte then. An element that is no JSON, but has
 * its brackets and quotes in pairs, is told from the others and left to who takes its text.
 */
export const createListReader = ({
  onElement,
  mostBytes = MOST_BYTES,
}: {
  onElement: (element: ListElement) => void;
  mostBytes?: number;
}): ListReader => {
  let scanner: Scanner | undefined = IDLE.pop() ?? newScanner();
  scanner.reset();
  /** What came of the open element in earlier pieces; undefined when that is too much. */
  let before: Uint8Array[] | undefined = [];
  let beforeBytes = 0;

  const keep = (bytes: Uint8Array): void => {
    beforeBytes += bytes.length;
    if (beforeBytes > mostBytes) before = undefined;
    else before?.push(bytes);
  };
  const takeElement = ({ bytes, digest }: { bytes: Uint8Array; digest: number }): void => {
    keep(bytes);
    const pieces = before;
    before = [];
    beforeBytes = 0;
    onElement({ digest, text: () => textOf({ pieces, mostBytes }) });
  };
  const takePiece = (piece: Uint8Array, { memory, records, scan, found, start, error }: Scanner): void => {
    memory.set(piece, INPUT);
    for (let at = 0; at < piece.length && error.value === 0; ) {
      at = scan(at, piece.length);
      for (let index = 0; index < found.value; index += 1) takeElement(recordAt({ records, piece, index }));
    }
    if (start.value === NONE) return;
    keep(piece.subarray(start.value - INPUT));
    start.value = INPUT;
  };

  return {
    push: (bytes) => {
      for (let at = 0; at < bytes.length; at += INPUT_BYTES)
        if (scanner !== undefined) takePiece(bytes.subarray(at, at + INPUT_BYTES), scanner);
    },
    end: () => {
      if (scanner === undefined) return 'noJson';
      const { error, phase } = scanner;
      const outcome = error.value === 1 ? 'noList' : error.value === 0 && phase.value === BEHIND ? 'list' : 'noJson';
      IDLE.push(scanner);
      scanner = undefined;
      return outcome;
    },
  };
};

/** Far beyond any job that Nomad takes. */
const MOST_BYTES = 2 ** 25;

const textOf = ({ pieces, mostBytes }: { pieces: readonly Uint8Array[] | undefined; mostBytes: number }): string => {
  if (pieces === undefined) throw new RangeError(`it has more than ${mostBytes} bytes`);
  const [first] = pieces;
  return (pieces.length === 1 && first !== undefined ? view(first) : Buffer.concat(pieces)).toString('utf8');
};

const view = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);

// Where things lie in the memory of list-scan.wat.
const FOUND = 16_384;
const FOUND_BYTES = 16;
const INPUT = 65_536;
const INPUT_BYTES = 65_536;
const NONE = -1;
const BEHIND = 2;

type Value = { value: number };
type Scanner = {
  memory: Buffer;
  records: DataView;
  scan: (at: number, length: number) => number;
  reset: () => void;
  found: Value;
  start: Value;
  error: Value;
  phase: Value;
};

/** Each has its own memory, so that two answers may arrive at once. */
const IDLE: Scanner[] = [];

/** Types of it come with those of browsers alone. */
type Wasm = {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};
const { WebAssembly } = globalThis as unknown as { WebAssembly: Wasm };

let compiled: object | undefined;

const newScanner = (): Scanner => {
  compiled ??= new WebAssembly.Module(Buffer.from(LIST_SCAN, 'base64'));
  const { memory, seed, ...rest } = new WebAssembly.Instance(compiled).exports as {
    memory: { buffer: ArrayBuffer };
    seed: { value: bigint };
  } & Omit<Scanner, 'memory' | 'records'>;
  seed.value = SEED;
  return { ...rest, memory: Buffer.from(memory.buffer), records: new DataView(memory.buffer) };
};

/** Nobody who writes a job can choose two contents of one digest. */
const SEED = randomBytes(8).readBigUInt64LE();

/** A digest of 53 bits is a number that a map can hold cheaply. */
const recordAt = ({ records, piece, index }: { records: DataView; piece: Uint8Array; index: number }) => {
  const at = FOUND + index * FOUND_BYTES;
  return {
    bytes: piece.subarray(records.getInt32(at, true) - INPUT, records.getInt32(at + 4, true) - INPUT),
    digest: (records.getUint32(at + 12, true) >>> 11) * 2 ** 32 + records.getUint32(at + 8, true),
  };
};
