import type { Config } from '../config/config.ts';
import { NvlError } from '../errors.ts';
import type { Supervisor } from '../vector/process/supervise.ts';
import { createCommandReloader } from '../vector/reload/by-command.ts';
import { createSignalReloader } from '../vector/reload/by-signal.ts';
import { createSupervisedReloader } from '../vector/reload/by-supervisor.ts';
import { createWatchReloader } from '../vector/reload/by-watch.ts';
import { createCheckpointFolderConfirmer } from '../vector/reload/confirm-by-folder.ts';
import { createMetricsConfirmer } from '../vector/reload/confirm-by-metrics.ts';
import type { Confirmer, Reloader } from '../vector/reload/reloader.ts';

/** The way to reload that the configuration asks for, or, with `auto`, the first that fits. */
export const reloaderFor = ({
  config,
  cwd,
  dataDir,
  watches,
  supervisor,
}: {
  config: Config;
  cwd: string;
  dataDir: string;
  /** Vector runs with `--watch-config`. */
  watches: boolean;
  supervisor: Pick<Supervisor, 'reload'> | undefined;
}): Reloader => {
  const { method, pidFile, command } = config.reload;
  const confirmer = confirmerFor({ config, dataDir });
  const given = confirmer === undefined ? {} : { confirmer };
  if (supervisor !== undefined) return createSupervisedReloader({ supervisor, ...given });
  if (method === 'none') return { name: 'none', reload: async () => ({ kind: 'reloaded' }) };
  if (method === 'command' || (method === 'auto' && command !== undefined)) {
    return createCommandReloader({ command: command ?? missing('reload.command'), cwd, ...given });
  }
  if (method === 'signal' || (method === 'auto' && pidFile !== undefined)) {
    return createSignalReloader({
      pidFile: pidFile ?? missing('reload.pidFile'),
      binary: config.vector.binary,
      ...given,
    });
  }
  if (method === 'watch' || watches) return createWatchReloader(given);
  throw new NvlError('configInvalid', {
    message: 'nothing says how Vector is made to load a new config',
    advice: 'let nvl run it (nvl run -- vector …), or set reload.pidFile, reload.command, or reload.method: watch',
  });
};

const confirmerFor = ({ config, dataDir }: { config: Config; dataDir: string }): Confirmer | undefined => {
  const { confirm, metrics } = config.reload;
  if (confirm === 'none' || confirm === 'log') return undefined;
  if (confirm === 'metrics' || (confirm === 'auto' && metrics !== undefined)) {
    return createMetricsConfirmer({ url: metrics ?? missing('reload.metrics') });
  }
  return createCheckpointFolderConfirmer({ dataDir });
};

const missing = (key: string): never => {
  throw new NvlError('configInvalid', { message: `${key} is not set, and reload needs it`, advice: `set ${key}` });
};
