import { chmod, chown } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { openWard, troubles } from '../support/doctor.ts';
import { type NomadAgent, startNomadAgent } from '../support/nomad-agent.ts';
import { needs, nomad, vector } from '../support/programs.ts';
import { startVector } from '../support/vector.ts';
import { waitFor } from '../support/wait.ts';

// `nvl doctor` as a person runs it, where one thing is wrong at a time: each has its line, and all others are looked at.

const NAMES = [
  'node.js',
  'config',
  'vector',
  'vector files',
  'data_dir',
  'open files',
  'nomad',
  'allocations',
  'alloc folder',
  'root',
  'log links',
  'unread logs',
  'containers',
  'templates',
  'sinks',
  'proof',
  'deliveries',
  'reload',
];

let agent: NomadAgent | undefined;
afterEach(async () => {
  await agent?.close();
  agent = undefined;
});

test('all is well', needs(vector), async () => {
  const ward = await openWard();
  const diagnosis = await ward.diagnose();
  expect(troubles(diagnosis)).toEqual([]);
  expect([...new Set(diagnosis.lines.map(({ name }) => name))]).toEqual(NAMES);
  expect(diagnosis.exitCode).toBe(0);
  expect(diagnosis.said).toMatch(/^19 ok, 0 to look at, 0 wrong$/m);
});

test('no Vector', async () => {
  const ward = await openWard();
  const diagnosis = await ward.diagnose({ env: { PATH: ward.folder } });
  expect(diagnosis.exitCode).toBe(1);
  expect(troubles(diagnosis)).toEqual([
    expect.stringMatching(/^fail vector: no vector was found \(searched .*\) {2}-> {2}install Vector/),
    expect.stringMatching(/^warn proof: not looked at/),
  ]);
  expect(new Set(diagnosis.lines.map(({ name }) => name)).size).toBe(NAMES.length);
});

test('no Nomad', needs(vector), async () => {
  const ward = await openWard();
  await ward.node.close();
  const diagnosis = await ward.diagnose();
  expect(diagnosis.exitCode).toBe(1);
  expect(troubles(diagnosis)).toEqual([
    expect.stringMatching(/^fail nomad: Nothing listens at http:\/\/127\.0\.0\.1:\d+ .*-> {2}start the Nomad agent/),
    expect.stringMatching(/^warn allocations: not looked at/),
    expect.stringMatching(/^warn alloc folder: not looked at/),
    expect.stringMatching(/^warn log links: not looked at/),
    expect.stringMatching(/^warn containers: not looked at/),
  ]);
  expect(diagnosis.lines).toContainEqual(
    expect.objectContaining({ name: 'proof', text: expect.stringContaining('Vector accepts it') }),
  );
});

test('a token that is refused, and one that sees too little', needs(nomad, vector), async () => {
  const ward = await openWard();
  agent = await startNomadAgent({ acl: true });
  const { address, env, run, allocations, createNamespace, createPolicy, createToken } = agent;
  const diagnose = (token: string, ...args: string[]) =>
    ward.diagnose({ args: ['-address', address, ...args], env: { ...env, NOMAD_TOKEN: token } });

  await createPolicy({ name: 'nothing', rules: 'namespace "default" { capabilities = ["list-jobs"] }' });
  const refused = await diagnose(await createToken({ policies: ['nothing'] }));
  expect(refused.exitCode).toBe(1);
  expect(troubles(refused)).toEqual([
    expect.stringMatching(
      /^fail nomad: Nomad refused .*agent\/self.*403 Permission denied.*needs agent \{ policy = "read" \}/,
    ),
    expect.stringMatching(
      /^fail allocations: Nomad refused .*needs node \{ policy = "read" \}.*-> {2}give that token a policy/,
    ),
    expect.stringMatching(/^warn alloc folder: not looked at/),
    expect.stringMatching(/^warn log links: not looked at/),
    expect.stringMatching(/^warn containers: not looked at/),
  ]);

  await createNamespace('payments');
  const place = await run({ job: sleeper({ id: 'web', namespace: 'payments' }) });
  await waitFor('the task to run', async () =>
    (await allocations()).find(({ JobID, ClientStatus }) => JobID === place.jobId && ClientStatus === 'running'),
  );
  await createPolicy({
    name: 'half',
    rules: 'node { policy = "read" }\nagent { policy = "read" }\nnamespace "default" { capabilities = ["read-job"] }',
  });
  const half = await diagnose(await createToken({ policies: ['half'] }));
  expect(half.exitCode).toBe(0);
  expect(troubles(half)).toEqual([
    expect.stringMatching(
      /^warn allocations: the agent holds 1 allocations and the token shows 0: .*-> {2}give the token/,
    ),
  ]);
  const whole = await diagnose(agent.token ?? '');
  expect(troubles(whole)).toEqual([]);
  expect(whole.lines).toContainEqual(
    expect.objectContaining({ name: 'alloc folder', text: expect.stringContaining('the logs of web.g[0]') }),
  );
});

