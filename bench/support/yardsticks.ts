import { globSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { parse } from 'yaml';
import { projectFolder } from '../../test/support/nvl.ts';
import { startVector } from '../../test/support/vector.ts';
import { type Contender, type Parse, type Site, VECTOR_LOG } from './contender.ts';

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
  const parsed = parsedBy({ parse, input: 'logs' });
  const labelled = labels === undefined ? undefined : remap({ id: 'labels', input: parsed.last, labels });
  const config = join(folder, 'bare.toml');
  const parts = [fileSource({ id: 'logs', include: [join(links, '*')] }), parsed.toml, labelled ?? ''];
  writeFileSync(config, [...parts, sink([labelled === undefined ? parsed.last : 'labels'])].join('\n'));
  const vector = await startVector({ folder, configs: [config], env: { ...process.env, VECTOR_LOG } });
  return {
    vectorPid: () => vector.pid,
    log: join(folder, 'vector.log'),
    configFiles: () => [config],
    end: async () => void (await vector.end({ graceMs: 20_000 })),
  };
};

/** A file source with the options that nvl's has, if not said otherwise. */
export const fileSource = ({
  id,
  include,
  exclude = [],
  globMs = 150,
}: {
  id: string;
  include: string[];
  exclude?: string[];
  globMs?: number;
}): string => `
[sources.${id}]
type = "file"
include = ${JSON.stringify(include)}
exclude = ${JSON.stringify(exclude)}
read_from = "beginning"
fingerprint.strategy = "device_and_inode"
glob_minimum_cooldown_ms = ${globMs}
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

/** The transform that parses, if any, and the component that what stands behind it reads. */
export const parsedBy = ({ parse, input }: { parse: Parse; input: string }): { toml: string; last: string } =>
  parse === 'plain'
    ? { toml: '', last: input }
    : { toml: fill({ template: parseTemplate(parse), input }), last: 'bench_parse' };

/** A profile's transform, as a team would write it for nvl. */
export const parseTemplate = (parse: Exclude<Parse, 'plain'>): string =>
  parse === 'parse_logfmt' ? PARSE_LOGFMT : readFileSync(join(SAMPLE, 'transform.toml.hbs'), 'utf8');

const SAMPLE = join(projectFolder, 'templates', 'samples', 'logfmt');

const PARSE_LOGFMT = `[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
drop_on_error = false
drop_on_abort = false
source = '''
. = merge(., parse_logfmt(.message) ?? {})
'''
`;

/** The same as nvl would render it, with the defaults of the sample's parameters. */
const fill = ({ template, input }: { template: string; input: string }): string => {
  const handlebars = Handlebars.create();
  const folder = join(projectFolder, 'templates', 'partials');
  for (const file of globSync('nvl/*.hbs', { cwd: folder }))
    handlebars.registerPartial(file.replace(/\.hbs$/, ''), readFileSync(join(folder, file), 'utf8'));
  const render = handlebars.compile(template, { noEscape: true, strict: true });
  return render({ id: 'bench', input, params: sampleDefaults() });
};

const sampleDefaults = (): Record<string, string> => {
  const { parameters } = parse(readFileSync(join(SAMPLE, 'profile.yaml'), 'utf8')) as {
    parameters: Record<string, { default: string }>;
  };
  return Object.fromEntries(Object.entries(parameters).map(([name, { default: value }]) => [name, value]));
};
