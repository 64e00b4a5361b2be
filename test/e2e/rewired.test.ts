import { appendFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, aNomad, put, startNvl, textOf } from '../commands/support.ts';
import { aRawAllocation } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { fileSink, readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// Vector takes a reader off a component that stays before it connects the next one. Edits of every kind that change who
// reads whom, good ones and such as Vector refuses to load, while 200 lines a second come and tasks come and go.

const transform = (name: string, input: string, program: string) =>
  `[transforms.{{id}}_${name}]\ntype = "remap"\ninputs = ["${input}"]\nsource = '''\n${program}\n'''\n`;

const idOf = (number: number): string => `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`;

test(
  'edits that change who reads whom, half of them refused, cost no line, repeat none, and end no Vector',
  needs(vector),
  async () => {
    const folder = await aFolder();
    const nomad = await aNomad(folder, []);
    const delivered = join(folder, 'delivered.ndjson');
    const sink = (id: string) => fileSink({ id, inputs: ['{{input}}'], file: delivered });
    // Each proof finds it sound, and Vector can't build it: there is a file where its buffer would be.
    const badSink = (id: string) => `${sink(id)}buffer.type = "disk"\nbuffer.max_size = 268435488\n`;
    const mine = 'templates/profiles/mine';
    await put(folder, {
      ...daemonFiles({
        folder,
        address: nomad.address,
        config: { templates: 'templates', rules: [{ match: { job: 'job*' }, profile: 'mine' }] },
      }),
      'data/buffer': 'a file where Vector keeps its buffers\n',
      'templates/vector/sink.toml.hbs': sink('step_0'),
      [`${mine}/transform.toml.hbs`]: transform('parse', '{{input}}', '.one = 0'),
    });
    const daemon = startNvl(['run', '--', pathOf(vector), '-c', join(folder, 'team.toml')], { cwd: folder });
    const told = (words: string) => daemon.said().split(words).length - 1;
    const slowly = (what: string, isSo: () => boolean | Promise<boolean>) =>
      waitUntil(what, isSo, { timeoutMs: 40_000 });
    const live = async () => (await textOf(folder, 'root/live/nomad.toml')) ?? '';

    const running = new Set<number>();
    const expected: string[] = [];
    const tasks = async () =>
      nomad.setAllocations([...running].map((digit) => aRawAllocation({ id: idOf(digit), job: `job${digit}` })));
    const write = async (digit: number) => {
      const logs = join(nomad.allocDir, idOf(digit), 'alloc', 'logs');
      await mkdir(logs, { recursive: true });
      expected.push(`${digit}: line ${expected.length}`);
      await appendFile(join(logs, 'app.stdout.0'), `${expected.at(-1)}\n`);
    };
    running.add(1).add(2);
    await Promise.all([...running].map(write));
    await tasks();
    await slowly('the first lines', async () => (await readEvents(delivered)).length === 2);
    const writing = new AbortController();
    onTestFinished(() => writing.abort());
    const written = (async () => {
      while (!writing.signal.aborted) {
        await Promise.all([1, 2].map(write));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();

    let tries = 0;
    /** One edit, and a task that comes with it. */
    const edit = async (files: Record<string, string>, { isRefused = false } = {}) => {
      tries += 1;
      const refusals = told('Reload was not successful');
      const mark = `step_${tries}`;
      const kind = isRefused ? badSink(mark) : sink(mark);
      running.add(2 + tries);
      await put(folder, { ...files, 'templates/vector/sink.toml.hbs': kind });
      await tasks();
      await write(2 + tries);
      if (isRefused) await slowly(`${mark} to be refused`, () => told('Reload was not successful') > refusals);
      else await slowly(mark, async () => (await live()).includes(`[sinks.${mark}]`));
      await new Promise((resolve) => setTimeout(resolve, 300));
    };
    const one = { [`${mine}/transform.toml.hbs`]: transform('parse', '{{input}}', '.one = 1') };
    const two = {
      [`${mine}/transform.toml.hbs`]: `${transform('first', '{{input}}', '.two = 1')}${transform('parse', '{{id}}_first', '.two = 2')}`,
    };
    const labels = (step: number) => ({
      'templates/vector/labels.toml.hbs': transform('out', '{{input}}', `.label = ${step}\ndel(%nvl)`),
    });
    const ownSink = { [`${mine}/sink.toml.hbs`]: sink('of_mine') };
    for (const isRefused of [false, true]) {
      await edit(two, { isRefused });
      await edit(one, { isRefused: false });
      await edit({ ...two, ...labels(tries) }, { isRefused });
      await edit({ [`${mine}/transform.toml.hbs`]: '{{nothing_such}}' }, { isRefused });
      await edit({ ...ownSink, ...two }, { isRefused });
      await rm(join(folder, mine, 'sink.toml.hbs'));
      await edit(one, { isRefused });
      await edit(labels(tries), { isRefused: false });
    }
    writing.abort();
    await written;
    await slowly('all lines', async () => (await readEvents(delivered)).length >= expected.length).catch(() => {});

    const events = await readEvents(delivered);
    const got = events.map(({ message }) => String(message));
    const lost = expected.filter((line) => !new Set(got).has(line));
    expect({
      lost,
      repeated: got.length - new Set(got).size,
      panics: told('panicked'),
      starts: told('Vector has started'),
    }).toEqual({
      lost: [],
      repeated: 0,
      panics: 0,
      starts: 1,
    });
  },
);
