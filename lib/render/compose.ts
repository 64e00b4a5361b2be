import { logsIn, type TaskContext } from '../context/context.ts';
import { metaLevelOf } from '../context/meta-levels.ts';
import { resolveParams } from '../context/params.ts';
import type { ParameterValue } from '../context/profile-settings.ts';
import type { NvlError } from '../errors.ts';
import { isTable } from '../table.ts';
import { componentsOf } from './components.ts';
import { tagConnections } from './connections.ts';
import { containerSource } from './containers/container-source.ts';
import { givesLines } from './joined-lines.ts';
import { refusedBlock } from './judge-block.ts';
import { keepsState } from './keeps-state.ts';
import { columnsComment } from './labels/columns.ts';
import { labelObjectIn } from './labels/label-object.ts';
import { labelTable, labelTableComment } from './labels/label-tables.ts';
import { inComponent, inId, loneFrame, profileFrame } from './labels/shapes.ts';
import { labelProgramIn, withFrame } from './labels/with-frame.ts';
import { namesMarksIn } from './own-marks.ts';
import { withReadFields } from './read-fields.ts';
import { type Reads, renderBlock } from './render-block.ts';
import type { Cell } from './safe/index.ts';
import type { Profile, Template } from './templates.ts';

/** What reads a task's lines, and what is made of them. `profile`: whose parameters it takes. */
export type Body = {
  from: 'own' | 'lastGood' | 'default';
  profile: Profile | undefined;
  source: Template;
  transform: Template | undefined;
};

/** What one task makes of a body and labels. */
export type Parts = {
  /** Undefined where something of it can't be rendered. */
  texts: { source: string; transform: string | undefined; labels: string } | undefined;
  bodyErrors: readonly NvlError[];
  labelErrors: readonly NvlError[];
  /** All of the task that decides what the texts are. */
  reads: readonly Reads[];
  /** What of the task is looked up for each of its lines. */
  cells: readonly Cell[];
};

type Rendering = {
  /** The id that the components take. */
  pipeline: string;
  linksDir: string;
  body: Body;
  labels: Template;
  context: TaskContext;
};

/** Source, transform and labels of a task, for a pipeline of that id. Pure. */
export const renderParts = ({
  pipeline,
  linksDir,
  body: { profile, source, transform },
  labels,
  context,
}: Rendering): Parts => {
  const { given, faults } = givenTo({ pipeline, linksDir, profile, context });
  const bodyErrors: NvlError[] = [...(profile?.faults ?? []), ...faults];
  const labelErrors: NvlError[] = [];
  const reads: Reads[] = [];
  const add = ({ template, input, errors }: { template: Template; input: string; errors: NvlError[] }) => {
    const block = renderBlock({ template, context: { ...given, input }, hasColumns: errors === labelErrors });
    reads.push(block.reads);
    if (block.ok) return block;
    errors.push(...block.errors);
    return undefined;
  };
  const read = add({ template: source, input: '', errors: bodyErrors });
  const parsed =
    transform === undefined ? undefined : add({ template: transform, input: inId(pipeline), errors: bodyErrors });
  const lines = givesLines({ source: read?.text ?? '', id: pipeline });
  const last = transform === undefined ? lines : `${pipeline}_parse`;
  const labelled = add({ template: labels, input: last, errors: labelErrors });
  const isGood = bodyErrors.length === 0 && labelErrors.length === 0;
  return {
    texts:
      isGood && read !== undefined && labelled !== undefined
        ? { source: read.text, transform: parsed?.text, labels: labelled.text }
        : undefined,
    bodyErrors,
    labelErrors,
    reads,
    cells: labelled?.cells ?? [],
  };
};

