import type { PlaceId } from './place.ts';

/**
 * What Vector makes of an option's text, where it is more than text. From the component reference of Vector 0.57
 * (`syntax: "template"`, type `condition`, `remap_program`) and its source where that reference is silent: `inputs`,
 * globs, regular expressions, code, names.
 */
export type OptionKind = 'text' | 'template' | 'glob' | 'inputs' | 'regex' | 'vrl' | 'code' | 'decided' | 'unknown';

type Row = {
  /** `sources`, `transforms` or `sinks`; `*` for each. */
  section: string;
  /** The component's type; `*` for each, also those not listed here. */
  type: string;
  /** `[]` is a list's item, `*` any name; `a|b` for either. */
  option: string;
  kind: OptionKind;
  /** Where the names under `*` are the author's to choose: what such a name is. */
  names?: Extract<PlaceId, 'tomlKey' | 'templateKey'>;
};

const row = (
  section: string,
  type: string,
  option: string,
  kind: OptionKind,
  names?: 'tomlKey' | 'templateKey',
): Row => (names ? { section, type, option, kind, names } : { section, type, option, kind });

/** The first row that fits counts. */
const ROWS: readonly Row[] = [
  row('*', '*', 'type', 'decided'),
  row('*', '*', 'inputs', 'inputs'),
  row('*', '*', 'inputs.[]', 'inputs'),

  row('sources', 'file', 'include|exclude', 'glob'),
  row('sources', 'file', 'include.[]|exclude.[]', 'glob'),
  row('sources', 'kubernetes_logs', 'include_paths_glob_patterns.[]|exclude_paths_glob_patterns.[]', 'glob'),
  ...[
    'cgroups.groups',
    'disk.devices',
    'filesystem.devices',
    'filesystem.filesystems',
    'filesystem.mountpoints',
    'network.devices',
    'process.processes',
  ].map((filter) => row('sources', 'host_metrics', `${filter}.includes.[]|${filter}.excludes.[]`, 'glob')),
  row(
    'sources',
    'http_server|http|heroku_logs|opentelemetry',
    'headers.[]|query_parameters.[]|http.headers.[]',
    'glob',
  ),
  row('sources', '*', 'multiline.start_pattern|multiline.condition_pattern', 'regex'),
  row('sources', 'file', 'message_start_indicator', 'regex'),
  row('sources', '*', 'decoding.vrl.source|framing.vrl.source|auth.source', 'vrl'),
  row('sources', 'splunk_hec', 'event.decoding.vrl.source|raw.decoding.vrl.source', 'vrl'),
  row('sources', 'exec', 'command|command.[]', 'code'),
  row('sources', 'http_client|prometheus_scrape', 'query|query.*|query.*.[]|body', 'text', 'tomlKey'),
  row('sources', 'http_client|prometheus_scrape', 'query.*.value|query.*.[].value|body.value', 'code'),
  row('sources', 'http_client', 'headers.*|headers.*.[]', 'text', 'tomlKey'),
  row('sources', 'demo_logs', 'lines.[]', 'text'),
  row('sources', 'static_metrics', 'metrics.[].name|metrics.[].tags.*', 'text', 'tomlKey'),

  row('transforms', 'remap', 'source', 'vrl'),
  row('transforms', 'filter|delay|window', 'condition|flush_when|forward_when', 'vrl'),
  row('transforms', 'route', 'route.*', 'vrl', 'tomlKey'),
  row('transforms', 'exclusive_route', 'routes.[].condition', 'vrl'),
  row('transforms', 'exclusive_route', 'routes.[].name', 'text'),
  row('transforms', 'reduce', 'starts_when|ends_when', 'vrl'),
  row('transforms', 'sample|throttle', 'exclude', 'vrl'),
  row('transforms', 'lua', 'source|search_dirs|search_dirs.[]|hooks.*|timers.[].handler', 'code'),
  row('transforms', 'log_to_metric', 'metrics.[].field|metrics.[].name|metrics.[].namespace', 'template'),
  row('transforms', 'log_to_metric', 'metrics.[].tags.*|metrics.[].tags.*.[]', 'template', 'templateKey'),
  row('transforms', 'sample', 'group_by', 'template'),
  row('transforms', 'throttle', 'key_field', 'template'),

  row('sinks', 'amqp', 'exchange|properties.priority|routing_key', 'template'),
  row('sinks', 'aws_cloudwatch_logs', 'group_name|stream_name', 'template'),
  row('sinks', 'aws_s3', 'key_prefix|ssekms_key_id', 'template'),
  row('sinks', 'aws_sns|aws_sqs', 'message_group_id|message_deduplication_id', 'template'),
  row('sinks', 'azure_blob', 'blob_prefix|blob_time_format', 'template'),
  row('sinks', 'clickhouse|doris', 'database|table', 'template'),
  row(
    'sinks',
    'elasticsearch',
    'bulk.action|bulk.index|bulk.version|data_stream.dataset|data_stream.namespace|data_stream.type',
    'template',
  ),
  row('sinks', 'file', 'path', 'template'),
  row('sinks', 'gcp_chronicle_unstructured', 'log_type|namespace', 'template'),
  row('sinks', 'gcp_cloud_storage', 'key_prefix', 'template'),
  row('sinks', 'gcp_stackdriver_logs', 'log_id', 'template'),
  row('sinks', 'gcp_stackdriver_logs', 'labels.*|resource.*', 'template', 'tomlKey'),
  row('sinks', 'greptimedb_logs', 'dbname|pipeline_name|pipeline_version|table', 'template'),
  row('sinks', 'http|opentelemetry', 'uri|protocol.uri', 'template'),
  row('sinks', '*', 'request.headers.*|protocol.request.headers.*', 'template', 'tomlKey'),
  row('sinks', 'humio_logs|humio_metrics', 'event_type|index|source', 'template'),
  row('sinks', 'kafka|mqtt|pulsar', 'topic', 'template'),
  row('sinks', 'logdna|mezmo', 'hostname|tags.[]', 'template'),
  row('sinks', 'loki', 'tenant_id', 'template'),
  row('sinks', 'loki', 'labels.*|structured_metadata.*', 'template', 'templateKey'),
  row('sinks', 'nats', 'subject|jetstream.headers.message_id', 'template'),
  row('sinks', 'papertrail', 'process', 'template'),
  row('sinks', 'prometheus_remote_write', 'tenant_id', 'template'),
  row('sinks', 'redis', 'key|sorted_set_option.score', 'template'),
  row('sinks', 'sematext_logs', 'token', 'template'),
  row('sinks', 'splunk_hec_logs|splunk_hec_metrics', 'index|source|sourcetype', 'template'),
  row('sinks', 'webhdfs', 'prefix', 'template'),
  row('sinks', 'websocket_server', 'auth.source|message_buffering.client_ack_config.ack_decoding.vrl.source', 'vrl'),
  row('sinks', 'aws_s3|aws_cloudwatch_logs|influxdb_metrics', 'tags.*', 'unknown', 'tomlKey'),
  row('sinks', 'elasticsearch', 'query.*|query.*.[]', 'unknown', 'tomlKey'),
  row('sinks', '*', 'auth.user|auth.password|auth.token|password', 'text'),
];

