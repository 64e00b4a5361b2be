import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { put } from '../commands/support.ts';
import { type DocStep, docSteps } from '../support/doc-steps.ts';
import { pathWithout } from '../support/isolate.ts';
import { killProcessesIn } from '../support/leftovers.ts';
import { nodeStatusOf } from '../support/node-status.ts';
import { type NomadAgent, startNomadAgent } from '../support/nomad-agent.ts';
import { projectFolder, startNvl, writeNvlProgram } from '../support/nvl.ts';
import { writePackage } from '../support/package.ts';
import { isAbsent, jq, needs, nomad, vector } from '../support/programs.ts';
import { freePort } from '../support/servers.ts';
import { type ShellSession, startShell } from '../support/shell-session.ts';
import { fileSink, readDelivered } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// The commands of the pages as they are printed, one shell a page, against a real Nomad with one job, and a real Vector.
// test/support/doc-steps.ts says what each prints; test/docs/commands.test.ts that none is left out.

const execute = promisify(execFile);

let folder: string;
let agent: NomadAgent;
/** Variables of every page's shell. The Node of these tests is the one that is installed. */
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  if ([nomad, vector].some(isAbsent)) return;
  folder = await mkdtemp(join(tmpdir(), 'nvl-pages-'));
  const linked = join(folder, 'linked');
  await mkdir(join(linked, 'bin'), { recursive: true });
  // What is published starts faster than the sources.
  const published = writePackage(join(linked, 'lib', 'node_modules', 'nvl'));
  const program = await writeNvlProgram(join(linked, 'bin', 'nvl'), published);
  process.env.PATH = [dirname(program), dirname(process.execPath), process.env.PATH].join(delimiter);
  agent = await startNomadAgent();
  env = {
    ...process.env,
    ...agent.env,
    NVL_ROOT: join(folder, 'root'),
    NVL_METRICS_ADDRESS: 'off',
    npm_config_prefix: linked,
    GIT_CONFIG_COUNT: '3',
    ...gitConfig({ 'user.name': 'A', 'user.email': 'a@example.com', 'init.defaultBranch': 'main' }),
  };
  await writeFile(join(folder, 'web.nomad.hcl'), WEB);
  await agent.cli('job', 'run', '-detach', join(folder, 'web.nomad.hcl'));
  await waitUntil('a job', async () => (await agent.allocationsOf({ jobId: 'web' }))[0]?.ClientStatus === 'running');
  await makeTeamsFolder(join(folder, 'team'));
});

