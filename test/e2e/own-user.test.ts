import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { aTransform } from '../support/builders.ts';
import { type Claim, countLines } from '../support/count-lines.ts';
import { readClaims } from '../support/ledger.ts';
import { startNomadAgent } from '../support/nomad-agent.ts';
import { projectFolder, startNvl } from '../support/nvl.ts';
import { needs, nomad, pathOf, setpriv, vector } from '../support/programs.ts';
import { fileSink, readDelivered } from '../support/vector.ts';
import { waitFor, waitUntil } from '../support/wait.ts';
import { type WriterOptions, writerJob } from '../support/writer-job.ts';

// nvl is root, with the capabilities that systemd/nvl.service names and no way to others, and the Vector that it starts is nobody: of
// a group of its own, without any capability.

const NOBODY = { uid: 65_534, gid: 65_534 };

/** Rotation at 1 MB, a last line without its newline, two streams, one that is over at once, one that moves. */
const JOBS: Readonly<Record<string, Record<string, WriterOptions>>> = {
  early: { app: { lines: 400, rate: 20 } },
  rotating: { app: { lines: 300, rate: 100, headers: 50, width: 250 } },
  pair: { app: { lines: 200, rate: 20, last: 'bare' }, side: { lines: 200, rate: 20, stream: 'stderr' } },
  short: { app: { lines: 50, rate: 0 } },
  mover: { app: { lines: 400, rate: 20 } },
};
const WRITERS = Object.values(JOBS).flatMap((tasks) => Object.keys(tasks)).length;

test(
  'a Vector of its own user with no capability collects all lines of a node',
  needs(nomad, vector, setpriv),
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nvl-own-user-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o755);
    const [ledger, dataDir, out] = [join(folder, 'ledger'), join(folder, 'vector-data'), join(folder, 'out')];
    for (const name of [ledger, dataDir, out]) await mkdir(name);
    for (const name of [dataDir, out]) await chown(name, NOBODY.uid, NOBODY.gid);
    await mkdir(join(folder, 'templates/profiles/parsed'), { recursive: true });
    await writeFile(join(folder, 'templates/profiles/parsed/transform.toml.hbs'), aTransform('.parsed = true'));
    const agent = await startNomadAgent();
    onTestFinished(() => agent.close(), 120_000);
    const run = (id: string) =>
      agent.run({ job: writerJob({ id, type: 'batch', tasks: JOBS[id] as Record<string, WriterOptions>, ledger }) });
    const config = {
      nomad: { address: agent.address, interval: '1s' },
      collect: { removalDelay: '2s' },
      templates: join(folder, 'templates'),
      vector: { user: 'nobody' },
    };
    const delivered = join(out, 'delivered.ndjson');
    await run('early');
    const nvl = await startNvl({
      folder,
      config,
      sink: () => fileSink({ file: delivered }),
      through: await unitsRights(),
    });
    onTestFinished(() => nvl.end().then(() => {}), 90_000);
    for (const id of Object.keys(JOBS)) if (id !== 'early') await run(id);
    const isThere = async (words: string) => (await readDelivered(delivered)).some((line) => line.includes(words));
    await waitUntil('lines of the mover', () => isThere('"mover"'), { timeoutMs: 60_000 });

    const status = await readFile(`/proc/${await vectorOf(folder)}/status`, 'utf8');
    expect(identityIn(status)).toEqual({
      Uid: '65534 65534 65534 65534',
      Gid: '65534 65534 65534 65534',
      Groups: '',
      ...Object.fromEntries(['CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map((set) => [set, '0000000000000000'])),
    });
    expect(() => execFileSync('ls', [agent.allocDir], { ...NOBODY, stdio: 'pipe' })).toThrow('Permission denied');

    const moved = { ...config, root: nvl.root, sinks: 'none', rules: [{ match: { job: 'mover' }, profile: 'parsed' }] };
    await writeFile(join(folder, 'nvl.yaml'), JSON.stringify(moved));
    nvl.kill('SIGHUP');
    await waitUntil('the mover to move', () => isThere('"parsed":true'), { timeoutMs: 60_000 });

    const claims = await waitFor(
      'all writers to end',
      async () => {
        const found = await readClaims({ ledger, nodeName: agent.nodeName });
        return found.length === WRITERS ? found : undefined;
      },
      { timeoutMs: 90_000 },
    );
    const count = async () => countLines({ claims, events: await readDelivered(delivered) });
    await waitUntil('all lines', async () => (await count()).all.lost === 0, { timeoutMs: 60_000 }).catch(() => {});
    await sleep(3_000);
    const { byKey, all, unknown } = await count();
    const mover = claims.find(({ labels }) => labels.job_name === 'mover') as Claim;
    const repeatedByMove = byKey.get(mover.key)?.repeated ?? 0;
    console.log({ ...all, repeatedByMove });
    expect(all).toMatchObject({ lost: 0, repeated: repeatedByMove, unlabelled: 0, mislabelled: 0 });
    expect(unknown).toEqual([]);
    // What came between Vector's last checkpoint and the move.
    expect(repeatedByMove).toBeLessThanOrEqual(100);
    // The positions that nvl handed over are Vector's own to go on with.
    for (const name of await readdir(dataDir)) expect(await stat(join(dataDir, name))).toMatchObject(NOBODY);
    expect(await nvl.end()).toBe(0);
  },
);

/** Runs what follows with the rights that the unit for systemd gives nvl. */
const unitsRights = async (): Promise<string[]> => {
  const unit = await readFile(join(projectFolder, 'systemd/nvl.service'), 'utf8');
  const names = [...unit.matchAll(/^CapabilityBoundingSet=(.+)$/gm)].flatMap(([, list = '']) => list.split(' '));
  const bounds = names.map((name) => name.replace('CAP_', '+').toLowerCase());
  return [pathOf(setpriv), '--no-new-privs', '--inh-caps=-all', `--bounding-set=-all,${bounds.join(',')}`];
};

/** The one that runs, and none that proves. */
const vectorOf = (folder: string): Promise<number> =>
  waitFor('the running Vector', async () => {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
      const isVector =
        words[0]?.endsWith('/vector') === true &&
        words.some((word) => word.startsWith(folder) && word.endsWith('/own/in-use/files/*'));
      if (isVector && !words.includes('validate')) return Number(pid);
    }
    return undefined;
  });

const identityIn = (status: string): Record<string, string> =>
  Object.fromEntries(
    ['Uid', 'Gid', 'Groups', 'CapInh', 'CapPrm', 'CapEff', 'CapAmb'].map((name) => [
      name,
      (new RegExp(`^${name}:(.*)$`, 'm').exec(status)?.[1] ?? 'missing').trim().replaceAll(/\s+/g, ' '),
    ]),
  );
