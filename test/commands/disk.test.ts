import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rowsOf } from '../../lib/pipelines/table.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { aSmallDisk, canMount } from '../support/small-disk.ts';
import { waitUntil } from '../support/wait.ts';
import { aFolder, aNomad, aVector, nvl, put, startNvl, textOf } from './support.ts';

// A daemon whose output root is on a disk that fills up, becomes read-only, or is tidied by somebody.

const [one, two, three] = [1, 2, 3].map((digit) => aRawAllocation({ id: idOf(digit) }));
const PATIENT = { timeoutMs: 60_000 };

const aSite = async () => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, [one]);
  const vector = await aVector(folder);
  const root = join(folder, 'disk', 'root');
  await put(folder, {
    ...daemonFiles({ folder, address: nomad.address, config: { root, vector: { drain: '5s' } } }),
  });
  const live = async () => (await textOf(root, 'live/nomad.toml')) ?? '';
  /** Those of which Vector can tell whose lines they are. */
  const tasks = async () => rowsOf(await textOf(root, 'rows/tasks.csv')).length;
  return {
    folder,
    root,
    nomad,
    vector,
    live,
    tasks,
    once: () => nvl(['run', '--once', '--reload-method', 'none', '--vector-binary', vector.binary], { cwd: folder }),
    run: () => startNvl(['run', '--', vector.binary, '-c', join(folder, 'team.toml')], { cwd: folder }),
    reaches: (count: number) => waitUntil(`${count} tasks`, async () => (await tasks()) === count, PATIENT),
    does: (...events: string[]) =>
      waitUntil(`vector to ${events}`, async () => (await vector.events()).join() === events.join(), PATIENT),
  };
};

type Daemon = ReturnType<typeof startNvl>;
const errorsOf = (daemon: Daemon) => daemon.log().filter(({ level }) => level === 'error');
/** What else was under way as the disk failed may be told too, and no trouble twice. */
const expectToldOnce = (daemon: Daemon): void => {
  const told = errorsOf(daemon).map(({ msg }) => msg);
  expect(told.length, told.join('\n')).toBeLessThanOrEqual(4);
  expect(told).toEqual([...new Set(told)]);
};
const troubled = (daemon: Daemon) => waitUntil('the trouble to be told', () => errorsOf(daemon).length > 0, PATIENT);
const isWell = (daemon: Daemon) =>
  waitUntil('all to be well', () => daemon.log().some(({ msg }) => msg === 'all is well again'), PATIENT);

describe.runIf(canMount)('a disk that takes nothing', { timeout: 180_000 }, () => {
  const harms = {
    full: { harm: (disk: SmallDisk) => disk.fill(), heal: (disk: SmallDisk) => disk.empty() },
    'read-only': {
      harm: (disk: SmallDisk) => disk.makeReadOnly(),
      heal: async (disk: SmallDisk) => disk.makeWritable(),
    },
  };
  type SmallDisk = Awaited<ReturnType<typeof aSmallDisk>>;

  test.each(Object.entries(harms))(
    '%s at the start: what is live runs, it is told, and put right when it can be',
    async (_, { harm, heal }) => {
      const site = await aSite();
      const disk = await aSmallDisk({ folder: join(site.folder, 'disk') });
      expect((await site.once()).code).toBe(0);
      site.nomad.setAllocations([one, two]);
      await harm(disk);
      const daemon = site.run();
      await site.does('start');
      await troubled(daemon);
      // Over some more tries.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expectToldOnce(daemon);
      expect(await site.tasks()).toBe(1);
      expect((await site.run().ended).err).toContain('another nvl works on this output root');
      await heal(disk);
      await site.reaches(2);
      await isWell(daemon);
      await daemon.end();
      expect(await site.vector.events()).toEqual(['start', 'HUP', 'TERM', 'end']);
      expect(JSON.parse((await textOf(site.root, 'state/state.json')) ?? '').tasks).not.toEqual({});
    },
  );

  test.each(Object.entries(harms))(
    '%s under way: Vector runs on, it is told once, and put right when it can be',
    async (_, { harm, heal }) => {
      const site = await aSite();
      const disk = await aSmallDisk({ folder: join(site.folder, 'disk') });
      const daemon = site.run();
      await site.does('start');
      await waitUntil(
        'the first generation',
        async () => (await textOf(site.root, 'generations/1/good')) !== undefined,
        PATIENT,
      );
      await harm(disk);
      site.nomad.setAllocations([one, two]);
      await troubled(daemon);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expectToldOnce(daemon);
      await heal(disk);
      await site.reaches(2);
      await isWell(daemon);
      site.nomad.setAllocations([one, two, three]);
      await site.reaches(3);
      await site.does('start', 'HUP', 'HUP');
      await daemon.end();
      expect(await site.vector.events()).toEqual(['start', 'HUP', 'HUP', 'TERM', 'end']);
    },
  );

  test('full before anything is live: nvl waits for it', async () => {
    const site = await aSite();
    const disk = await aSmallDisk({ folder: join(site.folder, 'disk') });
    await disk.fill();
    const daemon = site.run();
    await troubled(daemon);
    await disk.empty();
    await site.does('start');
  });
});

