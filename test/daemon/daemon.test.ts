import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { readTemplates } from '../../lib/config/read-templates.ts';
import { runSession } from '../../lib/daemon/daemon.ts';
import type { DaemonSession } from '../../lib/daemon/session.ts';
import { NvlError } from '../../lib/errors.ts';
import { compileTemplates, type Templates } from '../../lib/render/templates.ts';
import { aNode, refusing, T0, type TestNode, writeLog } from '../cycle/support.ts';
import { aConfig, anAllocation, aTransform, idOf, someTemplates } from '../support/builders.ts';
import { waitUntil } from '../support/wait.ts';
import { aLog } from '../watch/support.ts';

/** A task that has just moved has a row in each of its pipelines. */
const tasksOf = (node: TestNode) => [...new Set(node.rows())];

const away = new NvlError('nomadAway', { message: 'Nomad does not answer' });
const mine = (program: string) => someTemplates({ 'profiles/mine/transform.toml.hbs': aTransform(program) });

/** A daemon over a test node, with pauses of milliseconds; it ends with the test. */
const aDaemon = async (
  node: TestNode,
  given: {
    readTemplates?: () => Promise<Templates>;
    ask?: () => void;
    offerAgainMs?: number;
    onReload?: () => void;
    /** Its alloc directory tells of news, and the bursts of them settle as long as by default. */
    isWatching?: boolean;
  } = {},
) => {
  const ending = new AbortController();
  const { log, lines, entries } = aLog();
  const watched = join(node.folder, 'templates');
  await mkdir(watched, { recursive: true });
  const counted = { cycles: 0, reads: 0 };
  const session: DaemonSession = {
    config: aConfig(given.isWatching ? {} : { reload: { settle: { min: 1, max: 5 } } }),
    logs: { see: () => {}, lose: () => {} },
    // Nobody tells of news here: the interval does.
    locate: given.isWatching ? async () => ({ nodeId: idOf(9), allocDir: node.allocDir }) : () => Promise.reject(away),
    nomad: {
      follow: () => Promise.reject(away),
      events: () => expect.unreachable(),
      intervalMs: () => (given.isWatching ? 60_000 : 40),
    },
    readTemplates: async () => {
      counted.reads += 1;
      return (given.readTemplates ?? (() => someTemplates()))();
    },
    watched: [watched],
    makeDeps: async ({ templates, memory, signal }) => {
      counted.cycles += 1;
      given.ask?.();
      node.templates = templates;
      const deps = node.deps();
      const reload: typeof deps.reload = (options) => {
        given.onReload?.();
        return deps.reload(options);
      };
      return { ...deps, reload, memory, signal, log };
    },
  };
  const { offerAgainMs = 300_000 } = given;
  const running = runSession({ session, log, signal: ending.signal, offerAgainMs });
  const end = async () => {
    ending.abort();
    await running;
  };
  onTestFinished(end);
  const cycles = async (more: number) => {
    const wanted = counted.cycles + more;
    await waitUntil(`${more} cycles`, () => counted.cycles >= wanted, { everyMs: 5 });
  };
  return {
    lines,
    entries,
    counted,
    cycles,
    end,
    edit: () => writeFile(join(watched, `${counted.reads}.hbs`), ''),
  };
};

test('it looks again and again, reads the templates once, and ends when it is told to', async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  const daemon = await aDaemon(node);
  await daemon.cycles(5);
  expect(tasksOf(node)).toHaveLength(1);
  expect(node.steps.filter((step) => step.startsWith('reload'))).toHaveLength(1);
  // The second time is when the watch over them begins: what was edited just before went unseen.
  expect(daemon.counted.reads).toBeLessThanOrEqual(2);
  await daemon.end();
  const { cycles } = daemon.counted;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(daemon.counted.cycles).toBe(cycles);
});

test('an edit is taken up', async () => {
  const node = await aNode({ allocations: [anAllocation({ taskMeta: { nvl_profile: 'mine' } })] });
  let program = '.old = 1';
  const daemon = await aDaemon(node, { readTemplates: () => mine(program) });
  await daemon.cycles(2);
  program = '.new = 1';
  await daemon.edit();
  await waitUntil('the edit to be live', () => node.live?.includes('.new = 1') === true);
});

test('a Nomad that is away is told once when it goes and once when it is back, and ends nothing', async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  let isAway = true;
  const daemon = await aDaemon(node, {
    ask: () => {
      if (isAway) throw away;
    },
  });
  await daemon.cycles(2);
  isAway = false;
  await waitUntil('the first file', () => node.live !== undefined);
  await daemon.cycles(2);
  expect(daemon.lines).toEqual([
    'error Nomad does not answer',
    'info Vector has loaded the new config',
    'info all is well again',
  ]);
});

