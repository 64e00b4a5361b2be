import { join } from 'node:path';
import { listOf, objectOf, textOf } from '../json.ts';

/** What nvl needs of `GET /v1/agent/self`: which node this is, and where its allocations lie. */
export type Agent = {
  nodeId: string | undefined;
  allocDir: string | undefined;
  /** Drivers whose plugin is told to collect no logs: their tasks have no log files, whatever their jobs say. */
  driversWithoutLogs: readonly string[];
};

/** `config.Client.AllocDir` is empty when it is the default, `<data_dir>/alloc`. */
export const readAgent = (value: unknown): Agent => {
  const raw = objectOf(value);
  const config = objectOf(raw.config);
  const allocDir = textOf(objectOf(config.Client).AllocDir);
  const dataDir = textOf(config.DataDir);
  return {
    nodeId: textOf(objectOf(objectOf(raw.stats).client).node_id) || undefined,
    allocDir: allocDir || (dataDir === '' ? undefined : join(dataDir, 'alloc')),
    driversWithoutLogs: listOf(config.Plugins)
      .map(objectOf)
      .filter((plugin) => isOn(objectOf(plugin.Config).disable_log_collection))
      .map((plugin) => textOf(plugin.Name)),
  };
};

/** HCL takes a yes/no in quotes, too. */
const isOn = (value: unknown): boolean => value === true || value === 'true' || value === '1';
