import { cp, mkdir, mkdtemp, readdir, rename, rm, rmdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type BenchTask, createStandInNode, TASK } from '../../bench/support/stand-in-node.ts';
import { shippedTemplatesDir } from '../../lib/config/read-templates.ts';
import { stemOf } from '../../lib/context/id.ts';
import { linkName } from '../../lib/link-name.ts';
import { type AlertWatch, readRules, watchAlerts } from '../metrics/watch-alerts.ts';
import { aTransform } from '../support/builders.ts';
import { nodeStatusOf, vectorPidOf } from '../support/node-status.ts';
import { startNomadAgent } from '../support/nomad-agent.ts';
import { type RunningNvl, startNvl } from '../support/nvl.ts';
import { needs, nomad, vector } from '../support/programs.ts';
import { freePort } from '../support/servers.ts';
import { aSmallDisk, canMount } from '../support/small-disk.ts';
import { fileSink, waitForEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';
import { writerJob } from '../support/writer-job.ts';

// Each alert of monitoring/alerts.yaml fires when what it warns of is so, and not on nodes that are well. nvl and Vector are real, and
// so is what is done to them; Nomad is the stand-in agent, but for what is about Nomad.

/** A minute of the rules, of their `for` and of their ranges, is half a second here: nobody waits a quarter of an hour for a test. */
const FASTER = 120;

type Cause = {
  what: string;
  cause: () => Promise<unknown>;
  /** What fires then, by node; `''`: what is about no single one. Nothing else does, on any node. */
  fires: Readonly<Record<string, readonly string[]>>;
  /** What comes with it for a moment, or not. */
  mayFire?: readonly string[];
  /** After it nothing of that fires any more. Without it, it goes on. */
  mend?: () => Promise<unknown>;
  needsDisk?: boolean;
};

/** In their order: each begins where the one before has left the nodes. */
const CAUSES: readonly Cause[] = [
  {
    what: 'the only sink of a new node is broken',
    cause: async () => {
      await ours.put('vector/sink.toml.hbs', sinkTo('no_such_sink'));
      await ours.start();
    },
    // Without any sink Vector does not start.
    fires: {
      ours: 'NvlCyclesFail NvlNotReady NvlQuarantine NvlTasksLeftOut NvlValidationsRefused NvlVectorDown'.split(' '),
    },
    mayFire: ['NvlTemplatesDiffer'],
    mend: () => ours.put('vector/sink.toml.hbs', sinkTo('file')),
  },
  {
    what: 'nothing: two nodes are well',
    cause: async () => {
      await own.start();
      for (const node of [own, ours]) node.task.stdout.write('a line\n');
      await Promise.all(
        [own.nvl().delivered, deliveredFile()].map((file) => waitForEvents({ file, count: 1, timeoutMs: 60_000 })),
      );
      let from = watch.count();
      const areQuiet = () => {
        if (NAMES.some((name) => watch.pending(name).length > 0)) from = watch.count();
        return watch.count() >= from + 10;
      };
      await waitUntil('ten scrapes in a row of which no rule is true', areQuiet, PATIENT);
    },
    fires: {},
  },
  {
    what: 'templates of one node are broken; the sink of another is away while its tasks write much, and Nomad deletes',
    cause: async () => {
      await ours.put('profiles/mine/transform.toml.hbs', aTransform('.parsed = no_such_function(.message)'));
      await ours.put('profiles/other/transform.toml.hbs', '{{#if job}}');
      await slow.start();
      await fallBehind();
    },
    fires: {
      ours: ['NvlQuarantine', 'NvlTemplatesBroken', 'NvlValidationsRefused'],
      slow: ['NvlDelivery', 'NvlHoldFull', 'NvlLinesLost', 'NvlSafetyLow', 'NvlUnreadGrows'],
      '': ['NvlTemplatesDiffer'],
    },
    mend: async () => {
      await ours.put('profiles/mine/transform.toml.hbs', aTransform());
      await rm(join(ours.templates, 'profiles/other'), { recursive: true });
      await slow.end();
    },
  },
  {
    what: 'a log folder holds what is no log, something lies where a link belongs, and a file of the team is broken',
    cause: async () => {
      await symlink('/etc/passwd', join(own.logsOf(own.task), `${TASK}.stdout.7`));
      const blocked = own.add('blocked');
      await mkdir(
        join(await own.links(), linkName({ stem: stemOf({ ...blocked, task: TASK }), stream: 'stdout', index: 0 })),
      );
      own.nomad.run(blocked);
      await writeFile(join(own.folder, 'team.toml'), 'data_dir = [\n');
    },
    fires: { own: ['NvlFilesNotTaken', 'NvlFilesRefused', 'NvlOwnFilesBroken'] },
    mend: async () => {
      await rm(join(own.logsOf(own.task), `${TASK}.stdout.7`));
      for (const found of await readdir(await own.links(), { withFileTypes: true }))
        if (found.isDirectory()) await rmdir(join(found.parentPath, found.name));
      await writeFile(join(own.folder, 'team.toml'), own.team());
    },
  },
  {
    what: 'Vector cannot build what passed its proof: the place of a buffer is taken',
    cause: async () => {
      await writeFile(join(ours.folder, 'vector-data/buffer'), '');
      const buffer = 'buffer = { type = "disk", max_size = 268435488 }\n';
      await ours.put('vector/sink.toml.hbs', `${sinkTo('file')}${buffer}`);
    },
    fires: { ours: ['NvlQuarantine', 'NvlReloadsFail'] },
    mayFire: ['NvlTemplatesDiffer'],
    mend: async () => {
      await rm(join(ours.folder, 'vector-data/buffer'));
      await ours.put('vector/sink.toml.hbs', sinkTo('file'));
    },
  },
  {
    what: 'Vector cannot start: its data folder is gone',
    cause: async () => {
      const data = join(own.folder, 'vector-data');
      await rename(data, `${data}.away`);
      await writeFile(data, '');
      process.kill(await vectorPidOf(own), 'SIGKILL');
      own.addTask('late');
    },
    fires: { own: ['NvlNotReady', 'NvlTasksWait', 'NvlVectorDown'] },
    // A cycle waits for each Vector that it has started, so that the next list comes late.
    mayFire: ['NvlCyclesFail', 'NvlListOld', 'NvlReloadsFail'],
    mend: async () => {
      const data = join(own.folder, 'vector-data');
      await rm(data);
      await rename(`${data}.away`, data);
    },
  },
  {
    what: 'nvl has ended on one node, and Nomad on another, while a template is broken there',
    cause: async () => {
      await own.nvl().end({ graceMs: 20_000 });
      await ours.put('profiles/mine/transform.toml.hbs', aTransform('.parsed = no_such_function(.message)'));
      await waitUntil('a quarantine', () => watch.firing('ours').includes('NvlQuarantine'), PATIENT);
      await ours.nomad.close();
    },
    // What Vector runs is what it should run: no NvlCyclesFail.
    fires: { own: ['NvlAway'], ours: ['NvlListOld', 'NvlNomadErrors', 'NvlQuarantine'] },
    mayFire: ['NvlValidationsRefused'],
  },
  {
    what: 'the disk of an output root is full',
    needsDisk: true,
    cause: async () => {
      const disk = await aSmallDisk({ folder: join(folder, 'full'), sizeKb: 2_048 });
      full = await aNode({ name: 'full', sink: (file) => fileSink({ file }) });
      await full.start();
      full.task.stdout.write('a line\n');
      await waitForEvents({ file: full.nvl().delivered, count: 1, timeoutMs: 60_000 });
      await disk.fill();
      full.addTask('late');
    },
    fires: { full: ['NvlCyclesFail'] },
    // No cycle comes as far as to have a list.
    mayFire: ['NvlFilesNotTaken', 'NvlListOld'],
    mend: async () => full?.end(),
  },
];

const PATIENT = { timeoutMs: 60_000, everyMs: 100 };

let folder: string;
let watch: AlertWatch;
type Node = Awaited<ReturnType<typeof aNode>>;
/** `own`: its sinks are in a file of the team's. `ours`: they come from templates. `slow`: its sink is away. */
let own: Node;
let ours: Node;
let slow: Node;
let full: Node | undefined;
const NAMES = ['own', 'ours', 'slow', 'full', ''];

describe('on real programs', needs(vector), () => {
  /** What fires on, as nobody has mended it, by node. */
  const left = new Map<string, readonly string[]>();
  const others = (name: string, known: readonly string[]) =>
    watch.firing(name).filter((alert) => !known.includes(alert) && !left.get(name)?.includes(alert));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nvl-alerts-'));
    watch = watchAlerts({ rules: readRules(), faster: FASTER });
    own = await aNode({ name: 'own', sink: (file) => fileSink({ file }) });
    ours = await aNode({ name: 'ours' });
    slow = await aNode({ name: 'slow', sink: () => SINK_AWAY });
  });

  afterAll(async () => {
    await Promise.all([own, ours, slow, full].map((node) => node?.end()));
    await watch.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test.for(CAUSES)('$what', async ({ cause, fires, mayFire = [], mend, needsDisk = false }, { skip }) => {
    skip(needsDisk && !canMount, 'no disk can be mounted here');
    const since = Date.now();
    const seen = async () =>
      JSON.stringify(
        NAMES.map((name) => [name, watch.firedSince(name, since), watch.firing(name), watch.pending(name)]),
      );
    await cause();
    // With times that are so short a busy machine may look like a Nomad that is away, for a moment: so others may come and go.
    await waitUntil(
      'all of the alerts, and no others',
      () =>
        NAMES.every((name) => {
          const fired = watch.firedSince(name, since);
          const expected = fires[name] ?? [];
          return (
            expected.every((alert) => fired.includes(alert)) && others(name, [...expected, ...mayFire]).length === 0
          );
        }),
      { ...PATIENT, seen },
    );
    if (mend === undefined) {
      for (const name of NAMES) left.set(name, [...(left.get(name) ?? []), ...(fires[name] ?? [])]);
      return;
    }
    await mend();
    await waitUntil('their ends', () => NAMES.every((name) => others(name, []).length === 0), { ...PATIENT, seen });
  });
});

test(
  'beside a real Nomad: nothing fires while its agent runs; what is about Nomad does once it has ended, and ends with its return',
  needs(nomad, vector),
  async () => {
    const place = await mkdtemp(join(tmpdir(), 'nvl-alerts-nomad-'));
    onTestFinished(() => rm(place, { recursive: true, force: true }));
    const agent = await startNomadAgent();
    onTestFinished(() => agent.close(), 120_000);
    const address = `127.0.0.1:${await freePort()}`;
    const config = { nomad: { address: agent.address, interval: '1s' }, metrics: { address }, vector: { drain: '1s' } };
    const nvl = await startNvl({ folder: place, config });
    onTestFinished(() => nvl.end({ graceMs: 20_000 }).then(() => undefined), 60_000);
    await mkdir(join(place, 'ledger'));
    const tasks = { app: { lines: 0, rate: 5 } };
    await agent.run({ job: writerJob({ id: 'web', type: 'service', tasks, ledger: join(place, 'ledger') }) });
    await waitForEvents({ file: nvl.delivered, count: 1, timeoutMs: 60_000 });
    const real = watchAlerts({ rules: readRules(), faster: FASTER });
    onTestFinished(() => real.stop());
    real.add('real', address);
    await waitUntil('scrapes of a node that is well', () => real.count() >= 20, PATIENT);
    const ABOUT_NOMAD = ['NvlListOld', 'NvlNomadErrors'];
    const seen = async () => JSON.stringify([real.firing('real'), real.pending('real')]);
    const areFiring = (names: readonly string[]) => () => real.firing('real').toSorted().join() === names.join();
    await waitUntil('nothing to fire', areFiring([]), { ...PATIENT, seen });
    await agent.stopClient();
    await waitUntil('what is about Nomad, and nothing else', areFiring(ABOUT_NOMAD), { ...PATIENT, seen });
    await agent.startClient();
    await waitUntil('their end', areFiring([]), { ...PATIENT, seen });
  },
);

test('each alert has a cause here, and each alert here is one', () => {
  const caused = new Set(CAUSES.flatMap(({ fires }) => Object.values(fires).flat()));
  expect([...caused].sort()).toEqual(
    readRules()
      .map(({ alert }) => alert)
      .sort(),
  );
});

/** A node of the stand-in agent with one task, templates of its own that are the same as all others', and an nvl to be started. */
const aNode = async ({ name, sink }: { name: string; sink?: (file: string) => string }) => {
  const place = join(folder, name);
  const nomad = await createStandInNode({ folder: join(place, 'nomad') });
  const templates = join(place, 'templates');
  const address = `127.0.0.1:${await freePort()}`;
  const put = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(templates, file)), { recursive: true });
    await writeFile(join(templates, file), text);
  };
  await cp(join(shippedTemplatesDir(), 'vector'), join(templates, 'vector'), { recursive: true });
  await put('vector/sink.toml.hbs', sinkTo('file'));
  await put('profiles/mine/transform.toml.hbs', aTransform());
  const add = (jobId: string): BenchTask => nomad.add({ jobId, meta: { nvl_profile: 'mine' } });
  const addTask = (jobId: string): BenchTask => {
    const task = add(jobId);
    nomad.run(task);
    return task;
  };
  const config = {
    ...{ templates, sinks: sink === undefined ? 'default' : 'none', metrics: { address } },
    nomad: { address: nomad.address, allocDir: nomad.allocDir, nodeId: nomad.nodeId, interval: '1s' },
    ...{ vector: { drain: '1s' }, collect: { removalDelay: '1s', hold: '1MiB' } },
  };
  let running: RunningNvl | undefined;
  const nvl = (): RunningNvl => {
    if (running === undefined) throw new Error(`nvl of ${name} was not started`);
    return running;
  };
  return {
    ...{ folder: place, root: join(place, 'root'), templates, nomad, put, add, addTask, nvl, task: addTask('web') },
    logsOf: ({ allocId }: BenchTask) => join(nomad.allocDir, allocId, 'alloc/logs'),
    /** Of the pipeline that all its tasks share. */
    links: async () => {
      const pipelines = await readdir(join(place, 'root/links'));
      return join(place, 'root/links', pipelines.find((one) => one.startsWith('nvl_mine_')) ?? '');
    },
    team: () => `data_dir = ${JSON.stringify(join(place, 'vector-data'))}\n${sink?.(nvl().delivered) ?? ''}`,
    start: async (): Promise<void> => {
      running = await startNvl({ folder: place, config, sink: sink ?? (() => '') });
      const answers = async () => (await fetch(`http://${address}/metrics`)).ok;
      await waitUntil('it to answer', answers, PATIENT);
      watch.add(name, address);
    },
    status: () => nodeStatusOf({ root: join(place, 'root') }),
    end: async (): Promise<void> => {
      watch.remove(name);
      await running?.end({ graceMs: 20_000 });
      await nomad.close();
    },
  };
};

