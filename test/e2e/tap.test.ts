import { appendFile, cp, mkdir, mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, aNomad, nvl, put, startNvl } from '../commands/support.ts';
import { aRawAllocation, aTransform, idOf } from '../support/builders.ts';
import { startChild } from '../support/child.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { vectorPidOf } from '../support/node-status.ts';
import { startNomadAgent } from '../support/nomad-agent.ts';
import { nvlProgram, startNvl as startDaemon } from '../support/nvl.ts';
import { needs, nomad, pathOf, vector } from '../support/programs.ts';
import { freePort } from '../support/servers.ts';
import { fileSink, readDelivered } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';
import { writerJob } from '../support/writer-job.ts';

// What nvl tap shows of a real Vector, beside what its sink got.

const api = (port: number): string => `[api]\nenabled = true\naddress = "127.0.0.1:${port}"\n`;

/** Events of JSON alone; times of reading are not kept, so that the same line gives the same event. */
const STRICT = aTransform('. = object!(parse_json!(.message))').replace('source =', 'drop_on_error = true\nsource =');
const LENIENT = aTransform(
  'found = object(parse_json(.message) ?? null) ?? { "text": .message }\n. = found\n.team = "{{meta.team}}"',
);

type TappedJson = { job: string; before: { message: string } | null; after: object[]; with?: object[] };

const linesOf = (out: string): TappedJson[] =>
  out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as TappedJson);

/** Whatever it prints lands in one file. */
const nvlProcess = async ({ folder, args }: { folder: string; args: string[] }) => {
  const child = await startChild(process.execPath, [nvlProgram, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
    logFile: join(folder, 'tap.log'),
  });
  onTestFinished(async () => void (await child.end()));
  return child;
};

/** A node with two jobs that share a pipeline, and whose logs a test writes. */
const aNode = async ({ port, transform = STRICT }: { port: number | undefined; transform?: string }) => {
  const folder = await aFolder();
  const delivered = join(folder, 'delivered.ndjson');
  const jobs = { shop: idOf(1), other: idOf(2) };
  const server = await aNomad(folder, []);
  server.setAllocations(
    Object.entries(jobs).map(([job, id]) =>
      aRawAllocation({ id, job, task: 'app', taskMeta: { nvl_profile: 'web', team: `team of ${job}` } }),
    ),
  );
  await put(folder, {
    ...daemonFiles({
      folder,
      address: server.address,
      config: { templates: 'templates' },
      team: port === undefined ? '' : api(port),
    }),
    'templates/vector/sink.toml.hbs': fileSink({ inputs: ['{{input}}'], file: delivered }),
    'templates/profiles/web/transform.toml.hbs': transform,
    'edited/vector/sink.toml.hbs': fileSink({ inputs: ['{{input}}'], file: delivered }),
    'edited/profiles/web/transform.toml.hbs': LENIENT,
  });
  const write = async (job: keyof typeof jobs, lines: readonly string[]) => {
    const logs = join(server.allocDir, jobs[job], 'alloc', 'logs');
    await mkdir(logs, { recursive: true });
    await appendFile(join(logs, 'app.stdout.0'), lines.map((line) => `${line}\n`).join(''));
  };
  const vectorArgs = ['--', pathOf(vector), '-c', join(folder, 'team.toml')];
  const daemon = startNvl(['run', ...vectorArgs], { cwd: folder });
  await write('shop', ['{"n":0}']);
  await write('other', ['{"secret":0}']);
  await waitUntil('both jobs', async () => (await readDelivered(delivered)).length >= 2, { timeoutMs: 120_000 });
  return { folder, write, daemon, vectorArgs, delivered: () => readDelivered(delivered) };
};

/** The folders of links of which Vector has files open: those that it reads, also where their names are gone. */
const foldersRead = async (folder: string): Promise<string[]> => {
  const root = join(folder, 'root');
  const open = `/proc/${await vectorPidOf({ root })}/fd`;
  const paths = await Promise.all((await readdir(open)).map((fd) => readlink(join(open, fd)).catch(() => '')));
  return paths.filter((path) => path.startsWith(join(root, 'links'))).map(dirname);
};

