import { type Command, Option as Flag } from 'commander';
import { type ConfigOption, options } from '../lib/config/options.ts';
import type { Io } from '../lib/wiring/io.ts';
import { DOCTOR, RUN, STATUS } from './commands/daemon.ts';
import { CAPTURE, TAIL, TAP, TOP } from './commands/live.ts';
import { CONTEXT, EXPLAIN, RENDER, VALIDATE } from './commands/render.ts';
import type { CommandSpec } from './commands/spec.ts';
import { DEMO, INIT, MIGRATE, SIDECAR } from './commands/start.ts';
import { PIPE, REVIEW, TEST } from './commands/test.ts';

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

/** In the order in which the help lists them. */
const SPECS: readonly CommandSpec[] = [
  RUN,
  RENDER,
  VALIDATE,
  CONTEXT,
  EXPLAIN,
  TAIL,
  TAP,
  TOP,
  CAPTURE,
  TEST,
  PIPE,
  REVIEW,
  STATUS,
  DOCTOR,
  SIDECAR,
  INIT,
  MIGRATE,
  DEMO,
];

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