test('a folder of allocations that may not be read', needs(vector), async () => {
  const ward = await openWard();
  const isRoot = process.getuid?.() === 0;
  // As Nomad makes it: of root, for whom alone it can be listed.
  await chmod(ward.node.allocDir, isRoot ? 0o711 : 0o111);
  await chmod(ward.folder, 0o777);
  await chmod(join(ward.folder, 'data'), 0o777);
  const diagnosis = await ward.diagnose(isRoot ? { uid: 65_534 } : {});
  expect(diagnosis.exitCode).toBe(1);
  expect(troubles(diagnosis)).toEqual([
    expect.stringMatching(/^fail alloc folder: .*\/alloc cannot be read \(said EACCES.*-> {2}run nvl as root/),
    expect.stringMatching(/^warn log links: nvl is neither root nor the owner .*-> {2}put nvl's output root beside/),
  ]);
  await chmod(ward.node.allocDir, 0o755);
});

test.runIf(process.getuid?.() === 0)('a Vector of its own user', needs(vector), async () => {
  const ward = await openWard();
  const diagnose = (user: string) => ward.diagnose({ args: ['--vector-user', user] });
  expect(troubles(await diagnose('nobody'))).toEqual([
    expect.stringMatching(/^fail data_dir: .*\/data is not writable for nobody.*-> {2}chown -R nobody .*\/data$/),
  ]);
  await chown(join(ward.folder, 'data'), 65_534, 65_534);
  expect(troubles(await diagnose('nobody'))).toEqual([]);
  expect(troubles(await diagnose('no-such-user'))).toEqual([
    expect.stringMatching(/^fail data_dir: the user that Vector is to run as is not known .*-> {2}make it/),
  ]);
});

test('fewer open files allowed than Vector needs', needs(vector), async () => {
  const ward = await openWard({ jobs: [{ id: 'web', count: 20, tasks: [{ name: 'app' }] }] });
  const limited = (limit: number) => ward.diagnose({ wrap: ['/bin/sh', '-c', `ulimit -n ${limit}; exec "$@"`, 'sh'] });
  const now = await limited(64);
  expect(now.exitCode).toBe(1);
  expect(troubles(now)).toEqual([
    expect.stringMatching(
      /^fail open files: .*may open 64 files, and 20 tasks take 72 now: .*-> {2}set 4096 .*LimitNOFILE=4096/,
    ),
  ]);
  const later = await limited(300);
  expect(later.exitCode).toBe(0);
  expect(troubles(later)).toEqual([
    expect.stringMatching(
      /^warn open files: .*300 files; 20 tasks take 72 now, and 528 where a sink is away until all their logs have rotated/,
    ),
  ]);
});

test('sinks that do not acknowledge', needs(vector), async () => {
  const ward = await openWard();
  await ward.write({
    'templates/vector/sink.toml.hbs':
      '[sinks.ours]\ntype = "console"\ninputs = ["{{input}}"]\nencoding.codec = "json"\n',
    'vector.toml': `data_dir = ${JSON.stringify(join(ward.folder, 'data'))}
[transforms.relay]
type = "filter"
condition = "true"
inputs = ["nomad_*"]
[sinks.behind]
type = "blackhole"
inputs = ["relay"]
[sinks.careful]
type = "console"
inputs = ["relay"]
encoding.codec = "json"
acknowledgements.enabled = true
[sources.ticks]
type = "internal_metrics"
[sinks.other]
type = "blackhole"
inputs = ["ticks"]
`,
  });
  const diagnosis = await ward.diagnose({ args: ['--templates', 'templates'] });
  expect(diagnosis.exitCode).toBe(0);
  const words =
    "does not acknowledge: lines in Vector's memory die with it  ->  set acknowledgements.enabled = true in it";
  expect(troubles(diagnosis)).toEqual([
    `warn sinks: ours in vector/sink.toml.hbs ${words}`,
    `warn sinks: behind in ${join(ward.folder, 'vector.toml')} ${words}`,
  ]);
});

test('templates with faults, one of which only Vector finds', needs(vector), async () => {
  const ward = await openWard({
    jobs: [
      { id: 'web', count: 3, tasks: [{ name: 'app', meta: { nvl_profile: 'broken' } }] },
      { id: 'vrl', tasks: [{ name: 'app', meta: { nvl_profile: 'vrl' } }] },
      { id: 'well', tasks: [{ name: 'app' }] },
    ],
  });
  await ward.write({
    'templates/profiles/broken/transform.toml.hbs':
      '[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = ".a = 1 # {{task.nam}}"\n',
    'templates/profiles/vrl/transform.toml.hbs':
      '[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = ".a = nothing_such()"\n',
  });
  const diagnosis = await ward.diagnose({ args: ['--templates', 'templates'] });
  expect(diagnosis.exitCode).toBe(1);
  expect(troubles(diagnosis)).toEqual([
    expect.stringMatching(
      /^fail templates: task\.nam is not known \(at profiles\/broken\/transform\.toml\.hbs:4:\d+\) {2}-> {2}did you mean name\?$/,
    ),
    expect.stringMatching(
      /^fail proof: ships by default, unparsed and marked: default \/ vrl .*: Vector refused .*undefined function.*-> {2}fix the template/,
    ),
    expect.stringMatching(
      /^fail proof: ships by default, unparsed and marked: default \/ web .* and 2 more: the fault at profiles\/broken\/transform\.toml\.hbs:4:\d+ {2}->/,
    ),
  ]);
});

test('a Vector that somebody else runs, by its pid file', needs(vector), async () => {
  const ward = await openWard();
  await ward.write({
    'own.toml': '[sources.ticks]\ntype = "internal_metrics"\n[sinks.other]\ntype = "blackhole"\ninputs = ["ticks"]\n',
  });
  const running = await startVector({ folder: ward.folder, configs: ['own.toml'] });
  onTestFinished(async () => {
    await running.end();
  });
  await ward.write({
    'vector.pid': `${running.pid}\n`,
    'nvl.yaml': JSON.stringify({
      root: 'root',
      nomad: { address: ward.node.address },
      vector: { args: ['-c', join(ward.folder, 'globals.toml'), '-c', join(ward.folder, 'own.toml')] },
      reload: { pidFile: 'vector.pid' },
    }),
  });
  const diagnosis = await ward.diagnose({ vector: [] });
  expect(troubles(diagnosis)).toEqual([]);
  const textOf = (name: string) => diagnosis.lines.find((line) => line.name === name)?.text;
  expect(textOf('reload')).toBe(`a SIGHUP to Vector, process ${running.pid} of ${join(ward.folder, 'vector.pid')}`);
  expect(textOf('open files')).toMatch(
    new RegExp(`^the running Vector \\(process ${running.pid}\\) may open \\d+ files`),
  );
});

const sleeper = ({ id, namespace }: { id: string; namespace: string }) => ({
  ID: id,
  Name: id,
  Namespace: namespace,
  Type: 'service',
  Datacenters: ['*'],
  TaskGroups: [
    {
      Name: 'g',
      EphemeralDisk: { SizeMB: 30 },
      Tasks: [
        {
          Name: 't',
          Driver: 'raw_exec',
          Config: { command: '/bin/sh', args: ['-c', 'echo hello; exec sleep 600'] },
          LogConfig: { MaxFiles: 2, MaxFileSizeMB: 5 },
          Resources: { CPU: 10, MemoryMB: 10 },
        },
      ],
    },
  ],
});
