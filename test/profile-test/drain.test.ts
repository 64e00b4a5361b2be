import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { waitUntilRead } from '../../lib/profile-test/drain.ts';
import { folderWith } from './support.ts';

/** Vector keeps positions by source, which has the id of the task's pipeline. */
const pipelineOf = (id: string): string => `nvl_default_${id}`;

const writePosition = ({ dataDir, id, position }: { dataDir: string; id: string; position: number }) => {
  const file = join(dataDir, pipelineOf(id), 'checkpoints.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    JSON.stringify({ version: '1', checkpoints: [{ fingerprint: { first_lines_checksum: 7 }, position }] }),
  );
};

const wait = ({
  dataDir,
  bytes,
  ...rest
}: {
  dataDir: string;
  bytes: Record<string, number>;
} & Partial<Parameters<typeof waitUntilRead>[0]>) =>
  waitUntilRead({
    watched: Object.entries(bytes).map(([id, size]) => ({
      id,
      pipeline: pipelineOf(id),
      bytes: size,
      eventsFile: join(dataDir, `${id}.ndjson`),
    })),
    dataDir,
    startMs: 5_000,
    stillMs: 5_000,
    limitMs: 10_000,
    hasStarted: () => true,
    isOver: () => false,
    ...rest,
  });

test('it is over when each file is read to its end; an empty one is so from the start', async () => {
  const dataDir = folderWith({});
  writePosition({ dataDir, id: 'a', position: 4 });
  const waiting = wait({ dataDir, bytes: { a: 4, b: 6, empty: 0 } });
  await sleep(100);
  writePosition({ dataDir, id: 'b', position: 6 });
  expect(await waiting).toEqual([]);
});

test('files of one source have a position each', async () => {
  const dataDir = folderWith({});
  const file = join(dataDir, 'p', 'checkpoints.json');
  mkdirSync(dirname(file), { recursive: true });
  const entries = [7, 8].map((inode) => ({ fingerprint: { dev_inode: [1, inode] }, position: inode === 7 ? 4 : 3 }));
  writeFileSync(file, JSON.stringify({ version: '1', checkpoints: entries }));
  const watched = [7, 8, 9].map((inode) => ({
    id: String(inode),
    pipeline: 'p',
    bytes: 4,
    eventsFile: join(dataDir, `${inode}.ndjson`),
    key: `1:${inode}`,
  }));
  expect(await wait({ dataDir, bytes: {}, watched, stillMs: 300 })).toEqual(['8', '9']);
});

test('it is over when nothing has moved for a while', async () => {
  const dataDir = folderWith({});
  writePosition({ dataDir, id: 'a', position: 3 });
  const began = Date.now();
  const waiting = wait({ dataDir, bytes: { a: 4 }, stillMs: 3_000 });
  await sleep(200);
  appendFileSync(join(dataDir, 'a.ndjson'), 'an event\n');
  expect(await waiting).toEqual(['a']);
  expect(Date.now() - began).toBeGreaterThanOrEqual(3_190);
});

test('Vector may take longer to start than between two events', async () => {
  const dataDir = folderWith({});
  let hasStarted = false;
  const waiting = wait({ dataDir, bytes: { a: 4 }, stillMs: 100, hasStarted: () => hasStarted });
  await sleep(300);
  hasStarted = true;
  writePosition({ dataDir, id: 'a', position: 4 });
  expect(await waiting).toEqual([]);
});

test.each([
  ['Vector has ended', { isOver: () => true }],
  ['the limit has passed', { limitMs: 100 }],
  ['it does not start', { startMs: 100, hasStarted: () => false }],
])('it is over when %s', async (_, options) => {
  expect(await wait({ dataDir: folderWith({}), bytes: { a: 4 }, ...options })).toEqual(['a']);
});
