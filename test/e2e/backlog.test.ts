import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, aNomad } from '../commands/support.ts';
import { aRawAllocation, idOfTask } from '../support/builders.ts';
import { vectorPidOf } from '../support/node-status.ts';
import { startNvl } from '../support/nvl.ts';
import { needs, vector } from '../support/programs.ts';
import { aReceiver } from '../support/receiver.ts';
import { waitUntil } from '../support/wait.ts';

// What lies there when nvl comes back, after a sink was away or a node was down: Vector reads it as fast as it can.

const TASKS = 20;
const LINES_A_TASK = 15_000;
const ALL = TASKS * LINES_A_TASK;

/** Each line takes so long that all of Vector's threads have transforms to do, and neither source nor sink is what it waits for. */
const sinkTo = (address: string): string => `
[transforms.long]
type = "remap"
inputs = ["nomad_logs"]
source = '''
${'. = object!(parse_json!(encode_json(.)))\n'.repeat(4)}'''

[sinks.delivered]
type = "http"
inputs = ["long"]
uri = ${JSON.stringify(address)}
encoding.codec = "text"
framing.method = "newline_delimited"
batch.max_events = 1000
acknowledgements.enabled = true
`;

test(
  'a Vector that is killed while it reads a backlog has noted what was delivered: little of it comes again',
  needs(vector),
  async () => {
    const folder = await aFolder();
    const [nomad, receiver] = [await aNomad(folder), await aReceiver()];
    const tasks = Array.from({ length: TASKS }, (_, index) => index);
    nomad.setAllocations(
      tasks.map((index) => aRawAllocation({ id: idOfTask(index), job: `job-${index}`, status: 'running' })),
    );
    for (const index of tasks) {
      const logs = join(nomad.allocDir, idOfTask(index), 'alloc', 'logs');
      await mkdir(logs, { recursive: true });
      const lines = Array.from({ length: LINES_A_TASK }, (_, at) => `task ${index} line ${at}\n`);
      await writeFile(join(logs, 'app.stdout.0'), lines.join(''));
    }
    const config = { nomad: { address: nomad.address, interval: '1s' } };
    const nvl = await startNvl({ folder, config, sink: () => sinkTo(receiver.address) });
    onTestFinished(async () => void (await nvl.end()));
    await waitUntil('the first lines', () => receiver.lines.length > 0, { timeoutMs: 180_000, everyMs: 20 });
    const pid = await vectorPidOf(nvl);
    const isHalf = () => receiver.lines.length >= ALL / 2;
    await waitUntil('half of the lines', isHalf, { timeoutMs: 180_000, everyMs: 20 });
    process.kill(pid, 'SIGKILL');
    const before = receiver.lines.length;
    expect(before).toBeLessThan(ALL);
    await waitUntil('all lines', () => new Set(receiver.lines).size === ALL, { timeoutMs: 180_000 });
    // With Vector's own settings nearly all of it comes again, on two cores.
    const repeated = receiver.lines.length - ALL;
    expect({ before, repeated, isLittle: repeated < before / 3 }).toMatchObject({ isLittle: true });
  },
);
