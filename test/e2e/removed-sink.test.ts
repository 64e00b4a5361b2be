import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, aNomad, put, startNvl, textOf } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { freePort } from '../support/servers.ts';
import { fileSink, readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

test(
  'a sink whose server is dead is taken out: Vector goes on trying, nvl and doctor say so, and what to do helps',
  needs(vector),
  async () => {
    const folder = await aFolder();
    const nomad = await aNomad(folder, []);
    const delivered = join(folder, 'delivered.ndjson');
    const good = fileSink({ id: 'good', inputs: ['{{input}}'], file: delivered });
    const dead = `[sinks.dead]
type = "http"
inputs = ["{{input}}"]
uri = "http://127.0.0.1:${await freePort()}"
encoding.codec = "json"
healthcheck.enabled = false
acknowledgements.enabled = true
`;
    await put(folder, {
      ...daemonFiles({ folder, address: nomad.address, config: { templates: 'templates' } }),
      'templates/vector/sink.toml.hbs': `${good}\n${dead}`,
    });
    const logs = join(nomad.allocDir, idOf(1), 'alloc', 'logs');
    const write = async (line: string) => {
      await mkdir(logs, { recursive: true });
      await appendFile(join(logs, 'app.stdout.0'), `${line}\n`);
    };
    const config = join(folder, 'nvl.json');
    const daemon = startNvl(['run', '-c', config, '--', pathOf(vector), '-c', join(folder, 'team.toml')], {
      cwd: folder,
    });
    const slowly = (what: string, isSo: () => boolean | Promise<boolean>) =>
      waitUntil(what, isSo, { timeoutMs: 120_000 });
    const messages = async () => (await readEvents(delivered)).map(({ message }) => message);
    const positions = async () => (await textOf(folder, 'data', await pipelineIn(folder), 'checkpoints.json')) ?? '';

    await write('before');
    nomad.setAllocations([aRawAllocation({ id: idOf(1) })]);
    await slowly('the first line', async () => (await messages()).includes('before'));
    await slowly('the dead sink to be told', () => daemon.said().includes("Vector's dead cannot deliver"));
    await put(folder, { 'templates/vector/sink.toml.hbs': good });
    await slowly(
      'it to be taken out',
      async () => !((await textOf(folder, 'root/live/nomad.toml')) ?? '').includes('dead'),
    );
    await write('after');
    await slowly('the next line', async () => (await messages()).includes('after'));
    await slowly('what holds the positions to be told', () =>
      daemon.said().includes("Vector's dead was taken out of the configuration, and still tries"),
    );
    expect(await positions()).not.toContain('"position"');

    const doctor = await startNvl(['doctor', '-c', config], { cwd: folder }).ended;
    const line = doctor.out.split('\n').find((one) => one.includes('deliveries')) ?? '';
    expect(line).toContain("Vector's dead was taken out of the configuration");
    const pid = /kill -TERM (\d+)/.exec(line)?.[1];
    process.kill(Number(pid), 'SIGTERM');
    await slowly('the positions to move on', async () => (await positions()).includes('"position"'));
    await write('last');
    await slowly('the last line', async () => (await messages()).includes('last'));
    await slowly('all to be well', () =>
      daemon.said().includes("Vector's dead says nothing of failed deliveries any more"),
    );
    expect(new Set(await messages())).toEqual(new Set(['before', 'after', 'last']));

    await daemon.end();
    const later = await startNvl(['doctor', '-c', config], { cwd: folder }).ended;
    expect(later.out).toMatch(/ok +deliveries +no nvl runs on this root, so nothing is known/);
  },
);

const pipelineIn = async (folder: string): Promise<string> =>
  /\[sources\.(nvl_default_[0-9a-f]+)\]/.exec((await textOf(folder, 'root/live/nomad.toml')) ?? '')?.[1] ?? 'none';
