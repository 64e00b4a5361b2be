import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { projectFolder } from '../support/nvl.ts';
import { packFolder, renderPack, variablesIn } from '../support/pack.ts';
import { needs, nomad, pathOf } from '../support/programs.ts';

const jobspec = join(projectFolder, 'jobspecs/nvl.nomad.hcl');
const packVariables = variablesIn(readFileSync(join(packFolder, 'variables.hcl'), 'utf8'));

const aFile = async (name: string, text: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-pack-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

/** A jobspec as the real `nomad` reads it; no agent is asked. */
const jobOf = async (file: string, vars: Record<string, unknown> = {}): Promise<Record<string, unknown>> => {
  const given = Object.entries(vars).map(
    ([name, value]) => `-var=${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const { stdout } = await promisify(execFile)(pathOf(nomad), ['job', 'run', '-output', ...given, file]);
  return (JSON.parse(stdout) as { Job: Record<string, unknown> }).Job;
};

const renderedJob = async (values: Record<string, unknown>) =>
  jobOf(await aFile('nvl.nomad.hcl', renderPack({ file: 'templates/nvl.nomad.tpl', values })));

test.each<[string, Record<string, unknown>]>([
  ['as it stands', {}],
  [
    'with all that can be said of it',
    {
      nvl: '/opt/nvl/bin/nvl',
      vector: '/opt/vector/bin/vector',
      vector_args: ['-c', '/etc/vector/team "a".toml', '--threads', '2'],
      vector_user: '',
      config: '/etc/nvl/"odd".yaml',
      root: '/opt/nomad/nvl',
      nomad_addr: 'https://127.0.0.1:4646',
      nomad_ca_cert: '/etc/nomad.d/ca.pem',
      nomad_client_cert: '/etc/nomad.d/cli.pem',
      nomad_client_key: '/etc/nomad.d/cli-key.pem',
      templates: 'git::https://git.example.com/logging.git//templates?ref=v12',
      canary: 20,
      max_parallel: 5,
      min_healthy_time: '5s',
      healthy_deadline: '20s',
      check: '/readyz',
      metrics_port: 4650,
      datacenters: ['eu-1', 'eu-2'],
      memory: 1024,
    },
  ],
])('the pack is the same job as the jobspec: %s', needs(nomad), async (_, values) => {
  const job = await renderedJob(values);
  expect(job.ID).toBe('nvl');
  expect(job).toEqual(await jobOf(jobspec, values));
});

test('where it runs can be said, too', needs(nomad), async () => {
  const values = { job_name: 'logs', region: 'eu', namespace: 'ops', node_pool: 'all' };
  expect(await renderedJob(values)).toMatchObject({ ID: 'logs', Region: 'eu', Namespace: 'ops', NodePool: 'all' });
});

test('a variable that the jobspec has is the same one in the pack', () => {
  const own = variablesIn(readFileSync(jobspec, 'utf8'));
  expect(own.length).toBeGreaterThan(8);
  // What is said of it in the jobspec may be nothing, where its name says all.
  const told = packVariables.map((one) => (one.name === 'datacenters' ? { ...one, description: '' } : one));
  for (const variable of own) expect(told).toContainEqual(variable);
});

test('the page of the pack lists each variable with its default', () => {
  const rows = readFileSync(join(packFolder, 'README.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  const words = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
  const listed = rows.flatMap((row) => {
    const [, names = '', defaults = ''] = row.split(' | ').length > 2 ? row.split('|') : [];
    const values = words(defaults);
    return words(names).map((name, index) => [name, values[index] ?? values[0]]);
  });
  expect(listed).toEqual(
    listed.map(([name]) => [name, JSON.stringify(packVariables.find((one) => one.name === name)?.default)]),
  );
  expect(listed.map(([name]) => name).sort()).toEqual(packVariables.map(({ name }) => name).sort());
});

test('the pack has the version of nvl, and every file that a pack has to have', () => {
  const { version } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { version: string };
  expect(readFileSync(join(packFolder, 'metadata.hcl'), 'utf8')).toContain(`version     = "${version}"`);
  expect(renderPack({ file: 'outputs.tpl', values: { namespace: 'ops' } })).toContain('-namespace ops -job nvl nvl');
});

test.each([
  ['an unknown variable', '[[ var "nonsense" . ]]'],
  ['an unknown function', '[[ var "nvl" . | upper ]]'],
  ['an if without its end', '[[ if var "nvl" . ]]'],
])('what only nomad-pack could render fails here: %s', async (_, text) => {
  const file = await aFile('x.tpl', text);
  expect(() => renderPack({ file })).toThrow();
});
