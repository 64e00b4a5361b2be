import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { peekState } from '../../lib/state/state.ts';
import { aFolder, aNomad, nvl, put, startNvl, textOf } from '../commands/support.ts';
import { aRawAllocation } from '../support/builders.ts';
import { daemonSettings } from '../support/daemon-files.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { fileSink, readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// A team's own Vector files are broken, mended and replaced under a running nvl, on a real Vector, while tasks come: each
// task's lines arrive, labelled, and Vector never ends.

const idOf = (number: number): string => `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`;

const slowly = (what: string, isSo: () => boolean | Promise<boolean>) => waitUntil(what, isSo, { timeoutMs: 40_000 });

const TAKEN = 'Vector has loaded your own files as they are now';

/** A node, a folder of the team's own files, and one more task whenever one is wanted. */
const aSite = async ({
  own,
  args,
  env = () => ({}),
}: {
  own: Record<string, string>;
  args: (folder: string) => string[];
  env?: (folder: string) => Record<string, string>;
}) => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, []);
  const delivered = join(folder, 'delivered.ndjson');
  const config = daemonSettings({
    address: nomad.address,
    templates: 'templates',
    vector: { env: env(folder) },
  });
  await put(folder, {
    'nvl.json': config,
    'data/.keep': '',
    'templates/vector/sink.toml.hbs': fileSink({ id: 'ours', inputs: ['{{input}}'], file: delivered }),
    ...Object.fromEntries(Object.entries(own).map(([name, text]) => [name, text.replaceAll('{folder}', folder)])),
  });
  const numbers: number[] = [];
  const command = ['run', '--', pathOf(vector), ...args(folder)];
  const site = {
    folder,
    config,
    nomad,
    delivered,
    start: () => startNvl(command, { cwd: folder }),
    doctor: () => nvl(['doctor', ...command.slice(1)], { cwd: folder }),
    /** One more task, whose lines must arrive. */
    comes: async () => {
      const number = numbers.length + 1;
      numbers.push(number);
      const logs = join(nomad.allocDir, idOf(number), 'alloc', 'logs');
      await mkdir(logs, { recursive: true });
      await writeFile(join(logs, 'app.stdout.0'), `line of ${number}\n`);
      await nomad.setAllocations(numbers.map((digit) => aRawAllocation({ id: idOf(digit), job: `job${digit}` })));
      const arrived = async () => (await readEvents(delivered)).some(({ message }) => message === `line of ${number}`);
      await slowly(`the line of task ${number}`, arrived);
    },
    /** All that came is there once, with its labels. */
    check: async () => {
      const events = await readEvents(delivered);
      expect(events.map(({ message, nomad: labels }) => `${labels?.job_name}: ${message}`).sort()).toEqual(
        numbers.map((number) => `job${number}: line of ${number}`).sort(),
      );
    },
    live: async () => (await textOf(folder, 'root/live/nomad.toml')) ?? '',
    trouble: async () => (await peekState(join(folder, 'root/state')))?.ownFiles,
  };
  return site;
};

const TEAM = 'data_dir = "{folder}/data"\n';
const GAUGE = '[sources.gauge]\ntype = "internal_metrics"\n[sinks.gauged]\ntype = "blackhole"\ninputs = ["gauge"]\n';

/** What an author may do to a file, and what Vector or nvl says of it. */
const breaks: [what: string, text: (folder: string) => string | undefined, said: string][] = [
  ['a half-written edit', (folder) => `data_dir = "${folder}/da`, 'TOML parse error'],
  ['an unknown option', (folder) => `data_dir = "${folder}/data"\nno_such_option = 1\n`, 'no_such_option'],
  [
    'a sink that reads nothing',
    (folder) => `data_dir = "${folder}/data"\n[sinks.a]\ntype = "blackhole"\ninputs = ["b"]\n`,
    "doesn't match",
  ],
  [
    'an id of nvl',
    (folder) => `data_dir = "${folder}/data"\n[sources.nomad_logs]\ntype = "internal_metrics"\n`,
    'nomad_logs',
  ],
  ['an empty file', () => '', 'is empty'],
  ['no file', () => undefined, 'is not there'],
  ['another data_dir', (folder) => `data_dir = "${folder}"\n`, 'global'],
];

test(
  'whatever is broken in a file of the team, new tasks ship; mended, it is in use at once; a restart changes nothing',
  needs(vector),
  async () => {
    const site = await aSite({ own: { 'team.toml': TEAM }, args: (folder) => ['-c', join(folder, 'team.toml')] });
    const team = join(site.folder, 'team.toml');
    let daemon = site.start();
    await site.comes();
    for (const [what, text, said] of breaks) {
      const broken = text(site.folder);
      if (broken === undefined) await rm(team);
      else await writeFile(team, broken);
      await site.comes();
      await slowly(`nvl to speak of ${what}`, async () => (await site.trouble())?.said.includes(said) === true);
      expect((await site.trouble())?.files, what).toEqual([team]);
      // Somebody else tells Vector to read its files.
      const pid = (await peekState(join(site.folder, 'root/state')))?.vector?.pid ?? 0;
      process.kill(pid, 'SIGHUP');
      await site.comes();
      expect((await site.doctor()).out, what).toMatch(/fail {2}vector files {2}.*runs on with the last good copies/);

      await writeFile(team, TEAM.replaceAll('{folder}', site.folder));
      await slowly(`${what} to be forgotten`, async () => (await site.trouble()) === undefined);
      await site.comes();
    }
    expect(daemon.said().split('Vector has started').length - 1).toBe(1);

    // Broken while nvl is restarted.
    await writeFile(team, 'data_dir = [\n');
    await slowly('nvl to see it', async () => (await site.trouble()) !== undefined);
    const since = (await site.trouble())?.since;
    await daemon.end();
    daemon = site.start();
    await site.comes();
    expect((await site.trouble())?.since).toBe(since);
    await writeFile(team, `${TEAM.replaceAll('{folder}', site.folder)}${GAUGE}`);
    await slowly('the edit to be in use', () => daemon.log().some(({ msg }) => msg === TAKEN));
    await site.comes();
    await daemon.end();
    await site.check();
  },
);

