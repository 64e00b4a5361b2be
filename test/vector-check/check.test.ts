import { expect, test } from 'vitest';
import { checkVectorConfig } from '../../lib/vector-check/check.ts';
import { readVectorConfig, type VectorFile } from '../../lib/vector-check/read-config.ts';
import type { VectorSchema } from '../../lib/vector-check/schema.ts';
import { findingsOf } from './support.ts';

const SOURCE = '[sources.in]\ntype = "demo_logs"\nformat = "json"\n';
const SINK = '[sinks.out]\ntype = "blackhole"\ninputs = ["in"]\n';
const LOKI = `[sinks.out]
type = "loki"
inputs = ["in"]
endpoint = "http://127.0.0.1:3100"
labels.job = "x"
encoding.codec = "json"
`;

/** The first finding of a source and a sink of these options. */
const first = (sink: string) => findingsOf(`${SOURCE}${sink}`)[0];

test.each([
  [
    'an option that is nearly one',
    `${LOKI}endpont = "x"`,
    10,
    'endpont',
    '`endpont` is no option here; did you mean "endpoint"?',
  ],
  [
    'one deep within',
    `${LOKI}batch.max_byte = 1`,
    10,
    'batch.max_byte',
    '`batch.max_byte` is no option that Vector knows, so it does nothing; did you mean "max_bytes"?',
  ],
  [
    'one of few',
    '[sinks.out]\ntype = "blackhole"\ninputs = ["in"]\nspeed = 1',
    7,
    'speed',
    '`speed` is no option here; known are acknowledgements, buffer, graph, healthcheck, healthcheck_uri, inputs, print_interval_secs, proxy, rate, type',
  ],
  [
    'a codec',
    `${LOKI.replace('"json"', '"jsn"')}`,
    9,
    'encoding.codec',
    '`encoding.codec` is "jsn", and has to be one of "avro", "cef", "csv", "gelf", "json", "logfmt", "native", "native_json", "otlp", "protobuf", "raw_message", "syslog", "text"; did you mean "json"?',
  ],
  [
    'a kind',
    `${LOKI}remove_timestamp = "no"`,
    10,
    'remove_timestamp',
    '`remove_timestamp` is a text, and has to be true or false',
  ],
  [
    'several kinds',
    `${LOKI}request.concurrency = true`,
    10,
    'request.concurrency',
    '`request.concurrency` is true or false, and has to be one of "adaptive", "none" or a whole number from 0 on',
  ],
  [
    'an item of a list',
    `${LOKI}encoding.only_fields = ["a", 2]`,
    10,
    'encoding.only_fields[1]',
    '`encoding.only_fields[1]` is a whole number, and has to be a text',
  ],
  [
    'a limit',
    `${LOKI}batch.max_events = -1`,
    10,
    'batch.max_events',
    '`batch.max_events` is -1, and has to be a whole number from 0 on',
  ],
  ['a map', `${LOKI}labels."a b" = 1`, 10, 'labels."a b"', '`labels."a b"` is a whole number, and has to be a text'],
  ['what is missing', LOKI.replace(/^endpoint.*\n/m, ''), 4, 'endpoint', '`endpoint` is missing'],
  [
    'an input',
    LOKI.replace('"in"', '"inn"'),
    6,
    'inputs[0]',
    '`inputs[0]` is "inn", which no source or transform gives; did you mean "in"?',
  ],
])('it says of %s where it stands, what it is and what is meant', (_, sink, line, path, words) => {
  expect(first(sink)).toEqual({
    severity: /does nothing/.test(words) ? 'note' : 'error',
    kind: 'sink',
    component: 'out',
    path,
    message: `Sink "out": ${words}`,
    file: 'vector.toml',
    line,
  });
});

test('what is of no component has no kind, since Vector’s own refusals have none', () => {
  const text = `[api]\nenabled = 1\n${SOURCE}${SINK}[enrichment_tables.tab]\ntype = "file"\n`;
  expect(findingsOf(text)).toEqual([
    {
      severity: 'error',
      path: 'api.enabled',
      message: '`api.enabled` is a whole number, and has to be true or false',
      file: 'vector.toml',
      line: 2,
    },
    {
      severity: 'error',
      path: 'file',
      message: 'Enrichment table "tab": `file` is missing',
      file: 'vector.toml',
      line: 9,
    },
  ]);
});

