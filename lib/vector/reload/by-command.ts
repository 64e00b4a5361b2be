import { execa } from 'execa';
import { askAndConfirm } from './ask-and-confirm.ts';
import type { Confirmer, Reloader } from './reloader.ts';

/**
 * Reloads Vector by a command of the user's (`systemctl reload vector`), run without a shell. An exit code other than 0
 * is a failure; one that takes longer than the reload may is ended, with all it started.
 */
export const createCommandReloader = ({
  command,
  cwd,
  confirmer,
}: {
  command: string[];
  cwd?: string | undefined;
  confirmer?: Confirmer;
}): Reloader =>
  askAndConfirm({
    name: 'command',
    confirmer,
    ask: async ({ timeoutMs, signal }) => {
      const [file = '', ...args] = command;
      const result = await execa(file, args, {
        stdin: 'ignore',
        all: true,
        reject: false,
        timeout: timeoutMs,
        killDescendants: true,
        forceKillAfterDelay: 1_000,
        maxBuffer: 1024 * 1024,
        ...(cwd === undefined ? {} : { cwd }),
        ...(signal === undefined ? {} : { cancelSignal: signal }),
      });
      if (!result.failed) return undefined;
      if (result.isCanceled) return { kind: 'unconfirmed', why: 'nvl stopped before the reload command had ended' };
      const said = result.all.trim().split('\n').slice(-5).join('\n');
      return {
        kind: 'failed',
        why: [`the reload command failed: ${result.shortMessage}`, said].filter(Boolean).join('\n'),
      };
    },
  });
