import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { quickStatus } from '../../lib/commands/quick-status.ts';
import { askSocket } from '../../lib/serve/ask-socket.ts';
import { serveOnSocket } from '../../lib/serve/serve-socket.ts';
import type { NodeStatus } from '../../lib/status/status.ts';
import { statusAnswer } from '../../lib/wiring/keep-status.ts';
import { heldFor } from '../status/support.ts';
import { anAllocation, aRawAllocation, idOf } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { waitFor, waitUntil } from '../support/wait.ts';
import { aLog } from '../watch/support.ts';
import { aFolder, aNomad, aVector, nvl, put, startNvl } from './support.ts';

const web = aRawAllocation({ id: idOf(1), job: 'web' });
const off = aRawAllocation({ id: idOf(2), job: 'off', jobMeta: { nvl_enabled: 'false' } });
const odd = aRawAllocation({ id: idOf(3), job: 'odd', jobMeta: { nvl_profile: 'none-such' } });

const aSite = async (allocations: unknown[] = [web, off, odd]) => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, allocations);
  const vector = await aVector(folder);
  const logs = `nomad/alloc/${idOf(1)}/alloc/logs`;
  await put(folder, {
    ...daemonFiles({ folder, address: nomad.address, config: { vector: { drain: '5s' } } }),
    [`${logs}/app.stdout.0`]: 'one\ntwo\n',
  });
  const words = ['--', vector.binary, '-c', join(folder, 'team.toml')];
  const status = async (...args: string[]) => nvl(['status', ...args], { cwd: folder });
  const json = async (...args: string[]) => JSON.parse((await status('--json', ...args)).out) as NodeStatus;
  return {
    folder,
    nomad,
    run: (env: Record<string, string> = {}) => startNvl(['run', ...words], { cwd: folder, env }),
    /** A page of the daemon's, over its socket. */
    page: (question: string) => askSocket({ folder: join(folder, 'root'), question }),
    status,
    json,
    /** A status that is as wanted, of those that come. */
    until: (what: string, is: (now: NodeStatus) => boolean) =>
      waitFor(what, async () => {
        const { out } = await status('--json');
        const now = out === '' ? undefined : (JSON.parse(out) as NodeStatus);
        // The first cycle may be under way: what Vector has of it is remembered before its end.
        return now !== undefined && (now.lastCycle !== null || now.source === 'state') && is(now) ? now : undefined;
      }),
  };
};

test('what the daemon knows: what runs, the last cycle, each task with its bytes, and why it is not read', async () => {
  const site = await aSite();
  const daemon = site.run();
  const now = await site.until('web to be read', ({ tasks, logs }) => tasks.reading === 2 && logs.unreadBytes === 8);
  expect(now).toMatchObject({ schema: 1, source: 'daemon', node: { id: idOf(9), name: 'node-1' } });
  expect(now.nvl).toMatchObject({ pid: process.pid, root: join(site.folder, 'root') });
  expect(now.vector).toMatchObject({
    runBy: 'nvl',
    pid: expect.any(Number),
    hasStarted: true,
    generation: expect.stringMatching(/^\w{12}$/),
  });
  expect(now.lastCycle).toMatchObject({ outcome: expect.stringMatching(/^(reloaded|unchanged)$/) });
  const list = new Map(now.list.map((task) => [task.job, task]));
  expect(list.get('web')).toMatchObject({ state: 'reading', why: [], unreadBytes: 8, pipeline: expect.any(String) });
  expect(list.get('off')).toMatchObject({ state: 'notCollected', why: ['its meta says so (nvl_enabled)'] });
  expect(list.get('odd')?.why[0]).toMatch(/^ships by default, unparsed and marked: /);
  expect(now.faults).toMatchObject([{ kind: 'quarantine', level: 'red' }]);
  const { code, out } = await site.status();
  expect([code, out]).toEqual([0, expect.stringContaining('1 not collected')]);
  await daemon.end();
  expect(existsSync(join(site.folder, 'root', 'nvl.sock'))).toBe(false);
});

test('one job, by its name and its task; and one that is not there', async () => {
  const site = await aSite();
  site.run();
  await site.until('web to be read', ({ tasks, logs }) => tasks.reading === 2 && logs.unreadBytes === 8);
  // The files are looked at once more when somebody has asked.
  await waitUntil('its file', async () =>
    (await site.status('web/app')).out.includes('stdout.0 (8 B unread): Vector has not delivered any of it yet'),
  );
  expect((await site.json('web', 'app')).list).toHaveLength(1);
  expect(await site.status('none')).toMatchObject({
    code: 1,
    err: expect.stringContaining('no task of none is known'),
  });
});

test('a Nomad that is away is told with since when, and what is collected goes on', async () => {
  const site = await aSite([web]);
  site.run();
  await site.until('web to be read', ({ tasks }) => tasks.reading === 1);
  site.nomad.setAway(true);
  const now = await site.until('the trouble', ({ faults }) => faults.some(({ kind }) => kind === 'cycle'));
  expect(now.tasks.reading).toBe(1);
  expect(now.lastCycle?.outcome).toBe('failed');
  expect(now.faults[0]).toMatchObject({ level: 'yellow', since: expect.any(Number) });
  site.nomad.setAway(false);
  await site.until('its end', ({ faults }) => faults.length === 0);
});

