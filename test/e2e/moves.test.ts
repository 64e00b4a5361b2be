import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, aNomad, put, startNvl, textOf } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { daemonFiles, daemonSettings } from '../support/daemon-files.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { fileSink, readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// A running task goes to another pipeline: to one that starts, to one that runs with other tasks, and back to where it was,
// while it writes 100 lines a second and a task beside it stays where it is.

test(
  'a task that moves between pipelines loses no line, has each labelled as its own, and repeats few',
  needs(vector),
  async () => {
    const folder = await aFolder();
    const nomad = await aNomad(folder, []);
    const delivered = join(folder, 'delivered.ndjson');
    const profile = (mark: string) =>
      `[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '''\n.by = "${mark}"\n'''\n`;
    const rules = (name: string) => [{ match: { job: 'job1' }, profile: name }];
    const config = (name: string) => ({
      templates: 'templates',
      rules: [...rules(name), { match: { job: 'job2' }, profile: 'one' }, { match: { job: 'job3' }, profile: 'two' }],
    });
    const { address } = nomad;
    await put(folder, {
      ...daemonFiles({ folder, address, config: config('one') }),
      'templates/vector/sink.toml.hbs': fileSink({ id: 'out', inputs: ['{{input}}'], file: delivered }),
      'templates/profiles/one/transform.toml.hbs': profile('one'),
      'templates/profiles/two/transform.toml.hbs': profile('two'),
      'templates/profiles/three/transform.toml.hbs': profile('three'),
    });
    await nomad.setAllocations([1, 2, 3].map((digit) => aRawAllocation({ id: idOf(digit), job: `job${digit}` })));
    const expected: string[] = [];
    const write = async (digit: number) => {
      const logs = join(nomad.allocDir, idOf(digit), 'alloc', 'logs');
      await mkdir(logs, { recursive: true });
      expected.push(`${digit}: line ${expected.length}`);
      await appendFile(join(logs, 'app.stdout.0'), `${expected.at(-1)}\n`);
    };
    await Promise.all([1, 2, 3].map(write));
    const daemon = startNvl(['run', '--', pathOf(vector), '-c', join(folder, 'team.toml')], { cwd: folder });
    const slowly = (what: string, isSo: () => boolean | Promise<boolean>) =>
      waitUntil(what, isSo, { timeoutMs: 40_000 });
    await slowly('the first lines', async () => (await readEvents(delivered)).length === 3);
    const writing = new AbortController();
    onTestFinished(() => writing.abort());
    const written = (async () => {
      while (!writing.signal.aborted) {
        await Promise.all([1, 2, 3].map(write));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    const waits = async (mark: string) =>
      slowly(`lines by ${mark}`, async () =>
        (await readEvents(delivered))
          .slice(-60)
          .some((event) => event.by === mark && String(event.message).startsWith('1:')),
      );
    // To one that starts, to one that runs, to one that ran a while ago, and back.
    for (const name of ['three', 'two', 'three', 'one']) {
      await put(folder, { 'nvl.json': daemonSettings({ address, ...config(name) }) });
      daemon.hangUp();
      await waits(name);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
    writing.abort();
    await written;
    await slowly('all lines', async () => {
      const got = new Set((await readEvents(delivered)).map(({ message }) => String(message)));
      return expected.every((line) => got.has(line));
    }).catch(() => {});

    const events = await readEvents(delivered);
    const got = events.map(({ message }) => String(message));
    const lost = expected.filter((line) => !new Set(got).has(line));
    const jobOf = (event: object) => (event as { nomad?: { job_name?: string } }).nomad?.job_name;
    const mislabelled = events.filter((event) => jobOf(event) !== `job${String(event.message)[0]}`);
    const repeated = got.filter((line, index) => got.indexOf(line) !== index);
    const perMove = repeated.length / 4;
    console.log({ written: expected.length, repeated: repeated.length });
    expect({ lost, mislabelled, others: repeated.filter((line) => !line.startsWith('1:')).length }).toEqual({
      lost: [],
      mislabelled: [],
      others: 0,
    });
    // What comes between Vector's last checkpoint and the move: seconds, not the whole file.
    expect(perMove).toBeLessThan(400);
    expect(await textOf(folder, 'root/live/nomad.toml')).toContain('profile one');
  },
);
