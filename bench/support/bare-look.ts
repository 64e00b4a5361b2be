/**
 * What one look at a list costs at least, as a process of its own with all of V8's compilers: `node bare-look.ts ADDRESS`
 * asks once, and prints a `BareLook` as JSON.
 */
import { get } from 'node:http';
import { createGunzip } from 'node:zlib';
import { createListReader } from '../../lib/nomad/list-elements.ts';

/** Processor time in ms. */
export type BareLook = {
  /** To receive it, to unpack it, and to look at each byte of it once. */
  receiveMs: number;
  /** To look at each byte once. */
  passMs: number;
  /** `JSON.parse` of each element. */
  parseMs: number;
  bytes: number;
  elements: number;
};

const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** All threads: zlib unpacks on one of its own. */
const processMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

let sum = 0;
const passOver = (bytes: Buffer): void => {
  for (let at = 0; at < bytes.length; at += 1) sum = (sum + (bytes[at] ?? 0)) | 0;
};

const piecesOf = async (take: (piece: Buffer) => void): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  get(`${process.argv[2]}/v1/node/n/allocations`, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
    response
      .pipe(createGunzip({ chunkSize: 65_536 }))
      .on('data', take)
      .on('end', resolve)
      .on('error', reject);
  }).on('error', reject);
  await promise;
};

const look: BareLook = { receiveMs: 0, passMs: 0, parseMs: 0, bytes: 0, elements: 0 };
// Compiled before it is measured.
passOver(Buffer.alloc(1e7, 'x'));
const began = processMs();
await piecesOf((piece) => {
  const before = threadMs();
  passOver(piece);
  look.passMs += threadMs() - before;
  look.bytes += piece.length;
});
look.receiveMs = processMs() - began;
const reader = createListReader({
  onElement: ({ text }) => {
    const json = text();
    const before = threadMs();
    JSON.parse(json);
    look.parseMs += threadMs() - before;
    look.elements += 1;
  },
});
await piecesOf(reader.push);
process.stdout.write(JSON.stringify(look));
process.exitCode = sum === 0.5 ? 1 : 0;