test('a text is not quoted whole, and a value of another kind not at all: either may be a secret', () => {
  const secret = 'hunter2'.repeat(20);
  const [long, kind] = findingsOf(
    `${SOURCE}${LOKI}out_of_order_action = "${secret}"\nremove_timestamp = "${secret}"\n`,
  );
  expect(long?.message).toContain('hunter2hunter');
  expect(long?.message.length).toBeLessThan(200);
  expect(kind?.message).not.toContain('hunter2');
  const broken = findingsOf(`${SOURCE}token = "hunter2\n`);
  expect(broken.map(({ message, line }) => `${line} ${message}`).join()).not.toContain('hunter2');
  expect(broken[0]).toMatchObject({ severity: 'error', line: 4 });
});

test.each([
  ['a variable', 'codec = "$CODEC"'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Vector's.
  ['a variable in braces', 'codec = "${CODEC:-json}"'],
  ['a secret', 'codec = "SECRET[vault.codec]"'],
])('%s may become anything', (_, encoding) => {
  expect(findingsOf(`${SOURCE}${LOKI.replace('encoding.codec = "json"', `encoding = { ${encoding} }`)}`)).toEqual([]);
});

test('a type that the schema does not have is a note, and its options and outputs may be whatever they are', () => {
  const text = `[sources.otel]
type = "opentelemetry"
grpc.address = "127.0.0.1:4317"
[transforms.t]
type = "lua"
inputs = ["otel.logs", "otel.met*"]
version = "2"
[sinks.out]
type = "kafka"
inputs = ["t", "t.lane"]
`;
  expect(
    findingsOf(text).map(({ severity, message }) => `${severity}: ${message.replace(/only .*/, 'only …')}`),
  ).toEqual([
    'note: Source "otel": `type` is "opentelemetry", whose options are not checked: this check knows only …',
    'note: Transform "t": `type` is "lua", whose options are not checked: this check knows only …',
    'note: Sink "out": `type` is "kafka", whose options are not checked: this check knows only …',
  ]);
});

test.each(['constructor', '__proto__', 'toString'])('%s is a name like any other', (name) => {
  const text = `[sources."${name}"]\ntype = "demo_logs"\nformat = "json"\n[transforms.t]\ntype = "${name}"\ninputs = ["${name}"]\n${name} = 1\n[sinks.out]\ntype = "blackhole"\ninputs = ["t"]\n${name} = 1\n`;
  expect(findingsOf(text).map(({ severity, component, path }) => `${severity} ${component} ${path}`)).toEqual([
    'note t type',
    `error out ${name}`,
  ]);
});

test('what another release of Vector says of options is a note; how components are connected is the same in all', () => {
  const text = `${SOURCE}${LOKI.replace('"in"', '"inn"')}endpont = "x"\n`;
  const severities = (vectorVersion: string) =>
    findingsOf(text, { vectorVersion }).map(({ severity, path }) => `${severity} ${path}`);
  expect(severities('0.57.3')).toEqual(['error endpont', 'error inputs[0]']);
  expect(severities('0.58.0')).toEqual(['note endpont', 'error inputs[0]']);
});

test('of an option that makes no choice that there is, only that is said', () => {
  const text = `${SOURCE}${LOKI}auth = { strategy = "digest", user = "u", realm = "r" }\n`;
  expect(findingsOf(text).map(({ path }) => path)).toEqual(['auth.strategy']);
});

test('of a route whose options are wrong only that is said, not that its outputs are missing', () => {
  const text = `${SOURCE}[transforms.t]\ntype = "route"\ninputs = ["in"]\nroute = ["web"]\n${SINK.replace('"in"', '"t.web"')}`;
  expect(findingsOf(text).map(({ path }) => path)).toEqual(['route']);
});

test('of outputs that an input may mean, the one that is as long is meant', () => {
  const inputs = ['p5', 'p500', 'p500_in', 'p500_in_2'].map((id) => SOURCE.replace('sources.in', `sources.${id}`));
  expect(findingsOf(`${inputs.join('')}${SINK.replace('"in"', '"p500_inn"')}`)[0]?.message).toMatch(
    /did you mean "p500_in"\?$/,
  );
});

test('a schema of another Vector may have another name for an option that has to be there', () => {
  const shapes: VectorSchema['shapes'] = [
    {},
    { text: true },
    { table: { options: { url: 1 }, required: ['url'], aliases: { uri: 'url' } } },
    { table: { options: { inputs: 0 }, tags: [{ name: 'type', tables: { web: 2 } }] } },
    { table: {} },
  ];
  const schema: VectorSchema = {
    vector: '9.9.9',
    globals: 4,
    sources: 0,
    transforms: 0,
    sinks: 3,
    enrichment_tables: 0,
    shapes,
  };
  const paths = (options: string) =>
    checkVectorConfig({
      config: readVectorConfig([{ file: 'a.toml', text: `[sinks.out]\ntype = "web"\ninputs = ["in"]\n${options}` }]),
      isWhole: false,
      schema,
    }).map(({ path, message }) => `${path}: ${message.replace(/.*` /, '')}`);
  expect(paths('uri = "x"')).toEqual([]);
  expect(paths('uri = 1')).toEqual(['uri: is a whole number, and has to be a text']);
  expect(paths('')).toEqual(['url: is missing']);
  expect(paths('uri = "x"\nurl = "x"')).toEqual([
    'uri: is another name of `url`, which stands here too'.replace(/.*` /, 'uri: '),
  ]);
});

