import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { openSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BareLook } from './bare-look.ts';
import type { ListNews, ListOrder } from './list-server.ts';
import { peakBytes, residentBytes } from './proc.ts';
import { TINY_VECTOR } from './tiny-vector.ts';

/** Processor time in ms, the median of some looks. */
export type ListCost = {
  allocations: number;
  bytes: number;
  /** The first look, at the start: everything is new. */
  firstMs: number;
  unchangedMs: number;
  changeMs: number;
  /** From the first byte that Nomad sent to the last that nvl took. */
  tookMs: number;
  settledBytes: number;
  highestBytes: number;
  bare: BareLook;
  /** `JSON.parse` of the one element that changed. */
  parseChangedMs: number;
};

/** nvl as it is published over a node of so many allocations, and the least that the same looks cost. */
export const runList = async ({
  program,
  allocations,
  running,
  looks,
}: {
  program: string;
  allocations: number;
  running: number;
  looks: number;
}): Promise<ListCost> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-list-'));
  const server = startServer({ allocations, running });
  let nvl: ChildProcess | undefined;
  try {
    const address = await server.address;
    const bare = await lookBarely(address);
    const waiting = server.next('waiting');
    nvl = await startNvlOver({ folder, program, address });
    const pid = nvl.pid ?? 0;
    await waiting;
    const firstMs = await settle(pid);
    const measured = { release: [] as number[], change: [] as number[], took: [] as number[] };
    let changed = '';
    for (let look = 0; look < looks; look += 1) {
      for (const order of ['release', 'change'] as const) {
        const before = cpuMs(pid);
        const [answered, asksAgain] = [server.next('answered'), server.next('waiting')];
        server.tell(order);
        const answer = await answered;
        await asksAgain;
        measured[order].push((await settle(pid)) - before);
        measured.took.push(answer.ms);
        changed = answer.changed;
      }
    }
    return {
      allocations,
      bytes: bare.bytes,
      firstMs,
      unchangedMs: median(measured.release),
      changeMs: median(measured.change),
      tookMs: median(measured.took),
      settledBytes: residentBytes(pid),
      highestBytes: peakBytes(pid),
      bare,
      parseChangedMs: parseMs(changed),
    };
  } finally {
    await endNvl(nvl);
    server.end();
    await rm(folder, { recursive: true, force: true });
  }
};

const startServer = ({ allocations, running }: { allocations: number; running: number }) => {
  const file = fileURLToPath(new URL('list-server.ts', import.meta.url));
  const child = fork(file, [String(allocations), String(running)]);
  const next = <Kind extends ListNews['kind']>(kind: Kind) =>
    new Promise<Extract<ListNews, { kind: Kind }>>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the list's server said nothing of kind ${kind} in time`)),
        LONGEST_MS,
      );
      const onNews = (news: ListNews) => {
        if (news.kind !== kind) return;
        clearTimeout(timer);
        child.off('message', onNews);
        resolve(news as Extract<ListNews, { kind: Kind }>);
      };
      child.on('message', onNews);
    });
  return {
    address: next('listening').then(({ address }) => address),
    next,
    tell: (order: ListOrder) => void child.send(order),
    end: () => child.disconnect(),
  };
};

const LONGEST_MS = 600_000;

const lookBarely = async (address: string): Promise<BareLook> => {
  const file = fileURLToPath(new URL('bare-look.ts', import.meta.url));
  const looks: BareLook[] = [];
  for (let time = 0; time < 3; time += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, [file, address], { timeout: LONGEST_MS });
    looks.push(JSON.parse(stdout) as BareLook);
  }
  return looks.sort((a, b) => a.receiveMs - b.receiveMs)[1] as BareLook;
};

/** nvl as it is published, with a Vector that does nothing. Its files lie in `folder`. */
export const startNvlOver = async ({
  folder,
  program,
  address,
  nomad = {},
}: {
  folder: string;
  program: string;
  address: string;
  /** Added to this section of its configuration. */
  nomad?: Record<string, unknown>;
}) => {
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'vector'), TINY_VECTOR, { mode: 0o755 });
  await writeFile(join(folder, 'team.toml'), `data_dir = ${JSON.stringify(join(folder, 'data'))}\n`);
  const config = { root: 'root', nomad: { address, allocDir: join(folder, 'alloc'), timeout: '120s', ...nomad } };
  await mkdir(config.nomad.allocDir);
  await writeFile(join(folder, 'nvl.yaml'), JSON.stringify(config));
  const log = openSync(join(folder, 'nvl.log'), 'a');
  const vector = ['--', join(folder, 'vector'), '-c', join(folder, 'team.toml')];
  const args = [program, 'run', '-c', join(folder, 'nvl.yaml'), ...vector];
  return spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', log, log] });
};

/** Waits for its end. */
export const endNvl = async (nvl: ChildProcess | undefined): Promise<void> => {
  if (nvl === undefined || nvl.exitCode !== null) return;
  const ended = new Promise((resolve) => nvl.once('exit', resolve));
  nvl.kill('SIGTERM');
  await ended;
};

/** Processor time once a second has passed in which next to nothing was done. */
const settle = async (pid: number): Promise<number> => {
  for (let before = cpuMs(pid); ; ) {
    await sleep(1_000);
    const now = cpuMs(pid);
    if (now - before < QUIET_MS) return now;
    before = now;
  }
};

const QUIET_MS = 5;

/** Of all its threads, to the microsecond; /proc/PID/stat counts in 10 ms. */
export const cpuMs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`)
    .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6)
    .reduce((sum, ms) => sum + ms, 0);

const parseMs = (json: string): number => {
  const times = 200;
  const before = process.threadCpuUsage();
  for (let time = 0; time < times; time += 1) JSON.parse(json);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000 / times;
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
