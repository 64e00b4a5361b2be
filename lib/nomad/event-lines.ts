import { messageOf, NvlError } from '../errors.ts';
import { listOf, numberOf, objectOf, textOf } from '../json.ts';
import { pieceOf } from './answer-error.ts';

/**
 * A line of Nomad's event stream. `beat`: a heartbeat. `batch`: the events of one change of Nomad's state, which has the number `index`; `key` is of the
 * first of them, and `isOurs` says that one is of an allocation of this node.
 */
export type EventLine = { kind: 'beat' } | EventBatch;

export type EventBatch = { kind: 'batch'; index: number; key: string; isOurs: boolean };

/**
 * Reads the lines of an event stream, wherever the pieces are torn. Most are of other nodes: a line is searched for the node's id, and parsed where it has
 * that. Of a line longer than `mostBytes` its beginning is kept alone; it counts as the node's where the id stands in it. Throws `nomadAnswer` for what is
 * no such line, or breaks off in one.
 *
 * @source https://github.com/hashicorp/nomad/blob/main/nomad/stream/ndjson.go (`{}` each 30 s) and nomad/structs/event.go; Nomad 2.0.6 sorts the keys
 */
export async function* readEventLines({
  pieces,
  nodeId,
  mostBytes = MOST_BYTES,
}: {
  pieces: AsyncIterable<Buffer>;
  nodeId: string;
  mostBytes?: number;
}): AsyncGenerator<EventLine> {
  const line = new OpenLine({ nodeId: nodeId.toLowerCase(), mostBytes });
  for await (const piece of pieces) {
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end !== -1; end = piece.indexOf(NEWLINE, from)) {
      line.push(piece.subarray(from, end));
      from = end + 1;
      const read = line.take();
      if (read !== undefined) yield read;
    }
    line.push(piece.subarray(from));
  }
  const rest = line.start();
  if (rest.trim() !== '') throw noEvents(`it breaks off: ${rest}`);
}

/** Far more than the events of one change; those of a plan that places a thousand allocations are 2 MB. */
const MOST_BYTES = 1_048_576;
const NEWLINE = 0x0a;

/** The line that is on its way. */
class OpenLine {
  readonly #nodeId: string;
  readonly #needle: Buffer;
  readonly #mostBytes: number;
  #kept: Buffer[] = [];
  #bytes = 0;
  /** The last of what came: the id may be torn, and the index stands at the end. */
  #tail: Buffer = NOTHING;
  #hasId = false;

  constructor({ nodeId, mostBytes }: { nodeId: string; mostBytes: number }) {
    this.#nodeId = nodeId;
    this.#needle = Buffer.from(nodeId);
    this.#mostBytes = mostBytes;
  }

  push(part: Buffer): void {
    const seam = this.#tail === NOTHING ? part : Buffer.concat([this.#tail, part.subarray(0, TAIL_BYTES)]);
    this.#hasId ||= part.includes(this.#needle) || (seam !== part && seam.includes(this.#needle));
    this.#tail = (part.length < TAIL_BYTES ? seam : part).subarray(-TAIL_BYTES);
    const wasWhole = this.#isWhole();
    this.#bytes += part.length;
    if (wasWhole) this.#kept.push(part);
    if (wasWhole && !this.#isWhole()) this.#kept = [Buffer.from(this.start())];
  }

  /** Undefined for an empty one. The next begins. */
  take(): EventLine | undefined {
    const read = this.#read();
    this.#kept = [];
    this.#bytes = 0;
    this.#tail = NOTHING;
    this.#hasId = false;
    return read;
  }

  start(): string {
    return this.#whole().toString('utf8', 0, HEAD_BYTES);
  }

  #whole(): Buffer {
    const [only] = this.#kept;
    return this.#kept.length === 1 && only !== undefined ? only : Buffer.concat(this.#kept);
  }

  #isWhole(): boolean {
    return this.#bytes <= this.#mostBytes;
  }

  #read(): EventLine | undefined {
    const start = this.start();
    if (this.#bytes <= HEAD_BYTES && start.trim() === '') return undefined;
    if (this.#bytes <= HEAD_BYTES && start.trim() === '{}') return { kind: 'beat' };
    const index = /\],"Index":(\d{1,15})\}\s*$/.exec(this.#tail.toString('latin1'))?.[1];
    const isPlain = start.startsWith('{"Events":[') && index !== undefined;
    if (!isPlain && !this.#isWhole()) throw noEvents(start);
    const key = /"Key":"([^"\\]{1,64})"/.exec(start)?.[1] ?? '';
    if (isPlain && !(this.#hasId && this.#isWhole()))
      return { kind: 'batch', index: Number(index), key, isOurs: this.#hasId };
    return {
      kind: 'batch',
      key,
      ...readBatch({ text: this.#whole().toString('utf8'), nodeId: this.#nodeId }),
    };
  }
}

const NOTHING = Buffer.alloc(0);
/** An event's key stands behind the ids of its job and its deployment. */
const HEAD_BYTES = 1_024;
/** At least an id, or the index at the end. */
const TAIL_BYTES = 64;

/** Other nodes' ids stand in an event, too: those that the scheduler had in mind. */
const readBatch = ({ text, nodeId }: { text: string; nodeId: string }): Pick<EventBatch, 'index' | 'isOurs'> => {
  const { Index, Events } = parse(text);
  const index = numberOf(Index);
  if (!Array.isArray(Events) || !Number.isSafeInteger(index) || index <= 0) throw noEvents(text);
  const isOurs = listOf(Events).some((event) => {
    const { NodeID } = objectOf(objectOf(objectOf(event).Payload).Allocation);
    return textOf(NodeID).toLowerCase() === nodeId;
  });
  return { index, isOurs };
};

const parse = (text: string): ReturnType<typeof objectOf> => {
  try {
    return objectOf(JSON.parse(text));
  } catch (error) {
    throw noEvents(`${messageOf(error)}: ${text}`);
  }
};

const noEvents = (text: string): NvlError =>
  new NvlError('nomadAnswer', {
    message: "What comes from Nomad's event stream is no event",
    facts: { said: pieceOf(text) },
    advice: "see that the address is that of Nomad's HTTP API, and what stands between",
  });
