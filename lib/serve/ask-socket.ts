import { hasCode, messageOf, NvlError } from '../errors.ts';
import { http } from '../nomad/node-http.ts';
import { SOCKET_NAME } from './serve-socket.ts';
import { openSocketFolder } from './socket-folder.ts';

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
    const limit = AbortSignal.timeout(timeoutMs);
    const ended = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    const fail = (error: Error): void => {
      reject(limit.aborted ? new Error(`it did not answer within ${timeoutMs / 1_000} s`) : error);
      request.destroy();
    };
    const request = http.get({ socketPath, path: question, signal: ended, agent: false }, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > MOST_BYTES) fail(new Error(`it answers with more than ${MOST_BYTES} bytes`));
        else parts.push(part);
      });
      response.on('error', fail);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
      );
    });
    request.on('error', fail);
  });

const unanswered = ({ root, error }: { root: string; error: unknown }): NvlError =>
  new NvlError('statusUnanswered', {
    message: 'the nvl of this output root cannot be asked',
    facts: { root, said: messageOf(error) },
    advice: hasCode(error, 'EACCES', 'EPERM')
      ? 'ask as root, or as the user that nvl runs as'
      : 'see whether nvl runs, and what its log says',
    cause: error,
  });
