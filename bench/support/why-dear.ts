/** How many times the bare source over the same file a line may cost without a reason. */
export const CHEAP = 4;

/** Why samples are dearer than that: what their formats ask for. */
export const WHY_DEAR: readonly { why: string; names: readonly string[] }[] = [
  {
    why: 'an expression reads the whole line with a group for each field, another looks for a second line within it, and each field is put into the event; the bare source looks for a newline alone',
    names: [
      'apache',
      'coredns',
      'envoy',
      'haproxy',
      'klog',
      'mongodb',
      'mysql',
      'nats',
      'nginx',
      'rabbitmq',
      'redis',
      'syslog',
      'traefik',
    ],
  },
  {
    why: 'each field of a line is judged by its name and its type, and put into the event',
    names: ['caddy', 'json', 'logfmt'],
  },
  {
    why: 'as with `apache`; before that lines are joined, for which Vector reads the fields of each once more, and taken apart again where they do not belong together',
    names: [
      'dotnet',
      'etcd',
      'go',
      'hclog',
      'java',
      'minio',
      'node',
      'php',
      'postgres',
      'python',
      'ruby',
      'rust',
      'zookeeper',
    ],
  },
  { why: 'a line is read as far as its level is known, JSON as a whole', names: ['drop-level'] },
  { why: 'each of its rules reads the whole line', names: ['redact'] },
  { why: 'nvl’s labels are most of it', names: ['sample'] },
];
