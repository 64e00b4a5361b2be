import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rowsOf } from '../../lib/pipelines/table.ts';
import { blocksOf } from '../../lib/render/file.ts';
import { aRawAllocation, aTransform, idOf } from '../support/builders.ts';
import { daemonFiles, daemonSettings } from '../support/daemon-files.ts';
import { waitUntil } from '../support/wait.ts';
import type { Behaviour } from '../vector/fake-vector.ts';
import { aFolder, aNomad, aVector, nvl, put, startNvl, textOf } from './support.ts';

const [one, two] = [1, 2].map((digit) => aRawAllocation({ id: idOf(digit) }));

/** A node with a Nomad and a vector of its own, and a configuration with short pauses. */
const aSite = async ({
  allocations = [one],
  behaviours,
  config = {},
  files = {},
}: {
  allocations?: unknown[];
  behaviours?: Behaviour[];
  config?: Record<string, unknown>;
  files?: Record<string, unknown>;
} = {}) => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, allocations);
  const vector = await aVector(folder, behaviours);
  const given = { vector: { drain: '5s' }, ...config };
  const settings = daemonSettings({ address: nomad.address, ...given });
  await put(folder, { ...daemonFiles({ folder, address: nomad.address, config: given }), ...files });
  const live = async () => (await textOf(folder, 'root/live/nomad.toml')) ?? '';
  const rows = async () => rowsOf(await textOf(folder, 'root/rows/tasks.csv'));
  const words = ['--', vector.binary, '-c', join(folder, 'team.toml')];
  return {
    folder,
    nomad,
    vector,
    settings,
    live,
    rows,
    run: (args: string[] = [], env: Record<string, string> = {}) =>
      startNvl(['run', ...args, ...words], { cwd: folder, env }),
    once: (args: string[] = []) =>
      nvl(['run', '--once', '--reload-method', 'none', '--vector-binary', vector.binary, ...args], { cwd: folder }),
    reaches: async (count: number) => waitUntil(`${count} tasks`, async () => (await rows()).length === count),
    does: async (...events: string[]) =>
      waitUntil(`vector to ${events}`, async () => (await vector.events()).join() === events.join()),
  };
};

test('it starts Vector with the first file, tells it of the next task, and ends it once, with itself', async () => {
  const site = await aSite();
  const daemon = site.run();
  await site.does('start');
  expect(await site.rows()).toHaveLength(1);
  const before = await site.live();
  site.nomad.setAllocations([one, two]);
  await site.does('start', 'HUP');
  expect(await site.rows()).toHaveLength(2);
  // One more task of a profile is one more row.
  expect(await site.live()).toBe(before);
  const { code, out } = await daemon.end();
  expect([code, out]).toEqual([0, '']);
  expect(await site.vector.events()).toEqual(['start', 'HUP', 'TERM', 'end']);
});

test('a Nomad that is away at the start: Vector waits for its first file', async () => {
  const site = await aSite();
  site.nomad.setAway(true);
  const daemon = site.run();
  await waitUntil('the trouble to be told', () => daemon.log().some(({ level }) => level === 'error'));
  expect(await site.vector.events()).toEqual([]);
  site.nomad.setAway(false);
  await site.does('start');
});

test('a Nomad that is away at the start: Vector runs what is live', async () => {
  const site = await aSite();
  await site.once();
  site.nomad.setAway(true);
  const daemon = site.run();
  await site.does('start');
  await waitUntil('the trouble to be told', () => daemon.log().some(({ level }) => level === 'error'));
  expect(await site.rows()).toHaveLength(1);
});

test.each<[string, unknown]>([
  ['cannot be read', '{'],
  ['has a fault', { root: 'root', nonsense: 1 }],
])('SIGHUP with a configuration that %s: the one before stays in use', async (_, broken) => {
  const site = await aSite();
  const daemon = site.run();
  await site.does('start');
  await put(site.folder, { 'nvl.json': broken });
  daemon.hangUp();
  await waitUntil('it to be told', () => daemon.log().some(({ msg }) => msg.includes('the one before stays in use')));
  site.nomad.setAllocations([one, two]);
  await site.reaches(2);
});

test('SIGHUP with a configuration that this nvl cannot run with: the one before stays in use', async () => {
  const site = await aSite({ config: { reload: { settle: '5ms:20ms', method: 'none' } } });
  const daemon = startNvl(['run', '--vector-binary', site.vector.binary], { cwd: site.folder });
  await site.reaches(1);
  await put(site.folder, { 'nvl.json': { ...site.settings, reload: { settle: '5ms:20ms' } } });
  daemon.hangUp();
  await waitUntil('it to be told', () =>
    daemon.log().some(({ err }) => err?.message.includes('nothing says how Vector')),
  );
  site.nomad.setAllocations([one, two]);
  await site.reaches(2);
});

