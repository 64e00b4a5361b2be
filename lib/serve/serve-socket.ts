import { chmodSync, renameSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Answering, answerRequests } from './answer-requests.ts';
import { listenOn } from './listen-on.ts';
import { openSocketFolder, SOCKET_NAME, type SocketFolder } from './socket-folder.ts';

/** Under this name it is made; whoever owns the root alone can reach it. */
const NEW_NAME = '.nvl.sock.new';
const MODE = 0o600;

export type SocketServer = {
  /** Puts it back where somebody took it away; called now and then. */
  repair(): Promise<void>;
  close(): void;
};

/**
 * Answers on a unix socket in a folder of nvl's own, for nvl's user and root alone. The folder is locked, so a socket that lies there
 * was left by an nvl which was killed, and is replaced. Where it can't be made that is told once, and tried again by `repair`: it
 * keeps nobody from collecting.
 */
export const serveOnSocket = async ({
  folder: path,
  log,
  ...answering
}: Answering & { folder: string; log: Log }): Promise<SocketServer> => {
  let made: MadeSocket | undefined;
  let told: string | undefined;
  let isClosed = false;
  const repair = async (): Promise<void> => {
    if (made?.isThere() === true) return;
    made?.close();
    made = undefined;
    try {
      made = await makeSocket({ path, answering });
      if (isClosed) made.close();
      told = undefined;
    } catch (error) {
      const said = messageOf(error);
      if (told !== said) log.warn({ said }, 'nvl status cannot ask this nvl, as its socket cannot be made');
      told = said;
    }
  };
  await repair();
  return {
    repair: async () => void (isClosed || (await repair())),
    close: () => {
      isClosed = true;
      made?.close();
    },
  };
};

type MadeSocket = { isThere(): boolean; close(): void };

/** Made aside, shut to others, and renamed: no link is followed, and nobody meets it half made. */
const makeSocket = async ({ path, answering }: { path: string; answering: Answering }): Promise<MadeSocket> => {
  const folder = openSocketFolder(path);
  const server = answerRequests(answering);
  try {
    rmSync(folder.pathOf(NEW_NAME), { force: true });
    await listenOn({ server, at: { path: folder.pathOf(NEW_NAME) } });
    chmodSync(folder.pathOf(NEW_NAME), MODE);
    renameSync(folder.pathOf(NEW_NAME), folder.pathOf(SOCKET_NAME));
    return madeSocket({ server, folder });
  } catch (error) {
    server.close();
    folder.close();
    throw error;
  }
};

const madeSocket = ({ server, folder }: { server: Server; folder: SocketFolder }): MadeSocket => {
  const inode = folder.look(SOCKET_NAME)?.ino;
  const isThere = (): boolean => inode !== undefined && folder.look(SOCKET_NAME)?.ino === inode;
  return {
    isThere,
    close: () => {
      if (isThere()) rmSync(folder.pathOf(SOCKET_NAME), { force: true });
      server.close();
      server.closeAllConnections();
      folder.close();
    },
  };
};
