import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type BenchTask, createStandInNode, TASK } from '../../bench/support/stand-in-node.ts';
import { shippedTemplatesDir } from '../../lib/config/read-templates.ts';
import { askSocket } from '../../lib/serve/ask-socket.ts';
import type { NodeStatus } from '../../lib/status/status.ts';
import { aTransform } from '../support/builders.ts';
import { nvlProgram, startNvl } from '../support/nvl.ts';
import { needs, vector } from '../support/programs.ts';
import { waitForEvents } from '../support/vector.ts';
import { waitFor } from '../support/wait.ts';

/** A node of the stand-in agent, a real nvl over a real Vector on it, and `nvl status` as a person runs it. */
const aNode = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-status-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const node = await createStandInNode({ folder: join(folder, 'nomad') });
  onTestFinished(() => node.close());
  const start = async (sink?: (file: string) => string, more: Record<string, unknown> = {}) => {
    const { address, allocDir, nodeId } = node;
    const config = { nomad: { address, allocDir, nodeId, interval: '1s' }, collect: { removalDelay: '1s' }, ...more };
    const nvl = await startNvl({ folder, config, ...(sink && { sink }) });
    onTestFinished(() => nvl.end().then(() => undefined), 120_000);
    return nvl;
  };
  const status = (...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const all = [nvlProgram, 'status', '-c', join(folder, 'nvl.yaml'), ...args];
      execFile(process.execPath, all, { cwd: folder }, (error, out, err) =>
        resolve({ code: Number(error?.code ?? 0), out, err }),
      );
    });
  const until = (what: string, is: (now: NodeStatus) => boolean, args: string[] = []) =>
    waitFor(
      what,
      async () => {
        const { out } = await status('--json', ...args);
        const now = out === '' ? undefined : (JSON.parse(out) as NodeStatus);
        return now !== undefined && is(now) ? now : undefined;
      },
      { timeoutMs: 120_000, everyMs: 500 },
    );
  /** A page of the daemon's that is as wanted, of those that come. */
  const page = (question: string, is: (page: { status: number; text: string }) => boolean) =>
    waitFor(
      `${question} as wanted`,
      async () => {
        const found = await askSocket({ folder: join(folder, 'root'), question }).catch(() => undefined);
        return found !== undefined && is(found) ? found : undefined;
      },
      { timeoutMs: 120_000, everyMs: 500 },
    );
  return { folder, node, start, status, until, page };
};

const write = (task: BenchTask, count: number): void =>
  task.stdout.write(Array.from({ length: count }, (_, n) => `line ${n}\n`).join(''));

test('bytes that Vector has read, a file that it does not read, and the end of a task', needs(vector), async () => {
  const { node, start, status, until } = await aNode();
  const task = node.add({ jobId: 'web' });
  node.run(task);
  const nvl = await start();
  write(task, 100);
  await waitForEvents({ file: nvl.delivered, count: 100 });
  const now = await until('all to be read', ({ list }) => list[0]?.unreadBytes === 0 && (list[0].readBytes ?? 0) > 0);
  expect(now.list[0]).toMatchObject({ job: 'web', task: TASK, state: 'reading', why: [] });
  expect(now.faults).toEqual([]);
  // What a task plants beside its logs.
  const planted = join(node.allocDir, task.allocId, 'alloc', 'logs', `${TASK}.stdout.7`);
  await symlink('/etc/passwd', planted);
  const refused = await until('the link to be refused', ({ list }) => list[0]?.why.length === 1, ['web']);
  expect(refused.list[0]?.files).toContainEqual(
    expect.objectContaining({ name: `${TASK}.stdout.7`, why: 'it is refused: it is a symbolic link' }),
  );
  await rm(planted);
  node.finish(task);
  await until('its end', ({ tasks }) => tasks.done === 1);
  await nvl.end();
  expect(await status()).toMatchObject({ code: 1, out: expect.stringContaining('does not run') });
});

test('a sink that is away: unread bytes, seconds of safety, and what is wrong since when', needs(vector), async () => {
  const { node, start, until, page } = await aNode();
  const task = node.add({ jobId: 'web' });
  node.run(task);
  await start(
    () => `[sinks.away]
type = "http"
inputs = ["nomad_logs"]
uri = "http://127.0.0.1:9"
encoding.codec = "json"
framing.method = "newline_delimited"
acknowledgements.enabled = true
batch.timeout_secs = 0.2
`,
  );
  const writing = setInterval(() => write(task, 50), 200);
  onTestFinished(() => clearInterval(writing));
  const now = await until(
    'the sink to be told',
    ({ faults, list }) => faults.some(({ kind }) => kind === 'delivery') && (list[0]?.secondsOfSafety ?? 0) > 0,
  );
  const [web] = now.list;
  expect(web?.readBytes).toBe(0);
  expect(web?.unreadBytes).toBeGreaterThan(0);
  expect(web?.bytesPerSecond).toBeGreaterThan(0);
  // What Nomad keeps by default is a hundred MiB, of which little is written.
  expect((web?.secondsOfSafety ?? 0) * (web?.bytesPerSecond ?? 0)).toBeGreaterThan(50 * 1_024 * 1_024);
  expect(now.faults.find(({ kind }) => kind === 'delivery')).toMatchObject({
    about: 'away',
    since: expect.any(Number),
  });
  await page('/metrics', ({ text }) => text.includes('nvl_faults{kind="delivery",level="yellow"} 1'));
});

test(
  'an edit that Vector refuses turns the node red until it is fixed; a Vector that is killed is told with its successor',
  needs(vector),
  async () => {
    const { folder, node, start, until, page } = await aNode();
    const templates = join(folder, 'templates');
    const program = join(templates, 'profiles', 'mine', 'transform.toml.hbs');
    await cp(join(shippedTemplatesDir(), 'vector'), join(templates, 'vector'), { recursive: true });
    await mkdir(join(templates, 'profiles', 'mine'), { recursive: true });
    await writeFile(program, aTransform('.parsed = true'));
    const task = node.add({ jobId: 'web', meta: { nvl_profile: 'mine' } });
    node.run(task);
    const nvl = await start(undefined, { templates });
    write(task, 10);
    await waitForEvents({ file: nvl.delivered, count: 10, timeoutMs: 60_000 });
    await page('/readyz', ({ status }) => status === 200);
    await page('/health', ({ status }) => status === 200);
    const before = (await until('its templates', (now) => now.templates !== null)).templates?.digest;
    await writeFile(program, aTransform('.parsed = no_such_function(.message)'));
    const red = await page('/health', ({ status }) => status === 503);
    expect(JSON.parse(red.text)).toMatchObject({ level: 'red', why: [expect.stringContaining('web')] });
    const refused = await page('/metrics', ({ text }) =>
      /^nvl_validations_total\{result="refused"\} [1-9]/m.test(text),
    );
    expect(refused.text).toMatch(/^nvl_quarantined_blocks\{instead="\w+"\} 1$/m);
    expect((await until('its templates', (now) => now.templates?.digest !== before)).faults[0]?.kind).toBe(
      'quarantine',
    );
    await writeFile(program, aTransform('.parsed = "again"'));
    await page('/health', ({ status }) => status === 200);
    const { vector: ran } = await until('Vector', (now) => now.vector.pid !== null);
    process.kill(ran.pid ?? 0, 'SIGKILL');
    await until('another Vector', (now) => now.vector.pid !== null && now.vector.pid !== ran.pid);
    await page('/health', ({ status }) => status === 200);
  },
);
