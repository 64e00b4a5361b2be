import { Writable } from 'node:stream';
import { Command, CommanderError } from 'commander';
import { addCommands } from '../../bin/commands.ts';
import { withTwoDashes } from '../../lib/config/flags.ts';

let out = '';
let err = '';

const program = new Command('nvl').version('nvl', '-V, --version').exitOverride();
const run = addCommands({
  program,
  onExit: () => {},
  io: {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    // No command is run, so nothing else of it is used.
    stderr: new Writable(),
    readInput: async function* () {},
    env: {},
    cwd: '/',
    isTty: false,
    isErrTty: false,
    signal: new AbortController().signal,
    onHangup: () => () => {},
  },
});
for (const command of program.commands) command.action(() => {});

/**
 * Reads the words behind `nvl` as `bin/` does, against the real commands, and runs nothing. What is wrong with them in
 * Commander's words, or undefined. `isNamed`: a mention in prose, whose arguments may be left out.
 */
export const faultOf = async (
  words: readonly string[],
  { isNamed = false }: { isNamed?: boolean } = {},
): Promise<string | undefined> => {
  err = '';
  try {
    await run(withTwoDashes(words));
    return undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const isFine = error.exitCode === 0 || (isNamed && MISSING.has(error.code));
    return isFine ? undefined : (err.split('\n')[0] ?? error.message);
  }
};

const MISSING: ReadonlySet<string> = new Set(['commander.missingArgument', 'commander.optionMissingArgument']);

/** The help of each command. */
export const helpTexts = (): string[] =>
  program.commands.map((command) => {
    out = '';
    command.outputHelp();
    return out;
  });
