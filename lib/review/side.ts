import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { collectTasks } from '../collect/collect.ts';
import { contextsOf, optOutNotes } from '../collect/contexts.ts';
import { NodeTasks, optedOut } from '../collect/node-tasks.ts';
import type { Config } from '../config/config.ts';
import { readTemplates, type TemplateFiles } from '../config/read-templates.ts';
import { nodeContext, type TaskContext } from '../context/context.ts';
import { NO_FILES } from '../files/log-access.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import type { Note } from '../render/refused.ts';
import { type Rendered, renderNode } from '../render/render.ts';
import { compileTemplates, type Templates } from '../render/templates.ts';

/** One side of a review: the recorded nodes, rendered with its templates and its configuration. */
export type ReviewSide = {
  templates: Templates;
  files: TemplateFiles['files'];
  rendered: Rendered;
  tasks: TaskContext[];
  linksDir: string;
  /** Opt-outs that are no clear ones. */
  notes: Note[];
  isThere: boolean;
};

/** Renders the recorded nodes. A base may have no templates yet: then nothing is rendered, and nothing is at fault. */
export const sideOf = async ({
  config,
  recordings,
  isBase,
}: {
  config: Config;
  recordings: readonly NodeSnapshot[];
  isBase: boolean;
}): Promise<ReviewSide> => {
  const isThere = config.templates === undefined || existsSync(config.templates);
  const read = isThere || !isBase ? await readTemplates(config.templates) : { dir: '', files: [], profileFolders: [] };
  const templates = compileTemplates(read);
  const linksDir = join(config.root, 'links');
  const tasks: TaskContext[] = [];
  const notes: Note[] = [];
  let node: object = {};
  for (const recorded of recordings) {
    const snapshot = { ...recorded, allocDir: config.nomad.allocDir ?? recorded.allocDir };
    const listed = new NodeTasks().of({ snapshot, config, ownAllocId: undefined });
    const collectedTasks = await collectTasks({
      snapshot,
      tasks: listed,
      nodeSource: { ask: async () => snapshot, exists: async () => 'gone' },
      state: { schema: 1, installedAt: 0, tasks: {} },
      config,
      logAccess: NO_FILES,
      positionsOf: async () => new Map(),
      isRecorded: true,
      now: 0,
      signal: new AbortController().signal,
    });
    tasks.push(...contextsOf({ snapshot, collectedTasks, linksDir }));
    notes.push(...optOutNotes(optedOut(listed)));
    node = { ...nodeContext(snapshot.node), ...snapshot.node.status };
  }
  const rendered = renderNode({
    templates,
    tasks: isThere ? tasks : [],
    node,
    hasSinks: isThere && config.sinks !== 'none',
    linksDir,
    live: new Map(),
    seats: new Map(),
    carried: new Set(),
    quarantined: new Map(),
    isMeasured: config.metrics.byTask,
  });
  return { templates, files: read.files, rendered, tasks, linksDir, notes, isThere };
};
