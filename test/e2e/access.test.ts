import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { countLines } from '../support/count-lines.ts';
import { openWard, troubles } from '../support/doctor.ts';
import { readClaims } from '../support/ledger.ts';
import { type NomadAgent, startNomadAgent } from '../support/nomad-agent.ts';
import { projectFolder, type RunningNvl, startNvl } from '../support/nvl.ts';
import { needs, nomad, vector } from '../support/programs.ts';
import { readDelivered } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';
import { type WriterOptions, writerJob } from '../support/writer-job.ts';

// What nvl may ask of a Nomad with access control: the documented policy is enough, each of its rules is needed, and who takes one away
// is told which.

let folder: string;
let agent: NomadAgent;

const startAgent = async (): Promise<void> => {
  folder = await mkdtemp(join(tmpdir(), 'nvl-access-'));
  // What is begun last ends first: no nvl works there any more.
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  agent = await startNomadAgent({ acl: true });
  onTestFinished(() => agent.close(), 120_000);
};

const policy = () => readFile(join(projectFolder, 'jobspecs', 'acl-policy.hcl'), 'utf8');

/** A token with the documented policy, or with that policy without one of its rules. */
const tokenWithout = async (rule?: string): Promise<string> => {
  const rules = (await policy()).replace(new RegExp(`^${rule} [^}]*\\}`, 'm'), '');
  const name = `without-${rule ?? 'nothing'}`;
  await agent.createPolicy({ name, rules });
  return agent.createToken({ policies: [name] });
};

const startCollecting = async ({
  config = {},
  env = {},
}: {
  config?: Record<string, unknown>;
  env?: Record<string, string>;
}): Promise<RunningNvl> => {
  const nvl = await startNvl({ folder, config: { nomad: { address: agent.address, ...config } }, env });
  onTestFinished(() => nvl.end().then(() => {}), 90_000);
  return nvl;
};

/** What doctor and nvl's log say where that rule is missing. */
const MISSING = [
  {
    rule: 'node',
    doctor: /^fail allocations: .*needs node \{ policy = "read" \}/,
    log: {
      msg: expect.stringMatching(/^no news from Nomad/),
      needs: expect.stringMatching(/^node \{ policy = "read" \}/),
    },
  },
  {
    rule: 'agent',
    doctor: /^fail nomad: .*needs agent \{ policy = "read" \}/,
    log: { err: expect.objectContaining({ needs: 'agent { policy = "read" }' }) },
  },
  {
    rule: 'namespace',
    doctor:
      /^warn allocations: the agent holds 1 allocations and the token shows 0: .*-> {2}give the token the capability read-job/,
    log: {
      msg: 'Nomad does not tell whose log files these are, and they are not collected',
      needs: "the capability read-job in the allocations' namespaces",
      allocations: 1,
    },
  },
];

test('a rule taken away is named by doctor and by the log', needs(nomad, vector), async () => {
  await startAgent();
  const ledger = await makeLedger();
  await agent.run({ job: writerJob({ id: 'web', type: 'service', tasks: { app: { rate: 5 } }, ledger }) });
  await waitUntil('the job to run', async () => (await agent.allocations())[0]?.ClientStatus === 'running');
  const ward = await openWard();
  for (const { rule, doctor, log } of MISSING) {
    const token = await tokenWithout(rule);
    const args = ['-address', agent.address];
    const diagnosis = await ward.diagnose({ args, env: { ...agent.env, NOMAD_TOKEN: token } });
    expect(troubles(diagnosis)[0]).toMatch(doctor);
    const nvl = await startCollecting({ env: { NOMAD_TOKEN: token } });
    const troubled = async () => linesOf(await nvl.said()).filter(({ level }) => level === 'warn' || level === 'error');
    await waitUntil('nvl to say it', async () => (await troubled()).length > 0, { seen: nvl.said });
    expect((await troubled())[0]).toMatchObject(log);
    await nvl.end();
    await rm(join(folder, 'nvl.log'));
  }
});

test(
  'a token that expires is replaced without a lost line, by the documented policy alone',
  needs(nomad, vector),
  async () => {
    await startAgent();
    const [ledger, tokenFile] = [await makeLedger(), join(folder, 'token')];
    await agent.createPolicy({ name: 'nvl', rules: await policy() });
    const putToken = async (forSeconds?: number) => {
      const token = await agent.createToken({ policies: ['nvl'], ...(forSeconds === undefined ? {} : { forSeconds }) });
      await writeFile(`${tokenFile}.new`, token);
      await rename(`${tokenFile}.new`, tokenFile);
    };
    const write = (id: string, options: WriterOptions) =>
      agent.run({ job: writerJob({ id, type: 'batch', tasks: { app: options }, ledger }) });
    const ended = (count: number) =>
      waitUntil(
        'the writers to end',
        async () => (await readClaims({ ledger, nodeName: agent.nodeName })).length === count,
        {
          timeoutMs: 90_000,
        },
      );
    await putToken(20);
    const nvl = await startCollecting({ config: { tokenFile } });
    await write('before', { lines: 800, rate: 20 });
    await waitUntil('a line', async () => (await readDelivered(nvl.delivered)).length > 0, { timeoutMs: 60_000 });
    const isRefused = async () => linesOf(await nvl.said()).some(({ code }) => code === 'nomadRefused');
    await waitUntil('the token to expire', isRefused, { timeoutMs: 60_000 });
    // It starts and ends while Nomad tells nvl nothing.
    await write('meanwhile', { lines: 100, last: 'bare' });
    await waitUntil(
      'it to end',
      async () => (await agent.allocationsOf({ jobId: 'meanwhile' }))[0]?.ClientStatus === 'complete',
      {
        timeoutMs: 60_000,
      },
    );
    await putToken();
    await ended(2);
    const claims = await readClaims({ ledger, nodeName: agent.nodeName });
    const counted = async () => countLines({ claims, events: await readDelivered(nvl.delivered) });
    await waitUntil('all lines', async () => (await counted()).all.lost === 0, { timeoutMs: 90_000, everyMs: 200 });
    const { all, unknown } = await counted();
    expect(unknown).toEqual([]);
    expect(all).toMatchObject({ written: 900, lost: 0, repeated: 0, unlabelled: 0, mislabelled: 0 });
  },
);

const makeLedger = async (): Promise<string> => {
  const ledger = join(folder, 'ledger');
  await mkdir(ledger);
  return ledger;
};

const linesOf = (said: string): Record<string, unknown>[] =>
  said
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