afterAll(async () => {
  await agent?.close();
  if (folder === undefined) return;
  killProcessesIn(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** How whoever runs these tests reaches npm's registry: what the isolation of tests has taken away. */
const registryEnv = async (): Promise<Record<string, string>> => {
  const told = (await readFile('/proc/self/environ', 'utf8')).split('\0').map((pair) => /^(\w+)=(.*)$/s.exec(pair));
  const kept = told.flatMap((found) => (found !== null && REGISTRY_NAMES.test(found[1] ?? '') ? [found.slice(1)] : []));
  return { ...Object.fromEntries(kept), npm_config_userconfig: join(userInfo().homedir, '.npmrc') };
};
const REGISTRY_NAMES =
  /^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|https?_proxy|no_proxy|npm_config_registry|npm_config_cafile)$/i;

const gitConfig = (pairs: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(pairs).flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  );

/** The job that the pages talk of: logfmt, with errors on both streams. */
const WEB = `job "web" {
  group "site" {
    task "server" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "while :; do echo 'level=error msg=slow status=500'; echo 'level=info msg=served status=200'; echo no pairs; echo 'level=error msg=torn' >&2; sleep 1; done"]
      }
      meta {
        nvl_profile = "logfmt"
      }
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
`;

test('from a checkout to labelled lines, by the commands of the README', needs(nomad, vector), async ({ skip }) => {
  const checkout = join(folder, 'nvl');
  await copyCheckout(checkout);
  const global = join(folder, 'global');
  const shellEnv = {
    ...env,
    PATH: [join(global, 'bin'), env.PATH].join(delimiter),
    ...(await registryEnv()),
    npm_config_prefix: global,
    // What the machine has downloaded before is not downloaded again.
    npm_config_cache: join(userInfo().homedir, '.npm'),
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
  };
  const [first, ...steps] = docSteps('README.md');
  if (first === undefined) throw new Error('the README has no commands');
  // The demo with a real Vector is run by test/commands/demo.test.ts.
  const demo = await openShell({
    name: 'demo',
    cwd: checkout,
    env: { ...shellEnv, PATH: await withoutVector(shellEnv.PATH) },
  });
  await runSteps({ steps: [first], shell: demo, skip });
  await runSteps({ steps, shell: await openShell({ name: 'readme', cwd: checkout, env: shellEnv }), skip });
});

test.each([
  'docs/ci.md',
  'docs/live.md',
  'docs/operations.md',
  'docs/troubleshooting.md',
  'docs/templates.md',
  'docs/testing-profiles.md',
  'docs/samples.md',
  'docs/migration.md',
  'docs/rollout.md',
  // It runs another version of the job.
  'docs/modes.md',
])('the commands of %s', needs(nomad, vector, jq), async (page) => {
  const cwd = await aPlace('team');
  await cp(join(folder, 'team'), cwd, { recursive: true });
  const more = DAEMON.has(page) ? await startDaemon({ cwd }) : {};
  const PATH = NO_VECTOR.has(page) ? await withoutVector() : env.PATH;
  const shell = await openShell({ name: page.replaceAll('/', '-'), cwd, env: { ...env, ...more, PATH } });
  await runSteps({ steps: docSteps(page), shell });
});

/** Pages whose commands ask the nvl and the Vector that run on the node. */
const DAEMON: ReadonlySet<string> = new Set(['docs/live.md', 'docs/operations.md', 'docs/troubleshooting.md']);

/** As docs/operations.md has it, at a port that is free. */
const vectorMetrics = async (): Promise<string> => {
  const page = await readFile(join(projectFolder, 'docs', 'operations.md'), 'utf8');
  const [, block = ''] = /^```toml\n(\[sources\.vector_metrics\][^`]*)```$/m.exec(page) ?? [];
  expect(block).toContain('127.0.0.1:9598');
  return block.replace('9598', String(await freePort()));
};

/** Pages on profiles and their tests, which need no Vector and are quicker without its proofs. */
const NO_VECTOR: ReadonlySet<string> = new Set(['docs/samples.md', 'docs/testing-profiles.md']);

const withoutVector = async (path = env.PATH ?? ''): Promise<string> =>
  pathWithout({ programs: ['vector'], path, folder: await aPlace('path') });

const runSteps = async ({
  steps,
  shell,
  skip,
}: {
  steps: readonly DocStep[];
  shell: ShellSession;
  skip?: (note: string) => void;
}): Promise<void> => {
  for (const step of steps) {
    if (step.notRun !== undefined) continue;
    if (step.afresh) {
      const fresh = await aPlace('fresh');
      await cp(join(folder, 'team'), fresh, { recursive: true });
      await shell.run(`pushd '${fresh}'`);
    }
    const { command, prints = /(?:)/ } = step;
    if (step.goesOn) await shell.runUntil(command, prints);
    else {
      const { said, exit } = await shell.run(command);
      if (exit !== 0 && NO_REGISTRY.test(said)) skip?.('no npm registry answers');
      expect.soft({ command, exit, said }).toMatchObject({ exit: step.exit ?? 0, said: expect.stringMatching(prints) });
    }
    if (step.afresh) await shell.run('popd');
  }
};

/** npm's words for that. */
const NO_REGISTRY =
  /npm error code (?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTCACHED|SELF_SIGNED_CERT_IN_CHAIN)/;

const openShell = async ({ name, cwd, env }: { name: string; cwd: string; env: NodeJS.ProcessEnv }) => {
  const shell = await startShell({ folder: join(folder, 'said', name), cwd, env });
  onTestFinished(() => shell.close());
  return shell;
};

const aPlace = (name: string): Promise<string> => mkdtemp(join(folder, `${name}-`));

/** What `git clone` would bring, edits that are not committed included. */
const copyCheckout = async (to: string): Promise<void> => {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await execute('git', args, { cwd: projectFolder, maxBuffer: 1e8 });
  for (const name of new Set(stdout.split('\0').filter((one) => one !== '')))
    await cp(join(projectFolder, name), join(to, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
};

/**
 * A team's repository as `nvl init` makes it, with the files that the pages name. Its profiles are small, and few have tests:
 * samples have many.
 */
const makeTeamsFolder = async (cwd: string): Promise<void> => {
  await mkdir(cwd);
  const run = (file: string, ...args: string[]) => execute(file, args, { cwd, env });
  await run('nvl', 'init');
  const profiles = join(cwd, 'templates', 'profiles');
  await cp(join(profiles, 'app'), join(profiles, 'nginx'), { recursive: true });
  await cp(join(projectFolder, 'templates', 'samples', 'logfmt'), join(profiles, 'logfmt'), { recursive: true });
  await rm(join(profiles, 'logfmt', 'tests'), { recursive: true });
  await put(cwd, { 'web.nomad.hcl': WEB, 'rules.yaml': await rulesOf(), ...OLD_FILES });
  await run('nvl', 'context', '--record', 'recordings/node.json');
  await run('git', 'init', '-q');
  await run('git', 'add', '.');
  await run('git', 'commit', '-q', '-m', 'Begin');
};

/** The rules that the page prints. */
const rulesOf = async (): Promise<string> => {
  const page = await readFile(join(projectFolder, 'docs', 'live.md'), 'utf8');
  return /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
};

/** What nvl is moved to from: of nomad-vector-logger 0.4.1 and of its successor. */
const OLD_FILES = {
  'config.toml': '[app]\nvector_config_dir = "gen"\nextra_templates_dir = "static"\n',
  'base.toml': '[sources.internal]\ntype = "internal_logs"\n\n[sinks.own]\ntype = "blackhole"\ninputs = ["internal"]\n',
  'static/sinks.toml': '[sinks.all]\ntype = "console"\ninputs = ["transform_nomad_alloc*"]\nencoding.codec = "json"\n',
  'vector.yaml':
    'sources:\n  nomad_logs:\n    type: file\n    include: ["/opt/nomad/data/alloc/*/alloc/logs/*.std*.*"]\nsinks:\n  all:\n    type: console\n    inputs: ["nomad_logs"]\n    encoding:\n      codec: json\n',
};

/** A daemon over the team's templates, whose Vector has its API on; the variables by which commands find that. */
const startDaemon = async ({ cwd }: { cwd: string }): Promise<Record<string, string>> => {
  const place = await aPlace('daemon');
  const api = `[api]\nenabled = true\naddress = "127.0.0.1:${await freePort()}"\n${await vectorMetrics()}`;
  const root = join(folder, 'root');
  const daemon = await startNvl({
    folder: place,
    program: join(folder, 'linked', 'lib', 'node_modules', 'nvl', 'bin', 'nvl.js'),
    config: {
      root,
      templates: join(cwd, 'templates'),
      nomad: { address: agent.address },
    },
    sink: (file) => `${api}${fileSink({ file })}`,
  });
  onTestFinished(async () => void (await daemon.end()));
  await waitUntil('a line', async () => (await readDelivered(daemon.delivered)).length > 0, {
    timeoutMs: 60_000,
    seen: daemon.said,
  });
  // The root is the page's before, too: Vector ships at once what that one left, and Nomad has not been asked yet.
  const isReading = async () => ((await nodeStatusOf({ root }))?.tasks.reading ?? 0) > 0;
  await waitUntil('the job to be read', isReading, { timeoutMs: 60_000, seen: daemon.said });
  return { NVL_VECTOR_ARGS: `-c ${join(place, 'team.toml')}` };
};