test('without a daemon, what its state says, and that it is that; then 1 is the end', async () => {
  const site = await aSite();
  const daemon = site.run();
  await site.until('web to be read', ({ tasks }) => tasks.reading === 2);
  await daemon.end();
  const { code, out } = await site.status();
  expect([code, out]).toEqual([
    1,
    expect.stringContaining('does not run on this output root: this is what its state says'),
  ]);
  const left = await site.json('web');
  expect(left).toMatchObject({ source: 'state', vector: { pid: null } });
  // Where Vector keeps its positions, the state does not say.
  expect(left.list).toMatchObject([
    { state: 'waiting', unreadBytes: null, why: ['no Vector is known that reads it now'] },
  ]);
  const told = await site.json('web', '--vector-data-dir', join(site.folder, 'data'));
  expect(told.list).toMatchObject([{ unreadBytes: 8 }]);
});

test('without a daemon and a state, it says where it looked', async () => {
  const folder = await aFolder();
  const { code, err } = await nvl(['status', '--root', join(folder, 'none')], { cwd: folder });
  expect([code, err]).toEqual([1, expect.stringContaining(join(folder, 'none'))]);
});

test('watched, it is told again and again, as a line of JSON each, until it ends', async () => {
  const site = await aSite([web]);
  site.run();
  await site.until('web to be read', ({ tasks }) => tasks.reading === 1);
  const watching = startNvl(['status', '--json', '--watch'], { cwd: site.folder });
  await waitUntil('two lines', () => watching.out().split('\n').length > 2);
  const { code, out } = await watching.end();
  expect(code).toBe(0);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as NodeStatus);
  expect(lines.every(({ source }) => source === 'daemon')).toBe(true);
});

test('two daemons one after the other: the second one answers', async () => {
  const site = await aSite([web]);
  await site.run().end();
  site.run();
  await site.until('an answer', ({ source }) => source === 'daemon');
});

test('the quick way prints what the whole command prints, and leaves to that what it cannot do', async () => {
  const root = await aFolder();
  const held = await heldFor([anAllocation({ job: 'web' }), anAllocation({ id: idOf(2), job: 'db' })]);
  const answerOf = (url: URL) => statusAnswer({ url, held });
  const server = await serveOnSocket({ folder: root, answerOf, log: aLog().log });
  onTestFinished(() => server.close());
  const quick = (...args: string[]) => quickStatus({ args, env: {}, cwd: root, systemDir: '/no/such/folder' });
  for (const args of [[], ['web'], ['web/app'], ['web', 'app'], ['--json'], ['--json', 'web']]) {
    const whole = await nvl(['status', '--root', root, ...args], { cwd: root });
    expect([await quick('--root', root, ...args), 0]).toEqual([whole.out, whole.code]);
  }
  expect(await quick(`--root=${root}`)).toMatch(/^nvl /);
  for (const args of [['none'], ['--help'], ['--watch'], ['-c', 'x'], ['a', 'b', 'c'], ['--root']])
    expect(await quick('--root', root, ...args)).toBeUndefined();
  expect(await quick('--root', join(root, 'none'))).toBeUndefined();
});

test('metrics, and checks: red while a task does not ship by its own profile', async () => {
  const site = await aSite([web, odd]);
  site.run();
  const { text: metrics = '' } = (await waitFor('metrics of both tasks', async () => {
    const page = await site.page('/metrics');
    return page?.text.includes('nvl_tasks{state="reading"} 2') ? page : undefined;
  })) as { text: string };
  expect(metrics).toMatch(/^nvl_cycles_total\{outcome="reloaded"\} [1-9]/m);
  expect(metrics).toMatch(/^nvl_validations_total\{result="passed"\} [1-9]/m);
  expect(metrics).toMatch(/^nvl_reloads_total\{result="reloaded"\} [1-9]/m);
  expect(metrics).toContain('nvl_quarantined_blocks{instead="default"} 1');
  expect(metrics).toContain('nvl_healthy 0');
  expect(metrics).toContain('nvl_vector_up 1');
  expect(await site.page('/healthz')).toEqual({ status: 200, text: 'ok\n' });
  expect(await site.page('/readyz')).toEqual({ status: 200, text: 'ready\n' });
  expect(await site.page('/health')).toMatchObject({ status: 503, text: expect.stringContaining('red quarantine') });
  site.nomad.setAllocations([web]);
  await waitUntil('all to be well', async () => (await site.page('/health'))?.status === 200);
  site.nomad.setAway(true);
  await waitUntil('Nomad to be away', async () => {
    const page = await site.page('/metrics');
    return /^nvl_nomad_errors_total\{code="nomadA\w+"\} [1-9]/m.test(page?.text ?? '');
  });
});

test('the same on an address of its own, and nothing there that names more than jobs', async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
  });
  await new Promise((resolve) => other.close(resolve));
  const site = await aSite([web]);
  const daemon = site.run({ NVL_METRICS_ADDRESS: `127.0.0.1:${port}` });
  await waitUntil('metrics', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
    return (
      answer?.status === 200 && answer.headers.get('content-type')?.startsWith('text/plain; version=0.0.4') === true
    );
  });
  expect((await fetch(`http://127.0.0.1:${port}/v1/status`)).status).toBe(404);
  await daemon.end();
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
});