test('a second fault of the same code is told, as it is about another file', async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  let folder: string | undefined = '/r/stage';
  const daemon = await aDaemon(node, {
    ask: () => {
      if (folder !== undefined)
        throw new NvlError('rootUnusable', { message: 'a folder is a link', facts: { folder } });
    },
  });
  const told = () => daemon.lines.filter((line) => line === 'error a folder is a link').length;
  await daemon.cycles(3);
  expect(told()).toBe(1);
  folder = '/r/generations';
  await waitUntil('the second fault to be told', () => told() === 2);
  folder = undefined;
  await waitUntil('the end of it to be told', () => daemon.lines.includes('info all is well again'));
});

test('a second refusal in other words is told', async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  const refuse = (said: string) => () => ({
    ok: false as const,
    error: new NvlError('vectorRefused', { message: 'Vector refused the new config', facts: { said } }),
    blamed: [],
  });
  node.judge = refuse('own.toml: no table a');
  const daemon = await aDaemon(node);
  await daemon.cycles(3);
  node.judge = refuse('other.toml: no table b');
  const told = () => daemon.lines.filter((line) => line === 'error Vector refused the new config').length;
  await waitUntil('the second one to be told', () => told() === 2);
  await daemon.cycles(2);
  expect(told()).toBe(2);
});

test('a cycle that was overtaken, as Vector died meanwhile, is no end of the trouble', async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  let isAway = true;
  let overtaken = 0;
  const daemon = await aDaemon(node, {
    ask: () => {
      if (isAway) throw away;
    },
    // What is live is another file than the one that Vector was told to load.
    onReload: () => {
      overtaken += 1;
      if (overtaken <= 3) node.live = `overtaken ${overtaken}`;
    },
  });
  await daemon.cycles(2);
  isAway = false;
  await waitUntil('all to be well', () => daemon.lines.includes('info all is well again'));
  expect(daemon.lines).toEqual([
    'error Nomad does not answer',
    'info Vector has loaded the new config',
    'info all is well again',
  ]);
  expect(overtaken).toBe(4);
});

test('a templates folder that is away leaves the last good templates in use: new tasks are collected all the same', async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  let isAway = false;
  const gone = new NvlError('templateInvalid', { message: 'the templates folder cannot be read' });
  const daemon = await aDaemon(node, { readTemplates: async () => (isAway ? Promise.reject(gone) : mine('.x = 1')) });
  await daemon.cycles(2);
  isAway = true;
  await daemon.edit();
  await waitUntil('the fault to be told', () => daemon.lines.some((line) => line.includes('the templates folder')));
  node.allocations = [anAllocation(), anAllocation({ id: idOf(2), taskMeta: { nvl_profile: 'mine' } })];
  await waitUntil('the new task', () => tasksOf(node).length === 2);
  isAway = false;
  await waitUntil('the end of it to be told', () => daemon.lines.includes('info all templates are sound again'));
  expect(daemon.lines.filter((line) => line.includes('the templates folder'))).toHaveLength(1);
});

test('what Vector refused is not proven again in each cycle while the templates folder is away', async () => {
  const node = await aNode({ allocations: [anAllocation({ taskMeta: { nvl_profile: 'mine' } })] });
  const refusal = new NvlError('vectorRefused', { message: 'no' });
  node.judge = ({ blocks }) => {
    const blamed = blocks.filter(({ text }) => text.includes('.bad')).map((block) => ({ block, error: refusal }));
    return blamed.length === 0 ? { ok: true, warnings: [] } : { ok: false, error: refusal, blamed };
  };
  let isAway = false;
  const gone = new NvlError('templateInvalid', { message: 'the templates folder cannot be read' });
  const daemon = await aDaemon(node, { readTemplates: async () => (isAway ? Promise.reject(gone) : mine('.bad = 1')) });
  await waitUntil('the rest', () => tasksOf(node).length === 1);
  isAway = true;
  await daemon.edit();
  await waitUntil('the fault to be told', () => daemon.lines.some((line) => line.includes('the templates folder')));
  await daemon.cycles(2);
  node.steps.length = 0;
  await daemon.cycles(5);
  expect(node.steps).toEqual([]);
});

