import { whyOver } from '../collect/why-over.ts';
import type { Config } from '../config/config.ts';
import { askingById } from '../nomad/ask-by-id.ts';
import type { NomadClient } from '../nomad/client.ts';
import type { FollowedSource, NodeSource, nomadSource } from '../nomad/node-source.ts';
import { sourceFor } from './own-group.ts';
import type { DaemonResources } from './session.ts';

/** What a daemon asks: the source whose news it follows, and the same for a cycle, which also asks for what is held of others. */
export const openDaemonSource = ({
  client,
  config,
  resources,
}: {
  client: NomadClient;
  config: Config;
  resources: DaemonResources;
}): { nodeSource: FollowedSource; asking: NodeSource } => {
  const { io, over } = resources;
  const intervalMs = config.nomad.interval;
  const more = overIn({ config, resources });
  const nodeSource = sourceFor({ client, config, env: io.env, over, intervalMs, ...more });
  return { nodeSource, asking: askingAbout({ client, source: nodeSource, resources }) };
};

/** That source, which asks for each allocation that log files are held of and the list does not name. */
const askingAbout = ({
  client,
  source,
  resources: { logs, log },
}: {
  client: NomadClient;
  source: NodeSource;
  resources: Pick<DaemonResources, 'logs' | 'log'>;
}): NodeSource =>
  askingById({
    source,
    held: () => logs.shelf.heldAllocs(),
    read: (id, options) => client.allocation(id, options),
    isHidden: async (id, options) => (await client.allocationExists(id, options)) === 'hidden',
    tellHidden: (ids) => log.warn({ allocations: ids.length, first: ids[0], ...HIDDEN.facts }, HIDDEN.words),
    now: Date.now,
  });

/** A list leaves out without a word what the token may not read. */
const HIDDEN = {
  words: 'Nomad does not tell whose log files these are, and they are not collected',
  facts: {
    needs: "the capability read-job in the allocations' namespaces",
    advice: 'give the token a policy with what it needs; the files are held for ten minutes',
  },
};

/** Of which allocations nothing is left to do, by the state and the disk. */
const overIn = ({
  config: { collect },
  resources: { store, logs },
}: {
  config: Config;
  resources: Pick<DaemonResources, 'store' | 'logs'>;
}): Pick<Parameters<typeof nomadSource>[0], 'whyOver' | 'found'> => {
  const isThere = (where: { allocDir: string; allocId: string }) => {
    try {
      return logs.shelf.heldOf(where.allocId).length > 0 || !logs.isGone(where);
    } catch {
      // What may not be looked at may be there: the cycle says so.
      return true;
    }
  };
  return {
    found: () => logs.shelf.heldAllocs(),
    whyOver: ({ allocation, allocDir }) =>
      whyOver({
        allocation,
        state: store.read(),
        collect,
        hasFiles: (allocId) => isThere({ allocDir, allocId }),
        now: Date.now(),
      }),
  };
};
