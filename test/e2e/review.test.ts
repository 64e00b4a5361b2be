import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDemoNode } from '../../lib/demo/node.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { nvlProgram } from '../support/nvl.ts';
import { needs, vector } from '../support/programs.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nvl-review-'));
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'user.email', 'somebody@example.org');
  await git('config', 'user.name', 'Somebody');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const git = (...args: string[]) => execa('git', args, { cwd: dir });
const commit = async (words: string) => {
  await git('add', '--all');
  await git('commit', '--quiet', '--message', words);
};
const nvl = (...args: string[]) =>
  execa(process.execPath, [nvlProgram, ...args], { cwd: dir, reject: false, env: { NO_COLOR: '1' } });
const write = async (name: string, text: string) => {
  await mkdir(dirname(join(dir, name)), { recursive: true });
  await writeFile(join(dir, name), text);
};
const edit = async (name: string, from: string, to: string) => {
  const text = await readFile(join(dir, name), 'utf8');
  expect(text).toContain(from);
  await write(name, text.replace(from, to));
};

const PROFILE = (body: string) => `[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
source = '''
${body}
'''
`;

test('from an empty folder to a reviewed profile, as the docs say', needs(vector), async () => {
  expect((await nvl('init')).exitCode).toBe(0);
  await rm(join(dir, 'recordings/example.json'));
  const dataDir = await mkdtemp(join(tmpdir(), 'nvl-demo-'));
  const node = await createDemoNode({ dataDir, seed: 7 });
  try {
    await node.startJob({ id: 'shop', tasks: [{ name: 'api', meta: { nvl_profile: 'shop' } }] });
    const recorded = await nvl('context', '--record', 'recordings/node.json', '--address', node.address);
    expect(recorded).toMatchObject({ exitCode: 0 });
  } finally {
    await node.close();
    await rm(dataDir, { recursive: true, force: true });
  }
  await write('templates/profiles/shop/transform.toml.hbs', PROFILE('.level = "info"'));
  await write(
    'templates/profiles/shop/tests/lines.yaml',
    '- name: a level\n  lines: |\n    level=warn msg=hello\n  events:\n    - level: warn\n',
  );
  await commit('A profile for the shop');

  const failing = await nvl('test');
  expect(failing.exitCode).toBe(1);
  expect(failing.stdout).toMatch(/lines\.yaml/);

  await git('checkout', '--quiet', '-b', 'fix');
  await edit(
    'templates/profiles/shop/transform.toml.hbs',
    '.level = "info"',
    '. = merge(., parse_logfmt(.message) ?? {})',
  );
  await commit('Read the level from the line');
  expect(await nvl('test')).toMatchObject({ exitCode: 0 });

  const review = await nvl('review', 'main');
  expect(review).toMatchObject({ exitCode: 0 });
  expect(review.stdout).toContain('`default / shop`');
  expect(review.stdout).toMatch(/- level: "info"\n(?:.*\n)*\+ level: "warn"/);
  expect(review.stdout).toContain('`shop`: 1 passed');
  expect(review.stdout).toContain('Vector accepts the configuration');
});

/** Forty jobs, of which three use a profile with the partial. */
const fortyJobs = async () => {
  const allocations = Array.from({ length: 40 }, (_, number) =>
    aRawAllocation({
      id: idOf(1).replace(/.{4}$/, String(1000 + number)),
      job: `job-${number}`,
      jobMeta: number < 3 ? { nvl_profile: 'shared' } : {},
    }),
  );
  await write('recordings/node.json', JSON.stringify(allocations));
  await write('templates/partials/fields.hbs', '.team = "a"\n');
  await write('templates/profiles/shared/transform.toml.hbs', PROFILE('{{> fields}}'));
  await write(
    'templates/profiles/shared/tests/a.yaml',
    '- name: a line\n  lines: |\n    hello\n  events:\n    - message: hello\n',
  );
  await write('nvl.yaml', 'templates: templates\n');
  await commit('Forty jobs');
  await git('checkout', '--quiet', '-b', 'change');
};

test('a change to a partial names the jobs that use it, and no others', needs(vector), async () => {
  await fortyJobs();
  await edit('templates/partials/fields.hbs', '"a"', '"b"');
  await commit('Another team');
  const { stdout } = await nvl('review', 'main', '--format', 'json');
  const { report } = JSON.parse(stdout) as { report: { jobs: { job: string }[] } };
  expect(report.jobs.map(({ job }) => job)).toEqual(['job-0', 'job-1', 'job-2']);
});

test('a label of the allocation id, and a message that is dropped, are flagged', needs(vector), async () => {
  await fortyJobs();
  await edit('templates/partials/fields.hbs', '.team = "a"', '.team = "a"\ndel(.message)');
  await write(
    'templates/vector/sink.toml.hbs',
    '[sinks.loki]\ntype = "loki"\ninputs = ["{{input}}"]\nendpoint = "http://127.0.0.1:3100"\nencoding.codec = "json"\n' +
      'healthcheck.enabled = false\nlabels.alloc = "\\{{ nomad.alloc_id }}"\nlabels.job = "\\{{ nomad.job_name }}"\n',
  );
  await commit('Two bad ideas');
  const { stdout } = await nvl('review', 'main');
  expect(stdout).toContain('the Loki label alloc takes nomad.alloc_id');
  expect(stdout).not.toContain('the Loki label job');
  expect(stdout).toContain('sink loki has no acknowledgements');
  expect(stdout).toContain('the profile shared drops .message without a replacement');
});

test(
  'what this machine lacks is not proven, which is said and changes no exit code; what Vector refuses does',
  needs(vector),
  async () => {
    await fortyJobs();
    const loki = (more: string) =>
      '[sinks.loki]\ntype = "loki"\ninputs = ["{{input}}"]\nendpoint = "https://127.0.0.1:1"\nencoding.codec = "json"\n' +
      `acknowledgements.enabled = true\n${more}\n`;
    const sink = 'templates/vector/sink.toml.hbs';
    await write(sink, loki('labels.a = "b"\ntls.ca_file = "/no/such/ca.pem"'));
    const lacking = await nvl('review', 'main');
    expect(lacking.stdout).toContain(
      'Not proven:\n\n- loki, by vector validate --skip-healthchecks: this machine lacks the file /no/such/ca.pem',
    );
    expect(lacking.exitCode).toBe(0);
    expect((await nvl('review', 'main', '--detailed-exitcode')).exitCode).toBe(2);

    await write(sink, loki('labels.a = "\\{{ nomad.job_name }}"'));
    const refused = await nvl('review', 'main');
    expect(refused.stdout).toContain('Vector refuses the configuration');
    expect(refused.stdout).not.toContain('Not proven');
    expect(refused.exitCode).toBe(78);
  },
);

test('outside a checkout, and without a recording, it says what to do', async () => {
  const nothing = await nvl('review');
  expect(nothing).toMatchObject({ exitCode: 1 });
  expect(nothing.stderr).toMatch(/nothing to compare with[\s\S]*fetch it first/);
  await write('nvl.yaml', 'root: /nvl\n');
  await commit('A configuration');
  expect((await nvl('review', 'main')).stderr).toMatch(/no recording to render[\s\S]*nvl context --record/);
});