const labelsFile = async (root: string): Promise<string> =>
  join(root, 'rows', (await readdir(join(root, 'rows'))).find((name) => name.startsWith('nvl_labels_')) ?? '');

// With retries: nvl may write in a folder while that is removed.
test.each<[string, (root: string) => Promise<unknown>]>([
  ['the lock', (root) => rm(join(root, 'lock'))],
  ['stage', (root) => rm(join(root, 'stage'), { recursive: true, maxRetries: 9 })],
  ['the live file', (root) => rm(join(root, 'live/nomad.toml'))],
  ['live', (root) => rm(join(root, 'live'), { recursive: true, maxRetries: 9 })],
  ['the table', (root) => rm(join(root, 'rows/tasks.csv'))],
  ['a whole table', (root) => writeFile(join(root, 'rows/tasks.csv'), '"task","pipel')],
  ['a table that Vector reads', async (root) => rm(await labelsFile(root))],
  ['what stands in a table that Vector reads', async (root) => writeFile(await labelsFile(root), '"nvl_ta')],
  ['rows', (root) => rm(join(root, 'rows'), { recursive: true, maxRetries: 9 })],
  ['links', (root) => rm(join(root, 'links'), { recursive: true, maxRetries: 9 })],
  ['generations', (root) => rm(join(root, 'generations'), { recursive: true, maxRetries: 9 })],
  ['state.json', (root) => rm(join(root, 'state/state.json'))],
  ['a whole state', (root) => writeFile(join(root, 'state/state.json'), '{"schema')],
  ['state', (root) => rm(join(root, 'state'), { recursive: true, maxRetries: 9 })],
  ['everything', (root) => rm(root, { recursive: true, maxRetries: 9 })],
])(
  'somebody takes away %s under way: it comes back, and the next task ships',
  { timeout: 120_000 },
  async (_, harm) => {
    const site = await aSite();
    const daemon = site.run();
    await site.does('start');
    await waitUntil(
      'the first generation',
      async () => (await textOf(site.root, 'generations/1/good')) !== undefined,
      PATIENT,
    );
    await harm(site.root);
    site.nomad.setAllocations([one, two]);
    await site.reaches(2);
    await waitUntil('the live file', async () => /^\[sources\.nvl_default_/m.test(await site.live()), PATIENT);
    await waitUntil('a good generation', async () => /good/.test(await allOf(join(site.root, 'generations'))), PATIENT);
    await waitUntil(
      'the state',
      async () => JSON.parse((await textOf(site.root, 'state/state.json')) ?? '').tasks !== undefined,
      PATIENT,
    );
    expect((await site.run().ended).err).toContain('another nvl works on this output root');
    await daemon.end();
    expect((await site.vector.events()).filter((event) => event === 'start')).toHaveLength(1);
  },
);

test('a link planted in the place of a folder under way is not followed, and told; with it gone the task ships', {
  timeout: 120_000,
}, async () => {
  const site = await aSite();
  const victim = join(site.folder, 'victim');
  await put(site.folder, { 'victim/nomad.toml': 'mine', 'victim/7/nomad.toml': 'mine' });
  const daemon = site.run();
  await site.does('start');
  await rename(join(site.root, 'stage'), join(site.folder, 'before'));
  await symlink(victim, join(site.root, 'stage'));
  site.nomad.setAllocations([one, two]);
  await waitUntil('it to be told', () => daemon.said().includes('it is a symbolic link'), PATIENT);
  // A look that had begun before may have brought the second one in.
  const known = await site.tasks();
  site.nomad.setAllocations([one, two, three]);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect(await site.tasks()).toBe(known);
  await rm(join(site.root, 'stage'));
  await site.reaches(3);
  expect([await readFile(join(victim, 'nomad.toml'), 'utf8'), await textOf(victim, '7/nomad.toml')]).toEqual([
    'mine',
    'mine',
  ]);
});

test('a link planted before the first start is refused with the reason', async () => {
  const site = await aSite();
  await put(site.folder, { 'victim/nomad.toml': 'mine' });
  await mkdir(site.root, { recursive: true });
  await symlink(join(site.folder, 'victim'), join(site.root, 'live'));
  const { code, err } = await site.run().ended;
  expect(code).toBe(1);
  expect(err).toContain('it is a symbolic link');
  expect(await textOf(site.folder, 'victim/nomad.toml')).toBe('mine');
});

const allOf = async (folder: string): Promise<string> => {
  return (await readdir(folder, { recursive: true }).catch(() => [])).join(' ');
};
