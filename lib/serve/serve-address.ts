import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Answering, answerRequests } from './answer-requests.ts';
import { listenOn } from './listen-on.ts';
import type { SocketServer } from './serve-socket.ts';

/**
 * Answers on a host and port. Where that can't be had, as another program has it, that is told once, and tried again by `repair`: it keeps
 * nobody from collecting. `port`: the one that it has, where 0 asks for any.
 */
export const serveOnAddress = async ({
  host,
  port,
  log,
  ...answering
}: Answering & { host: string; port: number; log: Log }): Promise<SocketServer & { port(): number | undefined }> => {
  let server: Server | undefined;
  let told: string | undefined;
  let isClosed = false;
  const repair = async (): Promise<void> => {
    if (server !== undefined || isClosed) return;
    const next = answerRequests(answering);
    try {
      await listenOn({ server: next, at: { host, port } });
      if (isClosed) close(next);
      server = next;
      if (told !== undefined) log.info({ host, port }, 'metrics are served');
      told = undefined;
    } catch (error) {
      const said = messageOf(error);
      if (told !== said)
        log.warn({ said, advice: 'name another metrics.address, or off' }, 'metrics cannot be served; nvl tries again');
      told = said;
    }
  };
  await repair();
  return {
    repair,
    port: () => (server?.address() as AddressInfo | null | undefined)?.port,
    close: () => {
      isClosed = true;
      if (server !== undefined) close(server);
    },
  };
};

const close = (server: Server): void => {
  server.close();
  server.closeAllConnections();
};