test('at the first start there is nothing to go on with: it is tried again until there is', async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  let reads = 0;
  const daemon = await aDaemon(node, {
    readTemplates: async () => {
      reads += 1;
      if (reads < 3) throw new NvlError('templateInvalid', { message: 'the templates folder cannot be read' });
      return someTemplates();
    },
  });
  await waitUntil('the first file', () => node.live !== undefined);
  expect(daemon.lines[0]).toBe('error the templates folder cannot be read');
});

test('what nothing can confirm is said once, and is no trouble that would end', async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  node.reloads = Array.from({ length: 20 }, () => ({ kind: 'unconfirmed', why: 'no source is new' }) as const);
  const daemon = await aDaemon(node);
  await waitUntil('it to be taken as done', () => node.state.loaded !== undefined);
  node.allocations = [anAllocation(), anAllocation({ id: idOf(2) })];
  await waitUntil('the second file', () => tasksOf(node).length === 2);
  await waitUntil('that to be taken as done', () => node.state.loaded !== undefined && node.reloads.length <= 14);
  await daemon.cycles(2);
  expect(daemon.lines).toEqual([
    'error Vector was told to reload, and nothing confirms that it did',
    'warn Vector was told 3 times to reload, and nothing confirms that it did; nvl takes it as done',
  ]);
});

test('who ships by default is told once, and that nobody does any more', async () => {
  const node = await aNode({ allocations: [anAllocation({ taskMeta: { nvl_profile: 'mine' } })] });
  let program = '{{jobb}}';
  const daemon = await aDaemon(node, { readTemplates: () => mine(program) });
  await daemon.cycles(4);
  program = '.x = 1';
  await daemon.edit();
  await waitUntil('its own profile', () => node.live?.includes('.x = 1') ?? false);
  const told = (words: string) => daemon.lines.filter((line) => line.includes(words)).length;
  await waitUntil('all to be told', () => told('nothing is left out or replaced any more') === 1);
  expect(told('ships by default, unparsed and marked: default / shop')).toBe(1);
  expect(told('a template is broken')).toBe(1);
});

test('who is refused for another reason than before is told again, and nobody beside it', async () => {
  const node = await aNode({
    allocations: [anAllocation(), anAllocation({ id: idOf(2), taskMeta: { nvl_profile: 'none-such' } })],
  });
  const isSink = ({ kind }: { kind: string }) => kind === 'sink';
  const sinkOf = (type: string) => `[sinks.mine]\ntype = "${type}"\ninputs = ["{{input}}"]\n`;
  let type = 'blackhole';
  const daemon = await aDaemon(node, {
    readTemplates: async () => someTemplates({ 'vector/sink.toml.hbs': sinkOf(type) }),
  });
  await waitUntil('its sink', () => node.live?.includes('[sinks.mine]') ?? false);
  const told = (words: string) => daemon.lines.filter((line) => line.includes(words)).length;
  for (const [times, slip] of ['lokii', 'htttp'].entries()) {
    type = slip;
    node.judge = refusing(isSink, `unknown variant ${slip}`);
    await daemon.edit();
    await waitUntil(`the refusal of ${slip} to be told`, () => told('kept as it was') === times + 1);
  }
  await daemon.cycles(2);
  expect(told('kept as it was')).toBe(2);
  expect(told('ships by default')).toBe(1);
});

test('a sink that loses its name stays as it was; what is not read is told once', async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  const folder = join(node.folder, 'own');
  const put = (name: string, text: string) => writeFile(join(folder, name), text);
  await mkdir(join(folder, 'vector'), { recursive: true });
  await put('vector/sink.toml.hbs', '[sinks.mine]\ntype = "blackhole"\ninputs = ["{{input}}"]\n');
  await put('vector/extra.toml.hbs', '');
  const daemon = await aDaemon(node, { readTemplates: async () => compileTemplates(await readTemplates(folder)) });
  await waitUntil('its sink', () => node.live?.includes('[sinks.mine]') ?? false);
  await rename(join(folder, 'vector/sink.toml.hbs'), join(folder, 'vector/sinks.toml.hbs'));
  await daemon.edit();
  const told = (words: string) => daemon.lines.filter((line) => line.includes(words)).length;
  await waitUntil('the slip to be told', () => told('vector/sinks.toml.hbs is not read') === 1);
  await daemon.cycles(2);
  expect(node.live).toContain('[sinks.mine]');
  expect(told('vector/extra.toml.hbs is not read')).toBe(1);
});

