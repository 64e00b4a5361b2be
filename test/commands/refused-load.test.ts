import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rowsOf } from '../../lib/pipelines/table.ts';
import { blocksOf } from '../../lib/render/file.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { waitUntil as waitUpTo } from '../support/wait.ts';
import type { Behaviour } from '../vector/fake-vector.ts';
import { aFolder, aNomad, aVector, put, startNvl, textOf } from './support.ts';

// The daemon, and a Vector that can't build what it found sound.

const [one, two] = [1, 2].map((digit) => aRawAllocation({ id: idOf(digit) }));
/** A busy machine may take its time: none of these waits is what is measured. */
const SLOW = { timeout: 90_000 };
const waitUntil = (what: string, isSo: () => boolean | Promise<boolean>) => waitUpTo(what, isSo, { timeoutMs: 40_000 });
const SINK = 'templates/vector/sink.toml.hbs';
const sink = (name: string) => `[sinks.${name}]\ntype = "console"\ninputs = ["{{input}}"]\nencoding.codec = "json"\n`;

const aSite = async ({ behaviours, first }: { behaviours: Behaviour[]; first: string }) => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, [one]);
  const vector = await aVector(folder, behaviours);
  await put(folder, {
    ...daemonFiles({ folder, address: nomad.address, config: { templates: 'templates', vector: { drain: '5s' } } }),
    [SINK]: sink(first),
  });
  const live = async () => (await textOf(folder, 'root/live/nomad.toml')) ?? '';
  const start = () => startNvl(['run', '--', vector.binary, '-c', join(folder, 'team.toml')], { cwd: folder });
  return {
    nomad,
    vector,
    start,
    save: (name: string) => put(folder, { [SINK]: sink(name) }),
    runs: (name: string, tasks: number) =>
      waitUntil(`${name} and ${tasks} tasks to be live`, async () => {
        const blocks = [...blocksOf(await live()).values()];
        const rows = rowsOf(await textOf(folder, 'root/rows/tasks.csv'));
        return rows.length === tasks && blocks.some(({ text }) => text.startsWith(`[sinks.${name}]`));
      }),
    does: (...events: string[]) =>
      waitUntil(`vector to ${events}`, async () => (await vector.events()).join() === events.join()),
  };
};
type Daemon = ReturnType<typeof startNvl>;
const told = (daemon: Daemon, start: string) => daemon.log().filter(({ msg }) => msg.startsWith(start)).length;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('a refused sink: Vector runs on, is left alone, and a nvl that starts anew offers it no more', SLOW, async () => {
  const site = await aSite({ behaviours: [{ cannotBuild: ['bad'] }], first: 'good' });
  const daemon = site.start();
  await site.does('start');
  await site.save('bad');
  await waitUntil('it to be told', () => told(daemon, 'kept as it was: vector/sink') === 1);
  await site.runs('good', 1);
  await pause(2_500);
  expect(await site.vector.events()).toEqual(['start', 'HUP']);
  expect(told(daemon, 'Vector refused to load')).toBe(1);
  await daemon.end();
  const next = site.start();
  await waitUntil('the next to say it', () => told(next, 'kept as it was: vector/sink') === 1);
  await pause(1_500);
  expect((await site.vector.events()).filter((event) => event !== 'TERM' && event !== 'end')).toEqual([
    'start',
    'HUP',
    'start',
  ]);
});

test(
  'a new task after it: should its reload end Vector, the next one starts with it, and nobody else is blamed',
  SLOW,
  async () => {
    const site = await aSite({ behaviours: [{ cannotBuild: ['bad'] }], first: 'good' });
    const daemon = site.start();
    await site.does('start');
    await site.save('bad');
    await waitUntil('it to be told', () => told(daemon, 'kept as it was: vector/sink') === 1);
    site.nomad.setAllocations([one, two]);
    await site.runs('good', 2);
    await site.does('start', 'HUP', 'HUP', 'start');
    await site.save('fixed');
    await site.runs('fixed', 2);
    await waitUntil('the end of it to be told', () => told(daemon, 'nothing is left out or replaced any more') === 1);
    await site.does('start', 'HUP', 'HUP', 'start', 'HUP');
    expect(told(daemon, 'left out: ')).toBe(0);
  },
);

test(
  'a Vector that does not start with what is live any more goes back to the last good file, and new tasks ship',
  SLOW,
  async () => {
    const site = await aSite({ behaviours: [{}, { cannotBuild: ['second'] }], first: 'first' });
    const daemon = site.start();
    await site.does('start');
    await site.save('second');
    await site.runs('second', 1);
    await waitUntil('it to be confirmed', () => told(daemon, 'Vector has loaded') === 2);
    const [start = ''] = await site.vector.notes();
    process.kill(Number(start.split(' ')[1]), 'SIGKILL');
    await site.runs('first', 1);
    await site.does('start', 'HUP', 'start', 'start');
    site.nomad.setAllocations([one, two]);
    await site.runs('first', 2);
    const goingBack = daemon.log().filter(({ msg }) => /^Vector .*the last good one is live again$/.test(msg));
    expect(goingBack).toHaveLength(1);
    await waitUntil('it to be told', () => told(daemon, 'kept as it was: vector/sink') === 1);
  },
);

test('without a way back it is tried at growing pauses, said once, and a fixed template ends that', SLOW, async () => {
  const site = await aSite({ behaviours: [{ cannotBuild: ['bad'] }], first: 'bad' });
  const daemon = site.start();
  const starts = async () => (await site.vector.events()).filter((event) => event === 'start').length;
  await waitUntil('some starts', async () => (await starts()) >= 4);
  expect(told(daemon, 'Vector ended')).toBe(1);
  expect(told(daemon, 'Vector died of the new config')).toBe(1);
  const before = await starts();
  await site.save('fixed');
  await site.runs('fixed', 1);
  await waitUntil('the start', async () => (await starts()) > before);
  await waitUntil('it to be well', () => told(daemon, 'all is well again') === 1);
});
