import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { EngineEvent } from '../../lib/engine/event.ts';
import type { PipelineStep, TaskPipeline } from '../../lib/preview/task-pipeline.ts';
import { type TapCounts, type TapDeps, tap } from '../../lib/tap/tap.ts';
import type { TappedTask } from '../../lib/tap/tapped-task.ts';
import { asPlain } from '../../lib/vrl/values.ts';
import { aLog, type FakeVectorApi, startVectorApi } from '../support/vector-api.ts';
import { waitUntil } from '../support/wait.ts';

const aTask = (digit: number, pipeline = 'p'): TappedTask => ({
  job: 'web',
  task: 'server',
  alloc: String(digit).repeat(8),
  stem: `nvl_${String(digit).repeat(8)}_server_aaaaaaaa`,
  pipeline,
});

const fileOf = ({ stem, pipeline }: TappedTask): string => `/nvl/links/${pipeline}/${stem}.stdout.000000000`;

const OTHER = aTask(9);

type Shown = { task: string; before: unknown; after: unknown[]; with?: unknown[] };

const messageOf = ({ event }: EngineEvent): unknown => (asPlain(event) as { message?: unknown }).message;

const start = ({
  api,
  tasks = () => [aTask(1)],
  ...more
}: { api: FakeVectorApi; tasks?: () => TappedTask[] } & Partial<TapDeps>) => {
  const ending = new AbortController();
  const shown: Shown[] = [];
  const said: string[] = [];
  const dropped: string[] = [];
  const ended: Promise<TapCounts> = tap({
    url: api.url,
    sample: { limit: 100, intervalMs: 100 },
    look: async () => ({ tasks: tasks(), stems: new Set([...tasks(), OTHER].map(({ stem }) => stem)) }),
    openLive: undefined,
    openEdited: undefined,
    where: async (events) => events,
    show: async ({ task, before, after, edited }) => {
      shown.push({
        task: task.alloc,
        before: before && messageOf(before),
        after: after.map(messageOf),
        ...(edited === undefined ? {} : { with: edited.events.map(messageOf) }),
      });
    },
    onDropped: ({ before, why }) => {
      if (before !== undefined) dropped.push(`${String(messageOf(before))}: ${why?.why}`);
    },
    most: undefined,
    say: (line) => said.push(line),
    signal: ending.signal,
    ...more,
  });
  const end = async () => {
    ending.abort();
    return ended;
  };
  return { shown, said, dropped, ended, end };
};

const line = (api: FakeVectorApi, task: TappedTask, id: string, { gives = ['parsed'] }: { gives?: string[] } = {}) => {
  api.send(task.pipeline, aLog({ id, event: { file: fileOf(task), message: `line ${id}` } }));
  for (const message of gives) api.send(`${task.pipeline}_out`, aLog({ id, event: { message } }));
};

const isTapped = (api: FakeVectorApi, times = 1) =>
  waitUntil('the tap', async () => api.taps.length >= times, { timeoutMs: 10_000 });

test('a job’s lines beside what came of them, and nobody else’s', async () => {
  const api = await startVectorApi({ components: ['p', 'p_out'] });
  const run = start({ api });
  await isTapped(api);
  line(api, OTHER, 'a', { gives: ['secret'] });
  line(api, aTask(1), 'b');
  line(api, aTask(1), 'c', { gives: ['one', 'two'] });
  await waitUntil('two lines', async () => run.shown.length >= 2);
  const counts = await run.end();
  expect(run.shown).toEqual([
    { task: '11111111', before: 'line b', after: ['parsed'] },
    { task: '11111111', before: 'line c', after: ['one', 'two'] },
  ]);
  expect({ taps: api.taps, said: run.said, counts }).toEqual({
    taps: [['p', 'p_out']],
    said: [],
    counts: { shown: 2, dropped: 0, missing: 0 },
  });
});

