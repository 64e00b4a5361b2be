import { Option as Flag } from 'commander';
import { addNodeFlags, type CommandSpec } from './spec.ts';

// What a node would get, and what templates see.

export const RENDER: CommandSpec = {
  name: 'render',
  summary: 'render; show the change',
  description: `Renders the configuration and prints it, or writes it to a folder with --out, the table of tasks beside it, so that
Vector can run what was written. With --dry-run it prints what would change against what is live: the diffs of the file and of
the table, then which components and tasks are added, changed and removed, which sources restart, which pipelines are split or
joined and by which line of a template.`,
  sections: ['nomad', 'general'],
  flags: (command) => {
    command
      .optionsGroup('Options:')
      .option('--dry-run', 'show the change against what is live, and write nothing')
      .option('--out <dir>', 'write the configuration and its table into this folder, as plain files')
      .option('--detailed-exitcode', 'end with 2 when there are changes (with --dry-run)')
      .addOption(
        new Flag('--format <format>', 'of the change (with --dry-run)')
          .choices(['text', 'json', 'markdown', 'github'])
          .default('text'),
      )
      .option('--color', 'colours, also where no terminal is')
      .option('--no-color', 'no colours');
    addNodeFlags(command);
  },
  examples: [
    ['nvl render', 'print what Vector would be given'],
    ['nvl render --dry-run --detailed-exitcode', 'in CI: 0 no changes, 2 changes, 1 error'],
    ['nvl render --allocations node.json --templates templates --out /tmp/out', 'without a Nomad, from a recording'],
  ],
  load: async () => (await import('../../lib/commands/render.ts')).render,
};

export const VALIDATE: CommandSpec = {
  name: 'validate',
  summary: 'render, prove, write nothing',
  description: `Renders the configuration and has Vector prove it together with the team's own files, with the arguments, working
directory and environment of the running Vector. Ends with 78 when Vector refuses it.`,
  sections: ['nomad', 'general', 'vector'],
  flags: addNodeFlags,
  examples: [
    ['nvl validate', 'prove what the node would get now'],
    ['nvl validate --allocations node.json --templates templates', 'in CI, from a recording'],
  ],
  load: async () => (await import('../../lib/commands/validate.ts')).validateCommand,
};

export const CONTEXT: CommandSpec = {
  name: 'context',
  summary: 'what templates see, as JSON',
  description: `Prints the context of every collected task: the names and values that templates can use, volatile fields included. id and
logs are those of the pipeline that the task gets. With --record it writes a recording that --allocations reads, without any of Nomad's fields that carry secrets;
with --log-sizes too, what each task wrote to its logs and over which time, by the files on this machine, of which \`nvl review\` makes GB a day.`,
  sections: ['nomad', 'general'],
  flags: (command) => {
    command
      .optionsGroup('Options:')
      .option('--record <file>', 'write a recording instead; - for stdout')
      .option('--log-sizes', 'put into the recording how much each task writes; on the node itself');
    addNodeFlags(command);
  },
  examples: [
    ["nvl context | jq '.tasks[0]'", 'the first task'],
    ['nvl context --record node.json', 'for templates under review, and for CI'],
    ['nvl context --record node.json --log-sizes', 'so that a review says what a change costs'],
  ],
  load: async () => (await import('../../lib/commands/context.ts')).context,
};

export const EXPLAIN: CommandSpec = {
  name: 'explain',
  summary: 'which profile, and why',
  description: `Tells of each task of a job (by its id, its parent's, or an allocation's): which profile it has and why, its
parameters, its files, its pipeline, what splits that from others of the profile, and the pipeline's rendered lines beside the
template lines that they came from.`,
  sections: ['nomad', 'general'],
  flags: (command) => {
    command.argument('<job>', "a job's id, or an allocation's").argument('[task]', 'one task of it');
    addNodeFlags(command);
  },
  examples: [['nvl explain web server', 'why the lines of web look as they do']],
  load: async () => (await import('../../lib/commands/explain.ts')).explain,
};