/** What a task's templates are rendered for, but for what feeds them (`input`). `faults`: why its parameters cannot be used. Pure. */
export const givenTo = ({
  pipeline,
  linksDir,
  profile,
  context,
}: Pick<Rendering, 'pipeline' | 'linksDir' | 'context'> & Pick<Body, 'profile'>): {
  given: Omit<TaskContext, 'params'> & { params: Readonly<Record<string, ParameterValue>> };
  faults: readonly NvlError[];
} => {
  const { params, faults } =
    profile === undefined
      ? { params: {}, faults: [] }
      : resolveParams({
          profile: profile.name,
          settings: profile.settings,
          meta: context.meta,
          levelOf: (key) => metaLevelOf(context, key),
          ruled: context.params,
        });
  const logs = logsIn({ linksDir, pipeline, logs: context.logs });
  return { given: { ...context, id: pipeline, logs, params }, faults };
};

/**
 * The whole of a pipeline: source, then the task's row and the transform, then the labels; each reads what is before it. Where
 * no transform stands between, the labels look the row up themselves, which saves a component for each line. Pure.
 */
export const composePipeline = (
  rendering: Rendering & {
    isAlone: boolean;
    /** It reads containers. */
    isContainer: boolean;
    /** Vector counts for each task, and times each transform. */
    isMeasured: boolean;
  },
): { text: string } | { error: NvlError } => {
  const { pipeline, linksDir, labels, context, isAlone, isContainer, isMeasured } = rendering;
  const { texts, cells, bodyErrors, labelErrors } = renderParts(rendering);
  // It was rendered under another id before, and had no fault.
  if (texts === undefined) return { error: [...bodyErrors, ...labelErrors][0] as NvlError };
  const {
    text: read,
    offset,
    hasHost,
  } = isContainer
    ? { text: containerSource({ source: texts.source, id: pipeline }), offset: undefined, hasHost: false }
    : withReadFields({ text: texts.source, id: pipeline });
  const program = labelProgramIn({ text: texts.labels, id: pipeline });
  if ('fault' in program)
    return { error: refusedBlock({ template: labels, message: program.fault, advice: program.advice }) };
  // A pipeline of one task has no row to look for among others, and perhaps no file that names it.
  const object = isAlone || !program.isVerbatim ? undefined : labelObjectIn({ program: program.text, cells });
  const lookup = {
    pipeline,
    cells,
    offset,
    hasHost,
    ...(isAlone ? { stem: context.id } : {}),
    ...(object && { object: { labels: object, linksDir } }),
  };
  const { transform } = texts;
  const stateful = { keepsState: keepsState(transform ?? '') };
  const usesStream = /\bstream\b/.test(texts.labels);
  const frame =
    transform === undefined
      ? loneFrame({ ...lookup, usesStream })
      : profileFrame({ ...lookup, ...stateful, namesMarks: namesMarksIn(transform), usesStream });
  const text = tagConnections({
    id: pipeline,
    source: read,
    stream:
      transform === undefined
        ? undefined
        : inComponent({ ...lookup, ...stateful, input: givesLines({ source: read, id: pipeline }) }),
    transform,
    labels: withFrame({ program, cells, frame }),
    // What reads containers stays as it is, and would give lines to nobody while what is behind it changes.
    isMeasured: isMeasured && !isContainer,
  });
  const rows = object === undefined ? [] : [labelTableComment(labelTable(object.columns))];
  return { text: [columnsComment(cells), ...rows, text].join('\n') };
};

/** Why two tasks must not share it: events depend on those before them, or do not tell of which file they are. */
export const whyAlone = ({
  body,
  texts: { source, transform },
  pipeline,
}: {
  body: Body;
  texts: NonNullable<Parts['texts']>;
  pipeline: string;
}): string | undefined => {
  if (body.profile?.settings.pipeline === 'task') return 'pipeline: task in the profile.yaml of its profile';
  if (keepsState(transform ?? '')) return 'its transform keeps something from one line to the next';
  return readsLogs({ text: source, pipeline }) ? undefined : 'its source is not of type file';
};

/** Whether its source is one that tells from which file a line is. */
export const readsLogs = ({ text, pipeline }: { text: string; pipeline: string }): boolean => {
  const table = componentsOf(text).get(`source ${pipeline}`)?.table;
  return text === '' || (isTable(table) && table.type === 'file');
};
