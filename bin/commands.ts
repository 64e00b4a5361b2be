import { type Command, Option as Flag } from 'commander';
import { type ConfigOption, options } from '../lib/config/options.ts';
import type { Io } from '../lib/wiring/io.ts';

type Action = (given: { io: Io; flags: Record<string, unknown>; args: string[]; rest: string[] }) => Promise<number>;

type Spec = {
  name: string;
  summary: string;
  description: string;
  /** Which sections of the configuration its help lists; the other keys' flags work all the same. */
  sections: readonly string[];
  flags?: (command: Command) => void;
  examples: readonly [command: string, does: string][];
  load: () => Promise<Action>;
};

const NODE_FLAGS = (command: Command): void => {
  command
    .optionsGroup('A recording instead of Nomad:')
    .option('--allocations <file>', "Nomad's answer of /v1/node/:id/allocations, or what `nvl context --record` wrote")
    .option('--node <file>', "Nomad's answer of /v1/node/:id");
};

const LOG_FLAGS = (command: Command): void => {
  command
    .option('--task <name>', 'only this task')
    .option('--stdout', 'only what tasks write to stdout')
    .option('--stderr', 'only what tasks write to stderr')
    .option('--namespace <namespace>', "the job's namespace, * for all; else NOMAD_NAMESPACE, else default");
};

