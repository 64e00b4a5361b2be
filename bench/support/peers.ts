import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../../test/support/child.ts';
import { startVector } from '../../test/support/vector.ts';
import { waitUntil } from '../../test/support/wait.ts';
import { type Contender, LABELS, VECTOR_LOG } from './contender.ts';
import { fileSource, parsedBy } from './yardsticks.ts';

/**
 * nomad-vector-logger 0.4.1 as its sample configuration has it: it asks Nomad every 10 s, writes a source and a transform a
 * running task, and Vector watches the file.
 */
export const nomadVectorLogger = ({ program }: { program: string }): Contender => ({
  name: 'nomad-vector-logger 0.4.1',
  labels: LABELS.filter((label) => label !== 'stream'),
  start: async ({ folder, node, sink }) => {
    const [live, extra, settings] = [join(folder, 'live'), join(folder, 'extra'), join(folder, 'logger.toml')];
    for (const made of [live, extra]) mkdirSync(made, { recursive: true });
    writeFileSync(join(extra, 'sink.toml'), sink(['transform_nomad_alloc_*']));
    writeFileSync(
      settings,
      `[app]\nlog_level = "info"\nenv = "prod"\nrefresh_interval = "10s"\nremove_alloc_interval = "30s"\n` +
        `nomad_data_dir = ${JSON.stringify(node.allocDir)}\nvector_config_dir = ${JSON.stringify(live)}\n` +
        `extra_templates_dir = ${JSON.stringify(extra)}\n`,
    );
    const logger = await startChild(program, ['--config', settings], {
      cwd: folder,
      env: { PATH: process.env.PATH, NOMAD_ADDR: node.address },
      logFile: join(folder, 'logger.log'),
    });
    try {
      const isWritten = async () => (await logger.said()).includes('generating config') || logger.hasEnded();
      await waitUntil('nomad-vector-logger to write its configuration', isWritten);
      if (logger.hasEnded()) throw new Error(await logger.said());
      const vector = await startVector({
        folder,
        configs: [],
        args: ['--config-dir', live, '--watch-config'],
        env: { ...process.env, VECTOR_LOG },
      });
      return {
        vectorPid: () => vector.pid,
        daemonPid: logger.pid,
        log: join(folder, 'vector.log'),
        configFiles: () => [join(live, 'nomad.toml'), join(live, 'sink.toml')],
        end: async () => {
          await logger.end();
          await vector.end({ graceMs: 20_000 });
        },
      };
    } catch (error) {
      await logger.end();
      throw error;
    }
  },
});

/** How its successor asks Nomad: the figures that it ships with, and those that a careful owner would set. */
type PureSettings = {
  name: string;
  pollSeconds: number;
  flushSeconds: number;
  ttlSeconds: number;
  globMs: number;
  isRunningOnly: boolean;
};

const AS_SHIPPED: PureSettings = {
  name: 'pure Vector, as shipped',
  pollSeconds: 30,
  flushSeconds: 10,
  ttlSeconds: 120,
  globMs: 1_000,
  isRunningOnly: true,
};

const TUNED: PureSettings = {
  name: 'pure Vector, tuned',
  pollSeconds: 1,
  flushSeconds: 1,
  ttlSeconds: 3_600,
  globMs: 250,
  isRunningOnly: false,
};

/**
 * What the same author moved to: no daemon, Vector itself asks Nomad, keeps the answer in a memory table, and looks up each
 * line by the allocation that its path names. A line of an unknown allocation goes on without the labels. In our own words.
 */
const pureVector = ({
  name,
  pollSeconds,
  flushSeconds,
  ttlSeconds,
  globMs,
  isRunningOnly,
}: PureSettings): Contender => ({
  name,
  labels: LABELS,
  start: async ({ folder, node, sink, parse }) => {
    const config = join(folder, 'pure.toml');
    const isParsed = parse !== 'plain';
    const parsed = parsedBy({ parse, input: isParsed ? 'kept' : 'logs' });
    const logs = ['stdout', 'stderr'].map((stream) => join(node.allocDir, '*', 'alloc', 'logs', `*.${stream}.*`));
    const parts = [
      `[enrichment_tables.allocations]\ntype = "memory"\nttl = ${ttlSeconds}\nflush_interval = ${flushSeconds}\ninputs = ["table"]\n`,
      `[sources.nomad]\ntype = "http_client"\nendpoint = "${node.address}/v1/node/${node.nodeId}/allocations"\n` +
        `scrape_interval_secs = ${pollSeconds}\nscrape_timeout_secs = ${Math.max(1, pollSeconds)}\ndecoding.codec = "json"\n`,
      `[transforms.table]\ntype = "remap"\ninputs = ["nomad"]\nsource = '''\n` +
        `${isRunningOnly ? 'if .ClientStatus != "running" { abort }\n' : ''}${TABLE_PROGRAM}'''\ndrop_on_abort = true\n`,
      fileSource({
        id: 'logs',
        include: logs,
        exclude: [join(node.allocDir, '*', 'alloc', 'logs', '.*.fifo')],
        globMs,
      }),
      isParsed ? KEEP_PATH : '',
      parsed.toml,
      `[transforms.labels]\ntype = "remap"\ninputs = ["${parsed.last}"]\n` +
        `source = '''\npath = ${isParsed ? '%path' : '.file'}\n${LABELS_PROGRAM}'''\n`,
    ];
    writeFileSync(config, [...parts, sink(['labels'])].join('\n'));
    const vector = await startVector({ folder, configs: [config], env: { ...process.env, VECTOR_LOG } });
    return {
      vectorPid: () => vector.pid,
      log: join(folder, 'vector.log'),
      configFiles: () => [config],
      end: async () => void (await vector.end({ graceMs: 20_000 })),
    };
  },
});

const TABLE_PROGRAM = `
entry = { "namespace": .Namespace, "node_name": .NodeName, "job_name": .JobID, "group_name": .TaskGroup }
. = set!({}, [string!(.ID)], entry)
`;

const KEEP_PATH = `[transforms.kept]\ntype = "remap"\ninputs = ["logs"]\nsource = "%path = .file"\n`;

const LABELS_PROGRAM = `
parts = split(string!(path), "/")
name = split(string(parts[-1]) ?? "", ".")
.nomad = { "task_name": name[0], "alloc_id": parts[-4], "stream": name[-2] }
record, err = get_enrichment_table_record("allocations", { "key": parts[-4] })
if err == null {
  entry = object(record.value) ?? {}
  .nomad.namespace = entry.namespace
  .nomad.node_name = entry.node_name
  .nomad.job_name = entry.job_name
  .nomad.group_name = entry.group_name
}
`;

export const pureAsShipped = pureVector(AS_SHIPPED);
export const pureTuned = pureVector(TUNED);
