import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, aNomad, put, startNvl, textOf } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { fileSink, readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// A sink that each proof finds sound and that Vector can't build: its disk buffer has no folder. It is saved while lines flow.

test('a refused sink under another name costs no line and no Vector, and a new task ships', {
  ...needs(vector),
  timeout: 120_000,
}, async () => {
  const folder = await aFolder();
  const [one, two] = [1, 2].map((digit) => aRawAllocation({ id: idOf(digit) }));
  const nomad = await aNomad(folder, [one]);
  const delivered = join(folder, 'delivered.ndjson');
  const sink = (id: string) => fileSink({ id, inputs: ['{{input}}'], file: delivered });
  const save = (text: string) => put(folder, { 'templates/vector/sink.toml.hbs': text });
  await save(sink('good'));
  await put(folder, {
    ...daemonFiles({ folder, address: nomad.address, config: { templates: 'templates' } }),
    'data/buffer': 'a file where Vector keeps its buffers\n',
  });
  const daemon = startNvl(['run', '--', pathOf(vector), '-c', join(folder, 'team.toml')], { cwd: folder });
  const told = (words: string) => daemon.said().split(words).length - 1;
  const slowly = (what: string, isSo: () => boolean | Promise<boolean>) => waitUntil(what, isSo, { timeoutMs: 40_000 });

  const expected: string[] = [];
  const write = async (digit: number) => {
    const logs = join(nomad.allocDir, idOf(digit), 'alloc', 'logs');
    await mkdir(logs, { recursive: true });
    expected.push(`${digit}: line ${expected.length}`);
    await appendFile(join(logs, 'app.stdout.0'), `${expected.at(-1)}\n`);
  };
  await write(1);
  await slowly('the first line', async () => (await readEvents(delivered)).length === 1);
  const writing = new AbortController();
  const written = (async () => {
    while (!writing.signal.aborted) {
      await write(1);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  onTestFinished(() => writing.abort());

  await save(`${sink('bad')}buffer.type = "disk"\nbuffer.max_size = 268435488\n`);
  await slowly('it to be told', () => told('kept as it was: vector/sink') === 1);
  nomad.setAllocations([one, two]);
  await write(2);
  await slowly('the new task', async () =>
    (await readEvents(delivered)).some(({ message }) => message?.startsWith('2:')),
  );
  await save(sink('fixed'));
  await slowly('the fixed sink', async () =>
    ((await textOf(folder, 'root/live/nomad.toml')) ?? '').includes('[sinks.fixed]'),
  );
  await slowly('the end of it to be told', () => told('nothing is left out or replaced any more') === 1);
  writing.abort();
  await written;
  await slowly('all lines', async () => (await readEvents(delivered)).length >= expected.length);

  const events = await readEvents(delivered);
  expect(events.map(({ message }) => message).sort()).toEqual(expected.sort());
  expect([told('Vector has started'), told('panicked'), told('process: Reload was not successful')]).toEqual([1, 0, 1]);
});
