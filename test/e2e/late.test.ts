import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { peekState } from '../../lib/state/state.ts';
import { aFolder, aNomad, put, startNvl } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { aReceiver } from '../support/receiver.ts';
import { fileSink, readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// Tasks that are over before Vector could read them, with a real Vector.

const HOUR = 3_600_000;
const over = (ago: number) =>
  aRawAllocation({ status: 'complete', finishedAt: new Date(Date.now() - ago).toISOString() });

const aSite = async (sink: (delivered: string) => string) => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, []);
  const logs = join(nomad.allocDir, idOf(1), 'alloc', 'logs');
  const delivered = join(folder, 'delivered.ndjson');
  await mkdir(logs, { recursive: true });
  await put(folder, {
    ...daemonFiles({
      folder,
      address: nomad.address,
      config: { sinks: 'none', collect: { removalDelay: '1s' } },
      team: sink(delivered),
    }),
  });
  const isCollected = async () => {
    const state = await peekState(join(folder, 'root/state'));
    return Object.values(state?.tasks ?? {}).some(({ phase }) => phase !== 'drained');
  };
  return {
    nomad,
    logs,
    delivered,
    isCollected,
    start: () => startNvl(['run', '--', pathOf(vector), '-c', join(folder, 'team.toml')], { cwd: folder }),
  };
};

test('one line without a newline, of a task that was over an hour before nvl came', needs(vector), async () => {
  const { nomad, logs, delivered, isCollected, start } = await aSite((file) => fileSink({ file }));
  await writeFile(join(logs, 'app.stdout.0'), 'the only words');
  nomad.setAllocations([over(HOUR)]);
  start();
  await waitUntil('the words', async () => (await readEvents(delivered)).length > 0, { timeoutMs: 20_000 });
  await waitUntil('it to be drained', async () => !(await isCollected()), { timeoutMs: 20_000 });
  expect((await readEvents(delivered)).map(({ message }) => message)).toEqual(['the only words']);
});

test(
  'the sink is down, and Nomad clears the allocation away meanwhile: what Vector holds open is delivered all the same',
  needs(vector),
  async () => {
    const receiver = await aReceiver({ refuses: true });
    const { nomad, logs, isCollected, start } = await aSite(
      () => `[sinks.away]
type = "http"
inputs = ["nomad_logs"]
uri = "${receiver.address}"
encoding.codec = "text"
framing.method = "newline_delimited"
acknowledgements.enabled = true
batch.max_events = 100
batch.timeout_secs = 0.2
buffer.max_events = 100
request.retry_max_duration_secs = 1
request.concurrency = 1
`,
    );
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${'x'.repeat(80)}`);
    await writeFile(join(logs, 'app.stdout.0'), `${lines.join('\n')}\n`);
    nomad.setAllocations([aRawAllocation()]);
    start();
    await waitUntil('its row', isCollected, { timeoutMs: 20_000 });
    nomad.setAllocations([over(0)]);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await rm(join(logs, '..', '..'), { recursive: true });
    nomad.setAllocations([]);
    // Positions have stood still for longer than the removal delay by then.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect(await isCollected()).toBe(true);
    receiver.open();
    await waitUntil('all lines', () => new Set(receiver.lines).size === lines.length, { timeoutMs: 30_000 });
    await waitUntil('it to be drained', async () => !(await isCollected()), { timeoutMs: 20_000 });
  },
);