test('SIGHUP with another configuration: it counts, and Vector runs on', async () => {
  const site = await aSite({ files: { 'templates/vector/transform.toml.hbs': aTransform('.mine = true') } });
  const daemon = site.run();
  await site.does('start');
  await put(site.folder, { 'nvl.json': { ...site.settings, templates: 'templates' } });
  daemon.hangUp();
  await waitUntil('the other templates', async () => (await site.live()).includes('.mine = true'));
  await site.does('start', 'HUP');
});

test('a second nvl on one root ends with the reason, and harms nothing', async () => {
  const site = await aSite();
  site.run();
  await site.does('start');
  const second = await site.run().ended;
  expect(second.code).toBe(1);
  expect(second.err).toContain('another nvl works on this output root');
  expect(await site.vector.events()).toEqual(['start']);
});

test('neither the job that nvl runs in nor who opted out is collected', async () => {
  const own = aRawAllocation({ id: idOf(3), job: 'nvl' });
  const out = aRawAllocation({ id: idOf(4), job: 'out', jobMeta: { nvl_enabled: 'false' } });
  const site = await aSite({ allocations: [own, one, out] });
  site.run([], { NOMAD_ALLOC_ID: idOf(3) });
  await site.does('start');
  expect((await site.rows()).map(({ stem }) => stem)).toEqual([expect.stringContaining('nvl_11111111_')]);
});

test('an opt-out that is no clear one is none of the words for yes: not collected, and told once', async () => {
  const odd = aRawAllocation({ id: idOf(4), job: 'odd', jobMeta: { nvl_enabled: 'nope' } });
  const near = aRawAllocation({ id: idOf(5), job: 'near', jobMeta: { 'nvl-enabled': 'false' } });
  const misspelt = aRawAllocation({ id: idOf(6), job: 'misspelt', taskMeta: { NVL_PROFILE: 'json' } });
  const site = await aSite({ allocations: [one, odd, near, misspelt] });
  const daemon = site.run();
  await site.does('start');
  const ids = (await site.rows()).map(({ stem }) => stem.slice(0, 12));
  expect(ids.sort()).toEqual(['nvl_11111111', 'nvl_66666666']);
  site.nomad.setAllocations([one, odd, near, misspelt, two]);
  await site.does('start', 'HUP');
  const told = daemon.log().flatMap(({ msg }) => (/nvl_|nvl-/i.test(msg) ? [msg] : []));
  expect(told.sort()).toEqual([
    `default / misspelt / web 0 / app (profile default): NVL_PROFILE in the task's meta is no key that nvl knows; did you mean "nvl_profile"?`,
    `default / near / web 0 / app: "nvl-enabled" = "false" in the job's meta reads as an opt-out: the task is not collected`,
    `default / odd / web 0 / app: nvl_enabled = "nope" in the job's meta is neither yes nor no: the task is not collected`,
  ]);
});

test('a broken template at the first start costs no line: its tasks ship by default until it is fixed', async () => {
  const site = await aSite({
    allocations: [one, aRawAllocation({ id: idOf(2), taskMeta: { nvl_profile: 'mine' } })],
    config: { templates: 'templates' },
    files: { 'templates/profiles/mine/transform.toml.hbs': aTransform('{{jobb}}') },
  });
  const daemon = site.run();
  await site.does('start');
  expect(await site.rows()).toHaveLength(2);
  await waitUntil('it to be told', () => daemon.log().some(({ msg }) => msg.startsWith('ships by default, ')));
  expect((await site.rows()).map(({ mark }) => mark)).toEqual(['', 'profile "mine" is refused']);
  await put(site.folder, { 'templates/profiles/mine/transform.toml.hbs': aTransform() });
  await site.does('start', 'HUP');
  // What Vector has read by the pipeline that the task leaves still says so.
  const marks = (await site.rows()).map(({ pipeline, mark }) => [pipeline.replace(/_[0-9a-f]{8}$/, ''), mark]);
  expect(marks).toEqual([
    ['nvl_default', ''],
    ['nvl_default', 'profile "mine" is refused'],
    ['nvl_mine', ''],
  ]);
});

