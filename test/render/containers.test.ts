import { expect, test } from 'vitest';
import type { TaskContext } from '../../lib/context/context.ts';
import type { ContainerLogs } from '../../lib/render/containers/container-logs.ts';
import { containerLogsOf, containerName } from '../../lib/render/containers/container-logs.ts';
import { asOfFiles } from '../../lib/render/containers/container-source.ts';
import { gateFile } from '../../lib/render/gate-file.ts';
import { vectorTables } from '../../lib/render/vector-tables.ts';
import { aConfig, aContext, aTransform, idOf, someTemplates } from '../support/builders.ts';
import { renderOf } from './support.ts';

const ENGINE: ContainerLogs = { from: 'docker_logs', host: 'unix:///run/docker.sock' };
const file = aContext({ id: idOf(1) });
const container = aContext({ id: idOf(2), driver: 'docker' });
const other = aContext({ id: idOf(3), driver: 'docker' });
/** Of docker, and Nomad writes its files. */
const both = aContext({ id: idOf(4), driver: 'docker' });

const read = (...tasks: TaskContext[]) => ({ logs: ENGINE, tasks: new Set(tasks.map(({ id }) => id)) });
const all = { tasks: [file, container, other, both], containers: read(container, other) };

const tableOf = ({ text, rows }: Awaited<ReturnType<typeof renderOf>>) =>
  vectorTables({ text, rows }).get('nvl_containers');

test('tasks of one profile have a pipeline of files, and one of containers', async () => {
  const { text, rows, refused } = await renderOf(all);
  const pipelineOf = ({ id }: TaskContext) => rows.find(({ stem }) => stem === id)?.pipeline ?? '';
  expect(refused).toEqual([]);
  expect(gateFile({ text })).toEqual([]);
  expect(pipelineOf(both)).toBe(pipelineOf(file));
  expect(pipelineOf(other)).toBe(pipelineOf(container));
  expect(pipelineOf(container)).not.toBe(pipelineOf(file));
  expect(text).toContain(`# nvl:${pipelineOf(container)} profile default with containers\n`);
  expect(text).toContain(`[sources.${pipelineOf(file)}]`);
  expect(text).not.toContain(`[sources.${pipelineOf(container)}]`);
});

test('what is behind the source is the same for both', async () => {
  const { blocks, rows } = await renderOf(all);
  const behind = (task: TaskContext) => {
    const id = rows.find(({ stem }) => stem === task.id)?.pipeline ?? '';
    const text = blocks.find(({ key }) => key === id)?.text ?? '';
    return text
      .slice(text.indexOf(`[transforms.${id}_out]`))
      .replaceAll(id, 'ID')
      .replaceAll(/^graph.*\n/gm, '')
      .replace('del(.nvl_offset)\n', '')
      .replace(/ {2}if %nvl\.row\.skip[\s\S]*?\n {2}\}\n/, '');
  };
  expect(behind(container)).toBe(behind(file));
});

test('the table says whose a container is, and of which nothing is read', async () => {
  const rendered = await renderOf(all);
  const pipeline = rendered.rows.find(({ stem }) => stem === container.id)?.pipeline;
  expect(tableOf(rendered)).toBe(
    [
      'container,pipeline,file',
      `"app-${idOf(2)}","${pipeline}","${pipeline}/${container.id}"`,
      `"app-${idOf(3)}","${pipeline}","${pipeline}/${other.id}"`,
      `"app-${idOf(4)}","",""`,
      '',
    ].join('\n'),
  );
});

test('where no container is read, nothing of it is in the file, and rows say nothing of containers', async () => {
  const { containers: _, ...without } = all;
  const { text, rows } = await renderOf(without);
  expect(text).not.toContain('containers');
  expect(JSON.stringify(rows)).not.toContain('c_container');
});

test('the source is there before the first task, so that it misses none of its lines', async () => {
  const { text } = await renderOf({ containers: read() });
  expect(text).toContain('[sources.nvl_containers]\ntype = "docker_logs"\ndocker_host = "unix:///run/docker.sock"\n');
  expect(gateFile({ text })).toEqual([]);
});

test('a pipeline of containers does not outlive what reads them: Vector would refuse the whole file', async () => {
  const live = await renderOf(all);
  const idle = live.rows.map(({ pipeline }) => pipeline);
  const kept = await renderOf({ live, idle, containers: read() });
  expect(kept.blocks.map(({ heading }) => heading)).toContain('profile default with containers');
  const { blocks, text } = await renderOf({ live, idle });
  expect(blocks.map(({ heading }) => heading)).not.toContain('profile default with containers');
  expect(text).not.toContain('nvl_containers');
});

test('a task that has left a pipeline is in the table once, where it is now', async () => {
  const live = await renderOf({ tasks: [container], containers: read(container) });
  const idle = live.rows.map(({ pipeline }) => pipeline);
  const now = await renderOf({ tasks: [container], live, idle, containers: read() });
  expect(now.former.map(({ stem }) => stem)).toEqual([container.id]);
  expect(tableOf({ ...now, rows: [...now.rows, ...now.former] })).toBe(
    `container,pipeline,file\n"app-${idOf(2)}","",""\n`,
  );
});