test('where there are other files, what is missing may be there', () => {
  expect(findingsOf('[sinks.out]\ntype = "blackhole"\ninputs = ["elsewhere"]\n', { isWhole: false })).toEqual([]);
  expect(findingsOf('[sinks.out]\ntype = "blackhole"\ninputs = ["out"]\nx = 1\n', { isWhole: false })).toHaveLength(1);
});

const checked = (...files: VectorFile[]) => checkVectorConfig({ config: readVectorConfig(files) });

test('files are read together, each in its format, and each finding has its file and line', () => {
  const files: VectorFile[] = [
    { file: 'a.toml', text: SOURCE },
    {
      file: 'b.yaml',
      format: 'yaml',
      text: 'sinks:\n  out:\n    type: blackhole\n    inputs: [in, t]\n    inputz: 1\n',
    },
    {
      file: 'c.json',
      format: 'json',
      text: '{\n "sinks": {\n  "more": {"type": "blackhole", "inputs": ["in"],\n   "rate": "x"}}}',
    },
    {
      file: 'transforms/t.toml',
      component: { table: 'transforms', id: 't' },
      text: 'type = "filter"\ninputs = ["in"]\ncondition = "true"\nx = 1\n',
    },
  ];
  expect(checked(...files).map(({ file, line, message }) => `${file}:${line} ${message.replace(/;.*/, '')}`)).toEqual([
    'b.yaml:5 Sink "out": `inputz` is no option here',
    'c.json:4 Sink "more": `rate` is a text, and has to be a whole number from 0 on',
    'transforms/t.toml:4 Transform "t": `x` is no option here',
  ]);
});

test('an id that two files have is refused; of files of one component each the last one counts', () => {
  const sinkIn = (file: string): VectorFile => ({ file, text: SINK });
  expect(checked({ file: 'a.toml', text: SOURCE }, sinkIn('b.toml'), sinkIn('c.toml'))).toMatchObject([
    {
      severity: 'error',
      kind: 'sink',
      component: 'out',
      file: 'c.toml',
      line: 1,
      message: 'Sink "out" stands in b.toml too',
    },
  ]);
  const alone = (file: string): VectorFile => ({
    file,
    text: SINK.replace('[sinks.out]', ''),
    component: { table: 'sinks', id: 'out' },
  });
  expect(checked({ file: 'a.toml', text: SOURCE }, alone('x/sinks/out.toml'), alone('y/sinks/out.toml'))).toEqual([]);
});

