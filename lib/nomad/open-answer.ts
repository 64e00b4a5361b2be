import type { IncomingMessage } from 'node:http';
import { asConnectionError } from './connection-error.ts';
import type { IdleTimeout } from './idle-timeout.ts';

/** An answer whose body is read piece by piece, as long as its reader likes; of any but a 200 the body is in `text`. */
export type OpenAnswer = {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
  /**
   * The body of a 200. A piece is taken from the connection when it is asked for, so that a slow reader holds the writer up; to stop reading
   * closes the connection. Throws `nomadAway` for one that is cut, or silent for too long while it is waited for.
   */
  pieces: AsyncIterable<Buffer>;
};

/** Sends a request, and gives its answer as soon as its head is there. Throws as `Connection.ask` does. */
export const openAnswer = async ({
  respond,
  idleTimeout,
  silence,
  signal,
  shown,
}: {
  respond: () => Promise<IncomingMessage>;
  /** Has begun. */
  idleTimeout: IdleTimeout;
  /** How long the first piece may take, and each after it, in ms. */
  silence: { firstMs: number; laterMs: number };
  signal: AbortSignal | undefined;
  /** The address, for messages. */
  shown: string;
}): Promise<OpenAnswer> => {
  const failed = (error: unknown): Error => {
    if (signal?.aborted) return signal.reason;
    return asConnectionError({ error: idleTimeout.ranOut() ?? error, shown });
  };
  const piecesOf = async function* (body: IncomingMessage) {
    try {
      const iterator = body[Symbol.asyncIterator]();
      for (let isFirst = true; ; isFirst = false) {
        idleTimeout.restart(isFirst ? silence.firstMs : silence.laterMs);
        const { done, value } = await iterator.next();
        idleTimeout.end();
        if (done === true) return;
        yield value as Buffer;
      }
    } catch (error) {
      throw failed(error);
    } finally {
      idleTimeout.end();
      body.destroy();
    }
  };
  try {
    const body = await respond();
    const { statusCode: status = 0, headers } = body;
    if (status === 200) {
      idleTimeout.end();
      return { status, headers, text: '', pieces: piecesOf(body) };
    }
    let text = '';
    for await (const piece of piecesOf(body)) if (text.length < MOST_TEXT) text += piece.toString('utf8');
    return { status, headers, text, pieces: NOTHING };
  } catch (error) {
    idleTimeout.end();
    throw failed(error);
  }
};

/** More than any error of Nomad's. */
const MOST_TEXT = 65_536;

const NOTHING: AsyncIterable<Buffer> = (async function* () {})();
