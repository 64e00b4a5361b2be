import { loadNet } from '../built-in.ts';
import { hasCode, messageOf, NvlError } from '../errors.ts';
import { openSocketFolder, SOCKET_NAME } from './socket-folder.ts';

/** What the daemon of an output root answered; undefined where none does. */
export type SocketAnswer = { status: number; text: string };

/** Where the daemon tells its status; the version is that of the answer's form. */
export const STATUS_PATH = '/v1/status';

const TIMEOUT_MS = 5_000;
const MOST_BYTES = 64 * 1_024 * 1_024;

/**
 * Asks the daemon that works on this output root. Undefined where there is none: no root, no socket, or one that an nvl which was
 * killed has left. Throws `statusUnanswered` where one may be there and can't be asked: it belongs to somebody else, or does not
 * answer in time.
 */
export const askSocket = async ({
  folder: path,
  question,
  signal,
  timeoutMs = TIMEOUT_MS,
}: {
  folder: string;
  /** A path, with a query. */
  question: string;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}): Promise<SocketAnswer | undefined> => {
  try {
    const folder = openSocketFolder(path);
    try {
      const found = folder.look(SOCKET_NAME);
      if (found === undefined) return undefined;
      if (!found.isSocket()) throw new Error('what lies in the place of its socket is none');
      if (found.uid !== folder.uid) throw new Error(`its socket belongs to user ${found.uid}, and the root to another`);
      return await ask({ socketPath: folder.pathOf(SOCKET_NAME), question, signal, timeoutMs });
    } finally {
      folder.close();
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ECONNREFUSED')) return undefined;
    if (signal?.aborted === true) throw error;
    throw unanswered({ root: path, error });
  }
};

/** By hand, as Node's client for HTTP takes longer to load than the answer to come: the server closes the connection behind it. */
const ask = ({
  socketPath,
  question,
  signal,
  timeoutMs,
}: {
  socketPath: string;
  question: string;
  signal: AbortSignal | undefined;
  timeoutMs: number;
}): Promise<SocketAnswer> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    const socket = loadNet().connect(socketPath, () => {
      socket.write(`GET ${question.replaceAll(/\s/g, '+')} HTTP/1.1\r\nhost: nvl\r\nconnection: close\r\n\r\n`);
    });
    const fail = (error: unknown): void => {
      reject(error);
      socket.destroy();
    };
    const limit = setTimeout(() => fail(new Error(`it did not answer within ${timeoutMs / 1_000} s`)), timeoutMs);
    const abort = (): void => fail(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    socket.on('error', fail);
    socket.on('data', (part) => {
      bytes += part.length;
      if (bytes > MOST_BYTES) fail(new Error(`it answers with more than ${MOST_BYTES} bytes`));
      else parts.push(part);
    });
    socket.on('end', () => {
      const answer = readAnswer(Buffer.concat(parts).toString('utf8'));
      if (answer === undefined) fail(new Error('it does not answer as nvl does'));
      else resolve(answer);
    });
    socket.on('close', () => {
      clearTimeout(limit);
      signal?.removeEventListener('abort', abort);
      // Of one that was cut nothing has come.
      reject(new Error('it ended the connection'));
    });
  });

/** Undefined for what is no whole answer: its length is said before it. */
const readAnswer = (text: string): SocketAnswer | undefined => {
  const end = text.indexOf('\r\n\r\n');
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(text) ?? [];
  const [, length] = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, end + 2)) ?? [];
  const body = text.slice(end + 4);
  return end === -1 || status === undefined || Buffer.byteLength(body) !== Number(length)
    ? undefined
    : { status: Number(status), text: body };
};

const unanswered = ({ root, error }: { root: string; error: unknown }): NvlError =>
  new NvlError('statusUnanswered', {
    message: 'the nvl of this output root cannot be asked',
    facts: { root, said: messageOf(error) },
    advice: hasCode(error, 'EACCES', 'EPERM')
      ? 'ask as root, or as the user that nvl runs as'
      : 'see whether nvl runs, and what its log says',
    cause: error,
  });
