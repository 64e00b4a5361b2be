import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recorded } from '../nomad/fake-nomad.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { aFolder, aNomad, nvl, put, textOf } from './support.ts';

const allocations = JSON.parse(recorded('node-allocations'));
const node = JSON.parse(recorded('node'));

const context = async (files: Record<string, unknown>, args: string[]) => {
  const folder = await aFolder();
  await put(folder, files);
  const { code, out, err } = await nvl(['context', '--root', '/nvl', ...args], { cwd: folder });
  return { folder, code, err, out, json: out === '' ? undefined : JSON.parse(out) };
};

test('what templates see of the recorded node, volatile fields included', async () => {
  const { folder, code, err, json } = await context({ a: allocations, n: node }, ['--allocations', 'a', '--node', 'n']);
  expect([code, err]).toEqual([0, '']);
  expect(json).toMatchObject({ contextVersion: 1, node: { id: node.ID, name: node.Name, status: 'ready' } });
  expect(json.tasks).toHaveLength(9);
  const server = json.tasks.find(({ task }: { task: { name: string } }) => task.name === 'server');
  expect(server).toMatchObject({
    profile: 'logfmt',
    meta: { nvl_profile: 'logfmt', team: 'payments-core' },
    alloc: { clientStatus: 'running' },
    task: { state: 'running' },
    id: expect.stringMatching(/^nvl_logfmt_[0-9a-f]{8}$/),
    logs: { dir: `/nvl/links/${server.id}`, include: [`/nvl/links/${server.id}/*`] },
  });
  // What templates see is what they are rendered with.
  const rendered = await nvl(['render', '--root', '/nvl', '--allocations', 'a', '--node', 'n'], { cwd: folder });
  expect(rendered.out).toContain(`[sources.${server.id}]`);
  expect(rendered.out).toContain(`include = ["/nvl/links/${server.id}/*"]`);
});

test('a recording of a node renders the same as the node itself', async () => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, allocations);
  const root = ['--root', '/nvl'];
  const recording = await nvl(['context', '--record', 'made.json', '--address', nomad.address, ...root], {
    cwd: folder,
  });
  expect([recording.code, recording.out]).toEqual([0, '']);
  await put(folder, { 'answer.json': allocations });
  const rendered = async (from: string[]) => {
    const { out } = await nvl(['render', ...from, ...root], { cwd: folder });
    await nvl(['render', ...from, ...root, '--out', 'plain'], { cwd: folder });
    return { out, table: (await textOf(folder, 'plain/tasks.csv')) ?? '' };
  };
  const [fromNode, fromRecording, fromAnswer] = [
    await rendered(['--address', nomad.address]),
    await rendered(['--allocations', 'made.json']),
    await rendered(['--allocations', 'answer.json']),
  ];
  expect(fromRecording).toEqual(fromAnswer);
  // On the node itself, what has finished and left no log behind is not collected.
  expect(fromNode.table).toContain('nvl_50d107cb_server_');
  expect(fromNode.table).not.toContain('nvl_bf5315ab_crash_');
  expect(fromRecording.table).toContain('nvl_bf5315ab_crash_');
});

test('a recording holds none of the fields that carry secrets', async () => {
  const raw = aRawAllocation();
  const secret = 'S3CRET';
  const [group] = raw.Job.TaskGroups;
  const tasks = group?.Tasks.map((task) => ({ ...task, Env: { A: secret }, Config: { args: [secret] } }));
  const leaky = { ...raw, Job: { ...raw.Job, Payload: secret, TaskGroups: [{ ...group, Tasks: tasks }] } };
  const { out } = await context({ a: [leaky] }, ['--allocations', 'a', '--record', '-']);
  expect(JSON.parse(out).allocations).toHaveLength(1);
  expect(out).not.toContain(secret);
});

test('tasks that are not collected are not shown', async () => {
  const files = {
    a: [
      aRawAllocation({ id: idOf(1), logsDisabled: true }),
      aRawAllocation({ id: idOf(2), taskMeta: { nvl_enabled: 'false' } }),
      aRawAllocation({ id: idOf(3) }),
    ],
  };
  const { json } = await context(files, ['--allocations', 'a']);
  expect(json.tasks.map(({ alloc }: { alloc: { id: string } }) => alloc.id)).toEqual([idOf(3)]);
});

test('rules choose the profile, and bring its parameters', async () => {
  const config = { rules: [{ match: { task: 'app' }, profile: 'logfmt' }] };
  const files = { 'nvl.json': config, a: [aRawAllocation({ task: 'app' })] };
  const { json } = await context(files, ['--allocations', 'a']);
  expect(json.tasks[0].profile).toBe('logfmt');
});

test('a meta key named __proto__ survives a recording, as an ordinary key', async () => {
  const evil = JSON.parse('{ "__proto__": "x" }');
  const folder = await aFolder();
  await put(folder, { a: JSON.stringify([aRawAllocation({ jobMeta: evil })]) });
  await nvl(['context', '--allocations', 'a', '--record', 'made'], { cwd: folder });
  const recording = JSON.parse((await textOf(folder, 'made')) ?? '');
  expect(Object.entries(recording.allocations[0].job.meta)).toEqual([['__proto__', 'x']]);
  const { out } = await nvl(['context', '--allocations', 'made', '--root', join('/', 'nvl')], { cwd: folder });
  expect(out).toContain('"__proto__": "x"');
});

test('a recording made on the node says what tasks wrote, one made elsewhere that it cannot', async () => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, [aRawAllocation({ id: idOf(1) })]);
  const record = () =>
    nvl(
      [
        'context',
        '--record',
        'made.json',
        '--log-sizes',
        '--address',
        nomad.address,
        '--alloc-dir',
        join(folder, 'alloc'),
      ],
      { cwd: folder },
    );
  expect((await record()).err).toContain('no log sizes of 1 of 1 allocations');
  await put(folder, {
    [`alloc/${idOf(1)}/alloc/logs/app.stdout.3`]: 'old',
    [`alloc/${idOf(1)}/alloc/logs/app.stdout.4`]: 'hello',
  });
  expect((await record()).err).toBe('');
  const made = JSON.parse((await textOf(folder, 'made.json')) ?? '');
  expect(made.logs.written).toMatchObject([{ allocId: idOf(1), task: 'app', stream: 'stdout', bytes: 5 }]);
  // Recorded again from the recording, they are what they were.
  const again = await nvl(['context', '--record', '-', '--allocations', 'made.json'], { cwd: folder });
  expect(JSON.parse(again.out).logs).toEqual(made.logs);
});