test(
  'folders, globs and variables: files come, break and go, and links are swapped, as consul-template and Kubernetes do it',
  needs(vector),
  async () => {
    const blackhole = 'type = "blackhole"\ninputs = ["gauge"]\n';
    const site = await aSite({
      own: {
        'one/..data_1/globals.yaml': 'data_dir: {folder}/data\n',
        'one/sources/gauge.toml': 'type = "internal_metrics"\n',
        'one/sinks/first.json': '{"type": "blackhole", "inputs": ["gauge"]}',
        'one/notes.txt': 'Vector does not read this',
        'two/a.conf.toml': '[sinks.of_two]\ntype = "blackhole"\ninputs = ["gauge"]\n',
      },
      args: (folder) => ['-C', join(folder, 'one')],
      env: (folder) => ({ VECTOR_CONFIG: join(folder, 'two/*.toml') }),
    });
    const one = join(site.folder, 'one');
    await symlink('..data_1', join(one, '..data'));
    await symlink('..data/globals.yaml', join(one, 'globals.yaml'));
    const daemon = site.start();
    await site.comes();
    const taken = () => daemon.log().filter(({ msg }) => msg === TAKEN).length;
    const edit = async (what: string, change: () => Promise<unknown>) => {
      const before = taken();
      await change();
      await slowly(what, () => taken() > before);
      await site.comes();
    };
    const refused = async (what: string, change: () => Promise<unknown>, file: string) => {
      await change();
      await slowly(what, async () => (await site.trouble())?.files.join() === file);
      await site.comes();
    };
    await edit('a file more in a folder', () => writeFile(join(one, 'sinks/second.toml'), blackhole));
    await edit('a file that a glob matches now', () =>
      writeFile(join(site.folder, 'two/b.toml'), `[sinks.of_b]\n${blackhole}`),
    );
    await edit('a file less', () => rm(join(site.folder, 'two/b.toml')));
    const bad = join(one, 'sinks/second.toml');
    await refused('a bad file in a folder', () => writeFile(bad, 'type = "no_such_sink"\n'), bad);
    await edit('the same file mended, and another one', async () => {
      await writeFile(bad, blackhole);
      await writeFile(join(one, 'sinks/third.toml'), blackhole);
    });
    const globals = join(one, 'globals.yaml');
    const swap = async (version: number, text: string) => {
      await put(site.folder, { [`one/..data_${version}/globals.yaml`]: text });
      await symlink(`..data_${version}`, join(one, '..data.new'));
      await rename(join(one, '..data.new'), join(one, '..data'));
    };
    await refused('a broken version behind the links', () => swap(2, 'data_dir: [\n'), globals);
    await edit('a good one', () =>
      swap(3, `data_dir: ${site.folder}/data\ntimezone: UTC\n`).then(() => undefined),
    ).catch(async () => {
      // A time zone is a global option.
      expect((await site.trouble())?.kind).toBe('needsRestart');
    });
    await rename(one, `${one}.away`);
    await slowly('the folder to be missed', async () => (await site.trouble())?.said.includes('is not there') === true);
    await site.comes();
    await rename(`${one}.away`, one);
    await site.comes();
    expect(daemon.said().split('Vector has started').length - 1).toBe(1);
    await daemon.end();
    await site.check();
  },
);

test(
  'what passes the proof and is not loaded, or moves from the templates to a file of the team, costs no line',
  needs(vector),
  async () => {
    const site = await aSite({
      own: { 'team.toml': `${TEAM}${GAUGE}`, 'data/buffer': 'a file where Vector keeps its buffers' },
      args: (folder) => ['--config', join(folder, 'team.toml')],
    });
    const team = join(site.folder, 'team.toml');
    const daemon = site.start();
    await site.comes();
    const text = `${TEAM}${GAUGE}`.replaceAll('{folder}', site.folder);
    await writeFile(team, `${text}buffer.type = "disk"\nbuffer.max_size = 268435488\n`);
    await slowly('Vector not to load it', async () => (await site.trouble())?.kind === 'notLoaded');
    await site.comes();
    await writeFile(team, text);
    await slowly('it to be mended', async () => (await site.trouble()) === undefined);
    await site.comes();

    const bare = TEAM.replaceAll('{folder}', site.folder);
    await writeFile(team, bare);
    await slowly('the other sink to go', () => daemon.log().some(({ msg }) => msg === TAKEN));
    // Alone, neither is sound: two sinks of one name, or none.
    const sink = fileSink({ id: 'ours', inputs: ['nomad_logs'], file: site.delivered });
    await writeFile(team, `${bare}${sink}`);
    await put(site.folder, { 'nvl.json': { ...site.config, sinks: 'none' } });
    daemon.hangUp();
    await slowly(
      'the sink to move',
      async () => !(await site.live()).includes('[sinks.ours]') && (await site.trouble()) === undefined,
    );
    await site.comes();
    await daemon.end();
    await site.check();
  },
);