test('an event that several lines were made of is shown by the file that it keeps', async () => {
  const api = await startVectorApi({ components: ['p'] });
  const run = start({ api });
  await isTapped(api);
  for (const [id, task] of [['a', aTask(1)] as const, ['b', OTHER] as const])
    api.send(
      'p_out',
      aLog({ id, event: { message: `joined ${id}` }, secrets: { nvl_file: `${task.stem}.stdout.000000000` } }),
    );
  await waitUntil('it', async () => run.shown.length >= 1, { timeoutMs: 10_000 });
  expect(await run.end()).toEqual({ shown: 1, dropped: 0, missing: 0 });
  expect(run.shown).toEqual([{ task: '11111111', before: undefined, after: ['joined a'] }]);
});

test('it ends by itself after so many lines', async () => {
  const api = await startVectorApi({ components: ['p'] });
  const run = start({ api, most: 2 });
  await isTapped(api);
  for (const id of ['a', 'b', 'c']) line(api, aTask(1), id);
  expect(await run.ended).toMatchObject({ shown: 2 });
});

test('a condition is one over what came of a line', async () => {
  const api = await startVectorApi({ components: ['p'] });
  const run = start({ api, where: async (events) => events.filter((event) => messageOf(event) === 'yes') });
  await isTapped(api);
  line(api, aTask(1), 'a', { gives: ['no'] });
  line(api, aTask(1), 'b', { gives: ['no', 'yes'] });
  await waitUntil('one line', async () => run.shown.length >= 1);
  await run.end();
  expect(run.shown.map(({ before }) => before)).toEqual(['line b']);
});

test('a task that joins is watched from its first line, in its own pipeline too', async () => {
  const api = await startVectorApi({ components: ['p'] });
  let tasks = [aTask(1)];
  const run = start({ api, tasks: () => tasks });
  await isTapped(api);
  tasks = [aTask(1), aTask(2), aTask(3, 'q')];
  line(api, aTask(2), 'a');
  await isTapped(api, 2);
  expect(api.taps[1]).toEqual(['p', 'p_out', 'q', 'q_out']);
  line(api, aTask(3, 'q'), 'b');
  await waitUntil('both', async () => run.shown.length >= 2);
  await run.end();
  expect(run.shown.map(({ before }) => before)).toEqual(['line a', 'line b']);
  expect(run.said).toEqual(['watches q too']);
});

test('a Vector that went away is asked again, which is told once each time', async () => {
  const api = await startVectorApi({ components: ['p'] });
  const run = start({ api });
  await isTapped(api);
  api.drop({ isGone: true });
  const tries = api.tries();
  await waitUntil('two questions in vain', async () => api.tries() >= tries + 2);
  api.drop();
  await isTapped(api, 2);
  line(api, aTask(1), 'a');
  await waitUntil('the line', async () => run.shown.length >= 1);
  expect(run.said).toEqual([expect.stringMatching(/; nvl asks again$/)]);
  api.drop();
  await isTapped(api, 3);
  await run.end();
  expect(run.said).toHaveLength(2);
});

test('where this process gets no time, what it has not read yet is not late', async () => {
  const api = await startVectorApi({ components: ['p'] });
  let clock = 0;
  // Ten seconds go by from one step to the next.
  const run = start({
    api,
    now: () => {
      clock += 10_000;
      return clock;
    },
  });
  await isTapped(api);
  line(api, aTask(1), 'a', { gives: [] });
  await sleep(500);
  api.send('p_out', aLog({ id: 'a', event: { message: 'parsed' } }));
  await waitUntil('the line', async () => run.shown.length >= 1);
  await run.end();
  expect(run.shown).toEqual([{ task: '11111111', before: 'line a', after: ['parsed'] }]);
});

