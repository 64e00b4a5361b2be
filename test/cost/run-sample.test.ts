import { afterAll, expect, test } from 'vitest';
import type { TaskContext } from '../../lib/context/context.ts';
import { isUnknown, type SampleLines } from '../../lib/cost/sample.ts';
import { createSampleRunner } from '../../lib/cost/sample-runner.ts';
import { renderNode } from '../../lib/render/render.ts';
import { createVrl, type Vrl } from '../../lib/vrl/vrl.ts';
import { aContext, aTransform, idOf, LINKS, someTemplates } from '../support/builders.ts';

const vrl = createVrl();
afterAll(() => vrl.close());

const aSample = (lines: readonly string[]): SampleLines => ({
  about: 'a test',
  logs: [{ stream: 'stdout', bytes: Buffer.from(lines.join('\n')) }],
});

const TEN = Array.from({ length: 10 }, (_, index) => `line ${index}`);

const aNode = async (files: Record<string, string>, tasks: TaskContext[]) => {
  const rendered = renderNode({
    templates: await someTemplates(files),
    tasks,
    node: {},
    hasSinks: false,
    linksDir: LINKS,
    live: new Map(),
    seats: new Map(),
    carried: new Set(),
    quarantined: new Map(),
  });
  expect(rendered.refused).toEqual([]);
  let runs = 0;
  const counted: Vrl = {
    ...vrl,
    // To run a program on nothing is to compile it, which each engine does once.
    run: (program, events, options) => {
      if (events.length === 0) runs += 1;
      return vrl.run(program, events, options);
    },
  };
  const side = { rendered, linksDir: LINKS, vrl: counted, readProgram: () => undefined };
  return { run: createSampleRunner({ side, memo: new Map() }), runs: () => runs };
};

const task = (job = 'shop', digit = 1) => aContext({ id: idOf(digit), job, jobMeta: { nvl_profile: 'p' } });

const ofProfile = async (transform: string, lines: readonly string[], more: Record<string, string> = {}) => {
  const { run } = await aNode({ 'profiles/p/transform.toml.hbs': transform, ...more }, [task()]);
  const ran = await run(task().id, aSample(lines));
  if (ran === undefined) throw new Error('no pipeline');
  if (isUnknown(ran)) return ran.unknown;
  const { lines: count, passed, reasons } = ran;
  return { kept: `${passed} of ${count}`, reasons: [...reasons.keys()] };
};

const then = (options: string) => `[transforms.{{id}}_parse]\ninputs = ["{{input}}"]\n${options}\n`;

test.each<[string, string, unknown]>([
  ['nothing is dropped', aTransform(), { kept: '10 of 10', reasons: [] }],
  [
    'a filter',
    then('type = "filter"\ncondition = \'.message != "line 3"\''),
    { kept: '9 of 10', reasons: ['parse: it does not fulfil the condition'] },
  ],
  [
    'an abort',
    `${aTransform('if .message == "line 3" { abort }')}drop_on_abort = true\n`,
    expect.objectContaining({ kept: '9 of 10' }),
  ],
  [
    'one in a hundred is seen, though the sample has ten lines',
    then('type = "sample"\nrate = 100'),
    { kept: '20 of 2000', reasons: ['parse: sampled out'] },
  ],
  [
    'a route that nobody reads',
    `[transforms.{{id}}_way]\ntype = "route"\ninputs = ["{{input}}"]\nroute.odd = '.message == "line 1"'\n` +
      `[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{id}}_way.odd"]\nsource = ".a = 1"\n`,
    { kept: '1 of 10', reasons: [] },
  ],
  [
    'what is dropped on a way beside that of the labels is not dropped',
    `${aTransform()}${then('type = "sample"\nrate = 10').replace('_parse', '_beside')}`,
    { kept: '2000 of 2000', reasons: [] },
  ],
  [
    'lines that become one event are not dropped',
    then('type = "reduce"\nends_when = ".message == \\"line 9\\""'),
    { kept: '10 of 10', reasons: [] },
  ],
  [
    'a throttle depends on the time',
    then('type = "throttle"\nthreshold = 1\nwindow_secs = 1'),
    'what its throttle drops depends on how fast lines come',
  ],
  [
    'what nvl does not run is not guessed',
    then('type = "lua"\nversion = "2"\nhooks.process = ""'),
    expect.stringContaining('does not run without Vector'),
  ],
])('what passes: %s', async (_, transform, expected) => {
  expect(await ofProfile(transform, TEN)).toEqual(expected);
});

test('a line that is longer than the source reads is lost, and lines of one event are one event', async () => {
  const source = (more: string) => ({
    'profiles/p/source.toml.hbs': `[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\n${more}\n`,
  });
  expect(await ofProfile(aTransform(), ['short', 'x'.repeat(200)], source('max_line_bytes = 100'))).toMatchObject({
    kept: '1 of 2',
  });
  const joined = source(
    "multiline.start_pattern = '^\\S'\nmultiline.mode = \"continue_through\"\nmultiline.condition_pattern = '^\\s'\nmultiline.timeout_ms = 10",
  );
  expect(await ofProfile(aTransform(), ['Error', '  at a', '  at b', 'next'], joined)).toMatchObject({
    kept: '4 of 4',
  });
});

test('what comes out is weighed as JSON, labels and all', async () => {
  const { run } = await aNode({ 'profiles/p/transform.toml.hbs': aTransform('.padding = "0123456789"') }, [task()]);
  const ran = await run(task().id, aSample(TEN));
  expect(ran).toMatchObject({ lines: 10, bytes: 70 });
  const { eventBytes } = ran as { eventBytes: number };
  const { run: plain } = await aNode({ 'profiles/p/transform.toml.hbs': aTransform('true') }, [task()]);
  const less = (await plain(task().id, aSample(TEN))) as { eventBytes: number };
  expect(eventBytes - less.eventBytes).toBe(10 * '"padding":"0123456789",'.length);
});

const tasks = ['a', 'b', 'c'].map((job, index) => task(job, index + 1));

test('pipelines that differ in nothing but their ids run a sample once', async () => {
  // A transform with a memory makes a pipeline of each task.
  const { run, runs } = await aNode({ 'profiles/p/transform.toml.hbs': then('type = "sample"\nrate = 2') }, tasks);
  const sample = aSample(TEN);
  const [first, ...others] = await Promise.all(tasks.map(({ id }) => run(id, sample)));
  expect(others.every((one) => one === first)).toBe(true);
  const once = runs();
  expect(once).toBeGreaterThan(0);
  await run(task('a').id, aSample(['other lines']));
  expect(runs()).toBe(2 * once);
});

test('where a profile looks at whose line it is, each task has its own run', async () => {
  const transform = then('type = "filter"\ncondition = \'%nvl.row.c_job == "x" || true\'');
  const { run } = await aNode({ 'profiles/p/transform.toml.hbs': transform }, tasks);
  const sample = aSample(TEN);
  const ran = await Promise.all(tasks.map(({ id }) => run(id, sample)));
  expect(new Set(ran).size).toBe(3);
});

test('a task that has no pipeline there has no run', async () => {
  const { run } = await aNode({}, []);
  expect(await run(task().id, aSample(TEN))).toBeUndefined();
});
