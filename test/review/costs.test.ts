import { expect, test } from 'vitest';
import type { ChangeCosts } from '../../lib/cost/change-costs.ts';
import { readNode } from '../../lib/nomad/node.ts';
import { readAllocation } from '../../lib/nomad/read-allocation.ts';
import { recordingOf } from '../../lib/nomad/recording.ts';
import { nvl, put } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { aCheckout } from './support.ts';

const DAY = 86_400_000;
const AT = Date.UTC(2026, 0, 10);
const iso = (ms: number): string => new Date(ms).toISOString();

const uuid = (number: number): string => `${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;

/** Jobs of the profile `web`, each of two instances that write so many bytes in a day, made a day ago. */
const aRecording = (jobs: Record<string, number | undefined>) => {
  const allocations = Object.keys(jobs).flatMap((job, number) =>
    [0, 1].flatMap(
      (index) =>
        readAllocation({
          ...aRawAllocation({ id: uuid(number * 2 + index), job, index, jobMeta: { nvl_profile: 'web' } }),
          CreateTime: (AT - DAY) * 1e6,
        }) ?? [],
    ),
  );
  const written = allocations.flatMap(({ id, job }) => {
    const bytes = jobs[job.id];
    return bytes === undefined
      ? []
      : (['stdout', 'stderr'] as const).map((stream) => ({
          allocId: id,
          task: 'app',
          stream,
          bytes: stream === 'stdout' ? bytes : 0,
          from: iso(AT - DAY),
          to: iso(AT),
        }));
  });
  return recordingOf({
    node: readNode({ ID: idOf(9), Name: 'node-1' }),
    allocDir: '/x',
    allocations,
    logs: { at: iso(AT), written },
  });
};

const WEB = `[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
source = '.level = split(string!(.message), " ")[0]'
`;
const SAMPLED = `${WEB.replace('_parse', '_level')}
[transforms.{{id}}_parse]
type = "sample"
inputs = ["{{id}}_level"]
rate = 10
`;
const CASES = '- name: two\n  lines: ["info hello", "warn hello"]\n  events: [{ level: info }, { level: warn }]\n';
const LOKI = (labels: string) =>
  `[sinks.loki]\ntype = "loki"\ninputs = ["{{input}}"]\nendpoint = "http://127.0.0.1:1"\nencoding.codec = "json"\nacknowledgements.enabled = true\n${labels}\n`;

const TRANSFORM = 'templates/profiles/web/transform.toml.hbs';
const SINK = 'templates/vector/sink.toml.hbs';

const aTeam = (jobs: Record<string, number | undefined> = { shop: 5e9, site: 1e6 }) =>
  aCheckout({
    [TRANSFORM]: WEB,
    'templates/profiles/web/tests/a.yaml': CASES,
    [SINK]: LOKI('labels.job = "\\\\{{ nomad.job_name }}"'.replace('\\\\', '\\')),
    'recordings/node.json': aRecording(jobs),
  });

const review = (dir: string, ...args: string[]) =>
  nvl(['review', 'HEAD', '--vector-binary', '/none/vector', ...args], { cwd: dir });

const costs = async (dir: string, ...args: string[]): Promise<ChangeCosts> =>
  JSON.parse((await review(dir, '--format', 'json', ...args)).out).costs;

/** The lines of a comment that are not folded. */
const unfolded = (markdown: string): string[] =>
  markdown
    .replace(/<details>[\s\S]*<\/details>/, '')
    .split('\n')
    .filter(Boolean);

test('a sample of one in ten: what each job ships and drops, before and after', async () => {
  const { dir } = await aTeam();
  // The tests of the profile do not pass any more, and that is told beside it.
  await put(dir, { [TRANSFORM]: SAMPLED });
  const { jobs } = await costs(dir);
  expect(
    jobs.map(({ job, written, dropped }) => [job, written?.value, dropped.before?.value, dropped.after?.value]),
  ).toEqual([
    ['shop', 10e9, 0, 0.9],
    ['site', 2e6, 0, 0.9],
  ]);
  const [{ shipped } = { shipped: undefined }] = jobs;
  // An event is larger than its line.
  expect(shipped?.before?.value).toBeGreaterThan(10e9);
  const ratio = (shipped?.after?.value ?? 0) / (shipped?.before?.value ?? 1);
  // A sampled event says its rate, so that it is a little larger.
  expect(ratio).toBeGreaterThan(0.1);
  expect(ratio).toBeLessThan(0.12);
});

test('real lines stand in for the tests where they are given', async () => {
  const { dir } = await aTeam();
  await put(dir, {
    [TRANSFORM]: `[transforms.{{id}}_parse]\ntype = "filter"\ninputs = ["{{input}}"]\ncondition = 'contains(string!(.message), "keep")'\n`,
    'shop.log': `${'keep this\nnot this\n'.repeat(10)}`,
  });
  // What stands behind it is the base all the same.
  const { out } = await nvl(
    ['review', '--vector-binary', '/none/vector', '--format', 'json', '--lines', 'shop=shop.log', 'HEAD'],
    { cwd: dir },
  );
  const { jobs } = JSON.parse(out).costs as ChangeCosts;
  expect(jobs.map(({ job, dropped, by }) => [job, dropped.after?.value, by])).toEqual([
    ['shop', 0.5, ['20 lines of shop.log']],
    ['site', 1, ['2 lines of the tests of web']],
  ]);
  expect(await review(dir, '--lines', 'shp=shop.log')).toMatchObject({
    code: 1,
    err: expect.stringContaining('did you mean "shop"'),
  });
  expect(await review(dir, '--lines', 'shop=no.log')).toMatchObject({
    code: 1,
    err: expect.stringContaining('cannot be read'),
  });
  expect(await review(dir, '--lines', 'shop')).toMatchObject({
    code: 1,
    err: expect.stringContaining('--lines JOB=FILE'),
  });
});

test('streams are counted by sink, with the label that makes them many; a level comes from the sample lines', async () => {
  const jobs = Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`job-${n}`, 1e6]));
  const { dir } = await aTeam(jobs);
  const labels = ['job = "\\{{ nomad.job_name }}"', 'alloc = "\\{{ nomad.alloc_id }}"', 'level = "\\{{ level }}"'];
  await put(dir, { [SINK]: LOKI(labels.map((label) => `labels.${label}`).join('\n')) });
  const found = await costs(dir);
  expect(found.jobs).toEqual([]);
  expect(found.sinks).toEqual(
    [
      {
        sink: 'loki',
        what: 'streams',
        before: { now: 6, perDay: 6, by: undefined },
        after: { now: 24, perDay: 24, by: { label: 'alloc', without: 12 } },
        unknown: [],
      },
    ].map((one) => JSON.parse(JSON.stringify(one))),
  );
});

/** It drops what is no warning, and puts ids among the labels; the tests say so. */
const aChange = {
  [TRANSFORM]: `[transforms.{{id}}_level]\n${WEB.split('\n').slice(1).join('\n')}\n[transforms.{{id}}_parse]\ntype = "filter"\ninputs = ["{{id}}_level"]\ncondition = '.level == "warn"'\n`,
  'templates/profiles/web/tests/a.yaml': CASES.replace('{ level: info }, ', ''),
  [SINK]: LOKI('labels.alloc = "\\{{ nomad.alloc_id }}"'),
};

/** A field of 100 bytes more: no line is dropped, and more is shipped. */
const aField = { [TRANSFORM]: WEB.replace("= '", `= '''\n.more = "${'x'.repeat(100)}"\n`).replace(/'\n$/, "'''\n") };

test.each<[string, Record<string, string>, string[], number]>([
  ['below each limit', aChange, ['--max-drop-share', '50', '--max-streams', '4', '--max-gb-day', '100'], 0],
  ['more is dropped than may be', aChange, ['--max-drop-share', '49'], 3],
  ['more streams than may be, which goes before changes', aChange, ['--max-streams', '3', '--detailed-exitcode'], 3],
  ['more is shipped than may be', aField, ['--max-gb-day', '12'], 3],
  ['less is shipped than before: it was over the limit then', aChange, ['--max-gb-day', '0.001'], 0],
  ['a failing test goes before a limit', { [TRANSFORM]: SAMPLED }, ['--max-drop-share', '10'], 1],
  ['a limit that is no number', {}, ['--max-streams', 'many'], 1],
])('exit code: %s', async (_, files, args, code) => {
  const { dir } = await aTeam();
  await put(dir, files);
  const ended = await review(dir, ...args);
  expect([ended.code, ended.err.includes('is no number')]).toEqual([code, args.includes('many')]);
  if (code === 3) expect(unfolded(ended.out).join('\n')).toContain(`Over a limit** (${args[0]})`);
});

test('what is not known is said, holds against no limit, and is never a figure', async () => {
  const { dir } = await aTeam({ shop: undefined, site: 1e6 });
  await put(dir, {
    [TRANSFORM]: `[transforms.{{id}}_parse]\ntype = "throttle"\ninputs = ["{{input}}"]\nthreshold = 1\nwindow_secs = 1\n`,
  });
  const { out } = await review(dir, '--max-gb-day', '1', '--max-drop-share', '1');
  expect(out).toContain('the recording has no log sizes of its tasks');
  expect(out).toContain('what its throttle drops depends on how fast lines come');
  expect(unfolded(out).join('\n')).toContain('not held against --max-gb-day, --max-drop-share, as it is not known');
  const { jobs } = await costs(dir);
  expect(jobs.map(({ job, shipped, dropped }) => [job, shipped.after, dropped.after])).toEqual([
    ['shop', undefined, undefined],
    ['site', undefined, undefined],
  ]);
});

test('the comment is ten lines at most, whatever changes; all else is folded', async () => {
  const jobs = Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [`job-${n}`, n % 3 === 0 ? undefined : 1e9 * n]),
  );
  const { dir } = await aTeam(jobs);
  await put(dir, { ...aChange, 'templates/vector/labels.toml.hbs': 'broken = {{nothing.there}}\n' });
  const { out } = await review(dir, '--max-gb-day', '0.5', '--max-drop-share', '1', '--max-streams', '1');
  expect(unfolded(out).length).toBeLessThanOrEqual(10);
  expect(unfolded(out)[0]).toBe('## nvl review');
});

test('nothing changes: nothing is run, and the comment is short', async () => {
  const { dir } = await aTeam();
  const { out, code } = await review(dir, '--max-streams', '0');
  expect([code, unfolded(out).length]).toEqual([0, 4]);
  expect(out).toContain('no changes');
});