test(
  'what tap prints is what the sink got, line by line; what --with prints is what it gets once that is deployed; nothing is another job’s',
  needs(vector),
  async () => {
    const { folder, write, daemon, vectorArgs, delivered } = await aNode({ port: await freePort() });
    const tap = await nvlProcess({
      folder,
      args: ['tap', 'shop', '--with', 'edited', '--dropped', '--format', 'json', ...vectorArgs],
    });
    const shown = async () => linesOf(await tap.said());
    // It shows what comes once it is connected, and of that what Vector has time for.
    const isDropped = ({ after }: TappedJson): boolean => after.length === 0;
    const isEnough = (lines: TappedJson[]) => lines.length >= 200 && lines.filter(isDropped).length > 10;
    let batches = 0;
    for (let n = 1; !isEnough(await shown()); n += 1) {
      batches = n;
      const numbers = Array.from({ length: 20 }, (_, index) => n * 20 + index);
      await write(
        'other',
        numbers.map((number) => `{"secret":${number}}`),
      );
      await write(
        'shop',
        numbers.map((number) =>
          number % 5 === 0 ? `no json ${number}` : `{"n":${number},"text":"é \\u0000","f":1.0}`,
        ),
      );
      await sleep(300);
    }
    expect(await tap.end({ graceMs: 60_000 })).toBe(0);
    const lines = await shown();
    expect(await tap.said()).not.toContain('secret');

    const eventOf = (text: string) => JSON.stringify(JSON.parse(text));
    const got = async (from = 0) => (await delivered()).slice(from).map(eventOf);
    const after = lines.flatMap((line) => line.after.map((event) => JSON.stringify(event)));
    // All of it: 20 lines of the other job in each batch, and 16 of this one that are JSON. What comes later is of the edited templates.
    await waitUntil('the sink', async () => (await delivered()).length >= 2 + batches * 36, { timeoutMs: 120_000 });
    const all = new Set(await got());
    expect(after.filter((event) => !all.has(event))).toEqual([]);
    expect(after.length).toBeGreaterThan(100);
    expect(new Set(after).size).toBe(after.length);
    // Each stands below its own line, and a line that was dropped has none.
    for (const { before, after: events } of lines)
      expect(events).toMatchObject(before?.message.startsWith('{') ? [JSON.parse(before.message)] : []);

    const unedited = await foldersRead(folder);
    expect(unedited.length).toBeGreaterThan(0);
    await cp(join(folder, 'edited'), join(folder, 'templates'), { recursive: true });
    const reloads = () => daemon.said().split('Vector has reloaded').length;
    const before = reloads();
    await waitUntil('the edit', async () => reloads() > before, { timeoutMs: 120_000 });
    // While the job moves to another pipeline, the one that it leaves reads, too: what comes now may be read by either, or by both.
    // It may be started anew for that, and opens its files a moment later.
    let movedAt: number | undefined;
    const isMoved = async () => {
      const read = await foldersRead(folder);
      if (read.length === 0 || read.some((one) => unedited.includes(one))) movedAt = undefined;
      else movedAt ??= Date.now();
      return movedAt !== undefined && Date.now() - movedAt > 2_000;
    };
    await waitUntil('the job to have moved', isMoved, { timeoutMs: 60_000 });
    const count = (await delivered()).length;
    await write(
      'shop',
      lines.map((line) => line.before?.message ?? ''),
    );
    const edited = lines.flatMap((line) => (line.with ?? []).map((event) => JSON.stringify(event)));
    expect(edited).toHaveLength(lines.length);
    await waitUntil('all lines again', async () => (await got(count)).length >= lines.length);
    expect((await got(count)).toSorted()).toEqual(edited.toSorted());
    expect(await daemon.end()).toMatchObject({ code: 0 });
  },
);

