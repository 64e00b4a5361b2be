import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import type { TemplateFiles } from '../../lib/config/read-templates.ts';
import { readTemplates, shippedTemplatesDir } from '../../lib/config/read-templates.ts';
import { exactJson } from '../../lib/exact-json.ts';
import { type CaseRun, type RunCase, runPipeline } from '../../lib/profile-test/run-pipeline.ts';
import { syntheticNode, syntheticTask } from '../../lib/profile-test/synthetic-task.ts';
import { hasPassed, testProfiles } from '../../lib/profile-test/test-profiles.ts';
import { renderNode } from '../../lib/render/render.ts';
import { compileTemplates } from '../../lib/render/templates.ts';
import { vectorTableFiles } from '../../lib/render/vector-tables.ts';
import { aRunCase } from '../profile-test/support.ts';
import { type GarbageLine, garbageLines } from '../support/garbage.ts';
import { needs, pathOf, vector } from '../support/programs.ts';

const samples = readdirSync(join(shippedTemplatesDir(), 'samples')).sort();
const nodeSinks = readdirSync(join(shippedTemplatesDir(), 'init')).filter((name) => name.endsWith('.hbs'));

/** Profiles whose purpose is to let go of lines. */
const droppers = ['drop-level', 'rate-limit', 'sample'];

const command = { binary: 'vector', env: {}, cwd: tmpdir() };
const signal = new AbortController().signal;

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A node with a task of each of these profiles, written as Vector reads it. */
const renderTo = ({ files, profiles }: { files: TemplateFiles; profiles: readonly string[] }): string => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-samples-'));
  made.push(folder);
  const linksDir = join(folder, 'links');
  const rendered = renderNode({
    templates: compileTemplates(files),
    tasks: profiles.map((profile) => syntheticTask({ testCase: aRunCase({ profile }), linksDir }).context),
    node: syntheticNode('node'),
    hasSinks: true,
    linksDir,
    live: new Map(),
    seats: new Map(),
    carried: new Set(),
    quarantined: new Map(),
  });
  expect(rendered.refused).toEqual([]);
  for (const [file, text] of vectorTableFiles({ ...rendered, linksDir })) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  writeFileSync(join(folder, 'nomad.toml'), rendered.text);
  return join(folder, 'nomad.toml');
};

const validate = (file: string, ...flags: string[]): string =>
  execFileSync(pathOf(vector), ['--color=never', ...flags, 'validate', '--no-environment', file], { encoding: 'utf8' });

// Vector names the component that it refuses, and so the sample.
test.each([[[]], [['--dangerously-allow-env-var-interpolation']]])(
  'Vector takes all samples together: %s',
  needs(vector),
  async (flags) => {
    const file = renderTo({ files: await readTemplates(undefined), profiles: samples });
    expect(validate(file, ...flags)).toContain('Validated');
  },
);

test.each(nodeSinks)('Vector takes the sink %s', needs(vector), async (name) => {
  const files = await readTemplates(undefined);
  const text = readFileSync(join(shippedTemplatesDir(), 'init', name), 'utf8');
  const withSink = files.files.map((file) => (file.path === 'vector/sink.toml.hbs' ? { ...file, text } : file));
  const file = renderTo({ files: { ...files, files: withSink }, profiles: ['default'] });
  expect(validate(file)).toContain('Validated');
});

test('each sample passes its own tests, by Vector and by nvl itself, alike', needs(vector), async () => {
  const run = await testProfiles({
    dir: undefined,
    names: samples,
    engine: 'vector',
    command,
    shownPath: (file) => file,
    signal,
  });
  expect(run.profiles.map(({ profile, errors, cases }) => ({ profile, errors, hasCases: cases.length > 0 }))).toEqual(
    samples.map((profile) => ({ profile, errors: [], hasCases: true })),
  );
  const failed = run.profiles.flatMap(({ cases }) => cases).filter((one) => !hasPassed(one));
  expect(failed.map(({ testCase, differences }) => ({ name: testCase.name, differences }))).toEqual([]);
  console.log(`all samples: ${run.profiles.flatMap(({ cases }) => cases).length} cases in ${run.tookMs} ms`);
});

const GARBAGE = needs(vector);

/** `VITEST_TIMES=10` for 10,000 lines (names that begin so reach a test), a thousand at a time: a run holds all of its events. */
const SEEDS = Array.from({ length: Number(process.env.VITEST_TIMES ?? 1) }, (_, index) => 7 + index);

test.each(SEEDS)('lines of garbage come out of each sample, labelled: seed %i', GARBAGE, async (seed) => {
  const garbage = garbageLines({ count: 1_000, seed });
  const bytes = Buffer.concat(garbage.flatMap((line) => [line.bytes, Buffer.from('\n')]));
  const cases = samples.map((profile, position) =>
    aRunCase({ profile, position, stream: position % 2 === 0 ? 'stdout' : 'stderr', bytes }),
  );
  const read = await readTemplates(undefined);
  const { runs } = await runPipeline({
    cases,
    templates: compileTemplates(read),
    files: read.files,
    command,
    shownPath: (file) => file,
    signal,
  });
  const results = cases.map((testCase, index) => ({
    profile: testCase.profile,
    ...judge({ testCase, run: runs[index], garbage }),
  }));
  console.log(results.map(({ profile, events }) => `${profile} ${events}`).join(', '));
  for (const { profile, events, ...found } of results) {
    const isDropper = droppers.includes(profile);
    expect({ profile, ...found, lost: isDropper ? [] : found.lost }).toEqual({
      profile,
      errors: [],
      mislabelled: [],
      lost: [],
      repeated: [],
    });
    if (joining.includes(profile)) expect(events).toBeLessThanOrEqual(garbage.length);
    else if (!isDropper) expect({ profile, events }).toEqual({ profile, events: garbage.length });
  }
});

/** Profiles that may make one event of several lines. */
const joining = samples.filter((name) => existsSync(join(shippedTemplatesDir(), 'samples', name, 'source.toml.hbs')));

const judge = ({
  testCase,
  run,
  garbage,
}: {
  testCase: RunCase;
  run: CaseRun | undefined;
  garbage: readonly GarbageLine[];
}) => {
  const events = run?.events ?? [];
  const labels = labelsOf(testCase);
  const arrivals = new Map<string, number>();
  for (const event of events) {
    for (const token of new Set(exactJson(event)?.match(/q[0-9]{6}q/g)))
      arrivals.set(token, (arrivals.get(token) ?? 0) + 1);
  }
  return {
    events: events.length,
    errors: run?.errors ?? ['not run'],
    mislabelled: events.filter(({ nomad }) => !isDeepStrictEqual(nomad, labels)),
    lost: garbage.flatMap(({ token }) => (token === undefined || arrivals.has(token) ? [] : [token])),
    repeated: [...arrivals].filter(([, times]) => times > 1),
  };
};

const labelsOf = (testCase: RunCase): Record<string, string> => ({
  namespace: 'default',
  node_name: 'node',
  job_name: testCase.profile,
  group_name: 'group',
  task_name: 'task',
  alloc_id: syntheticTask({ testCase, linksDir: '/links' }).allocId,
  stream: testCase.stream,
});