test('whose task nobody knows is asked for once, and not at each event', async () => {
  const api = await startVectorApi({ components: ['p'] });
  let [looks, clock] = [0, 0];
  const run = start({
    api,
    // So slow that no look is due.
    now: () => {
      clock += 10;
      return clock;
    },
    tasks: () => {
      looks += 1;
      return [aTask(1)];
    },
  });
  await isTapped(api);
  const before = looks;
  for (let at = 0; at < 8; at += 1) {
    line(api, aTask(7), String(at));
    await sleep(100);
  }
  line(api, aTask(1), 'a');
  await waitUntil('the line', async () => run.shown.length >= 1);
  await run.end();
  // `start` calls it twice a look.
  expect(looks - before).toBeLessThanOrEqual(2);
  expect(run.shown).toHaveLength(1);
});

test('another Vector, and events that nobody can read, are errors', async () => {
  const other = await startVectorApi({ components: ['in', 'out'] });
  await expect(start({ api: other }).ended).rejects.toMatchObject({
    code: 'vectorApiAnswer',
    facts: { pipelines: 'p', runs: '2 components' },
  });
  const api = await startVectorApi({ components: ['p'] });
  const run = start({ api });
  await isTapped(api);
  api.send('p', Buffer.from('0a05', 'hex'));
  await expect(run.ended).rejects.toMatchObject({ code: 'vectorApiAnswer', facts: { said: expect.any(String) } });
});

/** A pipeline of nvl's own that does this with each line. */
const aPipeline =
  (does: (message: string) => Pick<PipelineStep, 'events' | 'dropped'>) => async (): Promise<TaskPipeline> => {
    const nothing = async () => ({ events: [], way: [], dropped: [] });
    return {
      push: nothing,
      release: nothing,
      end: nothing,
      take: async (events) => {
        const steps = events.map((event) => ({ event, step: does(String(messageOf(event))) }));
        const own = (event: EngineEvent, one: EngineEvent): EngineEvent => ({ ...one, lines: event.lines });
        return {
          way: [],
          events: steps.flatMap(({ event, step }) => step.events.map((one) => own(event, one))),
          dropped: steps.flatMap(({ event, step }) => step.dropped.map((one) => ({ ...one, event }))),
        };
      },
    };
  };

const anEvent = (message: string): EngineEvent => ({ event: { message }, metadata: {}, secrets: {}, lines: [] });

test('edited templates get the same lines, those that are dropped now too', async () => {
  const api = await startVectorApi({ components: ['p'] });
  const openEdited = aPipeline((message) => ({ events: [anEvent(message.toUpperCase())], dropped: [] }));
  const run = start({ api, openEdited });
  await isTapped(api);
  line(api, aTask(1), 'a');
  line(api, aTask(1), 'b', { gives: [] });
  await waitUntil('both', async () => run.shown.length >= 2, { timeoutMs: 10_000 });
  await run.end();
  expect(run.shown).toEqual([
    { task: '11111111', before: 'line a', after: ['parsed'], with: ['LINE A'] },
    { task: '11111111', before: 'line b', after: [], with: ['LINE B'] },
  ]);
});

test('a line that gave nothing was dropped, as nvl’s own engine says, or not all of it was seen', async () => {
  const api = await startVectorApi({ components: ['p'] });
  const openLive = aPipeline((message) =>
    message === 'line a'
      ? { events: [], dropped: [{ component: 'parse', why: 'no number', event: anEvent('') }] }
      : { events: [anEvent('kept')], dropped: [] },
  );
  const run = start({ api, openLive });
  await isTapped(api);
  line(api, aTask(1), 'a', { gives: [] });
  line(api, aTask(1), 'b', { gives: [] });
  await waitUntil('the first', async () => run.dropped.length >= 1, { timeoutMs: 10_000 });
  expect(await run.end()).toEqual({ shown: 0, dropped: 1, missing: 1 });
  expect(run.dropped).toEqual(['line a: no number']);
});

test('what keeps edited templates from running ends it before Vector is asked', async () => {
  const api = await startVectorApi({ components: ['p'] });
  const run = start({
    api,
    openEdited: async () => {
      throw new Error('no such transform');
    },
  });
  await expect(run.ended).rejects.toThrow('no such transform');
  expect(api.taps).toEqual([]);
});