/** Names that hold code, or choose what their neighbours mean, wherever a component that is not listed has them. */
const CODE_NAMES = new Set([
  'source',
  'condition',
  'conditions',
  'exclude',
  'starts_when',
  'ends_when',
  'flush_when',
  'forward_when',
  'command',
  'handler',
]);

/**
 * Where an option stands: `labels.app` of a sink of type `loki` is `{ section: 'sinks', type: 'loki', path: ['labels',
 * 'app'] }`.
 */
export type OptionAt = {
  /** `sources`, `transforms`, `sinks` or another section. */
  section: string;
  type: string | undefined;
  /** Below the component; a number is a place in a list. */
  path: readonly (string | number)[];
  /** The `type` beside the option, where that decides what it is. */
  besideType?: string | undefined;
};

/**
 * What Vector makes of an option's text (`kind`), and of the last name of its path (`name`): one that Vector decides
 * (`optionName`), or one that is the author's to choose, as that of a label.
 */
export const optionAt = ({ section, type, path, besideType }: OptionAt): { kind: OptionKind; name: PlaceId } => {
  for (const each of ROWS) {
    if (!fits(each.section, section) || !fits(each.type, type)) continue;
    const option = each.option.split('|').find((one) => matches(one, path));
    if (option) return { kind: each.kind, name: (option.endsWith('*') && each.names) || 'optionName' };
  }
  return { kind: unlisted({ section, type, path, besideType }), name: 'optionName' };
};

const unlisted = ({ section, type, path, besideType }: OptionAt): OptionKind => {
  const name = path.findLast((part) => typeof part === 'string');
  const isConditionTable =
    name === 'source' && path.length > 1 && optionAt({ section, type, path: path.slice(0, -1) }).kind === 'vrl';
  if (isConditionTable && besideType === 'vrl') return 'vrl';
  if (name === 'type') return 'decided';
  return name !== undefined && CODE_NAMES.has(name) ? 'code' : 'unknown';
};

const fits = (wanted: string, given: string | undefined): boolean =>
  wanted === '*' || (given !== undefined && wanted.split('|').includes(given));

const matches = (wanted: string, path: readonly (string | number)[]): boolean => {
  const parts = wanted.split('.');
  return (
    parts.length === path.length &&
    parts.every((part, index) =>
      typeof path[index] === 'number' ? part === '[]' : part === '*' || part === path[index],
    )
  );
};