test('with a sink that refuses events the finished tasks that wait for it are named, the first few of them, and no others', async () => {
  const digits = [1, 2, 3, 4, 5, 6, 7];
  const running = digits.map((digit) => anAllocation({ id: idOf(digit), job: `job${digit}` }));
  const node = await aNode({ allocations: running });
  for (const digit of digits) await writeLog({ node, allocId: idOf(digit), text: 'a line that has no checkpoint\n' });
  const daemon = await aDaemon(node);
  await waitUntil('all to be collected', () => tasksOf(node).length === digits.length);
  const end = { status: 'complete', finishedAt: new Date(T0).toISOString() };
  const waiting = async (finished: number) => {
    node.allocations = running.map((allocation, at) =>
      at < finished ? anAllocation({ id: idOf(at + 1), job: `job${at + 1}`, ...end }) : allocation,
    );
    await daemon.cycles(3);
    const component = `sink_${finished}`;
    node.troubles = [{ component, kind: 'retries', since: 1, dropped: 0, said: 'busy' }];
    await waitUntil('it to be told', () => daemon.entries.some((entry) => entry.component === component));
    return daemon.entries.find((entry) => entry.component === component)?.waiting;
  };
  expect(await waiting(0)).toEqual([]);
  expect(await waiting(2)).toEqual(['job1 / app', 'job2 / app']);
  expect(await waiting(7)).toEqual([
    'job1 / app',
    'job2 / app',
    'job3 / app',
    'job4 / app',
    'job5 / app',
    'and 2 more',
  ]);
});

test('a block that Vector refused is offered again after a while: what was fixed may be no template', async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  node.judge = refusing(({ kind }) => kind === 'pipeline', 'no table t');
  const daemon = await aDaemon(node, { offerAgainMs: 200 });
  await waitUntil('it to be left out', () => daemon.lines.some((line) => line.includes('left out')));
  await waitUntil('some more offers', () => node.steps.filter((step) => step === 'prove').length > 6);
  node.judge = () => ({ ok: true, warnings: [] });
  await waitUntil('the task', () => tasksOf(node).length === 1);
  expect(daemon.lines.filter((line) => line.startsWith('error'))).toHaveLength(1);
});

test('but not one that Vector died of: to try it costs a Vector', async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  const daemon = await aDaemon(node, {
    offerAgainMs: 60,
    readTemplates: () => mine('.deadly = 1'),
  });
  await daemon.cycles(2);
  node.reloads = [{ kind: 'died', why: 'panicked' }];
  node.allocations = [anAllocation(), anAllocation({ id: idOf(2), taskMeta: { nvl_profile: 'mine' } })];
  await waitUntil('it to ship by default', () => daemon.lines.some((line) => line.includes('ships by default')));
  await daemon.cycles(8);
  expect([tasksOf(node).length, node.pipelines().length]).toEqual([2, 1]);
  expect(node.told.filter(({ pipelines }) => pipelines.length === 2)).toHaveLength(1);
});

test('twenty tasks that come within a second cost a few reloads, each with all that had come', async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  await mkdir(node.allocDir);
  await aDaemon(node, { isWatching: true });
  await waitUntil('the first task', () => tasksOf(node).length === 1);
  node.told.length = 0;
  for (let count = 0; count < 20; count += 1) {
    const id = `${String(count).padStart(8, '0')}${idOf(2).slice(8)}`;
    node.allocations = [...node.allocations, anAllocation({ id })];
    await writeLog({ node, allocId: id, text: 'a\n' });
    // Far less than the quiet that ends a burst: on a busy machine each sleep is several times as long.
    await sleep(10);
  }
  await waitUntil('all of them', async () => (await node.links()).length === 20);
  expect(node.told.length).toBeLessThanOrEqual(5);
  expect(node.steps.filter((step) => step === 'prove')).toHaveLength(1);
});

test('a sink that refuses events is told once, with who waits, is in the state for doctor, and so is its end', async () => {
  const node = await aNode({ allocations: [anAllocation()] });
  node.troubles = [{ component: 'es', kind: 'drops', since: 1, dropped: 4, said: 'mapper_parsing_exception' }];
  const daemon = await aDaemon(node);
  await daemon.cycles(4);
  await waitUntil('the state to have it', () => node.state.troubles?.length === 1);
  expect(node.state.troubles).toEqual(node.troubles);
  node.troubles = [];
  await waitUntil('the end of it to be told', () => daemon.lines.some((line) => line.includes('any more')));
  expect(daemon.lines.filter((line) => line.includes("Vector's es"))).toEqual([
    "warn Vector's es drops events, 4 or more so far: mapper_parsing_exception",
    "info Vector's es says nothing of failed deliveries any more",
  ]);
  await waitUntil('the state to lose it', () => node.state.troubles === undefined);
});
