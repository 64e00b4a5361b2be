import { join } from 'node:path';
import { expect, test } from 'vitest';
import { always, startFakeNomad } from '../nomad/fake-nomad.ts';
import { aFolder, put, startNvl } from './support.ts';

const JOB = { ID: 'web', Namespace: 'shop', TaskGroups: [{ Name: 'site', Tasks: [{ Name: 'server' }] }] };

const nvl = (args: string[], given: Parameters<typeof startNvl>[1]) => startNvl(['sidecar', ...args], given).ended;

const aCwd = async (files: Parameters<typeof put>[1] = { 'web.json': JOB }) => {
  const cwd = await aFolder();
  await put(cwd, files);
  return cwd;
};

test('stdout has a job for nomad job run -json and nothing else; what was done is told beside it', async () => {
  const cwd = await aCwd();
  const { code, out, err } = await nvl(['web.json', '--memory', '300'], { cwd });
  expect(code).toBe(0);
  const { Job } = JSON.parse(out);
  expect(Job.TaskGroups[0].Tasks[1]).toMatchObject({ Name: 'nvl', Resources: { CPU: 100, MemoryMB: 300 } });
  expect(err).toContain('group site: the sidecar nvl is added');
  expect(err).toContain('nomad acl policy apply -namespace shop -job web ');
  const again = await nvl(['-', '--memory', '300'], { cwd, input: [out] });
  expect(again.out).toBe(out);
});

test('a dry run shows the change, and says by its exit code that there is one', async () => {
  const cwd = await aCwd();
  const dry = await nvl(['web.json', '--dry-run', '--detailed-exitcode'], { cwd });
  expect(dry.code).toBe(2);
  expect(dry.out).toMatch(/^--- web\.json\n\+\+\+ web\.json\n@@/);
  expect(dry.out).toContain('\n+            "Name": "nvl",\n');
  const { out } = await nvl(['web.json'], { cwd });
  const none = await nvl(['-', '--dry-run', '--detailed-exitcode'], { cwd, input: [out] });
  expect(none).toMatchObject({ code: 0, out: expect.stringMatching(/^group site: has the sidecar nvl already\n/) });
});

test('HCL is parsed by Nomad, which is asked for nothing else', async () => {
  const { address, asked } = await startFakeNomad({ answer: always({ body: JSON.stringify(JOB) }) });
  const cwd = await aCwd({ 'web.hcl': 'job "web" {}' });
  const { code, out } = await nvl(['web.hcl', '--address', address, '--namespace', 'shop'], { cwd });
  expect(code).toBe(0);
  expect(JSON.parse(out).Job.ID).toBe('web');
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /v1/jobs/parse?namespace=shop']);
});

test.each([
  ['what Nomad says of it', { status: 400, body: 'input.hcl:3,1: Unsupported block' }, /said {2}input\.hcl:3,1/],
  ['a token that may not', { status: 403, body: 'Permission denied' }, /needs .*parse-job/],
])('HCL that Nomad does not parse: %s', async (_, answer, said) => {
  const { address } = await startFakeNomad({ answer: always(answer) });
  const { code, out, err } = await nvl(['web.hcl', '--address', address], {
    cwd: await aCwd({ 'web.hcl': 'job "web" {}' }),
  });
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(said);
});

test('templates of the configuration go with the job, those that come with nvl do not', async () => {
  const sink = '[sinks.x]\ntype = "console"\ninputs = ["nomad_logs"]\nencoding.codec = "json"\n';
  const cwd = await aCwd({
    'web.json': JOB,
    'templates/vector/sink.toml.hbs': sink,
    'templates/vector/tests/a.yaml': 'no template',
  });
  const flags = ['web.json', '--templates', join(cwd, 'templates')];
  const { out } = await nvl(flags, { cwd });
  const [, task] = JSON.parse(out).Job.TaskGroups[0].Tasks;
  expect(task.Templates).toMatchObject([{ EmbeddedTmpl: sink, DestPath: 'local/templates/vector/sink.toml.hbs' }]);
  const fetched = await nvl([...flags, '--artifact', 'git::https://git.example.org/t.git'], { cwd });
  const [, other] = JSON.parse(fetched.out).Job.TaskGroups[0].Tasks;
  expect(other.Templates).toBeUndefined();
  expect(other.Artifacts).toMatchObject([{ RelativeDest: 'local/templates', GetterMode: 'dir' }]);
});

test('a template that is broken is told here, and not on each node', async () => {
  const cwd = await aCwd({ 'web.json': JOB, 'templates/vector/sink.toml.hbs': '{{#if}' });
  const { code, err } = await nvl(['web.json', '--templates', join(cwd, 'templates')], { cwd });
  expect(code).toBe(1);
  expect(err).toContain('vector/sink.toml.hbs');
});

test.each<[string, string[], string]>([
  ['a file that is not there', ['none.hcl'], 'none.hcl cannot be read'],
  ['docker without an image', ['web.json', '--driver', 'docker'], 'a task of docker needs an image'],
  ['an image without docker', ['web.json', '--image', 'x'], 'a task of raw_exec has no image'],
  ['memory that is no number', ['web.json', '--memory', '1.5'], '--memory takes a whole number'],
  ['a name that is taken', ['web.json', '--name', 'server'], 'a task "server" is there already'],
])('%s is refused', async (_, args, said) => {
  const { code, out, err } = await nvl(args, { cwd: await aCwd() });
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain(said);
});
