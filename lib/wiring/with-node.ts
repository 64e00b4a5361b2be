import type { Config } from '../config/config.ts';
import type { NodeSource } from '../nomad/node-source.ts';
import type { Io } from './io.ts';
import { configFor, type Flags, openNodeSource } from './prepare.ts';

/** What a command that only looks is handed: the configuration, and the node it is about. */
export type OpenedNode = { io: Io; config: Config; nodeSource: NodeSource; isRecorded: boolean };

/**
 * Opens the node for as long as `use` takes: Nomad's, or with --allocations a recording. The configuration is read as every
 * command reads it, but for a caller that has one.
 */
export const withNode = async <T>(
  { io, flags, config: known }: { io: Io; flags: Flags; config?: Config },
  use: (node: OpenedNode) => Promise<T>,
): Promise<T> => {
  const config = known ?? (await configFor({ io, flags }));
  const { nodeSource, isRecorded, close } = await openNodeSource({ io, flags, config });
  try {
    return await use({ io, config, nodeSource, isRecorded });
  } finally {
    await close();
  }
};
