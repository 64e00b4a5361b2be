import { expect, test } from 'vitest';
import { createServiceManager, type Notify } from '../../lib/daemon/service-manager.ts';
import { aLog } from '../watch/support.ts';

/** A manager whose messages are kept; `answer` is what each one waits for. */
const aManager = (answer: () => Promise<void> = async () => {}) => {
  const told: string[] = [];
  const { log, lines } = aLog();
  const notify: Notify = async (assignments, { signal }) => {
    told.push(assignments.join(' ').replace(/MONOTONIC_USEC=\d+/, 'MONOTONIC_USEC=…'));
    const gaveUp = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('late'))));
    await Promise.race([answer(), gaveUp]);
  };
  return { manager: createServiceManager({ notify, log }), told, lines };
};

/** Until all that is under way has been told. */
const rest = () => new Promise((resolve) => setImmediate(resolve));

test('the life of a daemon: ready once, then what changes', async () => {
  const { manager, told, lines } = aManager();
  const steps: (() => void)[] = [
    () => manager.ready('collects 1 task'),
    () => manager.ready('collects 1 task'),
    () => manager.ready('collects 2 tasks'),
    () => manager.reloading(),
    () => manager.ready('collects 2 tasks'),
    () => manager.stopping('ends'),
    () => manager.ready('collects 3 tasks'),
  ];
  for (const step of steps) {
    step();
    await rest();
  }
  expect(told).toEqual([
    'READY=1 STATUS=collects 1 task',
    'STATUS=collects 2 tasks',
    'RELOADING=1 MONOTONIC_USEC=…',
    'READY=1',
    'STOPPING=1 STATUS=ends',
  ]);
  expect(lines).toEqual([]);
});

test('while one message is under way, of all others only the newest waits', async () => {
  let arrive = () => {};
  const { manager, told } = aManager(() => new Promise((resolve) => (arrive = resolve)));
  for (let count = 1; count <= 1_000; count += 1) manager.ready(`collects ${count} tasks`);
  arrive();
  await rest();
  expect(told).toEqual(['READY=1 STATUS=collects 1 tasks', 'STATUS=collects 1000 tasks']);
});

test('what did not arrive is told again with the next call, and the trouble is one line', async () => {
  let isAway = true;
  const { manager, told, lines } = aManager(async () => {
    if (isAway) throw new Error('no such socket');
  });
  for (const tasks of [1, 1, 1]) {
    manager.ready(`collects ${tasks} task`);
    await rest();
  }
  isAway = false;
  manager.ready('collects 1 task');
  await rest();
  manager.ready('collects 1 task');
  await rest();
  expect(told).toEqual(Array(4).fill('READY=1 STATUS=collects 1 task'));
  expect(lines).toEqual([
    'warn the service manager cannot be told how nvl stands: no such socket',
    'info the service manager can be told again how nvl stands',
  ]);
});

test.each([
  ['a second assignment', 'job "web\nMAINPID=1" is unknown', 'STATUS=job "web MAINPID=1" is unknown'],
  ['the end of a string', 'a\0b', 'STATUS=a b'],
  ['other line ends', 'a\r\nb\u0085c\u2028d', 'STATUS=a b c d'],
  ['a long text', 'x'.repeat(10_000), `STATUS=${'x'.repeat(199)}…`],
])('a status is one short line: %s', async (_, status, assignment) => {
  const { manager, told } = aManager();
  manager.ready(status);
  await rest();
  expect(told).toEqual([`READY=1 ${assignment}`]);
});

test('a message that never arrives does not keep the daemon from its end', async () => {
  const { manager, told, lines } = aManager(() => new Promise(() => {}));
  manager.stopping('ends');
  const before = performance.now();
  await manager.close({ maxMs: 20 });
  expect(performance.now() - before).toBeLessThan(5_000);
  expect(told).toEqual(['STOPPING=1 STATUS=ends']);
  expect(lines).toEqual([]);
});