/** It serves all nodes, so that each has the same templates. */
const sinkTo = (type: string): string =>
  fileSink({ inputs: ['{{input}}'], file: deliveredFile() }).replace('"file"', JSON.stringify(type));

const deliveredFile = (): string => join(folder, 'delivered.ndjson');

const SINK_AWAY = `
[sinks.away]
type = "http"
inputs = ["nomad_logs"]
uri = "http://127.0.0.1:9"
encoding.codec = "json"
framing.method = "newline_delimited"
acknowledgements.enabled = true
batch.timeout_secs = 0.2
`;

/** Vector has lines that it cannot deliver, and reads no further; more comes, and what Nomad deletes is more than nvl keeps. */
const fallBehind = async (): Promise<void> => {
  slow.task.stdout.write('a line that Vector has no room for\n'.repeat(100_000));
  await waitUntil('the sink to be away', () => watch.pending('slow').includes('NvlDelivery'), PATIENT);
  await letNomadDelete({ node: slow, bytes: 900_000 });
  // It has no blocks: nobody reads it, and a disk has no room to waste.
  const next = join(slow.logsOf(slow.task), `${TASK}.stdout.1`);
  await writeFile(next, '');
  const growing = (async () => {
    for (let bytes = 1_050_000_000; !slow.nvl().hasEnded(); bytes += 10_000_000) {
      await truncate(next, bytes);
      await sleep(500);
    }
  })();
  growing.catch(() => undefined);
  await waitUntil('nvl to hold much', () => watch.firing('slow').includes('NvlHoldFull'), PATIENT);
  await letNomadDelete({ node: slow, bytes: 600_000 });
};

/** So many bytes of a task whose folder goes before Vector has read them. */
const letNomadDelete = async ({ node, bytes }: { node: Node; bytes: number }): Promise<void> => {
  const task = node.addTask('gone');
  const line = 'a line of a task whose folder goes\n';
  task.stdout.write(line.repeat(Math.ceil(bytes / line.length)));
  const isLinked = async () =>
    ((await node.status())?.list ?? []).some(
      ({ allocId, unreadBytes }) => allocId === task.allocId && (unreadBytes ?? 0) > 0,
    );
  await waitUntil('its log to be taken', isLinked, PATIENT);
  node.nomad.removeFolder(task);
};