test('a profile that reads the engine itself is left to it', async () => {
  const templates = await someTemplates({
    'profiles/own/source.toml.hbs':
      '[sources.{{id}}]\ntype = "docker_logs"\ninclude_containers = ["{{task.name}}-{{alloc.id}}"]\n',
  });
  const task = aContext({ id: idOf(2), driver: 'docker', jobMeta: { nvl_profile: 'own' } });
  const rendered = await renderOf({ templates, tasks: [task], containers: read(task) });
  expect(rendered.text).toContain(`[sources.${rendered.rows[0]?.pipeline}]`);
  expect(tableOf(rendered)).toBe(`container,pipeline,file\n"app-${idOf(2)}","",""\n`);
});

test('lines can be run through a pipeline of containers as through one of files', async () => {
  const { blocks, rows } = await renderOf(all);
  const pipelineOf = ({ id }: TaskContext) => rows.find(({ stem }) => stem === id)?.pipeline ?? '';
  const textOf = (task: TaskContext) => {
    const id = pipelineOf(task);
    return asOfFiles({ text: blocks.find(({ key }) => key === id)?.text ?? '', id, linksDir: '/links' });
  };
  const id = pipelineOf(container);
  expect(textOf(container)).toContain(`[sources.${id}]\ntype = "file"\ninclude = ["/links/${id}/*"]\nhost_key = ""\n`);
  expect(textOf(container)).not.toContain('nvl_containers');
  expect(textOf(file)).toBe(blocks.find(({ key }) => key === pipelineOf(file))?.text);
});

test('what joins the lines of a file joins those of a container', async () => {
  const templates = await someTemplates({
    'profiles/java/source.toml.hbs':
      '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\n\n[transforms.{{id}}_lines]\ntype = "reduce"\ninputs = ["{{id}}"]\ngroup_by = ["file"]\nstarts_when = "true"\n',
  });
  const task = aContext({ id: idOf(2), driver: 'docker', jobMeta: { nvl_profile: 'java' } });
  const { text, rows, refused } = await renderOf({ templates, tasks: [task], containers: read(task) });
  const id = rows[0]?.pipeline;
  expect(refused).toEqual([]);
  expect(gateFile({ text })).toEqual([]);
  expect(text).toContain(`[transforms.${id}_lines]`);
  expect(text).not.toContain(`[sources.${id}]`);
});

test.each([
  ['app', `app-${idOf(1)}`],
  ['a/b', `a_b-${idOf(1)}`],
])('the container of %s', (task, name) => expect(containerName({ task, allocId: idOf(1) })).toBe(name));

test('a path or a host changes no shape of the configuration', async () => {
  const hostile = `unix:///run/"]\n[sources.evil]\ntype = "exec"`;
  const links = `/a/'''\n[sources.evil]\n"+ .x {{y}}/links`;
  const logs: ContainerLogs = { from: 'docker_logs', host: hostile };
  const { text } = await renderOf({ linksDir: links, containers: { logs, tasks: new Set() } });
  expect(gateFile({ text })).toEqual([]);
  expect(text).not.toMatch(/^\[sources\.evil\]/m);
});

test.each([
  [{ docker: 'off' }, undefined],
  [{ docker: 'docker_logs' }, { from: 'docker_logs', host: undefined }],
  [
    { docker: 'docker_logs', dockerHost: 'http://e:2375' },
    { from: 'docker_logs', host: 'http://e:2375' },
  ],
  [{ docker: 'journald' }, { from: 'journald', unit: 'docker.service' }],
] as const)('%j', (collect, logs) => {
  expect(containerLogsOf({ config: aConfig({ collect }), isThere: true })).toEqual(logs);
  expect(containerLogsOf({ config: aConfig({ collect }), isThere: false })).toEqual(logs && { from: 'nowhere' });
});

test('while there is no engine, all stays as it is but for the source', async () => {
  const there = await renderOf(all);
  const away = await renderOf({ ...all, containers: { ...all.containers, logs: { from: 'nowhere' } } });
  expect(away.rows).toEqual(there.rows);
  expect(away.blocks).toEqual(there.blocks);
  expect(away.text).not.toContain('docker_logs');
  expect(gateFile({ text: away.text })).toEqual([]);
});

const JOINING =
  '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nread_from = "beginning"\nmultiline = { mode = "halt_before", start_pattern = "^x", condition_pattern = "^x", timeout_ms = 1000 }\n';
const joined = (source: string) =>
  someTemplates({ 'profiles/mine/source.toml.hbs': source, 'profiles/mine/transform.toml.hbs': aTransform() });

test('a profile whose source joins lines is told of for a task that is read as a container, and for no other', async () => {
  const mine = { taskMeta: { nvl_profile: 'mine' } };
  const [asFile, asContainer] = [
    aContext({ id: idOf(1), ...mine }),
    aContext({ id: idOf(2), driver: 'docker', ...mine }),
  ];
  const asked = { tasks: [asFile, asContainer], containers: read(asContainer) };
  const { notes, refused } = await renderOf({ ...asked, templates: await joined(JOINING) });
  expect(refused).toEqual([]);
  expect(notes.map(({ key, errors }) => [key, errors.map(({ code, facts }) => [code, facts])])).toEqual([
    [asContainer.id, [['notForContainers', { from: 'profiles/mine/source.toml.hbs' }]]],
  ]);
  const lines = await renderOf({ ...asked, templates: await joined(JOINING.replace(/multiline.*\n/, '')) });
  expect(lines.notes).toEqual([]);
});
