import { join } from 'node:path';
import { objectOf, textOf } from '../json.ts';

/** What nvl needs of `GET /v1/agent/self`: which node this is, and where its allocations lie. */
export type Agent = { nodeId: string | undefined; allocDir: string | undefined };

/** `config.Client.AllocDir` is empty when it is the default, `<data_dir>/alloc`. */
export const readAgent = (value: unknown): Agent => {
  const raw = objectOf(value);
  const config = objectOf(raw.config);
  const allocDir = textOf(objectOf(config.Client).AllocDir);
  const dataDir = textOf(config.DataDir);
  return {
    nodeId: textOf(objectOf(objectOf(raw.stats).client).node_id) || undefined,
    allocDir: allocDir || (dataDir === '' ? undefined : join(dataDir, 'alloc')),
  };
};