test(
  'lines that a running Vector drops are told with their reason; where its API is off, how to turn it on',
  needs(vector),
  async () => {
    const on = await aNode({ port: await freePort() });
    const tap = startNvl(['tap', 'shop/app', '--dropped', '-n', '1', ...on.vectorArgs], { cwd: on.folder });
    await waitUntil('the reason', async () => {
      await on.write('shop', ['no json']);
      return tap.said().includes('dropped by');
    });
    await on.write('shop', ['{"n":1}']);
    const { code, out, err } = await tap.ended;
    expect(code).toBe(0);
    expect(err).toMatch(/app\/11111111 dropped by parse: .*unable to parse json.*\n.*"message":"no json"/);
    expect(out).toMatch(/^app\/11111111\n {2}before .*\{"n":1\}\n {2}after {3}n=1\n {4}\+ \.n 1\n/);
    await on.daemon.end();

    const off = await aNode({ port: undefined });
    const refused = await nvl(['tap', 'shop', ...off.vectorArgs], { cwd: off.folder });
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('enabled = true') });
    await off.daemon.end();
  },
);

const JOINED = `[transforms.{{id}}_parse]
type = "reduce"
inputs = ["{{input}}"]
ends_when = 'contains(string!(.message), "}")'
merge_strategies.message = "concat_newline"
`;

test(
  'what a running Vector joins of several lines is shown as the job’s, without the lines',
  needs(vector),
  async () => {
    const { folder, write, daemon, vectorArgs } = await aNode({ port: await freePort(), transform: JOINED });
    const tap = startNvl(['tap', 'shop', '--dropped', '--format', 'json', '-n', '1', ...vectorArgs], { cwd: folder });
    await waitUntil('an event', async () => {
      await write('other', ['{"secret":1', '}']);
      await write('shop', ['{"n":1', '}']);
      return tap.out() !== '';
    });
    const { code, out, err } = await tap.ended;
    expect({ code, secrets: out.includes('secret'), dropped: err.includes('dropped by') }).toEqual({
      code: 0,
      secrets: false,
      dropped: false,
    });
    expect(linesOf(out)).toMatchObject([
      { job: 'shop', before: null, after: [{ message: '{"n":1\n}', nomad: { job_name: 'shop' } }] },
    ]);
    await daemon.end();
  },
);

test('beside a real Nomad: the events of one of two jobs, as the sink got them', needs(nomad, vector), async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-tap-'));
  const agent = await startNomadAgent();
  onTestFinished(async () => {
    await agent.close();
    await rm(folder, { recursive: true, force: true });
  });
  const ledger = join(folder, 'ledger');
  await mkdir(ledger);
  const port = await freePort();
  const daemon = await startDaemon({
    folder,
    config: { nomad: { address: agent.address, interval: '1s' } },
    sink: (file) => `${api(port)}${fileSink({ file })}`,
  });
  onTestFinished(async () => void (await daemon.end()));
  const tasks = { out: { lines: 0, rate: 20 } } as const;
  for (const id of ['web', 'db']) await agent.run({ job: writerJob({ id, type: 'service', tasks, ledger }) });
  const lines = () => readDelivered(daemon.delivered);
  await waitUntil(
    'both jobs',
    async () => {
      const text = (await lines()).join('\n');
      return ['web', 'db'].every((job) => text.includes(`"job_name":"${job}"`));
    },
    { timeoutMs: 60_000, seen: daemon.said },
  );
  const url = `http://127.0.0.1:${port}`;
  const tap = await nvlProcess({ folder, args: ['tap', 'web', '--format', 'json', '-n', '100', '--url', url] });
  expect(await tap.ended).toBe(0);
  const shown = linesOf(await tap.said()).flatMap(({ after }) => after.map((event) => JSON.stringify(event)));
  expect(shown).toHaveLength(100);
  expect(shown.filter((event) => !event.includes('"job_name":"web"'))).toEqual([]);
  await waitUntil('the sink', async () => {
    const got = new Set((await lines()).map((line) => JSON.stringify(JSON.parse(line))));
    return shown.every((event) => got.has(event));
  });
});