test('templates that are broken while nvl is away: a new task ships by those that Vector took last, and everybody is told', async () => {
  const files = {
    'templates/vector/sink.toml.hbs': '[sinks.mine]\ntype = "console"\ninputs = ["{{input}}"]\n',
    'templates/vector/transform.toml.hbs': aTransform('{{> part}}'),
    'templates/partials/part.hbs': '.old = 1',
  };
  const site = await aSite({ config: { templates: 'templates' }, files });
  const first = site.run();
  await site.does('start');
  await waitUntil(
    'them to be kept',
    async () => (await textOf(site.folder, 'root/state/templates.json')) !== undefined,
  );
  await first.end();
  await put(site.folder, {
    'templates/vector/sink.toml.hbs': '{{jobb}}',
    'templates/vector/transform.toml.hbs': '',
    'templates/partials/part.hbs': '{{jobb}}',
  });
  for (const gone of ['live', 'rows', 'generations']) await rm(join(site.folder, 'root', gone), { recursive: true });
  site.nomad.setAllocations([two]);
  const next = site.run();
  await waitUntil('the new task', async () => (await site.rows()).some(({ stem }) => stem.startsWith('nvl_22222222')));
  expect((await site.rows()).map(({ mark }) => mark)).not.toContain('profile "default" is refused');
  // The rows are there before the live file is.
  for (const part of ['.old = 1', '[sinks.mine]'])
    await waitUntil(`${part} in the live file`, async () => (await site.live()).includes(part));
  await waitUntil('it to be told', () =>
    next.log().some(({ msg }) => msg.startsWith('ships by the last good version')),
  );
  const { out } = await nvl(['doctor', '--vector-binary', site.vector.binary], { cwd: site.folder });
  const told = out.split('\n').filter((line) => line.startsWith('fail  proof'));
  expect(told.map((line) => line.replace(/^fail {2}proof +|: .*$/g, ''))).toEqual(
    told.map(() => 'ships by the last good version of its profile'),
  );
  expect(told.join()).toMatch(/vector\/sink\.toml\.hbs.*web 0 \/ app/);
});

test('a broken sink at the first start: no line is read before there is somewhere to send it', async () => {
  const site = await aSite({
    config: { templates: 'templates' },
    files: { 'templates/vector/sink.toml.hbs': '{{#if' },
  });
  const daemon = site.run();
  await waitUntil('it to be told', () => daemon.log().some(({ msg }) => msg.startsWith('left out: vector/sink')));
  expect(await site.rows()).toEqual([]);
  await put(site.folder, { 'templates/vector/sink.toml.hbs': '[sinks.x]\ntype = "console"\ninputs = ["{{input}}"]\n' });
  await site.reaches(1);
});

test('Vector dies by itself soon after it has confirmed a file: the one before is live again, and it is not offered the other again', async () => {
  const site = await aSite({
    config: { templates: 'templates' },
    files: { 'templates/profiles/mine/transform.toml.hbs': aTransform() },
  });
  const daemon = site.run();
  await site.does('start');
  const good = await site.live();
  const loads = () => daemon.log().filter(({ msg }) => msg === 'Vector has loaded the new config').length;
  site.nomad.setAllocations([one, aRawAllocation({ id: idOf(2), taskMeta: { nvl_profile: 'mine' } })]);
  await waitUntil('the second file to be confirmed', () => loads() === 2);
  const bad = await site.live();
  const [start = ''] = await site.vector.notes();
  // As it does when it panics.
  process.kill(Number(start.split(' ')[1]), 'SIGABRT');
  await waitUntil('the roll back', () => daemon.log().some(({ msg }) => msg.startsWith('Vector died soon after')));
  // The next cycle renders those bytes again: in their place comes what costs the task no line.
  await waitUntil('its task to ship', async () => (await site.rows()).some(({ mark }) => mark !== ''));
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  const blocks = blocksOf(await site.live());
  for (const [key, { text }] of blocksOf(bad)) {
    if (blocksOf(good).has(key)) expect(blocks.get(key)?.text).toBe(text);
    else expect(blocks.has(key)).toBe(false);
  }
  expect((await site.rows()).map(({ mark }) => mark)).toEqual(['', 'profile "mine" is refused']);
  // A Vector that starts after the row was written has it from its start.
  expect((await site.vector.events()).join()).toMatch(/^start,HUP,start(,HUP)?$/);
});

test('one cycle: writes what is to be live, and the second time nothing', async () => {
  const site = await aSite();
  expect((await site.once()).code).toBe(0);
  const [first, entries] = [await site.live(), await readdir(join(site.folder, 'root/generations'))];
  expect((await site.once()).code).toBe(0);
  expect([await site.live(), await readdir(join(site.folder, 'root/generations'))]).toEqual([first, entries]);
  expect(await readdir(join(site.folder, 'root/live'))).toEqual(['nomad.toml']);
  expect((await readdir(join(site.folder, 'root/rows'))).sort()).toEqual([
    'nvl_cells.csv',
    expect.stringMatching(/^nvl_labels_[0-9a-f]{8}\.csv$/),
    'tasks.csv',
  ]);
});

test('one cycle in which somebody ships by default ends with 1, and ships all', async () => {
  const site = await aSite({ allocations: [one, aRawAllocation({ id: idOf(2), taskMeta: { nvl_profile: 'nope' } })] });
  const { code, err } = await site.once();
  expect(code).toBe(1);
  expect(err).toContain('no profile is named nope');
  expect(await site.rows()).toHaveLength(2);
});

test('one cycle runs no Vector', async () => {
  const site = await aSite();
  const { code, err } = await site.run(['--once']).ended;
  expect([code, err.split('\n')[0]]).toEqual([1, 'nvl: --once runs no Vector']);
});
