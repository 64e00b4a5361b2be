import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import type { DemoJob } from '../../lib/demo/allocation.ts';
import { createDemoNode } from '../../lib/demo/node.ts';
import { withPipelines } from '../../lib/demo/run-pipelines.ts';
import { createTally, isOfJob, type Tally } from '../../lib/demo/show-tally.ts';
import { EDITED, editTemplate, writeDemoTemplates } from '../../lib/demo/show-templates.ts';
import type { Io } from '../../lib/wiring/io.ts';
import { aConfig } from '../support/builders.ts';
import { waitUntil } from '../support/wait.ts';
import { aLog } from '../watch/support.ts';

// What the demo shows where no Vector is: log files of its node, read by nvl itself through the pipelines that it renders.

const withNode = async (
  use: (given: { tally: Tally; templatesDir: string; warnings: () => string[] }) => Promise<void>,
): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-demo-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const node = await createDemoNode({ dataDir: folder, seed: 1, pause: async () => {} });
  onTestFinished(() => node.close());
  const templatesDir = join(folder, 'templates');
  const deliveredFile = join(folder, 'delivered.ndjson');
  await writeDemoTemplates({ dir: templatesDir, deliveredFile });
  const config = aConfig({ nomad: { address: node.address }, templates: templatesDir, root: join(folder, 'root') });
  const { log, lines } = aLog();
  const of = { config, io: anIo(folder), allocDir: node.allocDir, templatesDir, deliveredFile, log };
  await withPipelines(of, async (collect) => {
    const { signal } = new AbortController();
    await use({ tally: createTally({ node, deliveredFile, collect, signal }), templatesDir, warnings: () => lines });
  });
};

const anIo = (cwd: string): Io => ({
  out: () => {},
  err: () => {},
  stderr: new PassThrough(),
  readInput: async function* () {},
  env: {},
  cwd,
  isTty: false,
  isErrTty: false,
  signal: new AbortController().signal,
  onHangup: () => () => {},
});

const aJob = (id: string, profile?: string): DemoJob => ({
  id,
  meta: profile === undefined ? {} : { nvl_profile: profile },
  tasks: [{ name: 'app' }],
});

/** Starts a job, and writes as its task. */
const startWriting = async (tally: Tally, job: DemoJob) => {
  const [id = ''] = await tally.node.startJob(job);
  return (...lines: string[]) => tally.node.writeLines({ id, task: 'app', lines });
};

const aRequest = (status: number) =>
  `192.0.2.1 - - [04/Sep/2026:11:48:26 +0000] "GET / HTTP/1.1" ${status} 7 "-" "curl/8"`;
const waitForShop = (tally: Tally, fits: (event: Record<string, unknown>) => boolean) =>
  tally.waitFor({ what: 'the request', fits: (event) => isOfJob('shop')(event) && fits(event) });

test('each line comes once, labelled and parsed, and a stack trace is one event of its lines', async () => {
  await withNode(async ({ tally }) => {
    const writeShop = await startWriting(tally, aJob('shop', 'access-log'));
    const writeCatalog = await startWriting(tally, aJob('catalog', 'java'));
    const writePlain = await startWriting(tally, aJob('nightly'));
    const trace = [
      '2026-09-04 11:48:26,120 [http-1] ERROR shop.Prices - no price',
      'java.lang.Error: no list',
      '\tat shop.Prices.of(Prices.java:41)',
    ];
    const [next, last] = ['7', '8'].map((second) => `2026-09-04 11:48:2${second},120 [http-1] INFO  shop.Search - hit`);
    writeShop(aRequest(200));
    writePlain('row 1');
    // A look between two of its lines takes nothing apart.
    writeCatalog(...trace.slice(0, 2));
    await tally.latest(isOfJob('catalog'));
    writeCatalog(trace[2] ?? '', next ?? '', last ?? '');
    expect(await waitForShop(tally, () => true)).toMatchObject({
      status: 200,
      nomad: { namespace: 'default', job_name: 'shop', group_name: 'shop', task_name: 'app', stream: 'stdout' },
    });
    expect(await tally.latest(isOfJob('nightly'))).toMatchObject({ message: 'row 1', offset: 0 });
    const event = await tally.waitFor({ what: 'the trace', fits: ({ stack_trace }) => stack_trace !== undefined });
    expect(event).toMatchObject({ message: 'no price', level: 'error', stack_trace: trace.slice(1).join('\n') });
    expect(tally.linesOf(event)).toEqual(trace);
    // The last line waits for one that opens the next event.
    await tally.latest(() => true);
    expect(tally.counts()).toEqual({ written: 7, delivered: 6, events: 4, lost: 1, repeated: 0, mislabelled: 0 });
  });
});

test('an edit counts for what is written from then on, and one that does not run is logged and changes nothing', async () => {
  await withNode(async ({ tally, templatesDir, warnings }) => {
    const write = await startWriting(tally, aJob('shop', 'access-log'));
    write(aRequest(200));
    expect(await waitForShop(tally, () => true)).not.toHaveProperty('level');
    await editTemplate({ dir: templatesDir, isEdited: true });
    await waitUntil('a line of the edited template', async () => {
      write(aRequest(404));
      return (await tally.latest(isOfJob('shop')))?.level === 'error';
    });
    await writeFile(
      join(templatesDir, EDITED),
      (await readFile(join(templatesDir, EDITED), 'utf8')).replace('==', '='),
    );
    await waitUntil('a warning', async () => {
      write(aRequest(502));
      await tally.latest(isOfJob('shop'));
      return warnings().some((line) => line.includes('does not run'));
    });
    write(aRequest(503));
    expect(await waitForShop(tally, ({ status }) => status === 503)).toMatchObject({ level: 'error' });
    expect(tally.counts()).toMatchObject({ lost: 0, repeated: 0, mislabelled: 0 });
  });
});

test('tasks that come later are found', async () => {
  await withNode(async ({ tally }) => {
    for (const id of ['first', 'second', 'third']) {
      const write = await startWriting(tally, aJob(id));
      write('one');
      await tally.waitFor({ what: 'its line', fits: isOfJob(id) });
    }
    expect(tally.counts()).toMatchObject({ written: 3, delivered: 3, lost: 0, repeated: 0 });
  });
});
