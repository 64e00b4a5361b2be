import { expect, test } from 'vitest';
import { createConnection } from '../../lib/nomad/connection.ts';
import { eventQuestion } from '../../lib/nomad/event-question.ts';
import { gather } from './event-stand-in.ts';
import { aPlainClient, failureOf, settingsOf, startFakeNomad } from './fake-nomad.ts';

const signal = new AbortController().signal;

test('the stream is asked for the allocations of all namespaces, from an index on, with the token', async () => {
  const { address, asked } = await startFakeNomad({
    answer: (_, response) => void response.writeHead(200).end('{}\n'),
  });
  const client = aPlainClient({ address, region: 'eu', token: 'secret' });
  const failure = await failureOf(gather(client.allocationEvents({ index: 7, signal })));
  expect(failure.code).toBe('nomadAway');
  expect(asked.map(({ url, headers }) => [url, headers['x-nomad-token'], headers['accept-encoding']])).toEqual([
    ['/v1/event/stream?region=eu&topic=Allocation&namespace=*&index=7', 'secret', undefined],
  ]);
});

test('a stream that falls silent is given up, as late as Nomad’s heartbeats allow', async () => {
  const { address } = await startFakeNomad({
    answer: (_, response) => {
      response.writeHead(200).write('{}\n');
      setTimeout(() => response.write('{}\n'), 200);
    },
  });
  const connection = createConnection(settingsOf({ address }));
  const { allocationEvents } = eventQuestion({
    open: async ({ path, query = {}, silence }) => ({
      answer: await connection.open({ path, query, silence, token: undefined, thinkMs: 1_000, signal }),
      request: { shown: 'x', needs: '', token: '' },
    }),
    timeoutMs: 1_000,
    silentMs: 500,
  });
  const pieces: string[] = [];
  const began = performance.now();
  const read = async () => {
    for await (const piece of allocationEvents({ index: 0, signal })) pieces.push(piece.toString());
  };
  expect((await failureOf(read())).message).toContain('took longer than 0.5 s');
  expect(pieces).toEqual(['{}\n', '{}\n']);
  expect(performance.now() - began).toBeGreaterThan(600);
});
