import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { http } from '../lib/nomad/node-http.ts';
import { serveOnAddress } from '../lib/serve/serve-address.ts';
import { serveOnSocket } from '../lib/serve/serve-socket.ts';
import { makeStatus } from '../lib/status/make-status.ts';
import { createPages } from '../lib/wiring/keep-metrics.ts';
import { statusAnswer } from '../lib/wiring/keep-status.ts';
import { createLogger } from '../lib/wiring/logger.ts';
import { aFile, heldFor, NOW } from '../test/status/support.ts';
import { anAllocation } from '../test/support/builders.ts';
import { writePackage } from '../test/support/package.ts';
import { median } from './support/statistics.ts';

// What it costs to ask a node how it is: `npm run bench:status [-- --tasks 1000 --runs 15]`. `nvl status` is timed as a person runs it,
// as it is published; a bare Node beside it says what of that is Node's own start. /metrics is timed beside an endpoint that says "ok".
const { values } = parseArgs({
  options: { tasks: { type: 'string', default: '1000' }, runs: { type: 'string', default: '15' } },
});
const [tasks, runs] = [Number(values.tasks), Number(values.runs)];

const allocations = Array.from({ length: tasks }, (_, n) =>
  anAllocation({ id: `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`, job: `job-${n}` }),
);
const held = await heldFor(allocations);
const files = held.seen.tasks.flatMap(({ id }) => [aFile({ id, readBytes: 40 }), aFile({ id, stream: 'stderr' })]);
const facts = { ...held, sample: { at: NOW, files } };

const folder = mkdtempSync(join(tmpdir(), 'nvl-bench-status-'));
const log = createLogger({ config: { level: 'warn', format: 'json' }, isTty: false, write: console.error });
const pages = createPages();
const madeMs = await timed(async () => pages.refresh(makeStatus({ held: facts })));
const socket = await serveOnSocket({ folder, log, answerOf: (url) => statusAnswer({ url, held: facts }) });
const server = await serveOnAddress({
  host: '127.0.0.1',
  port: 0,
  log,
  answerOf: ({ pathname }) => pages.answer(pathname),
});

const program = writePackage(join(folder, 'package'));
const node = await medianOf(() => run(['-e', '0']));
const status = await medianOf(() => run([program, 'status', '--root', folder]));
const json = await medianOf(() => run([program, 'status', '--root', folder, '--json']));
const empty = await medianOf(() => ask('/healthz'), 20 * runs);
const metrics = await medianOf(() => ask('/metrics'), 20 * runs);
socket.close();
server.close();
rmSync(folder, { recursive: true });

console.log(`${tasks} tasks, ${runs} runs, the middle of them:`);
console.log(`a bare Node            ${node.toFixed(0)} ms`);
console.log(`nvl status             ${status.toFixed(0)} ms`);
console.log(`nvl status --json      ${json.toFixed(0)} ms`);
console.log(`an empty endpoint      ${empty.toFixed(2)} ms`);
console.log(`/metrics               ${metrics.toFixed(2)} ms, ${(metrics / empty).toFixed(2)} times that`);
console.log(`to make the pages      ${madeMs.toFixed(0)} ms, once for each change`);

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}

async function medianOf(act: () => Promise<unknown>, times = runs): Promise<number> {
  const all: number[] = [];
  for (let count = 0; count < times; count += 1) all.push(await timed(act));
  return median(all) ?? Number.NaN;
}

function run(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...args], { cwd: folder, maxBuffer: 2 ** 26 }, (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}

function ask(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port: server.port(), path, agent: false }, (response) => {
        response.resume().on('end', () => resolve());
      })
      .on('error', reject);
  });
}
