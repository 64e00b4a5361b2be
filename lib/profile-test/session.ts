import type { TemplateFiles } from '../config/read-templates.ts';
import type { NvlError } from '../errors.ts';
import { type Rendered, renderNode } from '../render/render.ts';
import type { Templates } from '../render/templates.ts';
import type { VectorCommand } from '../vector/config/command.ts';
import type { TestCase } from './case.ts';
import type { RunFolders } from './lay-out.ts';
import { type SyntheticTask, syntheticNode } from './synthetic-task.ts';

/** What a case's task wrote, in the shape that a run needs. */
export type RunCase = Omit<TestCase, 'events' | 'isExact'>;

/** Everything that one run works with. */
export type TestSession = {
  cases: readonly { testCase: RunCase; task: SyntheticTask }[];
  templates: Templates;
  /** What the templates were compiled from. */
  files: TemplateFiles['files'];
  /** Its binary is an absolute path. */
  command: Pick<VectorCommand, 'binary' | 'env' | 'cwd'>;
  folders: RunFolders;
  /** Whether a task, by its stem, may be in one pipeline with others. */
  mayShare: (id: string) => boolean;
  /** A template's path as people know it. */
  shownPath: (path: string) => string;
  signal: AbortSignal;
};

/** Why tasks cannot be run, by the stem of their components. */
export type TaskErrors = Map<string, readonly NvlError[]>;

/** The pipelines of tasks, by their stems. */
export const pipelinesOf = ({ rows }: Pick<Rendered, 'rows'>): ReadonlyMap<string, string> =>
  new Map(rows.map(({ stem, pipeline }) => [stem, pipeline]));

/** The stems of each pipeline's tasks. */
export const stemsIn = ({ rows }: Pick<Rendered, 'rows'>): ReadonlyMap<string, readonly string[]> =>
  new Map([...Map.groupBy(rows, ({ pipeline }) => pipeline)].map(([id, own]) => [id, own.map(({ stem }) => stem)]));

/** The configuration of the session's tasks, as a node's, without those that `isIn` leaves out. */
export const renderTests = ({
  session,
  isIn,
  hasSinks = false,
  mayShare = () => false,
}: {
  session: Pick<TestSession, 'cases' | 'templates'> & { folders: Pick<RunFolders, 'links'> };
  isIn: (id: string) => boolean;
  hasSinks?: boolean;
  /** Which tasks may share a pipeline: their events are told apart by the files that they come from. None by default. */
  mayShare?: (id: string) => boolean;
}): Rendered =>
  renderNode({
    templates: session.templates,
    tasks: session.cases.map(({ task: { context } }) => context).filter(({ id }) => isIn(id)),
    node: syntheticNode('node'),
    hasSinks,
    linksDir: session.folders.links,
    live: new Map(),
    seats: new Map(),
    carried: new Set(),
    quarantined: new Map(),
    // What a profile is tested for is its own blocks.
    hasFallbacks: false,
    mayShare,
  });
