import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { put } from '../commands/support.ts';
import { aTransform } from '../support/builders.ts';
import { type Child, startChild } from '../support/child.ts';
import { countLines } from '../support/count-lines.ts';
import { hasBegun, readClaims } from '../support/ledger.ts';
import { type NomadAgent, startNomadAgent } from '../support/nomad-agent.ts';
import { nvlProgram } from '../support/nvl.ts';
import { needs, nomad } from '../support/programs.ts';
import { waitFor, waitUntil } from '../support/wait.ts';
import { writerJob } from '../support/writer-job.ts';

// Logs of a real Nomad over its API alone, with a token that may read a job and its logs.

let folder: string;
let ledger: string;
let agent: NomadAgent;
const children: Child[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nvl-tail-'));
  ledger = join(folder, 'ledger');
  await mkdir(ledger);
  await put(folder, {
    'nvl.yaml': 'templates: templates\n',
    'templates/profiles/numbered/transform.toml.hbs': aTransform(
      "found = parse_regex!(.message, r'^(?P<key>[^ ]+) (?P<number>[0-9]+) ')\n.number = to_int!(found.number)",
    ),
  });
});
afterEach(async () => {
  for (const child of children.splice(0)) await child.end();
  await agent?.close();
  await rm(folder, { recursive: true, force: true });
});

const aReader = async (): Promise<Record<string, string>> => {
  await agent.createPolicy({
    name: 'reader',
    rules: 'namespace "default" { capabilities = ["read-job", "read-logs"] }',
  });
  return { NOMAD_ADDR: agent.address, NOMAD_TOKEN: await agent.createToken({ policies: ['reader'] }) };
};

/** Whatever `nvl` prints lands in one file. */
const nvl = async (name: string, args: string[], env: Record<string, string>) => {
  const child = await startChild(process.execPath, [nvlProgram, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...env },
    logFile: join(folder, `${name}.log`),
  });
  children.push(child);
  return child;
};

const eventsIn = (said: string): string[] => said.split('\n').filter((line) => line.startsWith('{'));

test(
  'what tail prints of three allocations is what they wrote, each line once, labelled; capture writes a case that passes',
  needs(nomad),
  async () => {
    agent = await startNomadAgent({ acl: true });
    const env = await aReader();
    const tasks = {
      out: { lines: 0, rate: 20, width: 400, burst: 5_000, last: 'bare' },
      err: { lines: 0, rate: 5, stream: 'stderr' },
    } as const;
    const job = writerJob({ id: 'web', type: 'service', meta: { nvl_profile: 'numbered' }, tasks, ledger });
    const [group] = job.TaskGroups as Record<string, unknown>[];
    await agent.run({ job: { ...job, TaskGroups: [{ ...group, Count: 2 }] } });
    const running = () => agent.allocationsOf({ jobId: 'web' });
    const first = await waitFor('two allocations that run', async () => {
      const all = await running();
      return all.length === 2 && all.every(({ ClientStatus }) => ClientStatus === 'running') ? all : undefined;
    });
    const tail = await nvl('tail', ['tail', 'web', '-n', '100000', '--format', 'json'], env);
    const shows = async (ids: readonly string[]) => {
      const said = await tail.said();
      return ids.every((id) => ['out', 'err'].every((task) => said.includes(`"message":"${id}:${task}:`)));
    };
    await waitUntil('lines of both', () => shows(first.map(({ ID }) => ID)));
    await waitUntil('writers that can be told to end', () => hasBegun({ ledger, jobId: 'web', tasks: ['out', 'err'] }));

    // One ends, with five thousand lines at once over two rotations, and another one takes its place.
    await agent.stopAllocation(first[0]?.ID ?? '');
    const third = await waitFor('the third', async () =>
      (await running()).find(
        ({ ID, ClientStatus }) => ClientStatus === 'running' && first.every((one) => one.ID !== ID),
      ),
    );
    await waitUntil('lines of the third', () => shows([third.ID]));
    await agent.stop({ jobId: 'web' });
    const said = () => readClaims({ ledger, nodeName: agent.nodeName });
    const haveAllSaid = async () => (await said()).length === 6;
    await waitUntil('what all six writers say', haveAllSaid, { seen: async () => JSON.stringify(await said()) });
    const claims = await said();
    const count = async () => countLines({ claims, events: eventsIn(await tail.said()) });
    await waitUntil('all lines', async () => (await count()).all.lost === 0).catch(() => {});
    tail.kill('SIGINT');
    expect(await tail.ended).toBe(0);
    const { all, unknown } = await count();
    expect([all.lost, all.repeated, all.unlabelled, all.mislabelled, unknown]).toEqual([0, 0, 0, 0, []]);
    expect(all.written).toBeGreaterThan(15_000);
    const events = eventsIn(await tail.said()).map((line) => JSON.parse(line) as { message: string; number: number });
    expect(events.filter(({ message, number }) => message.split(' ')[1] !== String(number))).toEqual([]);

    const capture = await nvl('capture', ['capture', 'web/out', '-n', '20'], env);
    expect([await capture.ended, await capture.said()]).toEqual([0, expect.stringMatching(/^wrote \S+: 1 case\n$/)]);
    const tests = join(folder, 'templates/profiles/numbered/tests');
    expect(await readdir(tests)).toEqual(['captured-web-out.yaml']);
    const captured = await readFile(join(tests, 'captured-web-out.yaml'), 'utf8');
    expect(captured.match(/^ +number: \d+$/gm)).toHaveLength(20);
    const tested = await nvl('test', ['test'], env);
    expect([await tested.ended, await tested.said()]).toEqual([0, expect.stringContaining('1 case: all passed')]);
  },
);
