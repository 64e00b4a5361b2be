import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { peakBytes } from './proc.ts';
import { cpuMs, endNvl, startNvlOver } from './run-list.ts';

/** What nvl took while events of other nodes came: `perSecond` was asked of the server, `cameBytes` is what came each second. */
export type EventCost = { perSecond: number; cameBytes: number; cpuMsPerSecond: number; peakBytes: number };

/** nvl as it is published over a node on which nothing changes, in a cluster that does. */
export const runEvents = async ({
  program,
  perSecond,
  seconds,
  allocations = 50,
}: {
  program: string;
  perSecond: number;
  seconds: number;
  allocations?: number;
}): Promise<EventCost> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-events-'));
  const file = fileURLToPath(new URL('event-server.ts', import.meta.url));
  const server = fork(file, [String(allocations), String(perSecond)]);
  const said = <T>(): Promise<T> => new Promise((resolve) => server.once('message', (news) => resolve(news as T)));
  const sent = async (): Promise<number> => {
    const answer = said<{ sent: number }>();
    server.send('sent?');
    return (await answer).sent;
  };
  let nvl: Awaited<ReturnType<typeof startNvlOver>> | undefined;
  try {
    const { address } = await said<{ address: string }>();
    nvl = await startNvlOver({ folder, program, address, nomad: { news: 'events', interval: '5m' } });
    const pid = nvl.pid ?? 0;
    // Its start is over, and the stream is read.
    await sleep(SETTLE_MS);
    const [bytes, cpu, at] = [await sent(), cpuMs(pid), performance.now()];
    await sleep(seconds * 1_000);
    const took = (performance.now() - at) / 1_000;
    return {
      perSecond,
      cameBytes: ((await sent()) - bytes) / took,
      cpuMsPerSecond: (cpuMs(pid) - cpu) / took,
      peakBytes: peakBytes(pid),
    };
  } finally {
    await endNvl(nvl);
    server.disconnect();
    await rm(folder, { recursive: true, force: true });
  }
};

const SETTLE_MS = 10_000;