const SPECS: readonly Spec[] = [
  {
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
    load: async () => (await import('../lib/commands/run.ts')).run,
  },
  {
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
      NODE_FLAGS(command);
    },
    examples: [
      ['nvl render', 'print what Vector would be given'],
      ['nvl render --dry-run --detailed-exitcode', 'in CI: 0 no changes, 2 changes, 1 error'],
      ['nvl render --allocations node.json --templates templates --out /tmp/out', 'without a Nomad, from a recording'],
    ],
    load: async () => (await import('../lib/commands/render.ts')).render,
  },
  {
    name: 'validate',
    summary: 'render, prove, write nothing',
    description: `Renders the configuration and has Vector prove it together with the team's own files, with the arguments, working
directory and environment of the running Vector. Ends with 78 when Vector refuses it.`,
    sections: ['nomad', 'general', 'vector'],
    flags: NODE_FLAGS,
    examples: [
      ['nvl validate', 'prove what the node would get now'],
      ['nvl validate --allocations node.json --templates templates', 'in CI, from a recording'],
    ],
    load: async () => (await import('../lib/commands/validate.ts')).validateCommand,
  },
  {
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
      NODE_FLAGS(command);
    },
    examples: [
      ["nvl context | jq '.tasks[0]'", 'the first task'],
      ['nvl context --record node.json', 'for templates under review, and for CI'],
      ['nvl context --record node.json --log-sizes', 'so that a review says what a change costs'],
    ],
    load: async () => (await import('../lib/commands/context.ts')).context,
  },
  {
    name: 'explain',
    summary: 'which profile, and why',
    description: `Tells of each task of a job (by its id, its parent's, or an allocation's): which profile it has and why, its
parameters, its files, its pipeline, what splits that from others of the profile, and the pipeline's rendered lines beside the
template lines that they came from.`,
    sections: ['nomad', 'general'],
    flags: (command) => {
      command.argument('<job>', "a job's id, or an allocation's").argument('[task]', 'one task of it');
      NODE_FLAGS(command);
    },
    examples: [['nvl explain web server', 'why the lines of web look as they do']],
    load: async () => (await import('../lib/commands/explain.ts')).explain,
  },
  {
    name: 'tail',
    summary: "all of a job's allocations live, parsed",
    description: `Shows what all allocations of a job write, as they write it, parsed and labelled by its profile: nvl itself runs what a node would render, over
Nomad's HTTP API alone. It runs anywhere, with a token that has read-job and read-logs, and needs neither a node nor Vector. Allocations that
join are shown from their first line. JOB is a job's id, that of a periodic or parameterized one with its children, an allocation's id or the
beginning of it, or JOB/TASK. Ctrl-C ends it.`,
    sections: ['nomad', 'general'],
    flags: (command) => {
      command
        .argument('<job>', "a job's id, or an allocation's, or JOB/TASK")
        .optionsGroup('Options:')
        .option('-n, --lines <number>', 'so many lines of before, of each log', '10')
        .option('--no-follow', 'show what there is, and end')
        .option('--where <vrl>', 'only events that fulfil a condition in VRL, over the labelled event')
        .addOption(
          new Flag('--format <format>', 'a line for people, or the JSON that a sink would write')
            .choices(['pretty', 'json'])
            .default('pretty'),
        );
      LOG_FLAGS(command);
      command.option('--color', 'colours, also where no terminal is').option('--no-color', 'no colours');
    },
    examples: [
      ['nvl tail web', 'what web writes, everywhere'],
      [`nvl tail web --where '.level == "error"'`, 'its errors'],
      ['nvl tail web/server -n 1000 --no-follow --format json | jq .status', 'for other programs'],
    ],
    load: async () => (await import('../lib/commands/tail.ts')).tailCommand,
  },
  {
    name: 'tap',
    summary: 'lines of the running Vector, before and after',
    description: `On a node, beside nvl run: shows the lines of a job as the running Vector has them, what the source of their pipeline gave (before) and what its last
component gave (after), with the fields that changed: + new, ~ another value, - gone. With --with it shows what an edited folder of templates
would make of the same lines; nothing is deployed. It asks Vector's API, which is off by default, and which asks nobody who they are. Vector shows a tap what it
can spare, so this is no count. Behind -- stands the Vector that nvl run is given, if that names its files. Ctrl-C ends it.`,
    sections: ['nomad', 'general', 'vector'],
    flags: (command) => {
      command
        .argument('<job>', "a job's id, or an allocation's, or JOB/TASK")
        .optionsGroup('Options:')
        .option('--with <templates>', 'a folder of templates, run on the same lines by nvl itself')
        .option('--where <vrl>', 'only lines of which an event fulfils a condition in VRL, over the labelled event')
        .option('--dropped', 'show lines that gave no event, and why, on stderr')
        .option('-n, --count <number>', 'end after so many lines')
        .addOption(
          new Flag('--format <format>', 'for people, or an object a line as JSON: before, after and with')
            .choices(['pretty', 'json'])
            .default('pretty'),
        )
        .option('--url <url>', "where Vector's API answers; else as your Vector files say, else http://127.0.0.1:8686")
        .option('--color', 'colours, also where no terminal is')
        .option('--no-color', 'no colours');
      NODE_FLAGS(command);
    },
    examples: [
      ['nvl tap web', 'what Vector makes of the lines of web on this node'],
      ['nvl tap web/server --with templates -n 20', 'and what an edited folder would make of 20 of them'],
      [`nvl tap web --where '.level == "error"' --format json | jq .after`, 'for other programs'],
    ],
    load: async () => (await import('../lib/commands/tap.ts')).tapCommand,
  },
  {
    name: 'capture',
    summary: 'real lines into a test case',
    description: `Takes the last lines that a job's tasks wrote, by Nomad's HTTP API alone, and writes them as a case of their profile's tests, with the events that come of
them now: captured-….yaml in the tests folder beside the profile. What looks like a secret or personal data is taken out first, as the sample
redact does it, and said; --redact adds rules of your own. Read what was written before you commit it.`,
    sections: ['nomad', 'general'],
    flags: (command) => {
      command
        .argument('<job>', "a job's id, or an allocation's, or JOB/TASK")
        .optionsGroup('Options:')
        .option('-n, --lines <number>', 'so many lines, of each log', '50')
        .option('--redact <file>', 'rules of your own, as YAML or JSON: a list of pattern and with')
        .option('--no-redact', 'take nothing out, secrets neither')
        .option('--out <file>', 'write it there; - for stdout');
      LOG_FLAGS(command);
    },
    examples: [
      ['nvl capture web/server -n 50', 'a case of what server writes, which nvl test passes'],
      ['nvl capture web --stdout --redact rules.yaml --out -', 'look at it first'],
    ],
    load: async () => (await import('../lib/commands/capture.ts')).captureCommand,
  },
  {
    name: 'test',
    summary: 'lines in, events out',
    description: `Runs the tests of a templates folder's profiles: what is written beside a profile in tests/*.yaml, lines in and events
out. nvl itself runs what it renders, with Vector's own language, so no Vector is needed; where one is on the PATH it judges
profiles and sinks too. DIR is a templates folder, else that of the configuration, else the shipped samples; further arguments are
profiles.`,
    sections: ['general'],
    flags: (command) => {
      command
        .argument('[dir]', 'a templates folder')
        .argument('[profile...]', 'only these profiles')
        .optionsGroup('Options:')
        .option('--profile <name...>', 'only these profiles')
        .addOption(
          new Flag(
            '--engine <engine>',
            'what runs the lines: nvl in Node, or a real Vector beside it, and any difference is told',
          )
            .choices(['node', 'vector'])
            .default('node'),
        )
        .option('--update', 'write what comes now as what is expected, into the test files')
        .option('--junit <file>', 'write the results as JUnit XML too')
        .option('--color', 'colours, also where no terminal is')
        .option('--no-color', 'no colours')
        .optionsGroup('Coverage, what the tests never exercise:')
        .option(
          '--coverage',
          'name each branch of a template and its VRL that no test takes, and what else is left out',
        )
        .option('--min <percent>', 'end with 1 when the tests take less than this share of all branches')
        .option('--lcov <file>', 'write it as LCOV too, for code hosts and editors')
        .option('--html <dir>', 'write it as a page too: the templates, with what no test takes marked')
        .option(
          '--allocations <file>',
          'a recording, in place of recordings/*.json, to name jobs that ship by default',
        );
    },
    examples: [
      ['nvl test', 'every profile of the configured templates'],
      ['nvl test templates nginx --update', 'take what nginx gives now, then read the change in Git'],
      ['nvl test --coverage --min 90', 'what the tests leave out; in CI, no less than this'],
    ],
    load: async () => (await import('../lib/commands/test.ts')).test,
  },
  {
    name: 'pipe',
    summary: 'one parser, at once: lines in, events out',
    description: `Lines on stdin, events on stdout, through the pipeline of a job's task (by its id, its parent's, or an allocation's), or
of a task of --profile that Nomad never knew. It runs what nvl renders with Vector's own language; no Vector is needed.`,
    sections: ['nomad', 'general'],
    flags: (command) => {
      command.argument('[job]', "a job's id, or an allocation's").argument('[task]', 'one task of it');
      command
        .optionsGroup('Options:')
        .option('--profile <name>', 'a profile of the templates, in place of a job; without either: default')
        .option('--param <name=value...>', 'a parameter of that profile')
        .addOption(
          new Flag('--stream <stream>', 'what the lines are said to be written to')
            .choices(['stdout', 'stderr'])
            .default('stdout'),
        )
        .option('--dropped', 'show what was dropped, and why, on stderr')
        .option('--trace', 'show what each component did');
      NODE_FLAGS(command);
    },
    examples: [
      ['nvl pipe --profile nginx < access.log', 'what the profile makes of a log'],
      ['tail -f app.log | nvl pipe web --trace', 'as lines come, with each step of the way'],
    ],
    load: async () => (await import('../lib/commands/pipe.ts')).pipe,
  },
  {
    name: 'review',
    summary: 'what a template change does, for a pull request',
    description: `In a Git checkout: renders the templates of BASE (else of the main branch) and those of the checkout against recorded
allocations, and prints Markdown for a pull request: a summary of at most ten lines, and folded below it what changes job by job, what that
costs (GB a day, lines dropped, streams), which pipelines are split or joined, a line before and after for each profile that
changes, test results, and risks. It reads recordings/*.json at the top of the checkout, or what --allocations names.

Ends with 1 when a test fails or something cannot ship as it is meant, 78 when Vector refuses the configuration, 3 when the change
takes a job or a sink over one of the limits.

With --plan it tells of each task of a job, by what \`nomad job plan -json-output\` or \`nomad job run -output\` printed: profile, labels, pipeline,
sinks, and what of its logs is read anew. It needs no Git then, and ends with 1 when a task does not ship as it is meant.`,
    sections: ['general'],
    flags: (command) => {
      command
        .argument('[base]', 'the commit or branch to compare with; its merge base counts')
        .optionsGroup('Options:')
        .addOption(new Flag('--format <format>', 'of what it prints').choices(['markdown', 'json']).default('markdown'))
        .option('--detailed-exitcode', 'end with 2 when there are changes')
        .option('--allocations <file>', 'a recording, in place of recordings/*.json')
        .addOption(
          new Flag(
            '--lines <job=file>',
            'real lines of a job (for each, once more), to tell by what its pipelines let through; else those of the tests of its profile',
          ).argParser((one: string, others: string[] = []) => [...others, one]),
        )
        .optionsGroup('Limits of what a change costs, with 3 when it goes over one:')
        .option('--max-gb-day <number>', 'GB a day that a job may ship, as JSON')
        .option('--max-drop-share <percent>', 'of a job’s lines that may be dropped')
        .option('--max-streams <number>', 'streams (files, indices, …) a day that a sink may have')
        .optionsGroup('For job owners, before `nomad job run`:')
        .option('--plan <file>', 'what becomes of the logs of a job, by what nomad printed; - for stdin')
        .option('--namespace <namespace>', 'where the job of the plan is');
    },
    examples: [
      ['nvl review origin/main >> $GITHUB_STEP_SUMMARY', 'in a pull request'],
      ['nvl review origin/main --lines shop=shop.log --max-gb-day 20', 'with real lines of one job, and a limit'],
      ['nomad job plan -json-output web.nomad.hcl | nvl review --plan -', 'what a job is about to change'],
    ],
    load: async () => (await import('../lib/commands/review.ts')).review,
  },
  {
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
    load: async () => (await import('../lib/commands/status.ts')).status,
  },
  {
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
    load: async () => (await import('../lib/commands/doctor.ts')).doctor,
  },
  {
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
    load: async () => (await import('../lib/commands/sidecar.ts')).sidecarCommand,
  },
  {
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
    load: async () => (await import('../lib/commands/init.ts')).init,
  },
  {
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
      [
        'nvl migrate config.toml --vector base.toml --out logging',
        'from 0.4.1, with the Vector file that has data_dir',
      ],
      ['nvl migrate vector.yaml --dry-run', 'from its successor: look at it first'],
      [
        'nvl migrate vector.yaml --positions /var/lib/vector -c nvl/nvl.yaml -- vector -c nvl/vector/vector.toml',
        'on a node, between the last end of the old one and the first start of nvl',
      ],
    ],
    load: async () => (await import('../lib/commands/migrate.ts')).migrateCommand,
  },
  {
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
    load: async () => (await import('../lib/commands/demo.ts')).demo,
  },
];

