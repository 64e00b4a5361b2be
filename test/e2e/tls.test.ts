import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeCertificate } from '../nomad/certificates.ts';
import { countLines } from '../support/count-lines.ts';
import { openWard, troubles } from '../support/doctor.ts';
import { readClaims } from '../support/ledger.ts';
import { startNomadAgent } from '../support/nomad-agent.ts';
import { projectFolder, writeNvlProgram } from '../support/nvl.ts';
import { needs, nomad, pathOf, vector } from '../support/programs.ts';
import { fileSink, readDelivered } from '../support/vector.ts';
import { waitFor, waitUntil } from '../support/wait.ts';
import { writerJob } from '../support/writer-job.ts';

// A client agent whose HTTP is TLS and which asks who connects for a certificate, with access control, as a careful team has it.

test(
  'the system job collects over the socket that Nomad gives it, and over https with the files that it is given',
  needs(nomad, vector),
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nvl-tls-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const files = await writeCertificates(folder);
    const agent = await startNomadAgent({
      acl: true,
      tls: { caFile: files.ca, certFile: files.agent, keyFile: files.agentKey },
    });
    onTestFinished(() => agent.close(), 120_000);
    const { cli, run, request, allocationsOf, nodeName, address } = agent;
    const seen = async () => JSON.stringify(await request('GET', '/v1/allocations?task_states=true'));

    // What doctor says where a file is missing.
    const ward = await openWard();
    const token = await agent.createToken({ policies: ['nothing'] });
    const diagnose = async (env: Record<string, string>) =>
      troubles(await ward.diagnose({ args: ['-address', address], env: { NOMAD_TOKEN: token, ...env } }))[0];
    expect(await diagnose({})).toMatch(/^fail nomad: .*certificate.*-> {2}give nvl Nomad's CA with --ca-cert/);
    expect(await diagnose({ NOMAD_CACERT: files.ca })).toMatch(/^fail nomad: .*certificate.*NOMAD_CLIENT_CERT/);
    const shown = { NOMAD_CACERT: files.ca, NOMAD_CLIENT_CERT: files.client, NOMAD_CLIENT_KEY: files.clientKey };
    // It is let in, and may see nothing.
    expect(await diagnose(shown)).toMatch(/^fail nomad: Nomad refused .*403/);

    const ledger = join(folder, 'ledger');
    for (const name of ['data', 'ledger']) await mkdir(join(folder, name));
    await chmod(folder, 0o755);
    const delivered = join(folder, 'delivered.ndjson');
    const team = join(folder, 'team.toml');
    await writeFile(team, `data_dir = "${join(folder, 'data')}"\n${fileSink({ file: delivered })}`);
    const config = join(folder, 'nvl.yaml');
    await writeFile(config, 'sinks: none\ncollect:\n  removalDelay: 1s\n');
    const spec = (name: string) => join(projectFolder, 'jobspecs', name);
    const runJob = (more: Record<string, string> = {}) => {
      const vars = {
        nvl: join(folder, 'nvl'),
        vector: pathOf(vector),
        vector_args: JSON.stringify(['-c', team]),
        vector_user: '',
        config,
        root: join(folder, 'root'),
        ...more,
      };
      const words = Object.entries(vars).map(([name, value]) => `-var=${name}=${value}`);
      return cli('job', 'run', '-detach', ...words, spec('nvl.nomad.hcl'));
    };
    await writeNvlProgram(join(folder, 'nvl'));
    await cli('acl', 'policy', 'apply', '-namespace', 'default', '-job', 'nvl', 'nvl', spec('acl-policy.hcl'));
    await runJob();
    await run({
      job: writerJob({ id: 'web', type: 'batch', tasks: { app: { lines: 400, rate: 20, last: 'bare' } }, ledger }),
    });
    const count = async () => (await readDelivered(delivered)).length;
    await waitUntil('lines by the socket', async () => (await count()) > 0, { timeoutMs: 60_000, seen });
    await runJob({
      nomad_addr: address,
      nomad_ca_cert: files.ca,
      nomad_client_cert: files.client,
      nomad_client_key: files.clientKey,
    });
    const versions = async () => (await allocationsOf({ jobId: 'nvl' })).map(({ ClientStatus }) => ClientStatus).sort();
    await waitUntil('the next version', async () => (await versions()).join() === 'complete,running', {
      timeoutMs: 60_000,
      seen,
    });
    // A task that only this version can know of.
    await run({ job: writerJob({ id: 'late', type: 'batch', tasks: { app: { lines: 20, rate: 20 } }, ledger }) });
    const claims = await waitFor(
      'the writers to end',
      async () => {
        const ended = await readClaims({ ledger, nodeName });
        return ended.length === 2 ? ended : undefined;
      },
      { timeoutMs: 90_000 },
    );
    const counted = async () => countLines({ claims, events: await readDelivered(delivered) });
    await waitUntil('all lines', async () => (await counted()).all.lost === 0, { timeoutMs: 60_000, seen });
    expect((await counted()).all).toMatchObject({ written: 420, lost: 0, repeated: 0, unlabelled: 0, mislabelled: 0 });
  },
);

/** Of an authority, of the agent, and of who may ask it. */
const writeCertificates = async (folder: string) => {
  const ca = makeCertificate({ name: 'Nomad CA', isCa: true });
  const agent = makeCertificate({
    name: 'client.global.nomad',
    issuer: ca,
    names: ['client.global.nomad', 'localhost'],
    ips: ['127.0.0.1'],
  });
  const client = makeCertificate({ name: 'cli.global.nomad', issuer: ca });
  const texts = {
    ca: ca.pem,
    agent: agent.pem,
    agentKey: agent.keyPem,
    client: client.pem,
    clientKey: client.keyPem,
  };
  const files = Object.entries(texts).map(([name, text]) => [name, join(folder, `${name}.pem`), text] as const);
  for (const [, file, text] of files) await writeFile(file, text);
  return Object.fromEntries(files.map(([name, file]) => [name, file])) as Record<keyof typeof texts, string>;
};
