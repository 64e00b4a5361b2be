import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { prepareRoot } from '../../lib/apply/root.ts';
import { newMemory } from '../../lib/memory.ts';
import { tableText } from '../../lib/pipelines/table.ts';
import { assembleFile } from '../../lib/render/file.ts';
import { openState } from '../../lib/state/state.ts';
import { diskOf } from '../../lib/wiring/disk.ts';
import { keepVector } from '../../lib/wiring/keep-vector.ts';
import { aFolder } from '../commands/support.ts';
import { aConfig } from '../support/builders.ts';
import { waitUntil } from '../support/wait.ts';
import { type Behaviour, writeFakeVector } from '../vector/fake-vector.ts';
import { aCommand, silentLog } from '../vector/support.ts';

// The supervised Vector and a cycle, each at its own pace.

const aKeptVector = async ({
  behaviours,
  live,
  env = {},
}: {
  behaviours: Behaviour[];
  live?: string;
  env?: Record<string, string>;
}) => {
  const folder = await aFolder();
  const paths = await prepareRoot({ root: `${folder}/root` });
  const lock = { isHeld: true };
  const disk = diskOf({ paths, lock: { isHeld: async () => lock.isHeld } });
  const goLive = async (text: string) => {
    await disk.stage(text);
    await disk.swap();
  };
  if (live !== undefined) {
    await goLive(live);
    await disk.keepGeneration(live);
  }
  const store = await openState({ dir: paths.state, now: 0, onSetAside: () => {} });
  const vector = await writeFakeVector({ folder, behaviours });
  const command = aCommand({ binary: vector.binary, args: ['-c', paths.liveFile], cwd: folder, env });
  const ending = new AbortController();
  const { keeper, timeoutMs } = await keep({ command, paths, disk, store, signal: ending.signal });
  onTestFinished(() => keeper.stop());
  keeper.useDeps({ disk, memory: newMemory(), store, surroundings: 'its own files' });
  const load = () => keeper.load({ reload: () => keeper.supervisor.reload({ timeoutMs, signal: ending.signal }) });
  const does = (...events: string[]) =>
    waitUntil(`vector to ${events}`, async () => (await vector.events()).join() === events.join(), {
      timeoutMs: 40_000,
    });
  return { lock, disk, goLive, store, keeper, load, does, end: () => ending.abort() };
};

const keep = async ({
  command,
  paths,
  disk,
  store,
  signal,
}: {
  command: ReturnType<typeof aCommand>;
  signal: AbortSignal;
} & Pick<Parameters<typeof keepVector>[0], 'paths' | 'disk' | 'store'>) => {
  const timeoutMs = 20_000;
  const config = aConfig({ reload: { timeout: timeoutMs }, vector: { drain: 5_000 } });
  const io = {
    out: () => {},
    err: () => {},
    stderr: new PassThrough().resume(),
    readInput: async function* () {},
    env: {},
    cwd: command.cwd,
    isTty: false,
    isErrTty: false,
    signal,
    onHangup: () => () => {},
  };
  const user = { components: [], sinks: [], exporters: [], globalAcknowledgements: false, digest: '', faults: [] };
  const runningVector = { command, user, dataDir: command.cwd, isBare: false };
  return { keeper: await keepVector({ config, io, log: silentLog, paths, disk, store, runningVector }), timeoutMs };
};

const SLOW = { timeout: 60_000 };
const fileOf = (text: string) =>
  assembleFile({
    blocks: [{ key: 'sink:default', kind: 'sink', heading: 'sink', text: `[sinks.out]\n# ${text}` }],
    templates: [],
    linksDir: '/links',
  });

test(
  'Vector starts with a bad file once more before a slow cycle has gone back: the good one is not blamed',
  SLOW,
  async () => {
    const [older, good, bad] = ['older', 'good', 'bad'].map(fileOf) as [string, string, string];
    const { disk, goLive, store, load, does } = await aKeptVector({
      behaviours: [{ reloads: ['good', 'die'] }, { bootMs: 1_000, cannotBuild: ['out'] }, {}],
      live: older,
    });
    await does('start');
    await goLive(good);
    expect(await load()).toEqual({ kind: 'reloaded' });
    await disk.keepGeneration(good);
    const first = store.read().vector?.pid;
    await goLive(bad);
    expect(await load()).toMatchObject({ kind: 'died' });
    await waitUntil('the next one to boot', () => store.read().vector?.pid !== first, { timeoutMs: 20_000 });
    await disk.restore(good);
    await does('start', 'HUP', 'HUP', 'start', 'start');
    expect(await disk.readLive()).toBe(good);
    expect(store.read().refusedLoads).toBeUndefined();
  },
);

test(
  'the first Vector of all does not come to its start: nvl that is told to end does not wait for it',
  SLOW,
  async () => {
    const { goLive, load, does, end } = await aKeptVector({ behaviours: [{ startMs: 600_000 }] });
    await goLive(fileOf('good'));
    const loading = load();
    await does('start');
    end();
    expect(await loading).toMatchObject({ kind: 'unconfirmed' });
  },
);

test('the reason why a sink does not deliver is kept without the variable that Vector put into it', SLOW, async () => {
  const line = (reason: string) =>
    `2026-11-26T03:26:53.626211Z ERROR sink{component_id=out component_type=http}: vector_common::internal_event: Events dropped intentional=false count=3 reason="${reason}"\n`;
  const { keeper } = await aKeptVector({
    behaviours: [{ stderr: line('no such user: s3cr3t-name') }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the variable is Vector's
    live: fileOf('auth.user = "${OUT_USER}"'),
    env: { OUT_USER: 's3cr3t-name', VECTOR_DANGEROUSLY_ALLOW_ENV_VAR_INTERPOLATION: 'true' },
  });
  await waitUntil('it to be seen', () => keeper.troubles().length > 0, { timeoutMs: 20_000 });
  expect(keeper.troubles()).toMatchObject([
    { component: 'out', kind: 'drops', dropped: 3, said: 'no such user: <the value of OUT_USER>' },
  ]);
});

test('where another nvl has the root now, no Vector is started that would end its own', SLOW, async () => {
  const { lock, keeper, does } = await aKeptVector({ behaviours: [{ exitAfterMs: 200 }, {}], live: fileOf('good') });
  await does('start');
  lock.isHeld = false;
  await waitUntil('it to end', () => keeper.supervisor.state === 'pausing', { timeoutMs: 20_000 });
  // Its first pause takes half a second, the second one a second.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await does('start');
  lock.isHeld = true;
  await does('start', 'start');
});

test.each([
  ['it has read all that is live: its start is the answer', false, ['start']],
  ['rows came after it began to read: it is told to read them', true, ['start', 'HUP']],
] as const)('Vector is starting, and %s', SLOW, async (_, hasNewRows, events) => {
  const { disk, load, does } = await aKeptVector({ behaviours: [{ startMs: 2_000 }], live: fileOf('good') });
  await does('start');
  const row = { stem: 'nvl_1_app_1', pipeline: 'nvl_default_1', about: '', mark: '', cells: { c_a: 'web' } };
  if (hasNewRows) await disk.writeTable({ table: tableText([row]), rows: [row], text: '' });
  expect(await load()).toEqual({ kind: 'reloaded' });
  await does(...events);
});
