import { contextsOf } from '../collect/contexts.ts';
import type { Config } from '../config/config.ts';
import type { TaskContext } from '../context/context.ts';
import { planCycle } from '../cycle.ts';
import { linksIn } from '../files/log-access.ts';
import type { NodeSource } from '../nomad/node-source.ts';
import type { Plan } from '../plan/plan.ts';
import { blocksOf } from '../render/file.ts';
import type { Io } from '../wiring/io.ts';
import { readOnlyDeps } from '../wiring/prepare.ts';
import { withNode } from '../wiring/with-node.ts';

/** What nvl makes of the node as it is now, as `nvl context` and `nvl render` see it. Nothing is written. */
export type Look = {
  tasks: readonly TaskContext[];
  /** The rendered blocks of one of those tasks. */
  blockOf: (task: TaskContext) => string;
  /** What the same node would be given with another templates folder: `nvl render --dry-run --templates DIR`. */
  dryRun: (templates: string) => Promise<{ plan: Plan; live: string }>;
};

export const lookAtNode = ({ config, io }: { config: Config; io: Io }): Promise<Look> =>
  withNode({ io, flags: {}, config }, async ({ nodeSource }) => {
    const snapshot = await nodeSource.ask({ signal: io.signal });
    // The node goes on living; every look here is at this moment of it.
    const frozen: NodeSource = { ask: async () => snapshot, exists: async () => 'present' };
    const plan = async ({ templates, live }: { templates: string | undefined; live: string | undefined }) => {
      const deps = await readOnlyDeps({ io, config: { ...config, templates }, nodeSource: frozen, isRecorded: true });
      return planCycle({ ...deps, disk: { ...deps.disk, readLive: async () => live } });
    };
    const now = await plan({ templates: config.templates, live: undefined });
    const { collectedTasks } = now.looked;
    const blocks = blocksOf(now.plan.text);
    return {
      tasks: contextsOf({
        snapshot,
        collectedTasks,
        logAccess: linksIn(`${config.root}/links`),
      }),
      blockOf: ({ id }) => blocks.get(id)?.text ?? '',
      dryRun: async (templates) => {
        const live = now.plan.text;
        return { plan: (await plan({ templates, live })).plan, live };
      },
    };
  });
