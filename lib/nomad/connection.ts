import { constants } from 'node:buffer';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Config } from '../config/config.ts';
import { NvlError } from '../errors.ts';
import { readAddress } from './address.ts';
import { asConnectionError, cutShort } from './connection-error.ts';
import { createConnector } from './connector.ts';
import { createIdleTimeout } from './idle-timeout.ts';
import { http } from './node-http.ts';
import { type OpenAnswer, openAnswer } from './open-answer.ts';

/** `text` is empty where `onPiece` took the body. */
export type Answer = { status: number; headers: Readonly<Record<string, string | string[] | undefined>>; text: string };

export type HttpRequest = {
  path: string;
  /** JSON that is sent with a POST; unset: it is a GET. */
  body?: string | undefined;
  query: Readonly<Record<string, string>>;
  token: string | undefined;
  /** How long the agent may think, in ms, before it begins to answer. */
  thinkMs: number;
  signal: AbortSignal | undefined;
  /** Takes the body of a 200 as it arrives, in place of `text`. */
  onPiece?: ((piece: Buffer) => void) | undefined;
  /** How long the body of an answer that goes on may be silent, in ms; unset: as long as any answer may take. */
  silence?: { firstMs: number; laterMs: number } | undefined;
};

export type Connection = {
  /**
   * One request; any status is an answer. Throws `nomadAway` when there is none, in whole, in time, and `nomadAnswer` for
   * one that is not HTTP or larger than a string can be; rejects with the signal's reason when that aborts.
   */
  ask(question: HttpRequest): Promise<Answer>;
  /** The same, of an answer that goes on. See `openAnswer`. */
  open(question: Omit<HttpRequest, 'onPiece'>): Promise<OpenAnswer>;
  /** The address, for messages. */
  shown: string;
  /** Cuts what is under way: a blocking query would hold a gentle end up for a minute. */
  close(): void;
};

/** The way to Nomad's HTTP API that `settings` describe, with the meaning that Nomad's own client gives them. */
export const createConnection = (settings: Config['nomad']): Connection => {
  const { origin, socketPath, auth, shown } = readAddress(settings.address);
  const { protocol, hostname, port, host } = new URL(origin);
  const isTls = protocol === 'https:';
  const connector = createConnector({ settings, socketPath, isTls });
  const authorization = basicAuth(auth ?? readHttpAuth(settings.httpAuth));
  const server = {
    agent: connector.agent,
    // An IPv6 address stands in brackets in an address, and without them where a socket is made.
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port || (isTls ? 443 : 80),
  };

  const optionsOf = ({ path, query, token, body }: HttpRequest, signal: AbortSignal): RequestOptions => ({
    ...server,
    path: `${path}${queryText(query)}`,
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      host,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { 'x-nomad-token': token }),
      ...(authorization === undefined ? {} : { authorization }),
    },
    signal,
  });
  const ask = async (question: HttpRequest): Promise<Answer> => {
    const { thinkMs, signal, onPiece } = question;
    const idleTimeout = createIdleTimeout({ ms: thinkMs, shown, signal });
    try {
      const options = optionsOf(question, idleTimeout.signal);
      const headers = { ...options.headers, 'accept-encoding': 'gzip' };
      const body = await respond({ ...options, headers }, question.body);
      idleTimeout.restart(settings.timeout);
      const text = createText(shown);
      const isTaken = onPiece !== undefined && body.statusCode === 200;
      await readBody({
        body,
        isGzip: body.headers['content-encoding'] === 'gzip',
        onArrival: () => idleTimeout.restart(settings.timeout),
        onPiece: isTaken ? onPiece : text.add,
      });
      return { status: body.statusCode ?? 0, headers: body.headers, text: text.whole() };
    } catch (error) {
      signal?.throwIfAborted();
      throw asConnectionError({ error: idleTimeout.ranOut() ?? error, shown });
    } finally {
      idleTimeout.end();
    }
  };
  const always = { firstMs: settings.timeout, laterMs: settings.timeout };
  const open = ({ thinkMs, signal, silence, ...question }: Omit<HttpRequest, 'onPiece'>): Promise<OpenAnswer> => {
    const idleTimeout = createIdleTimeout({ ms: thinkMs, shown, signal });
    const options = optionsOf({ ...question, thinkMs, signal }, idleTimeout.signal);
    return openAnswer({ respond: () => respond(options), idleTimeout, silence: silence ?? always, signal, shown });
  };
  return { ask, open, shown, close: connector.close };
};

/**
 * Asks, and resolves when the answer's head is there. A kept connection may have been closed by the other side just
 * when it was taken: then, and only then, another is tried.
 */
const respond = (options: RequestOptions, sent?: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const request = http.request(options, resolve);
    request.on('error', (error) => {
      const isStale = request.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
      if (isStale) respond(options, sent).then(resolve, reject);
      else reject(error);
    });
    request.end(sent);
  });

const readHttpAuth = (httpAuth: string | undefined): { user: string; password: string } | undefined => {
  if (httpAuth === undefined || httpAuth === '') return undefined;
  const at = httpAuth.indexOf(':');
  return at === -1
    ? { user: httpAuth, password: '' }
    : { user: httpAuth.slice(0, at), password: httpAuth.slice(at + 1) };
};

const basicAuth = (auth: { user: string; password: string } | undefined): string | undefined =>
  auth === undefined ? undefined : `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`;

const queryText = (query: Readonly<Record<string, string>>): string => {
  const text = new URLSearchParams(query).toString();
  return text === '' ? '' : `?${text}`;
};

const readBody = async ({
  body,
  isGzip,
  onArrival,
  onPiece,
}: {
  body: AsyncIterable<Buffer>;
  isGzip: boolean;
  /** Something came, in whatever form. */
  onArrival: () => void;
  onPiece: (piece: Buffer) => void;
}): Promise<void> => {
  const watched = async function* (source: AsyncIterable<Buffer>) {
    for await (const piece of source) {
      onArrival();
      yield piece;
    }
  };
  const collect = async (source: AsyncIterable<Buffer>) => {
    for await (const piece of source) onPiece(piece);
  };
  if (isGzip) await pipeline(body, watched, createGunzip({ chunkSize: GUNZIP_BYTES }), collect).catch(asCut);
  else await pipeline(body, watched, collect);
};

/** Each piece costs a round through Node; Node's own 16 KiB make four times as many of a list that has 200 MB. */
const GUNZIP_BYTES = 65_536;

/** A body that is wanted as text. */
const createText = (shown: string) => {
  const pieces: Buffer[] = [];
  let size = 0;
  return {
    add: (piece: Buffer): void => {
      size += piece.length;
      if (size > constants.MAX_STRING_LENGTH) throw tooLarge(shown);
      pieces.push(piece);
    },
    whole: (): string => Buffer.concat(pieces).toString('utf8'),
  };
};

/** A gzip stream that ends too early is a cut connection; Node cannot know that of an answer without a length. */
const asCut = (error: unknown) => {
  throw error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR' ? cutShort(error) : error;
};

const tooLarge = (shown: string) =>
  new NvlError('nomadAnswer', {
    message: `Nomad's answer is larger than ${constants.MAX_STRING_LENGTH} bytes`,
    facts: { from: shown },
  });
