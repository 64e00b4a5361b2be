import { Option as Flag } from 'commander';
import { addLogFlags, addNodeFlags, type CommandSpec } from './spec.ts';

// Lines of jobs that run.

export const TAIL: CommandSpec = {
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
    addLogFlags(command);
    command.option('--color', 'colours, also where no terminal is').option('--no-color', 'no colours');
  },
  examples: [
    ['nvl tail web', 'what web writes, everywhere'],
    [`nvl tail web --where '.level == "error"'`, 'its errors'],
    ['nvl tail web/server -n 1000 --no-follow --format json | jq .status', 'for other programs'],
  ],
  load: async () => (await import('../../lib/commands/tail.ts')).tailCommand,
};

export const TAP: CommandSpec = {
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
    addNodeFlags(command);
  },
  examples: [
    ['nvl tap web', 'what Vector makes of the lines of web on this node'],
    ['nvl tap web/server --with templates -n 20', 'and what an edited folder would make of 20 of them'],
    [`nvl tap web --where '.level == "error"' --format json | jq .after`, 'for other programs'],
  ],
  load: async () => (await import('../../lib/commands/tap.ts')).tapCommand,
};

export const TOP: CommandSpec = {
  name: 'top',
  summary: 'lines, bytes, drops and processor time of each job',
  description: `On a node, beside nvl run: what each job costs the running Vector, again every few seconds: lines and bytes that it reads, events that its profile
drops, errors, and the processor time of its transforms; below that, the sinks. It reads the page of Vector's own metrics, and asks nvl which
tasks are in which pipeline. Jobs that share a pipeline are told apart by what their tasks write, marked ~; with metrics.byTask Vector
counts each task's lines itself, and times the transforms. Behind -- stands the Vector that nvl run is given, if that names its files. Ctrl-C ends it.`,
  sections: ['general', 'vector'],
  flags: (command) => {
    command
      .argument('[vector...]', 'after --: the Vector that nvl run is given')
      .optionsGroup('Options:')
      .addOption(new Flag('--by <what>', 'a row for each of these').choices(['job', 'task', 'pipeline']).default('job'))
      .addOption(
        new Flag('--sort <column>', 'the most of this first')
          .choices(['lines', 'bytes', 'drops', 'errors', 'cpu'])
          .default('lines'),
      )
      .option('--interval <duration>', 'how long is counted for each table', '5s')
      .option('--once', 'one table, and end')
      .option('--json', 'all of it, an object a table, for other programs; the form is that of schema 1')
      .option('--url <url>', "where Vector's metrics are; else reload.metrics, else as your Vector files say");
  },
  examples: [
    ['nvl top', 'who writes most?'],
    ['nvl top --by task --sort cpu', 'whose lines are dear to parse?'],
    ["nvl top --once --json | jq '.rows[] | select(.dropped.failed > 0)'", 'whose events are lost?'],
  ],
  load: async () => (await import('../../lib/commands/top.ts')).topCommand,
};

export const CAPTURE: CommandSpec = {
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
    addLogFlags(command);
  },
  examples: [
    ['nvl capture web/server -n 50', 'a case of what server writes, which nvl test passes'],
    ['nvl capture web --stdout --redact rules.yaml --out -', 'look at it first'],
  ],
  load: async () => (await import('../../lib/commands/capture.ts')).captureCommand,
};
