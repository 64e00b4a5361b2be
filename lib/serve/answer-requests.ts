import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { messageOf } from '../errors.ts';
import { http } from '../nomad/node-http.ts';

/** What is answered at a path. */
export type ServedText = { status: number; type: string; body: string };

/** What stands behind the address. Undefined: nothing is there. One that takes long holds a connection for so long. */
export type AnswerOf = (url: URL) => ServedText | undefined | Promise<ServedText | undefined>;

export type Answering = {
  answerOf: AnswerOf;
  /** How long a connection may be silent. */
  quietMs?: number | undefined;
};

export const JSON_TYPE = 'application/json';
export const TEXT_TYPE = 'text/plain; charset=utf-8';

/** One who connects and then says nothing, or reads nothing of what he asked for, is let go. */
const QUIET_MS = 5_000;
const LONGEST_MS = 30_000;
const MOST_CONNECTIONS = 32;

/**
 * An HTTP server that only tells: GET and HEAD, one request a connection, no bodies. It never keeps its process from ending, and whoever
 * is slow, hangs or comes in crowds is dropped.
 */
export const answerRequests = ({ answerOf, quietMs = QUIET_MS }: Answering): Server => {
  const server = http.createServer(
    { headersTimeout: quietMs, requestTimeout: quietMs, connectionsCheckingInterval: 1_000, keepAlive: false },
    (request, response) => void respond({ request, response, answerOf }),
  );
  server.maxConnections = MOST_CONNECTIONS;
  server.maxRequestsPerSocket = 1;
  server.on('connection', (socket: Socket) => {
    socket.setTimeout(quietMs, () => socket.destroy());
    const longest = setTimeout(() => socket.destroy(), LONGEST_MS).unref();
    socket.on('close', () => clearTimeout(longest));
    // Whoever goes away is no trouble of nvl's.
    socket.on('error', () => socket.destroy());
  });
  server.on('clientError', (_, socket) => socket.destroy());
  return server.unref();
};

const respond = async ({
  request,
  response,
  answerOf,
}: {
  request: IncomingMessage;
  response: ServerResponse;
  answerOf: AnswerOf;
}): Promise<void> => {
  const { status, type, body } = await answerTo({ request, answerOf });
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), connection: 'close' });
  response.end(request.method === 'HEAD' ? undefined : body);
};

const answerTo = async ({
  request,
  answerOf,
}: {
  request: IncomingMessage;
  answerOf: AnswerOf;
}): Promise<ServedText> => {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, type: TEXT_TYPE, body: 'only GET is answered\n' };
  try {
    const url = URL.parse(request.url ?? '/', 'http://nvl');
    return (url && (await answerOf(url))) ?? { status: 404, type: TEXT_TYPE, body: 'nothing is here\n' };
  } catch (error) {
    return { status: 500, type: TEXT_TYPE, body: `${messageOf(error)}\n` };
  }
};