test('of a file that cannot be read nothing is concluded', () => {
  expect(checked({ file: 'a.toml', text: 'x = ' }, { file: 'b.toml', text: SINK })).toMatchObject([
    { severity: 'error', file: 'a.toml', line: 1, path: '' },
  ]);
  expect(checked({ file: 'a.json', format: 'json', text: '[]' }).map(({ message }) => message)).toEqual([
    'The configuration has to be a table',
  ]);
});

test('of a value that is missing its place is told', () => {
  const text =
    'sources:\n  in: {type: demo_logs, format: json}\nsinks:\n  out:\n    type: blackhole\n    inputs: [in]\n    rate:\n';
  expect(checked({ file: 'a.yaml', format: 'yaml', text }).map(({ line, message }) => `${line} ${message}`)).toEqual([
    '7 Sink "out": `rate` has no value, which Vector refuses',
  ]);
});

test('lines are those of the component, though texts of several lines look like heads', () => {
  const program =
    "[transforms.t]\ntype = \"remap\"\ninputs = [\"in\"]\nsource = '''\n[sinks.out]\n.a = [\n1]\n'''\ndrop = true\n";
  expect(findingsOf(`${SOURCE}${program}${SINK}bad = 1\n`).map(({ line, path }) => `${line} ${path}`)).toEqual([
    '12 drop',
    '16 bad',
  ]);
});

test('tables of a component are a part of it', () => {
  const text = `${SOURCE}${LOKI.replace('labels.job = "x"\n', '')}[sinks.out.labels]\njob = 1\n${SINK.replace('out', 'more')}bad = 1\n`;
  expect(findingsOf(text).map(({ line, path }) => `${line} ${path}`)).toEqual(['10 labels.job', '14 bad']);
});

test('a component in other forms has its lines, too', () => {
  const dotted = `sinks.out.type = "blackhole"\nsinks.out.inputs = ["in"]\nsinks.out.bad = 1\n${SOURCE}`;
  expect(findingsOf(dotted).map(({ path, line }) => `${line} ${path}`)).toEqual(['3 bad']);
  const inline = `${SOURCE}[sinks]\n"a b" = { type = "blackhole", inputs = ["in"], bad = 1 }\n`;
  expect(findingsOf(inline).map(({ path, line }) => `${line} ${path}`)).toEqual(['5 bad']);
  const quoted = `${SOURCE}[sinks."a b"]\ntype = "blackhole"\ninputs = ["in"]\nbad = 1\n`;
  expect(findingsOf(quoted).map(({ path, line }) => `${line} ${path}`)).toEqual(['7 bad']);
});

test('a long way through transforms, many ways, and thousands of wrong inputs, end soon', () => {
  const chain = Array.from(
    { length: 5_000 },
    (_, at) =>
      `[transforms.t${at}]\ntype = "filter"\ncondition = "true"\ninputs = ["${at === 0 ? 'in' : `t${at - 1}`}"]\n`,
  ).join('');
  const begun = performance.now();
  expect(findingsOf(`${SOURCE}${chain}[sinks.out]\ntype = "blackhole"\ninputs = ["t4999"]\n`)).toEqual([]);
  // Of each step two, which both read the two before: 2^60 ways.
  const ladder = Array.from({ length: 60 }, (_, at) =>
    ['a', 'b'].map(
      (side) =>
        `[transforms.${side}${60 - at}]\ntype = "filter"\ncondition = "true"\ninputs = ["a${59 - at}", "b${59 - at}"]\n`,
    ),
  );
  const sources = ['a', 'b'].map((side) => SOURCE.replace('sources.in', `sources.${side}0`));
  expect(findingsOf([...sources, ...ladder.flat(), SINK.replace('"in"', '"a60", "b60"')].join(''))).toEqual([]);
  const wrong = findingsOf(`${SOURCE}${chain.replaceAll('inputs = ["t', 'inputs = ["u')}${SINK}`);
  expect(wrong).toHaveLength(4_999);
  expect(performance.now() - begun).toBeLessThan(30_000);
});
