import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../test/support/nvl.ts';
import { startVector } from '../../test/support/vector.ts';
import { type Contender, type Site, VECTOR_LOG } from './contender.ts';

/** One file source over the same files, in one flat folder, and nothing else: what reading them costs at least. */
export const bareSource: Contender = {
  name: 'bare source',
  labels: [],
  start: (site) => startFlat({ site, labels: undefined }),
};

/** The same with one remap that sets the seven labels as literals: what a hand-written file for one task would do. */
export const literalLabels: Contender = {
  name: 'labels as literals',
  labels: [],
  start: (site) =>
    startFlat({
      site,
      labels: `.nomad = { "namespace": "default", "node_name": "node-1", "job_name": "job-1", "group_name": "group", "task_name": "app", "alloc_id": "0a173b0e-a4c3-5a8d-926e-7d84f89d64f7", "stream": "stdout" }`,
    }),
};

const startFlat = async ({ site, labels }: { site: Site; labels: string | undefined }) => {
  const { folder, news, sink, parse } = site;
  const links = join(folder, 'links');
  mkdirSync(links, { recursive: true });
  news.follow({
    made: ({ path, name }) => linkSync(path, join(links, name)),
    gone: ({ name }) => rmSync(join(links, name), { force: true }),
  });
  const parts = [
    fileSource({ id: 'logs', include: [join(links, '*')] }),
    ...(parse === 'logfmt' ? [parseLogfmt({ input: 'logs' })] : []),
    ...(labels === undefined
      ? []
      : [remap({ id: 'labels', input: parse === 'logfmt' ? 'bench_parse' : 'logs', labels })]),
  ];
  const last = labels !== undefined ? 'labels' : parse === 'logfmt' ? 'bench_parse' : 'logs';
  const config = join(folder, 'bare.toml');
  writeFileSync(config, [...parts, sink([last])].join('\n'));
  const vector = await startVector({ folder, configs: [config], env: { ...process.env, VECTOR_LOG } });
  return {
    vectorPid: () => vector.pid,
    log: join(folder, 'vector.log'),
    configFiles: () => [config],
    end: async () => void (await vector.end({ graceMs: 20_000 })),
  };
};

/** A file source with the options that nvl's has. */
export const fileSource = ({ id, include }: { id: string; include: string[] }): string => `
[sources.${id}]
type = "file"
include = ${JSON.stringify(include)}
read_from = "beginning"
fingerprint.strategy = "device_and_inode"
glob_minimum_cooldown_ms = 250
max_line_bytes = 1_048_576
`;

const remap = ({ id, input, labels }: { id: string; input: string; labels: string }): string => `
[transforms.${id}]
type = "remap"
inputs = ["${input}"]
source = '''
${labels}
'''
`;

/** The program of the sample that nvl ships, as it would be with its parameters' defaults. */
export const parseLogfmt = ({ input }: { input: string }): string => {
  const sample = readFileSync(join(projectFolder, 'templates', 'samples', 'logfmt', 'transform.toml.hbs'), 'utf8');
  const filled = sample
    .replace(/\{\{!.*?\}\}/gs, '')
    .replaceAll('{{id}}', 'bench')
    .replaceAll('{{input}}', input)
    .replace(/\{\{params\.(\w+)_key\}\}/g, (_, name: string) => PARAMETERS[name] ?? name);
  if (filled.includes('{{'))
    throw new Error('templates/samples/logfmt has an expression that this yardstick does not know');
  return filled;
};

const PARAMETERS: Readonly<Record<string, string>> = { message: 'msg', timestamp: 'time', level: 'level' };
