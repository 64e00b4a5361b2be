import { mkdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, aNomad } from '../commands/support.ts';
import { aRawAllocation } from '../support/builders.ts';
import { vectorPidOf } from '../support/node-status.ts';
import { startNvl } from '../support/nvl.ts';
import { needs, vector } from '../support/programs.ts';
import { waitUntil } from '../support/wait.ts';

// What lies there when nvl comes back, after a sink was away or a node was down: Vector reads it as fast as it can.

const TASKS = 20;
const LINES_A_TASK = 15_000;
const ALL = TASKS * LINES_A_TASK;

const idOfTask = (index: number): string => `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`;

/** A server that takes lines, and says so. */
const aServer = async () => {
  let count = 0;
  const seen = new Set<string>();
  const server = http.createServer(async (request, response) => {
    const lines = (await text(request)).split('\n').filter((line) => line !== '');
    count += lines.length;
    for (const line of lines) seen.add(line);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, count: () => count, distinct: () => seen.size };
};

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
    const [nomad, server] = [await aNomad(folder), await aServer()];
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
    const nvl = await startNvl({ folder, config, sink: () => sinkTo(server.address) });
    onTestFinished(async () => void (await nvl.end()));
    await waitUntil('the first lines', () => server.count() > 0, { timeoutMs: 180_000, everyMs: 20 });
    const pid = await vectorPidOf(nvl);
    const isHalf = () => server.count() >= ALL / 2;
    await waitUntil('half of the lines', isHalf, { timeoutMs: 180_000, everyMs: 20 });
    process.kill(pid, 'SIGKILL');
    const before = server.count();
    expect(before).toBeLessThan(ALL);
    await waitUntil('all lines', () => server.distinct() === ALL, { timeoutMs: 180_000 });
    // With Vector's own settings nearly all of it comes again, on two cores.
    const repeated = server.count() - ALL;
    expect({ before, repeated, isLittle: repeated < before / 3 }).toMatchObject({ isLittle: true });
  },
);