/** Adds every command; returns what parses the arguments and runs one. */
export const addCommands = ({
  program,
  io,
  onExit,
}: {
  program: Command;
  io: Io;
  onExit: (code: number) => void;
}): ((args: string[]) => Promise<void>) => {
  program
    .description("Ships the logs of a Nomad node's tasks with Vector, from templates that your team owns.")
    .configureHelp({ sortSubcommands: false, helpWidth: 100 })
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('(nvl --help shows what there is)')
    .addHelpText('after', `\n${AFTER}`);
  let rest: string[] = [];
  for (const spec of SPECS) {
    const command = program.command(spec.name).summary(spec.summary).description(unwrapped(spec.description));
    spec.flags?.(command);
    addOptions(command, spec.sections);
    command.addHelpText(
      'after',
      `\nExamples:\n${spec.examples.map(([line, does]) => `  ${line}\n      ${does}`).join('\n')}`,
    );
    command.action(async () => {
      const action = await spec.load();
      onExit(await action({ io, flags: command.opts(), args: command.args, rest }));
    });
  }
  return async (args) => {
    const end = args.indexOf('--');
    rest = end === -1 ? [] : args.slice(end + 1);
    const own = end === -1 ? args : args.slice(0, end);
    if (own.length === 0) {
      program.outputHelp();
      return;
    }
    await program.parseAsync(own, { from: 'user' });
  };
};

