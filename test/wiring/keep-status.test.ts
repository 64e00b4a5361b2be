import { appendFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { linkName } from '../../lib/link-name.ts';
import { askSocket } from '../../lib/serve/ask-socket.ts';
import type { NodeStatus } from '../../lib/status/status.ts';
import { keepStatus } from '../../lib/wiring/keep-status.ts';
import type { DaemonResources } from '../../lib/wiring/session.ts';
import { heldFor, MIB } from '../status/support.ts';
import { anAllocation } from '../support/builders.ts';
import { aResult } from '../support/cycle-result.ts';
import { aLog } from '../watch/support.ts';

const MINUTE_MS = 60_000;

beforeEach(
  () =>
    void vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    }),
);
afterEach(() => void vi.useRealTimers());

/** A daemon of one task, which has one log file, and how often it looked at its log files. */
const aDaemon = async ({ look = () => {} }: { look?: () => void } = {}) => {
  const root = mkdtempSync(join(tmpdir(), 'nvl-keep-status-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const { seen, state } = await heldFor([anAllocation({ job: 'web' })]);
  const [{ id } = { id: '' }] = seen.tasks;
  const path = join(root, 'links', linkName({ stem: id, stream: 'stdout', index: 0 }));
  mkdirSync(join(root, 'links'));
  writeFileSync(join(root, 'app.stdout.0'), '');
  linkSync(join(root, 'app.stdout.0'), path);
  let looks = 0;
  const all = () => {
    looks += 1;
    look();
    return [{ path, place: { kind: 'link', pipeline: 'nvl_default_0' } }];
  };
  const resources = {
    log: aLog().log,
    paths: { root },
    store: { read: () => state },
    logs: { shelf: { all }, troubles: () => ({ refused: [], faults: [] }), unread: { all: () => [] } },
    runningVector: { dataDir: undefined },
    vectorArgs: [],
  } as unknown as DaemonResources;
  const keeper = await keepStatus({ resources });
  onTestFinished(() => keeper.stop());
  const cycle = () =>
    keeper.observer.result({
      result: aResult({ nodeTasks: seen.tasks, collectedTasks: seen.collectedTasks }),
      time: { startedAt: Date.now(), endedAt: Date.now() },
    });
  cycle();
  const ask = async (question: string) => {
    const answer = askSocket({ folder: root, question });
    let isAnswered = false;
    void answer.finally(() => {
      isAnswered = true;
    });
    while (!isAnswered) {
      await vi.advanceTimersByTimeAsync(0);
      await nextTurn();
    }
    return (await answer)?.text ?? '';
  };
  // It looks once as it starts.
  await vi.advanceTimersByTimeAsync(0);
  return {
    keeper,
    cycle,
    ask,
    status: async () => JSON.parse(await ask('/v1/status')) as NodeStatus,
    write: (bytes: number) => appendFileSync(path, 'x'.repeat(bytes)),
    later: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    looks: () => looks,
  };
};

test('nobody asks: files are looked at once a minute, however many cycles there are', async () => {
  const { cycle, later, looks } = await aDaemon();
  expect(looks()).toBe(1);
  for (let minute = 0; minute < 10; minute += 1) {
    await later(MINUTE_MS / 2);
    cycle();
    await later(MINUTE_MS / 2);
  }
  await later(1_000);
  expect(looks()).toBe(11);
});

test('they are not looked at by themselves within a minute of a look that somebody asked for', async () => {
  const { ask, later, looks } = await aDaemon();
  for (let count = 0; count < 10; count += 1) {
    await later(MINUTE_MS - 1_000);
    await ask('/v1/status');
  }
  expect(looks()).toBe(11);
});

test('a status is of this moment, and two who ask at once share a look', async () => {
  const { status, write, later, looks } = await aDaemon();
  await later(30_000);
  write(500);
  const [one, other] = await Promise.all([status(), status()]);
  expect([one.logs.unreadBytes, other.logs.unreadBytes]).toEqual([500, 500]);
  expect(one.logs.sampledAt).toBe(one.at);
  expect(looks()).toBe(2);
  await later(500);
  await status();
  expect(looks()).toBe(2);
  await later(2_000);
  await status();
  expect(looks()).toBe(3);
});

test('a rate, and how long what is unread is safe, are right at the second ask', async () => {
  const { status, write, later } = await aDaemon();
  await status();
  await later(10_000);
  write(1_000);
  const { list } = await status();
  const kept = 100 * MIB - 1_000;
  expect(list).toMatchObject([{ bytesPerSecond: 100, secondsOfSafety: kept / 100 }]);
});

test('a single ask is told a rate, too', async () => {
  const { status, write, later } = await aDaemon();
  for (let count = 0; count < 5; count += 1) {
    await later(MINUTE_MS);
    write(6_000);
  }
  await later(MINUTE_MS / 2);
  write(3_000);
  expect((await status()).list).toMatchObject([{ bytesPerSecond: expect.closeTo(100, 1) }]);
});

test('metrics are at hand, and whoever asks has the next ones made; how often does not matter', async () => {
  const { ask, later, write, looks } = await aDaemon();
  await later(11_000);
  write(500);
  const unread = async () => /^nvl_unread_bytes (\d+)$/m.exec(await ask('/metrics'))?.[1];
  expect(await unread()).toBe('0');
  await later(1_000);
  expect(await unread()).toBe('500');
  for (let count = 0; count < 8; count += 1) {
    await later(1_000);
    await ask('/metrics');
  }
  expect(looks()).toBe(2);
});

test.each(['/health', '/readyz', '/healthz', '/none'])('%s is of no file, and none is looked at', async (path) => {
  const { ask, later, looks } = await aDaemon();
  for (let count = 0; count < 3; count += 1) {
    await later(15_000);
    await ask(path);
  }
  expect(looks()).toBe(1);
});

test('a check is told of what went wrong since the pages were made', async () => {
  const { keeper, ask, later } = await aDaemon();
  await later(30_000);
  expect(await ask('/readyz')).not.toContain('no list');
  keeper.observer.failure({ error: new Error('it broke'), time: { startedAt: Date.now(), endedAt: Date.now() } });
  await later(10_000);
  expect(await ask('/health')).toContain('it broke');
});

test('where files cannot be looked at, whoever asks is told what is known', async () => {
  const { status, later } = await aDaemon({
    look: () => {
      throw new Error('the disk is gone');
    },
  });
  await later(5_000);
  expect(await status()).toMatchObject({ logs: { sampledAt: null }, list: [{ job: 'web', unreadBytes: null }] });
});
