import { z } from 'zod';
import { collectSchema } from './collect-schema.ts';
import { key } from './key.ts';
import { rule } from './rule.ts';
import { logSection, metricsSection } from './schema-told.ts';
import { duration, path, settle, text, unset, url } from './values.ts';

/** The one source of every key: the type, the checks, the flags, the variables, the reference page and the JSON Schema. */
export const configSchema = z.strictObject({
  nomad: z
    .strictObject({
      address: key(url(['http', 'https', 'unix']).prefault('http://127.0.0.1:4646'), {
        description:
          'Where Nomad answers. Inside a task, NOMAD_UNIX_ADDR (the socket of the task API) is the default when it is set.',
        env: 'NOMAD_ADDR',
        flag: '--address',
        argument: '<addr>',
        nomad: true,
      }),
      region: key(text().exactOptional(), {
        description: 'The region asked.',
        env: 'NOMAD_REGION',
        flag: '--region',
        argument: '<region>',
        nomad: true,
        otherwise: "the agent's own",
      }),
      token: key(text().exactOptional(), {
        description:
          'The secret id of an ACL token with node:read, agent:read, and read-job in every namespace to collect.',
        env: 'NOMAD_TOKEN',
        flag: '--token',
        argument: '<token>',
        secret: true,
        nomad: true,
      }),
      tokenFile: key(path().exactOptional(), {
        description:
          'A file that holds the token, read again when it changes: a workload identity, say. Takes the place of `nomad.token`.',
        flag: '--token-file',
        argument: '<file>',
        path: 'always',
        secret: true,
      }),
      httpAuth: key(text().exactOptional(), {
        description: 'User and password, as `user:password`, for a proxy before Nomad.',
        env: 'NOMAD_HTTP_AUTH',
        flag: false,
        argument: '<user:password>',
        secret: true,
        nomad: true,
      }),
      caCert: key(path().exactOptional(), {
        description: "A PEM file of the CA that signed the servers' certificates. Wins over `nomad.caPath`.",
        env: 'NOMAD_CACERT',
        flag: '--ca-cert',
        argument: '<file>',
        path: 'always',
        nomad: true,
      }),
      caPath: key(path().exactOptional(), {
        description: 'A folder of such PEM files.',
        env: 'NOMAD_CAPATH',
        flag: '--ca-path',
        argument: '<dir>',
        path: 'always',
        nomad: true,
      }),
      clientCert: key(path().exactOptional(), {
        description: 'A PEM certificate that nvl shows to Nomad. Needs `nomad.clientKey`.',
        env: 'NOMAD_CLIENT_CERT',
        flag: '--client-cert',
        argument: '<file>',
        path: 'always',
        nomad: true,
      }),
      clientKey: key(path().exactOptional(), {
        description: 'The unencrypted PEM key of that certificate.',
        env: 'NOMAD_CLIENT_KEY',
        flag: '--client-key',
        argument: '<file>',
        path: 'always',
        nomad: true,
      }),
      tlsServerName: key(text().exactOptional(), {
        description: 'The name that the certificate of the server has to bear.',
        env: 'NOMAD_TLS_SERVER_NAME',
        flag: '--tls-server-name',
        argument: '<name>',
        nomad: true,
        otherwise: 'the host of the address',
      }),
      tlsSkipVerify: key(z.boolean().prefault(false), {
        description: 'Believe any certificate. Not for production.',
        env: 'NOMAD_SKIP_VERIFY',
        flag: '--tls-skip-verify',
        nomad: true,
      }),
      nodeId: key(text().exactOptional(), {
        description: 'The node whose allocations are collected.',
        flag: '--node-id',
        argument: '<id>',
        otherwise: 'the node of the agent at the address',
      }),
      allocDir: key(path().exactOptional(), {
        description: "Nomad's folder of allocations, as nvl sees it.",
        flag: '--alloc-dir',
        argument: '<dir>',
        path: 'always',
        otherwise: 'as the agent says',
      }),
      interval: key(duration({ minMs: 100 }).prefault('30s'), {
        description:
          'How often the whole list of allocations is asked for where nothing brings news; a large list less often, 15 s for each MB of it and 5 minutes at most.',
        argument: '<duration>',
      }),
      news: key(z.enum(['list', 'events']).prefault('list'), {
        description:
          "What says that the node's list has changed: that list, which Nomad holds back until it has (`list`), or Nomad's event stream (`events`). `docs/modes.md` compares them.",
        argument: '<source>',
      }),
      timeout: key(duration({ minMs: 100 }).prefault('10s'), {
        description: 'How long one answer may take, beyond the time a blocking query was told to wait.',
        argument: '<duration>',
      }),
      stale: key(z.boolean().prefault(true), {
        description: 'Let any server answer, not the leader alone.',
      }),
    })
    .prefault({})
    .meta({ description: 'How Nomad is asked.' }),

  collect: collectSchema,

  templates: key(unset(path()), {
    description: 'The folder of your templates: `vector/`, `profiles/` and `partials/`.',
    argument: '<dir>',
    path: 'always',
    otherwise: 'the templates that come with nvl',
  }),

  root: key(path().prefault('/var/lib/nvl'), {
    description:
      "nvl's own folder: the generated configuration, the links that Vector reads, and what nvl remembers. Nothing else belongs there.",
    argument: '<dir>',
    path: 'always',
  }),

  sinks: key(z.enum(['default', 'none']).prefault('default'), {
    description:
      'Whether sinks are rendered from the templates, or left to files of your own, which take `nomad_logs` as their input.',
    argument: '<which>',
  }),

  rules: key(z.array(rule()).prefault([]), {
    description:
      'Which profile a task has whose job does not say so in its meta (`nvl_profile`): that of the first rule that matches, else `default`.',
    argument: '<json>',
  }),

  vector: z
    .strictObject({
      binary: key(text().prefault('vector'), {
        description:
          'The Vector that proves each configuration, and that runs under nvl: a name on the PATH, or a path.',
        argument: '<file>',
        path: 'program',
      }),
      args: key(z.array(z.string()).prefault([]), {
        description: 'The arguments of the running Vector. `nvl run -- vector …` says the same.',
        argument: '<words>',
        secret: true,
      }),
      env: key(z.record(z.string(), z.string()).prefault({}), {
        description: "Variables of the running Vector, beside nvl's but NOMAD_TOKEN, NOMAD_HTTP_AUTH, NOTIFY_SOCKET.",
        argument: '<NAME=value>',
        secret: true,
      }),
      cwd: key(unset(path()), {
        description: 'The working directory of the running Vector.',
        argument: '<dir>',
        path: 'always',
        otherwise: "nvl's own",
      }),
      dataDir: key(unset(path()), {
        description: "The running Vector's `data_dir`, as nvl sees it, where its checkpoints are.",
        argument: '<dir>',
        path: 'always',
        otherwise: "as Vector's configuration says",
      }),
      allocDir: key(unset(path()), {
        description: "Nomad's folder of allocations, as Vector sees it, where the two see it at different places.",
        argument: '<dir>',
        path: 'always',
        otherwise: 'as nvl sees it',
      }),
      user: key(unset(text()), {
        description:
          'The user that a Vector under nvl runs as, by name or number, with no group but its own and no capability. Needs an nvl that is root. Proofs stay with nvl.',
        argument: '<name>',
        otherwise: "nvl's own",
      }),
      group: key(unset(text()), {
        description:
          'The group, by name or number, whose members alone may read what nvl writes for Vector: log files among it. nvl must be root or in that group.',
        argument: '<name>',
        otherwise: 'that of `vector.user`; without it, all users may',
      }),
      drain: key(duration().prefault('65s'), {
        description:
          'How long a Vector under nvl may take to deliver the rest when it is told to end. Vector itself gives up after 60s.',
        argument: '<duration>',
      }),
    })
    .prefault({})
    .meta({ description: 'The running Vector.' }),

  reload: z
    .strictObject({
      method: key(z.enum(['auto', 'signal', 'command', 'watch', 'none']).prefault('auto'), {
        description:
          'How Vector is told to load a new configuration: a SIGHUP (`signal`), a command of yours (`command`), its own `--watch-config` (`watch`), not at all (`none`), or what fits (`auto`).',
        argument: '<how>',
      }),
      pidFile: key(unset(path()), {
        description: 'The file that holds the process id of a Vector that nvl did not start.',
        argument: '<file>',
        path: 'always',
      }),
      command: key(unset(z.array(text()).min(1)), {
        description: 'The command that reloads Vector, as a list of words; no shell reads it.',
        argument: '<words>',
        path: 'program',
        secret: true,
      }),
      confirm: key(z.enum(['auto', 'log', 'metrics', 'folder', 'none']).prefault('auto'), {
        description:
          "What says that Vector has loaded it: its log under nvl (`log`), its reload counter (`metrics`), the new sources' data folders (`folder`), nothing (`none`), or what there is (`auto`).",
        argument: '<what>',
      }),
      metrics: key(unset(url(['http', 'https'])), {
        description:
          "The URL of a `prometheus_exporter` sink of the running Vector's `internal_metrics`: what it has loaded, and what its sinks do not deliver.",
        argument: '<url>',
      }),
      timeout: key(
        duration({ minMs: 35_000, minReason: 'a blocked sink makes the removal of one source take 30s' }).prefault(
          '45s',
        ),
        {
          description:
            'How long Vector may take to load it. At least 35s, since a blocked sink makes the removal of one source take 30s.',
          argument: '<duration>',
        },
      ),
      settle: key(settle().prefault('100ms:1s'), {
        description:
          'How long a burst of news is let settle: a quiet time to wait for, and the longest wait. News of an allocation after a quiet time is looked at at once.',
        argument: '<min:max>',
      }),
    })
    .prefault({})
    .meta({ description: 'How Vector is made to load what changed.' }),

  metrics: metricsSection,

  log: logSection,
});
