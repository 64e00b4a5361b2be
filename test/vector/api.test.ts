import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { callApi } from '../../lib/vector/api/call.ts';
import { readProtobuf, writeProtobuf } from '../../lib/vector/api/protobuf.ts';
import { componentsOfVector, tapOutputs } from '../../lib/vector/api/tap-outputs.ts';
import { aLog, startVectorApi } from '../support/vector-api.ts';
import { waitUntil } from '../support/wait.ts';

test('what is written in protobuf is read again', () => {
  const text = 'é'.repeat(200);
  const message = writeProtobuf([
    [1, 'a'],
    [3, 5_000],
    [16, text],
    [4, 0],
  ]);
  expect(
    [...readProtobuf(message)].map(({ number, value }) => [number, typeof value === 'bigint' ? value : String(value)]),
  ).toEqual([
    [1, 'a'],
    [3, 5_000n],
    [16, text],
    [4, 0n],
  ]);
});

test.each<[string, string, [number, bigint | string][]]>([
  ['nothing', '', []],
  ['a number of 64 bits', '08ffffffffffffffffff01', [[1, 0xffff_ffff_ffff_ffffn]]],
  ['eight bytes', '29000000000000f83f', [[5, 0x3ff8_0000_0000_0000n]]],
  ['four bytes', '2d01000000', [[5, 1n]]],
])('protobuf: %s', (_, hex, fields) =>
  expect(
    [...readProtobuf(Buffer.from(hex, 'hex'))].map(({ number, value }) => [
      number,
      typeof value === 'bigint' ? value : String(value),
    ]),
  ).toEqual(fields),
);

test.each([
  ['a text that is longer than its message', '0a0561'],
  ['a number without an end', '08ffff'],
  ['a number of more than 64 bits', '08ffffffffffffffffffffff01'],
  ['a length beyond all memory', '0affffffffffffffff7f'],
  ['eight bytes that are fewer', '2900'],
  ['a kind that there is none of', '0b'],
])('no protobuf: %s', (_, hex) => expect(() => [...readProtobuf(Buffer.from(hex, 'hex'))]).toThrow(RangeError));

const { signal } = new AbortController();

test('the components that a Vector runs', async () => {
  const { url } = await startVectorApi({ components: ['a', 'b_out'] });
  expect(await componentsOfVector({ url, signal })).toEqual(new Set(['a', 'b_out']));
});

const SAMPLE = { limit: 10, intervalMs: 100 };

test('what components give comes event by event, until the signal aborts', async () => {
  const api = await startVectorApi({ components: ['a'] });
  const ending = new AbortController();
  const found: string[] = [];
  const read = (async () => {
    const outputs = tapOutputs({ url: api.url, components: ['a', 'b'], sample: SAMPLE, signal: ending.signal });
    for await (const { component } of outputs) found.push(component);
  })();
  await waitUntil('the tap', async () => api.taps.length === 1);
  expect(api.taps).toEqual([['a', 'b']]);
  const log = aLog({ id: '1', event: { message: 'x'.repeat(100_000) } });
  for (const component of ['a', 'c', 'b', 'a']) api.send(component, log);
  await waitUntil('three events', async () => found.length === 3);
  ending.abort();
  await read;
  expect(found).toEqual(['a', 'b', 'a']);
});

const listening = async (server: Pick<Server, 'listen' | 'address' | 'close'>): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const ask = async (url: string) => {
  for await (const _ of callApi({ url, method: 'GetMeta', request: Buffer.alloc(0), signal })) break;
};

test('where nobody listens, the API is away', async () => {
  const server = createTcpServer();
  const url = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  await expect(ask(url)).rejects.toMatchObject({ code: 'vectorApiAway', message: expect.stringContaining(url) });
});

test.each<[string, () => Promise<string>, string]>([
  ['a web server', () => listening(createHttpServer((_, response) => response.end('hello'))), 'vectorApiAnswer'],
  [
    'a server of HTTP/2 that knows no such path',
    () => listening(createServer((_, response) => void response.writeHead(404).end())),
    'vectorApiAnswer',
  ],
  [
    'an API that refuses',
    () =>
      listening(
        createServer().on('stream', (stream) =>
          stream.respond(
            { ':status': 200, 'grpc-status': '12', 'grpc-message': 'no such method' },
            { endStream: true },
          ),
        ),
      ),
    'vectorApiAnswer',
  ],
  [
    'one that sends what is no message',
    () =>
      listening(
        createServer().on('stream', (stream) => {
          stream.on('error', () => {});
          stream.respond({ ':status': 200 });
          stream.write('hello, hello');
        }),
      ),
    'vectorApiAnswer',
  ],
  [
    'one that ends the connection',
    () =>
      listening(
        createServer().on('stream', (stream) => {
          stream.on('error', () => {});
          stream.session?.destroy();
        }),
      ),
    'vectorApiAway',
  ],
])(
  '%s is told for what it is',
  async (_, start, code) => await expect(ask(await start())).rejects.toMatchObject({ code }),
);
