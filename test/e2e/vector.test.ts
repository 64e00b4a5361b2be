import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { needs, vector } from '../support/programs.ts';
import { fileSink, type RunningVector, readEvents, startVector, waitForEvents } from '../support/vector.ts';

// What nvl leans on, seen on a real Vector with a configuration written by hand.

let folder: string;
let running: RunningVector | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nvl-vector-'));
  await mkdir(join(folder, 'logs'));
});
afterEach(async () => {
  await running?.end();
  running = undefined;
  await rm(folder, { recursive: true, force: true });
});

const log = (name: string) => join(folder, 'logs', name);
const delivered = () => join(folder, 'delivered.ndjson');

/** Starts a Vector that reads `links/<id>/app.stdout.*`, where the link points to the folder of logs. */
const start = async (id = 'one') => {
  await mkdir(join(folder, 'links'));
  await symlink(join(folder, 'logs'), join(folder, 'links', id));
  await writeFile(join(folder, 'vector.toml'), source(id) + fileSink({ inputs: [id], file: delivered() }));
  running = await startVector({ folder, configs: [join(folder, 'vector.toml')] });
  return running;
};

const source = (id: string) => `
[sources.${id}]
type = "file"
include = [${JSON.stringify(join(folder, 'links', id, 'app.stdout.[0-9]*'))}]
fingerprint.strategy = "device_and_inode"
glob_minimum_cooldown_ms = 250
`;

test(
  'files that start alike are told apart, and an unfinished last line comes when its link goes',
  needs(vector),
  async () => {
    for (const number of [0, 1, 2]) await writeFile(log(`app.stdout.${number}`), `header\nline of ${number}\n`);
    await writeFile(log('app.stdout.3'), 'header\nunfinished');
    await start();
    await waitForEvents({ file: delivered(), count: 7 });
    await sleep(600);
    expect((await readEvents(delivered())).map(({ message }) => message)).not.toContain('unfinished');
    await unlink(join(folder, 'links', 'one'));
    const messages = (await waitForEvents({ file: delivered(), count: 8 })).map(({ message }) => message);
    expect(messages.sort()).toEqual([
      'header',
      'header',
      'header',
      'header',
      'line of 0',
      'line of 1',
      'line of 2',
      'unfinished',
    ]);
  },
);

test('a configuration that does not load leaves the running one as it is', needs(vector), async () => {
  await writeFile(log('app.stdout.0'), 'before\n');
  const { reload } = await start();
  await waitForEvents({ file: delivered(), count: 1 });
  const config = join(folder, 'vector.toml');
  await writeFile(`${config}.new`, 'sources = 7\n');
  await rename(`${config}.new`, config);
  await expect(reload()).rejects.toThrow('Vector did not reload');
  await writeFile(log('app.stdout.1'), 'after\n');
  expect((await waitForEvents({ file: delivered(), count: 2 })).map(({ message }) => message)).toEqual([
    'before',
    'after',
  ]);
  await writeFile(config, source('one') + source('two') + fileSink({ inputs: ['one', 'two'], file: delivered() }));
  await reload();
});
