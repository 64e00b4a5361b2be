import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LogQuestion } from '../../lib/nomad/job-questions.ts';
import { aFolder } from '../commands/support.ts';
import { waitUntil } from '../support/wait.ts';
import { always, aPlainClient, failureOf, metaHeaders, startFakeNomad } from './fake-nomad.ts';

const LOG: LogQuestion = { task: 'app', stream: 'stdout', follows: true, origin: 'end', offset: 65_536 };

const readAll = async (pieces: AsyncIterable<Buffer>): Promise<string> => {
  let text = '';
  for await (const piece of pieces) text += piece.toString();
  return text;
};

test.each<[string, (client: ReturnType<typeof aPlainClient>) => Promise<unknown>, string]>([
  ['a job', (client) => client.job('a/b', { namespace: 'apps' }), '/v1/job/a%2Fb?stale=&namespace=apps'],
  [
    'its allocations',
    (client) => client.jobAllocations('web', { namespace: 'apps' }),
    '/v1/job/web/allocations?stale=&namespace=apps',
  ],
  [
    'the same, once there is news',
    (client) => client.jobAllocations('web', { namespace: 'apps', index: 7, waitMs: 1_500 }),
    '/v1/job/web/allocations?stale=&namespace=apps&index=7&wait=1500ms',
  ],
  [
    'any allocations',
    (client) => client.allocations({ namespace: '*', filter: 'JobID == "web"', prefix: 'abcd' }),
    '/v1/allocations?stale=&namespace=*&filter=JobID+%3D%3D+%22web%22&prefix=abcd',
  ],
  [
    'a log',
    (client) => readAll(client.logs('a1', LOG)),
    '/v1/client/fs/logs/a1?stale=&task=app&type=stdout&follow=true&origin=end&offset=65536',
  ],
])('asks for %s', async (_, call, url) => {
  const nomad = await startFakeNomad({ answer: always({}) });
  await call(aPlainClient({ address: nomad.address })).catch(() => {});
  expect(nomad.asked.map((request) => request.url)).toEqual([url]);
});

test('a log is not packed: it would come late', async () => {
  const nomad = await startFakeNomad({ answer: always({ body: '{}' }) });
  await readAll(aPlainClient({ address: nomad.address }).logs('a1', LOG));
  expect(nomad.asked[0]?.headers['accept-encoding']).toBeUndefined();
});

test.each<[number, string, string]>([
  [404, 'Unknown allocation "a1"', 'logsMissing'],
  [404, 'task "app" not started yet. No logs available', 'logsMissing'],
  [400, 'unknown task name "app"', 'logsMissing'],
  [403, 'Permission denied', 'nomadRefused'],
  [429, 'Your IP is issuing too many concurrent connections', 'nomadAway'],
  [500, 'No path to node', 'nomadAway'],
])('a log that is answered with %i %s is an error: %s', async (status, body, code) => {
  const nomad = await startFakeNomad({ answer: always({ status, body }) });
  const error = await failureOf(readAll(aPlainClient({ address: nomad.address }).logs('a1', LOG)));
  expect(error).toMatchObject({ code, facts: { said: expect.stringContaining(body) } });
});

test('a job that nobody knows is undefined; an agent without its servers says nothing about it', async () => {
  const unknown = await startFakeNomad({ answer: always({ status: 404, body: 'job not found' }) });
  expect(await aPlainClient({ address: unknown.address }).job('web', { namespace: 'default' })).toBeUndefined();
  const headers = { 'x-nomad-index': '0', 'x-nomad-knownleader': 'false' };
  const leaving = await startFakeNomad({ answer: always({ status: 404, headers }) });
  const error = await failureOf(aPlainClient({ address: leaving.address }).job('web', { namespace: 'default' }));
  expect(error).toMatchObject({ code: 'nomadAway' });
});

test('a log that falls silent is given up; one whose reader is slow is not', async () => {
  const nomad = await startFakeNomad({
    answer: (_, response) => {
      response.writeHead(200, metaHeaders);
      response.write('one');
    },
  });
  const client = aPlainClient({ address: nomad.address, timeout: 300 });
  const pieces = client.logs('a1', LOG)[Symbol.asyncIterator]();
  expect((await pieces.next()).value?.toString()).toBe('one');
  await new Promise((resolve) => setTimeout(resolve, 700));
  const began = Date.now();
  expect(await failureOf(pieces.next())).toMatchObject({
    code: 'nomadAway',
    message: expect.stringContaining('0.3 s'),
  });
  expect(Date.now() - began).toBeGreaterThan(250);
});

test('who stops reading closes the connection, and so does the signal', async () => {
  let open = 0;
  const nomad = await startFakeNomad({
    answer: (_, response) => {
      open += 1;
      response.on('close', () => {
        open -= 1;
      });
      response.writeHead(200, metaHeaders);
      response.write('one');
    },
  });
  const client = aPlainClient({ address: nomad.address });
  for await (const _ of client.logs('a1', LOG)) break;
  await waitUntil('the end of the first', () => open === 0);
  const ending = new AbortController();
  const reading = readAll(client.logs('a1', { ...LOG, signal: ending.signal }));
  await waitUntil('the second', () => open === 1);
  ending.abort(new Error('enough'));
  await expect(reading).rejects.toThrow('enough');
  await waitUntil('the end of the second', () => open === 0);
});

test('a token that was renewed meanwhile is taken for a log too', async () => {
  const folder = await aFolder();
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, 'old');
  const nomad = await startFakeNomad({
    answer: async (request, response) => {
      const isGood = request.headers['x-nomad-token'] === 'new';
      await writeFile(tokenFile, 'new');
      response.writeHead(isGood ? 200 : 403, metaHeaders).end(isGood ? '{}' : 'Permission denied');
    },
  });
  expect(await readAll(aPlainClient({ address: nomad.address, tokenFile }).logs('a1', LOG))).toBe('{}');
});
