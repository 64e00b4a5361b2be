import type { Server } from 'node:http';

/** Has a server listen; rejects with what the system says where it can't. */
export const listenOn = ({
  server,
  at,
}: {
  server: Server;
  at: { path: string } | { host: string; port: number };
}): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at, () => {
      server.off('error', reject);
      // Node would else end the process over a connection that cannot be accepted, as where no more files can be open.
      server.on('error', () => {});
      resolve();
    });
  });
