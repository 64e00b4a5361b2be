import { Option as Flag } from 'commander';
import type { CommandSpec } from './spec.ts';

// The first steps with nvl, and the way from others to it.

export const SIDECAR: CommandSpec = {
  name: 'sidecar',
  summary: "a user's jobspec with nvl beside each group's tasks",
  description: `Takes a jobspec, HCL by way of Nomad's agent or the JSON of its API, and prints it as JSON with one more task in each group: nvl and
the Vector that it runs, which collect the group's other tasks and nothing else (\`nvl run --group-only\`). It starts before them and ends after them, with what
they wrote last delivered. Templates of the configuration go with it. A job that has the task is updated.`,
  sections: ['nomad', 'general'],
  flags: (command) => {
    command
      .argument('<jobspec>', 'HCL, or JSON of the API as nomad job run -output writes it; - for stdin')
      .optionsGroup('Options:')
      .option('--dry-run', 'show the change as a diff of the JSON')
      .option('--detailed-exitcode', 'end with 2 when there are changes (with --dry-run)')
      .addOption(
        new Flag('--driver <driver>', 'of the task').choices(['raw_exec', 'exec', 'docker']).default('raw_exec'),
      )
      .option('--image <image>', 'of docker: one that has nvl and Vector')
      .option('--user <user>', "whom the task runs as; else the driver's own choice")
      .option('--name <task>', 'of the task', 'nvl')
      .option('--nvl <program>', 'how nvl is called where the task runs', 'nvl')
      .option('--artifact <source>', 'where the task fetches its templates folder: git::https://…')
      .option('--cpu <MHz>', 'of the task', '100')
      .option('--memory <MB>', 'of the task', '256')
      .option('--namespace <namespace>', 'whose parse-job the token has; else NOMAD_NAMESPACE')
      .option('--color', 'colours, also where no terminal is')
      .option('--no-color', 'no colours');
  },
  examples: [
    ['nvl sidecar web.nomad.hcl --dry-run', 'what it adds to each group'],
    ['nvl sidecar web.nomad.hcl > web.json && nomad job run -json web.json', 'run it'],
    [
      'nomad job run -output -var tag=1.2 web.nomad.hcl | nvl sidecar - --templates logging/templates',
      'variables, and templates of your own',
    ],
  ],
  load: async () => (await import('../../lib/commands/sidecar.ts')).sidecarCommand,
};

export const INIT: CommandSpec = {
  name: 'init',
  summary: 'a first config and templates to own',
  description: `Writes nvl.yaml and a templates folder into DIR (here, when it is not given). Nothing that is there is overwritten.`,
  sections: [],
  flags: (command) => {
    command
      .argument('[dir]', 'where to', '.')
      .optionsGroup('Options:')
      .addOption(
        new Flag('--sink <kind>', 'where the lines go')
          .choices(['console', 'loki', 'elasticsearch', 'file', 'vector'])
          .default('console'),
      );
  },
  examples: [['nvl init logging --sink loki', 'a folder to put under version control']],
  load: async () => (await import('../../lib/commands/init.ts')).init,
};

export const MIGRATE: CommandSpec = {
  name: 'migrate',
  summary: 'from nomad-vector-logger, or from a Vector that asks Nomad itself',
  description: `Reads the TOML configuration of nomad-vector-logger 0.4.1 with its extra templates, or the YAML file of its successor, and
writes nvl.yaml, templates, and what stays in Vector files of your own. It says first what is read again, then what is left to do
by hand, each with its file and line; the same is in MIGRATION.md. Nothing is written over without --force.

With --positions, on a node, before nvl's first start and with no Vector running, it has nvl's sources go on where those of before
have read to, so that nothing is delivered twice.`,
  sections: ['nomad', 'general'],
  flags: (command) => {
    command
      .argument('<from>', 'the configuration file of before')
      .argument('[vector...]', 'after --: the Vector that nvl will run (with --positions)')
      .optionsGroup('Options:')
      .option('--out <dir>', 'the folder to write', 'nvl')
      .option('--extra-templates <dir>', 'where extra_templates_dir is on this machine')
      .option('--vector <file...>', 'Vector files that ran beside it, in TOML, YAML or JSON')
      .option('--dry-run', 'print it all, and write nothing')
      .option('--force', 'write over files that are there')
      .option('--positions <dir>', 'take over how far logs were read from this data folder of the Vector of before');
  },
  examples: [
    ['nvl migrate config.toml --vector base.toml --out logging', 'from 0.4.1, with the Vector file that has data_dir'],
    ['nvl migrate vector.yaml --dry-run', 'from its successor: look at it first'],
    [
      'nvl migrate vector.yaml --positions /var/lib/vector -c nvl/nvl.yaml -- vector -c nvl/vector/vector.toml',
      'on a node, between the last end of the old one and the first start of nvl',
    ],
  ],
  load: async () => (await import('../../lib/commands/migrate.ts')).migrateCommand,
};

export const DEMO: CommandSpec = {
  name: 'demo',
  summary: 'all of it on a simulated node, nothing to install',
  description: `Starts a small Nomad of its own on the loopback address, with jobs that come and go and log files where Nomad keeps
them, and runs nvl's real cycle against it: you see lines of six formats as they were written, and labelled and parsed. Without
\`vector\` on the PATH nvl runs the pipelines itself. It takes some 20 seconds, a busy machine more, and ends by itself.`,
  sections: [],
  flags: (command) => {
    command
      .optionsGroup('Options:')
      .option('--keep', 'leave it running until Ctrl-C')
      .option('--color', 'colours, also where no terminal is')
      .option('--no-color', 'no colours');
  },
  examples: [['nvl demo', 'see what nvl does']],
  load: async () => (await import('../../lib/commands/demo.ts')).demo,
};
