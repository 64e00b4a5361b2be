import { expect, test } from 'vitest';
import { addSidecar, type NomadJob } from '../../lib/sidecar/add-sidecar.ts';
import { embedTemplates } from '../../lib/sidecar/embed-templates.ts';
import { readJobspec } from '../../lib/sidecar/read-jobspec.ts';
import { jobDiff, jobText } from '../../lib/sidecar/show-change.ts';
import { type SidecarOptions, sidecarTask } from '../../lib/sidecar/sidecar-task.ts';

const aTask = (options: Partial<SidecarOptions> = {}) =>
  sidecarTask({
    name: 'nvl',
    driver: 'raw_exec',
    nvl: 'nvl',
    vector: 'vector',
    templates: [],
    cpu: 100,
    memory: 256,
    ...options,
  });

/** A job whose groups have these tasks. */
const aJob = (groups: Record<string, (string | object)[]>): NomadJob => ({
  ID: 'web',
  Priority: 9_007_199_254_740_993n,
  TaskGroups: Object.entries(groups).map(([Name, tasks]) => ({
    Name,
    Tasks: tasks.map((task) => (typeof task === 'string' ? { Name: task, Driver: 'exec' } : task)),
  })),
});

const shape = ({ TaskGroups }: NomadJob) =>
  (TaskGroups as { Name: string; Tasks: { Name: string }[] }[]).map(({ Name, Tasks }) =>
    [Name, ...Tasks.map((task) => task.Name)].join(' '),
  );

test('each group gets the task behind its own, and nothing else of the job changes', () => {
  const before = aJob({ site: ['server', 'cache'], jobs: ['worker'] });
  const { job, changes } = addSidecar({ job: before, task: aTask() });
  expect(shape(job)).toEqual(['site server cache nvl', 'jobs worker nvl']);
  expect(changes.map(({ kind }) => kind)).toEqual(['added', 'added']);
  const diff = jobDiff({ before, after: job, name: 'web.json' }).split('\n');
  expect(diff.filter((line) => /^-(?!--)/.test(line))).toEqual([]);
  expect(jobText(job)).toContain('"Priority": 9007199254740993,');
});

test('a job that has it stays as it is, byte for byte', async () => {
  const once = jobText(addSidecar({ job: aJob({ site: ['server'] }), task: aTask() }).job);
  const read = await readJobspec({ text: once, shown: 'web.json', parse: async () => '' });
  const { job, changes } = addSidecar({ job: read, task: aTask() });
  expect(jobText(job)).toBe(once);
  expect(changes).toEqual([{ group: 'site', kind: 'unchanged' }]);
});

test.each<[string, SidecarOptions['name'], object[]]>([
  ['in its place', 'nvl', [aTask({ memory: 128 })]],
  ['by another name', 'logs', [aTask()]],
  ['once, where somebody has it twice', 'nvl', [aTask({ memory: 128 }), aTask({ name: 'nvl2' })]],
])('one of before is updated: %s', (_, name, tasks) => {
  const { job, changes } = addSidecar({ job: aJob({ site: [...tasks, 'server'] }), task: aTask({ name }) });
  expect(shape(job)).toEqual([`site ${name} server`]);
  expect(changes).toEqual([{ group: 'site', kind: 'updated' }]);
});

test("a group's own task of that name is refused, with each group that has one", () => {
  const job = aJob({ site: ['nvl'], jobs: ['worker'], more: ['nvl', 'x'] });
  expect(() => addSidecar({ job, task: aTask() })).toThrow(
    expect.objectContaining({ code: 'jobspecInvalid', facts: { groups: 'site, more' } }),
  );
});

test.each([
  ['no groups', {}],
  ['null in their place', { TaskGroups: null }],
])('a job with %s is refused', (_, parts) => {
  expect(() => addSidecar({ job: { ID: 'web', ...parts }, task: aTask() })).toThrow(
    expect.objectContaining({ code: 'jobspecInvalid', facts: { job: 'web' } }),
  );
});

test('it starts before the tasks of its group and ends after them, never fails their job, and keeps Vector its time', () => {
  expect(aTask()).toMatchObject({
    Lifecycle: { Hook: 'prestart', Sidecar: true },
    RestartPolicy: { Mode: 'delay' },
    KillSignal: 'SIGTERM',
    // Longer than collect.linger's 20 s, and no longer than a client allows by default.
    KillTimeout: 30_000_000_000n,
    // nvl is up by then, however short the job was.
    ShutdownDelay: 3_000_000_000n,
    Meta: { nvl_enabled: 'false' },
    Config: { command: 'nvl', args: ['run', '--', 'vector'] },
  });
  const { image, command } = aTask({ driver: 'docker', image: 'nvl:1' }).Config as Record<string, string>;
  expect({ image, command }).toEqual({ image: 'nvl:1', command: 'nvl' });
});

test.each([
  ['of Handlebars', '{{job.id}} [[ x ]]', '[[nvl['],
  ['that has our own delimiter', 'a [[nvl[ b', '[[nvl1['],
])('a template %s comes as it is: Nomad is told of delimiters that it has not', (_, text, left) => {
  const templates = embedTemplates([{ path: 'vector/sink.toml.hbs', text }]);
  expect(templates.map((one) => one.left)).toEqual([left]);
  const task = aTask({ templates });
  expect(task.Templates).toMatchObject([
    { EmbeddedTmpl: text, DestPath: 'local/templates/vector/sink.toml.hbs', LeftDelim: left, ChangeMode: 'noop' },
  ]);
  expect(task.Env).toMatchObject({ NVL_TEMPLATES: '$'.concat('{NOMAD_TASK_DIR}/templates') });
});

test('more templates than a job should carry are refused', () => {
  const files = [{ path: 'vector/sink.toml.hbs', text: 'é'.repeat(131_073) }];
  expect(() => embedTemplates(files)).toThrow(expect.objectContaining({ code: 'jobspecInvalid' }));
});

const parsed = '{"ID":"from-hcl"}';

test.each([
  ['HCL is for Nomad', 'job "web" {}', 'from-hcl'],
  ['JSON of the API', '{"ID":"web"}', 'web'],
  ['with Job around it', ' \n{"Job":{"ID":"web"}}', 'web'],
])('a jobspec: %s', async (_, text, id) => {
  expect(await readJobspec({ text, shown: 'web', parse: async () => parsed })).toMatchObject({ ID: id });
});

test.each([
  ['JSON that ends too early', '{"ID":'],
  ['JSON of something else', '{"name":"nvl"}'],
  ['a job that is none', '{"Job":[1]}'],
])('no jobspec: %s', async (_, text) => {
  await expect(readJobspec({ text, shown: 'web', parse: async () => parsed })).rejects.toMatchObject({
    code: 'jobspecInvalid',
  });
});
