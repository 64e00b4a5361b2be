/** How many times the bare source over the same file a line may cost without a reason. */
export const CHEAP = 4;

const FIELDS =
  'an expression reads the whole line with a group for each field, another looks for a second line within it, and each field is put into the event; the bare source looks for a newline alone';
const JOINED =
  'as with `apache`; before that lines are joined, for which Vector reads the fields of each once more, and taken apart again where they do not belong together';
const NAMES = 'each field of a line is judged by its name and its type, and put into the event';
const RULES = 'each of its rules reads the whole line';

/** Why a sample is dearer than that: what its format asks for. */
export const WHY_DEAR: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['apache', 'coredns', 'envoy', 'haproxy', 'mongodb', 'nats', 'nginx', 'rabbitmq', 'redis', 'syslog', 'traefik'].map(
      (name) => [name, FIELDS],
    ),
  ),
  ...Object.fromEntries(
    ['dotnet', 'etcd', 'hclog', 'java', 'minio', 'node', 'php', 'postgres', 'python', 'ruby', 'zookeeper'].map(
      (name) => [name, JOINED],
    ),
  ),
  caddy: NAMES,
  json: NAMES,
  logfmt: NAMES,
  redact: RULES,
  'drop-level': 'a line is read as far as its level is known, JSON as a whole',
  sample: 'nvl’s labels are most of it',
};
