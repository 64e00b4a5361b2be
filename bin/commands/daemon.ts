import type { CommandSpec } from './spec.ts';

// Of the daemon of a node.

export const RUN: CommandSpec = {
  name: 'run',
  summary: 'collect: keep the config in step with the node, and Vector with the config',
  description: `The daemon. It asks Nomad for the node's allocations, renders the templates into one Vector configuration, has
Vector prove it, swaps it in, and makes Vector load it; then again whenever something changes.

With \`-- vector …\` it runs Vector itself: Vector's output passes through, a SIGHUP reloads it, and at the end nvl waits
until Vector has drained. That Vector reads copies of your own Vector files: an edit of them is proven, and in use once
Vector has loaded it; until then new tasks ship with the last good ones. Without, it tells the Vector that runs already (reload.method).

SIGHUP reads configuration and templates again. SIGTERM ends it.`,
  sections: ['nomad', 'collect', 'general', 'vector', 'reload', 'metrics', 'log'],
  flags: (command) => {
    command.optionsGroup('Options:').option('--once', 'one cycle, then end; 0 when Vector runs what it should');
    command.argument('[vector...]', 'after --: the Vector to run, with its arguments').allowUnknownOption(false);
  },
  examples: [
    ['nvl run -- vector --config /etc/vector/vector.toml', 'run Vector, and keep it fed'],
    ['nvl run --reload-method signal --reload-pid-file /run/vector.pid', 'tell a Vector that runs already'],
    ['nvl run --once --reload-method none', 'write the configuration once, for a cron job'],
  ],
  load: async () => (await import('../../lib/commands/run.ts')).run,
};

export const STATUS: CommandSpec = {
  name: 'status',
  summary: 'what the daemon of this node knows, and why a file is not read',
  description: `What runs, what was attempted last, what is wrong since when and why, and where each task stands: read and unread bytes, how long until
Nomad deletes what is unread, and why a file is not read. JOB is a job's id, that of a periodic or parameterized one, or the beginning of an
allocation's id. It asks the nvl that runs on the output root, over its socket there. Where none runs it prints what its state says, and ends with 1.`,
  sections: ['general'],
  flags: (command) => {
    command
      .argument('[job]', "a job's id, or an allocation's, or JOB/TASK")
      .argument('[task]', 'one task of it')
      .optionsGroup('Options:')
      .option('--json', 'all of it, for other programs; the form is that of schema 1')
      .option('--watch', 'again every two seconds, until Ctrl-C');
  },
  examples: [
    ['nvl status', 'is it well?'],
    ['nvl status web/server', 'why are lines of web missing?'],
    ["nvl status --json | jq '.list[] | select(.unreadBytes > 1e6)'", 'for other programs'],
  ],
  load: async () => (await import('../../lib/commands/status.ts')).status,
};

export const DOCTOR: CommandSpec = {
  name: 'doctor',
  summary: 'what is missing, and what to do about it',
  description:
    'Looks at everything nvl leans on, a line each: what is wrong, and what to do. Ends with 1 when something is.',
  sections: ['nomad', 'general', 'vector', 'reload'],
  flags: (command) => {
    command.argument('[vector...]', 'after --: the Vector that nvl run is given');
  },
  examples: [
    ['nvl doctor', 'before the first run, and when lines are missing'],
    ['nvl doctor -- vector -c /etc/vector/vector.toml', 'of a Vector that nvl runs'],
  ],
  load: async () => (await import('../../lib/commands/doctor.ts')).doctor,
};
