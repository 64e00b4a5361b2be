import { Option as Flag } from 'commander';
import { addNodeFlags, type CommandSpec } from './spec.ts';

// What templates make of lines, before they are used.

export const TEST: CommandSpec = {
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
      .option('--coverage', 'name each branch of a template and its VRL that no test takes, and what else is left out')
      .option('--min <percent>', 'end with 1 when the tests take less than this share of all branches')
      .option('--lcov <file>', 'write it as LCOV too, for code hosts and editors')
      .option('--html <dir>', 'write it as a page too: the templates, with what no test takes marked')
      .option('--allocations <file>', 'a recording, in place of recordings/*.json, to name jobs that ship by default');
  },
  examples: [
    ['nvl test', 'every profile of the configured templates'],
    ['nvl test templates nginx --update', 'take what nginx gives now, then read the change in Git'],
    ['nvl test --coverage --min 90', 'what the tests leave out; in CI, no less than this'],
  ],
  load: async () => (await import('../../lib/commands/test.ts')).test,
};

export const PIPE: CommandSpec = {
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
    addNodeFlags(command);
  },
  examples: [
    ['nvl pipe --profile nginx < access.log', 'what the profile makes of a log'],
    ['tail -f app.log | nvl pipe web --trace', 'as lines come, with each step of the way'],
  ],
  load: async () => (await import('../../lib/commands/pipe.ts')).pipe,
};

export const REVIEW: CommandSpec = {
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
  load: async () => (await import('../../lib/commands/review.ts')).review,
};