const AFTER = `Configuration: nvl.{yaml,yml,toml,json} or .nvlrc, looked for from here upwards, then in /etc/nvl; docs/configuration.md lists
every key. Nomad's own flags and variables (NOMAD_ADDR, NOMAD_TOKEN, …) mean what they mean to nomad.

Exit: 0 done, 1 error, 2 changes (with --detailed-exitcode), 3 over a limit (review), 78 Vector refused the configuration.

Start with: nvl demo`;

const TITLES: Readonly<Record<string, string>> = {
  nomad: 'Nomad:',
  collect: 'What is collected:',
  general: 'Templates and output:',
  vector: 'Vector:',
  reload: 'Reload:',
  metrics: 'Metrics:',
  log: 'Log:',
};

/** Every key has its flag on every command; the help of each lists those that matter to it. */
const addOptions = (command: Command, sections: readonly string[]): void => {
  command.optionsGroup('Options:').option('-c, --config <file>', 'the configuration file');
  for (const option of options) {
    if (option.flag === undefined) continue;
    const section = option.path.length > 1 ? (option.path[0] ?? '') : 'general';
    const flag = new Flag(flagText(option), option.description.replaceAll('`', ''));
    if (!sections.includes(section)) flag.hideHelp();
    command.addOption(flag.helpGroup(TITLES[section] ?? 'Options:'));
    if (option.kind === 'boolean') command.addOption(new Flag(`--no-${option.flag.slice(2)}`).hideHelp());
  }
};

const flagText = (option: ConfigOption): string =>
  option.argument === undefined ? `${option.flag}` : `${option.flag} ${option.argument}`;

/** Paragraphs as the help's own width wraps them. */
const unwrapped = (text: string): string => text.replaceAll(/(?<!\n)\n(?!\n)/g, ' ');
