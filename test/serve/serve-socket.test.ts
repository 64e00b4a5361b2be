import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type AnswerOf, answerRequests, JSON_TYPE } from '../../lib/serve/answer-requests.ts';
import { askSocket } from '../../lib/serve/ask-socket.ts';
import { listenOn } from '../../lib/serve/listen-on.ts';
import { serveOnSocket } from '../../lib/serve/serve-socket.ts';
import { SOCKET_NAME } from '../../lib/serve/socket-folder.ts';
import { waitUntil } from '../support/wait.ts';
import { aLog } from '../watch/support.ts';

const aFolder = (name = ''): string => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-serve-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  return path;
};

const hello: AnswerOf = ({ pathname, search }) =>
  pathname === '/hello' ? { status: 200, type: JSON_TYPE, body: `"${search}"` } : undefined;

const serve = async (folder: string, answerOf: AnswerOf = hello) => {
  const { log, lines } = aLog();
  const server = await serveOnSocket({ folder, answerOf, log });
  onTestFinished(() => server.close());
  return { ...server, lines };
};

const ask = (folder: string, question = '/hello') => askSocket({ folder, question, timeoutMs: 20_000 });

test('a question is answered, what is not there is 404, and only nvl may ask', async () => {
  const folder = aFolder();
  await serve(folder);
  expect(await ask(folder, '/hello?a=1')).toEqual({ status: 200, text: '"?a=1"' });
  expect(await ask(folder, '/other')).toMatchObject({ status: 404 });
  expect(statSync(join(folder, SOCKET_NAME)).mode & 0o777).toBe(0o600);
});

test('a root whose path is longer than a socket may have', async () => {
  const folder = aFolder('x'.repeat(200));
  await serve(folder);
  expect(await ask(folder)).toMatchObject({ status: 200 });
});

test.each([
  ['a socket that a killed nvl left', (path: string) => leaveSocket(path)],
  ['a file', (path: string) => writeFileSync(path, 'x')],
  ['a link to somewhere', (path: string) => symlinkSync('/etc/passwd', path)],
])('what lies in its place is replaced, and a link not followed: %s', async (_, put) => {
  const folder = aFolder();
  await put(join(folder, SOCKET_NAME));
  await serve(folder);
  expect(await ask(folder)).toMatchObject({ status: 200 });
});

/** A socket that nobody listens on. */
const leaveSocket = async (path: string): Promise<void> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.made`, () => resolve()));
  // As a link to it, since Node takes its own name away when it closes.
  const { linkSync } = await import('node:fs');
  linkSync(`${path}.made`, path);
  await new Promise((resolve) => server.close(resolve));
};

test('a folder in its place is told once, keeps nobody from working, and it is tried again', async () => {
  const folder = aFolder();
  mkdirSync(join(folder, SOCKET_NAME));
  const server = await serve(folder);
  await server.repair();
  expect(server.lines).toEqual([expect.stringContaining('its socket cannot be made')]);
  rmSync(join(folder, SOCKET_NAME), { recursive: true });
  await server.repair();
  expect(await ask(folder)).toMatchObject({ status: 200 });
});

test('one that was taken away is made again', async () => {
  const folder = aFolder();
  const server = await serve(folder);
  rmSync(join(folder, SOCKET_NAME));
  expect(await ask(folder)).toBeUndefined();
  await server.repair();
  expect(await ask(folder)).toMatchObject({ status: 200 });
});

test('nobody answers where there is no root, no socket, or one of before', async () => {
  const folder = aFolder();
  expect(await ask(join(folder, 'none'))).toBeUndefined();
  expect(await ask(folder)).toBeUndefined();
  await leaveSocket(join(folder, SOCKET_NAME));
  expect(await ask(folder)).toBeUndefined();
});

test('what lies there and is no socket is not read', async () => {
  const folder = aFolder();
  writeFileSync(join(folder, SOCKET_NAME), 'x');
  await expect(ask(folder)).rejects.toMatchObject({ code: 'statusUnanswered' });
});

test('one that does not answer is not waited for', async () => {
  const folder = aFolder();
  const server = createServer(() => {});
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(join(folder, SOCKET_NAME), () => resolve()));
  await expect(askSocket({ folder, question: '/', timeoutMs: 50 })).rejects.toMatchObject({
    code: 'statusUnanswered',
    facts: { said: 'it did not answer within 0.05 s' },
  });
});

test.each([
  ['something else', 'hello\r\n\r\n'],
  ['an answer that is cut', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhell'],
  ['nothing', ''],
])('what answers with %s is not believed', async (_, text) => {
  const folder = aFolder();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.end(text);
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(join(folder, SOCKET_NAME), () => resolve()));
  await expect(ask(folder)).rejects.toMatchObject({ code: 'statusUnanswered' });
});

test('who is told to end does not wait', async () => {
  const folder = aFolder();
  const server = createServer(() => {});
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(join(folder, SOCKET_NAME), () => resolve()));
  const ending = new AbortController();
  const asked = askSocket({ folder, question: '/', signal: ending.signal });
  ending.abort(new Error('told to end'));
  await expect(asked).rejects.toThrow('told to end');
});

test('an answer that cannot be made is that request alone', async () => {
  const folder = aFolder();
  let isBroken = true;
  await serve(folder, (url) => {
    if (isBroken) throw new Error('a bug');
    return hello(url);
  });
  expect(await ask(folder)).toEqual({ status: 500, text: 'a bug\n' });
  isBroken = false;
  expect(await ask(folder)).toMatchObject({ status: 200 });
});

test('only what reads is answered, and what is no HTTP is dropped', async () => {
  const folder = aFolder();
  await serve(folder);
  const say = (text: string) =>
    new Promise<string>((resolve) => {
      let said = '';
      const socket = connect(join(folder, SOCKET_NAME), () => socket.write(text));
      socket.on('data', (part) => {
        said += part.toString();
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(said.split('\r\n')[0] ?? ''));
    });
  expect(await say('POST /hello HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n')).toContain('405');
  expect(await say('HEAD /hello HTTP/1.1\r\nhost: x\r\n\r\n')).toContain('200');
  expect(await say('GET http://[ HTTP/1.1\r\nhost: x\r\n\r\n')).toContain('404');
  expect(await say('\0\0\0 nonsense\r\n\r\n')).toBe('');
});

test('a reader that stops reading, and one that says nothing, are dropped', async () => {
  const path = join(aFolder(), 'socket');
  const answerOf = () => ({ status: 200, type: JSON_TYPE, body: 'x'.repeat(8 * 1_024 * 1_024) });
  const server = answerRequests({ answerOf, quietMs: 200 });
  onTestFinished(() => void server.close());
  await listenOn({ server, at: { path } });
  const count = () => new Promise<number>((resolve) => server.getConnections((_, connections) => resolve(connections)));
  const silent = connect(path);
  const reader = connect(path, () => reader.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
  reader.pause();
  for (const socket of [reader, silent]) {
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
  }
  await waitUntil('both to be there', async () => (await count()) === 2, { everyMs: 5 });
  // Long before the longest time that any connection may last.
  await waitUntil('both to be dropped', async () => (await count()) === 0, { timeoutMs: 5_000 });
});
