import { expect, test } from 'vitest';
import { aContext, idOf, shuffled, someTemplates } from '../support/builders.ts';
import { componentsIn, renderOf } from './support.ts';

test('one task without a transform: its source feeds the labels, and those feed nomad_logs', async () => {
  const task = aContext();
  const { text } = await renderOf({ tasks: [task] });
  const { sources, transforms, sinks } = componentsIn(text);
  expect(Object.keys(sources)).toEqual(['nvl_none', task.id]);
  expect(transforms[`${task.id}_out`]?.inputs).toEqual([task.id]);
  expect(transforms.nomad_logs?.inputs).toEqual(['nvl_none', `${task.id}_out`]);
  expect(Object.values(sinks).map(({ inputs }) => inputs)).toEqual([['nomad_logs']]);
});

test('with a transform: source, stream, the profile, and the labels last', async () => {
  const task = aContext({ jobMeta: { nvl_profile: 'logfmt' } });
  const { transforms } = componentsIn((await renderOf({ tasks: [task] })).text);
  const wayOf = (name: string): string[] => {
    const input = transforms[name]?.inputs?.[0];
    return input === undefined ? [name] : [name, ...wayOf(input)];
  };
  const { id } = task;
  expect(wayOf(`${id}_out`)).toEqual([`${id}_out`, `${id}_parse`, `${id}_stream`, id]);
});

test('a source reads the files of its task alone, over its link, from the beginning, told apart by inode', async () => {
  const task = aContext({ task: 'app' });
  const { sources } = componentsIn((await renderOf({ tasks: [task] })).text);
  expect(sources[task.id]).toMatchObject({
    type: 'file',
    include: [`${task.logs.dir}/app.stdout.[0-9]*`, `${task.logs.dir}/app.stderr.[0-9]*`],
    read_from: 'beginning',
    fingerprint: { strategy: 'device_and_inode' },
    max_line_bytes: 1_048_576,
  });
  expect(task.logs.dir).toBe(`/nvl/links/${task.id}`);
});

test('the characters of globs in a task name are themselves', async () => {
  const task = aContext({ task: 'a*?[b]' });
  const { sources } = componentsIn((await renderOf({ tasks: [task] })).text);
  expect(sources[task.id]?.include).toContain(`${task.logs.dir}/a[*][?][[]b].stdout.[0-9]*`);
});

test('a task called like the files of another one is not read with them', async () => {
  const [app, other] = ['app', 'app.stdout.1'].map((task) => aContext({ tasks: [task, 'app', 'app.stdout.1'] }));
  const { sources } = componentsIn((await renderOf({ tasks: [app, other].filter((task) => task !== undefined) })).text);
  const dir = app?.logs.dir;
  expect(sources[app?.id ?? '']?.include).toEqual(
    ['stdout', 'stderr'].flatMap((stream) =>
      [1, 2, 3, 4, 5, 6].map((digits) => `${dir}/app.${stream}.${'[0-9]'.repeat(digits)}`),
    ),
  );
  expect(sources[other?.id ?? '']?.include).toHaveLength(2);
});

test('the labels assign .nomad whole: who and where from, and the stream, and nothing else', async () => {
  const task = aContext({ namespace: 'prod', job: 'a/b', group: 'g', task: 't', id: idOf(7) });
  const { transforms } = componentsIn((await renderOf({ tasks: [task] })).text);
  const source = String(transforms[`${task.id}_out`]?.source);
  const [, assigned = ''] = /^\.nomad = \{$(.*?)^\}$/ms.exec(source) ?? [];
  expect(
    assigned
      .trim()
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual([
    '"namespace": "prod",',
    '"node_name": "node-1",',
    '"job_name": "a/b",',
    '"group_name": "g",',
    '"task_name": "t",',
    `"alloc_id": "${idOf(7)}",`,
    '"stream": stream,',
  ]);
  // Nothing stands behind it that could change it again.
  expect(source.trimEnd().endsWith('\n}')).toBe(true);
});

test("the shipped sink acknowledges, so that a killed Vector's lines are read again", async () => {
  const { sinks } = componentsIn((await renderOf()).text);
  expect(Object.values(sinks).map(({ acknowledgements }) => acknowledgements)).toEqual([{ enabled: true }]);
});

test('no task at all', async () => {
  const { text, blocks, refused } = await renderOf();
  expect(refused).toEqual([]);
  expect(blocks.map(({ key }) => key)).toEqual(['sink:default']);
  expect(componentsIn(text).transforms).toEqual({ nomad_logs: expect.objectContaining({ inputs: ['nvl_none'] }) });
});

test('a team that keeps its own sinks gets none, nor is a word said of their template', async () => {
  const templates = await someTemplates({ 'vector/sink.toml.hbs': '{{nonsense' });
  const { text, refused } = await renderOf({ templates, hasSinks: false });
  expect(refused).toEqual([]);
  expect(componentsIn(text).sinks).toEqual({});
});

test('a profile overrides what it has, and takes the rest from the default one', async () => {
  const templates = await someTemplates({
    'profiles/quick/source.toml.hbs':
      '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nglob_minimum_cooldown_ms = 50\n',
    'vector/transform.toml.hbs':
      '[transforms.{{id}}_parse]\ntype = "filter"\ninputs = ["{{input}}"]\ncondition = "true"\n',
  });
  const task = aContext({ jobMeta: { nvl_profile: 'quick' } });
  const { sources, transforms } = componentsIn((await renderOf({ templates, tasks: [task] })).text);
  expect(sources[task.id]?.glob_minimum_cooldown_ms).toBe(50);
  expect(transforms[`${task.id}_parse`]?.type).toBe('filter');
});

test('equal input gives equal bytes, whatever the order it comes in', async () => {
  const templates = await someTemplates({
    'vector/sink.toml.hbs':
      '[sinks.x]\ntype = "console"\ninputs = ["{{input}}"]\nencoding.codec = "json"\n{{#each tasks}}\n# {{task.name}} of {{alloc.id}}\n{{/each}}',
  });
  const tasks = [1, 2, 3, 4].flatMap((digit) =>
    ['app', 'app-sidecar', 'db'].map((task) =>
      aContext({
        id: idOf(digit),
        task,
        namespace: digit > 2 ? 'b' : 'a',
        taskMeta: { nvl_profile: digit === 4 ? 'nope' : 'logfmt' },
      }),
    ),
  );
  const first = await renderOf({ templates, tasks });
  for (let seed = 0; seed < 8; seed += 1) {
    const again = await renderOf({ templates, tasks: shuffled(tasks, seed) });
    expect(again.text).toBe(first.text);
    expect(again.refused).toEqual(first.refused);
  }
});

test('two allocations of one group have components of their own', async () => {
  const tasks = [aContext({ id: idOf(1), index: 0 }), aContext({ id: idOf(2), index: 1 })];
  const { sources } = componentsIn((await renderOf({ tasks })).text);
  expect(Object.keys(sources).sort()).toEqual([...tasks.map(({ id }) => id), 'nvl_none'].sort());
});

test('the header names the templates that it comes from, and no others', async () => {
  const { text } = await renderOf({ tasks: [aContext({ jobMeta: { nvl_profile: 'logfmt' } })] });
  const named = [...text.matchAll(/^# {3}(.*)$/gm)].map(([, name]) => name);
  expect(named).toEqual([
    'profiles/logfmt/transform.toml.hbs',
    'vector/labels.toml.hbs',
    'vector/sink.toml.hbs',
    'vector/source.toml.hbs',
  ]);
});
