import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { TEXT_TYPE } from '../../lib/serve/answer-requests.ts';
import { serveOnAddress } from '../../lib/serve/serve-address.ts';
import { aLog } from '../watch/support.ts';

const serve = async (port: number) => {
  const { log, lines } = aLog();
  const answerOf = () => ({ status: 200, type: TEXT_TYPE, body: 'hello' });
  const server = await serveOnAddress({ host: '127.0.0.1', port, log, answerOf });
  onTestFinished(() => server.close());
  return { ...server, lines };
};

const textAt = async (port: number | undefined) => (await fetch(`http://127.0.0.1:${port}/`)).text();

test('it answers on its port, and not after its end', async () => {
  const server = await serve(0);
  expect(await textAt(server.port())).toBe('hello');
  const port = server.port();
  server.close();
  await expect(textAt(port)).rejects.toThrow();
});

test('a port that another program has is told once, and taken as soon as it is free', async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
  });
  const server = await serve(port);
  await server.repair();
  expect(server.lines).toEqual(['warn metrics cannot be served; nvl tries again']);
  await new Promise((resolve) => other.close(resolve));
  await server.repair();
  expect(await textAt(port)).toBe('hello');
  expect(server.lines).toEqual(['warn metrics cannot be served; nvl tries again', 'info metrics are served']);
});
