import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What an `http` sink sends to, as lines, until the test is over. While it is away nothing listens there; `refuses`: until it is opened. */
export const aReceiver = async ({ refuses = false }: { refuses?: boolean } = {}) => {
  const lines: string[] = [];
  let isOpen = !refuses;
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      if (isOpen) lines.push(...body.split('\n').filter((line) => line !== ''));
      response.writeHead(isOpen ? 200 : 503).end();
    });
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    address: `http://127.0.0.1:${port}`,
    lines,
    open: () => {
      isOpen = true;
    },
    /** What it has taken by then is answered. */
    leave: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
    comeBack: () => listen(port),
  };
};
