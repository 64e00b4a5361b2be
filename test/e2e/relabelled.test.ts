import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, aNomad, put, startNvl, textOf } from '../commands/support.ts';
import { aRawAllocation } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { fileSink, readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// A table is there before the labels that go with it: for that long the labels of before read it.

const labels = (fields: Record<string, string>): string =>
  `[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '''\n.nomad = {${Object.entries(fields)
    .map(([name, value]) => ` "${name}": ${value}`)
    .join(',')} }\n'''\n`;

const JOB = { job: '"{{job.id}}"' };
const GROUP = { group: '"{{group.name}}"' };
const TASK = { task: '"{{task.name}}"' };
const INNER = { inner: '"{{#with group}}{{name}}{{/with}}"' };

const EDITS = [
  { ...JOB, ...GROUP, ...TASK },
  { ...TASK, ...JOB, ...GROUP },
  { ...INNER, ...GROUP, ...JOB },
  { ...TASK, ...JOB },
  { index: '{{alloc.index}}', ...GROUP, ...TASK, ...JOB },
  { ...JOB, ...INNER },
];

const TRUE: Record<string, unknown> = {
  job: 'the-job',
  group: 'the-group',
  task: 'the-task',
  inner: 'the-group',
  index: 0,
};

test(
  'labels that are edited while lines come: each line has those of before or those of after, and none is mixed up',
  needs(vector),
  async () => {
    const folder = await aFolder();
    const id = '10000000-0000-4000-8000-000000000000';
    const nomad = await aNomad(folder, []);
    nomad.setAllocations([aRawAllocation({ id, job: 'the-job', group: 'the-group', tasks: ['the-task'] })]);
    const delivered = join(folder, 'delivered.ndjson');
    await put(folder, {
      ...daemonFiles({ folder, address: nomad.address, config: { templates: 'templates' } }),
      'templates/vector/sink.toml.hbs': fileSink({ inputs: ['{{input}}'], file: delivered }),
      'templates/vector/labels.toml.hbs': labels(EDITS[0] ?? {}),
    });
    const logs = join(nomad.allocDir, id, 'alloc', 'logs');
    await mkdir(logs, { recursive: true });
    let count = 0;
    const write = async () => {
      const lines = Array.from({ length: 20 }, (_, at) => `line ${count + at + 1}\n`);
      count += lines.length;
      await appendFile(join(logs, 'the-task.stdout.0'), lines.join(''));
    };
    const daemon = startNvl(['run', '--', pathOf(vector), '-c', join(folder, 'team.toml')], { cwd: folder });
    await write();
    await waitUntil('the first line', async () => (await readEvents(delivered)).length > 0, { timeoutMs: 120_000 });
    const writing = new AbortController();
    onTestFinished(() => writing.abort());
    const written = (async () => {
      while (!writing.signal.aborted) {
        await write();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const reloads = () => daemon.said().split('Vector has reloaded').length - 1;
    for (const fields of [...EDITS, ...EDITS].slice(1)) {
      const before = reloads();
      await put(folder, { 'templates/vector/labels.toml.hbs': labels(fields) });
      await waitUntil('the new labels', () => reloads() > before, { timeoutMs: 120_000 });
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    writing.abort();
    await written;
    // A pipeline that starts repeats what came since the last checkpoint.
    const different = async () => new Set((await readEvents(delivered)).map(({ message }) => message)).size;
    await waitUntil('all lines', async () => (await different()) >= count, { timeoutMs: 120_000 });

    const events = await readEvents(delivered);
    const wrong = events.filter(({ nomad: said }) =>
      Object.entries(said ?? { none: true }).some(([name, value]) => value !== TRUE[name]),
    );
    expect({ wrong: wrong.slice(0, 3), wrongs: wrong.length, delivered: await different() }).toEqual({
      wrong: [],
      wrongs: 0,
      delivered: count,
    });
    expect(await textOf(folder, 'root/live/nomad.toml')).toContain('# Columns: c_');
  },
);
