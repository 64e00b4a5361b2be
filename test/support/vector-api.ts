import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { readProtobuf, writeProtobuf } from '../../lib/vector/api/protobuf.ts';
import { VrlTimestamp, type VrlValue } from '../../lib/vrl/values.ts';

// Vector's API as far as nvl asks it, for tests without a Vector. What a real one sends is seen in test/e2e/tap.test.ts.

/** A log event as Vector writes it: texts, whole numbers from 0 on, booleans, times without a fraction, lists and objects. */
export const aLog = ({
  id,
  event,
  secrets = {},
}: {
  /** 32 hex digits; shorter ones are filled up. */
  id: string;
  event: Readonly<Record<string, VrlValue>>;
  secrets?: Readonly<Record<string, string>>;
}): Buffer =>
  writeProtobuf([
    ...membersOf(event),
    [
      4,
      writeProtobuf([
        [1, valueBytes({})],
        [6, writeProtobuf(Object.entries(secrets).map(([name, text]) => [1, entry(name, Buffer.from(text))] as const))],
        [7, Buffer.from(idText(id), 'hex')],
      ]),
    ],
  ]);

/** As nvl reads it. */
export const idText = (id: string): string => id.padStart(32, '0');

const entry = (name: string, value: Buffer): Buffer =>
  writeProtobuf([
    [1, name],
    [2, value],
  ]);

const membersOf = (object: Readonly<Record<string, VrlValue>>) =>
  Object.entries(object).map(([name, value]) => [1, entry(name, valueBytes(value))] as const);

const valueBytes = (value: VrlValue): Buffer => {
  if (typeof value === 'string') return writeProtobuf([[1, value]]);
  if (value instanceof VrlTimestamp) return writeProtobuf([[2, writeProtobuf([[1, Date.parse(value.text) / 1_000]])]]);
  if (typeof value === 'bigint') return writeProtobuf([[4, Number(value)]]);
  if (typeof value === 'boolean') return writeProtobuf([[6, Number(value)]]);
  if (value === null) return writeProtobuf([[9, 0]]);
  if (Array.isArray(value))
    return writeProtobuf([[8, writeProtobuf(value.map((item) => [1, valueBytes(item)] as const))]]);
  return writeProtobuf([[7, writeProtobuf(membersOf(value as Readonly<Record<string, VrlValue>>))]]);
};

export type FakeVectorApi = {
  url: string;
  /** What each tap that was opened asks for: ids of components. */
  taps: string[][];
  /** Sends an event to all taps that watch the component. */
  send: (component: string, log: Buffer) => void;
  /** All connections end, as where Vector does; `isGone`: new ones too, until the next call. */
  drop: (of?: { isGone: boolean }) => void;
  /** How many connections were tried. */
  tries: () => number;
};

/** An API that knows these components, and hands events to those who tap. */
export const startVectorApi = async ({ components }: { components: readonly string[] }): Promise<FakeVectorApi> => {
  const server = createServer();
  const open = new Map<ServerHttp2Stream, string[]>();
  const taps: string[][] = [];
  const sessions = new Set<{ destroy: () => void }>();
  let [isGone, tries] = [false, 0];
  server.on('session', (session) => {
    tries += 1;
    sessions.add(session);
    session.on('error', () => {});
    if (isGone) session.destroy();
  });
  server.on('stream', (stream, headers) => {
    const parts: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      if (String(headers[':path']).endsWith('/GetComponents')) {
        const ids = components.map((id) => [1, writeProtobuf([[1, id]])] as const);
        stream.end(framed(writeProtobuf(ids)));
        return;
      }
      const asked = [...readProtobuf(Buffer.concat(parts).subarray(5))];
      const ids = asked.flatMap(({ number, value }) => (number === 1 ? [String(value)] : []));
      taps.push(ids);
      open.set(stream, ids);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const drop = (of = { isGone: false }) => {
    isGone = of.isGone;
    for (const session of sessions) session.destroy();
    sessions.clear();
    open.clear();
  };
  onTestFinished(() => {
    drop();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taps,
    drop,
    tries: () => tries,
    send: (component, log) => {
      const tapped = writeProtobuf([
        [1, component],
        [2, 'file'],
        [3, 'source'],
        [4, writeProtobuf([[1, log]])],
      ]);
      const bytes = framed(writeProtobuf([[1, tapped]]));
      for (const [stream, ids] of open) if (ids.includes(component)) stream.write(bytes);
    },
  };
};

const framed = (message: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};
