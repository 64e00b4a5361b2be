import { contextsOf } from '../collect/contexts.ts';
import type { Config } from '../config/config.ts';
import type { TaskContext } from '../context/context.ts';
import { planCycle } from '../cycle.ts';
import type { NodeSource } from '../nomad/node-source.ts';
import type { Row } from '../pipelines/row.ts';
import type { LiveSet, Plan } from '../plan/plan.ts';
import { blocksOf } from '../render/file.ts';
import type { Rendered } from '../render/render.ts';
import type { Io } from '../wiring/io.ts';
import { readOnlyDeps } from '../wiring/prepare.ts';
import { withNode } from '../wiring/with-node.ts';

/** What nvl makes of the node as it is now, as `nvl context` and `nvl render` see it. Nothing is written. */
export type Look = {
  tasks: readonly TaskContext[];
  /** The pipeline that one of those tasks is in, with its rendered text and how many tasks share it, and the task's row. */
  pipelineOf: (task: TaskContext) => { id: string; text: string; tasks: number; row: Row } | undefined;
  /** The blocks and rows of all of them, and where their sources read. */
  rendered: Pick<Rendered, 'blocks' | 'rows'>;
  linksDir: string;
  /** What the same node would be given with another templates folder: `nvl render --dry-run --templates DIR`. */
  dryRun: (templates: string) => Promise<{ plan: Plan; live: string }>;
};

export const lookAtNode = ({ config, io }: { config: Config; io: Io }): Promise<Look> =>
  withNode({ io, flags: {}, config }, async ({ nodeSource }) => {
    const snapshot = await nodeSource.ask({ signal: io.signal });
    // The node goes on living; every look here is at this moment of it.
    const frozen: NodeSource = { ask: async () => snapshot, exists: async () => 'present' };
    const plan = async ({ templates, live }: { templates: string | undefined; live: LiveSet }) => {
      const deps = await readOnlyDeps({ io, config: { ...config, templates }, nodeSource: frozen, isRecorded: true });
      return planCycle({
        ...deps,
        disk: { ...deps.disk, readLive: async () => live.text, readTable: async () => live.table },
      });
    };
    const now = await plan({ templates: config.templates, live: { text: undefined, table: undefined } });
    const { collectedTasks } = now.looked;
    const { rows } = now.rendered;
    const linksDir = `${config.root}/links`;
    const blocks = blocksOf(now.plan.text);
    return {
      tasks: contextsOf({ snapshot, collectedTasks, linksDir }),
      rendered: now.rendered,
      linksDir,
      pipelineOf: ({ id }) => {
        const row = rows.find(({ stem }) => stem === id);
        const text = blocks.get(row?.pipeline ?? '')?.text;
        if (row === undefined || text === undefined) return undefined;
        return { id: row.pipeline, text, row, tasks: rows.filter(({ pipeline }) => pipeline === row.pipeline).length };
      },
      dryRun: async (templates) => {
        const { text: live, table } = now.plan;
        return { plan: (await plan({ templates, live: { text: live, table } })).plan, live };
      },
    };
  });
