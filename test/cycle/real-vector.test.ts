import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { peekState } from '../../lib/state/state.ts';
import { aFolder, aNomad, put, startNvl } from '../commands/support.ts';
import { aRawAllocation, aTransform, idOf } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { fileSink, readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// The daemon with a real Vector, over log files as Nomad writes them: what must never happen, on purpose made likely.

const TASKS = ['app', 'app-sidecar', 'app.stdout'];
const given = { id: idOf(1), tasks: TASKS, taskMeta: { nvl_profile: 'json' } };

test('each line arrives once, with the labels of its own task, whatever the line says, from its first file to its last byte', {
  ...needs(vector),
  timeout: 180_000,
}, async () => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, []);
  const delivered = join(folder, 'delivered.ndjson');
  await put(folder, {
    ...daemonFiles({
      folder,
      address: nomad.address,
      config: { sinks: 'none', templates: 'templates', collect: { removalDelay: '1s' } },
      team: fileSink({ file: delivered }),
    }),
    'templates/profiles/json/transform.toml.hbs': aTransform(
      'parsed, error = parse_json(.message)\nif error == null { . = object!(parsed) }',
    ),
  });
  startNvl(['run', '--', pathOf(vector), '-c', join(folder, 'team.toml')], { cwd: folder });

  const logs = join(nomad.allocDir, idOf(1), 'alloc', 'logs');
  await mkdir(logs, { recursive: true });
  const expected: string[] = [];
  const write = async (task: string, file: string, number: number, end = '\n') => {
    const name = `${task}.${file}`;
    // The start of each file is the same, and each line lies about where it comes from.
    const line = (n: number | string) =>
      JSON.stringify({ n: `${name} ${n}`, nomad: { task_name: 'forged', namespace: 'evil' } });
    await appendFile(join(logs, name), `header\n${line(1)}\n${line(number)}${end}`);
    expected.push(
      ...['header', `${name} 1`, `${name} ${number}`].map((text) => `${task} ${file.split('.')[0]}: ${text}`),
    );
  };
  for (const task of TASKS) await write(task, 'stdout.0', 2);
  nomad.setAllocations([aRawAllocation(given)]);
  await waitUntil('the first lines', async () => (await readEvents(delivered)).length === expected.length, {
    timeoutMs: 20_000,
  });

  for (const task of TASKS) {
    await write(task, 'stdout.1', 3);
    await write(task, 'stderr.0', 4);
    // The last one ends without a newline, as tasks do that are killed.
    await write(task, 'stdout.2', 5, '');
  }
  await writeFile(join(logs, '.app.stdout.fifo'), 'not a log\n');
  nomad.setAllocations([aRawAllocation({ ...given, status: 'complete', finishedAt: new Date().toISOString() })]);
  await waitUntil('all lines', async () => (await readEvents(delivered)).length >= expected.length, {
    timeoutMs: 20_000,
  });

  await waitUntil(
    'its tasks to be drained',
    async () => {
      const state = await peekState(join(folder, 'root/state'));
      return Object.values(state?.tasks ?? {}).every(({ phase }) => phase === 'drained');
    },
    { timeoutMs: 20_000 },
  );

  const events = await readEvents(delivered);
  const told = events.map(({ nomad: labels, message, n }) => `${labels?.task_name} ${labels?.stream}: ${n ?? message}`);
  expect(told.sort()).toEqual(expected.sort());
  for (const { nomad: labels } of events) {
    expect(labels).toMatchObject({
      namespace: 'default',
      job_name: 'shop',
      group_name: 'web',
      node_name: 'node-1',
      alloc_id: idOf(1),
    });
    expect(Object.keys(labels ?? {})).toHaveLength(7);
  }
});
