import type { Command } from 'commander';
import type { Io } from '../../lib/wiring/io.ts';

/** One command of nvl as a person calls it; what it does is loaded when it is called. */
export type CommandSpec = {
  name: string;
  summary: string;
  description: string;
  /** Which sections of the configuration its help lists; the other keys' flags work all the same. */
  sections: readonly string[];
  flags?: (command: Command) => void;
  examples: readonly [command: string, does: string][];
  load: () => Promise<CommandAction>;
};

/** `rest`: what stands behind `--`. Resolves with the exit code. */
export type CommandAction = (given: {
  io: Io;
  flags: Record<string, unknown>;
  args: string[];
  rest: string[];
}) => Promise<number>;

export const addNodeFlags = (command: Command): void => {
  command
    .optionsGroup('A recording instead of Nomad:')
    .option('--allocations <file>', "Nomad's answer of /v1/node/:id/allocations, or what `nvl context --record` wrote")
    .option('--node <file>', "Nomad's answer of /v1/node/:id");
};

export const addLogFlags = (command: Command): void => {
  command
    .option('--task <name>', 'only this task')
    .option('--stdout', 'only what tasks write to stdout')
    .option('--stderr', 'only what tasks write to stderr')
    .option('--namespace <namespace>', "the job's namespace, * for all; else NOMAD_NAMESPACE, else default");
};
