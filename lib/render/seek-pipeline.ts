import { hash } from 'node:crypto';
import type { TaskContext } from '../context/context.ts';
import type { NvlError } from '../errors.ts';
import { compare } from '../order.ts';
import type { Decider } from '../pipelines/decider.ts';
import { pipelineId } from '../pipelines/id.ts';
import type { Row } from '../pipelines/row.ts';
import { type Body, type Parts, readsLogs, renderParts, whyAlone } from './compose.ts';
import { type ColumnType, decidedBy } from './decided-by.ts';
import { columnName, withoutBraces } from './labels/columns.ts';
import { DEFAULT_PROFILE, type Template, type Templates } from './templates.ts';

/** The labels that a task ships with. */
export type Label = { from: 'own' | 'lastGood' | 'shipped'; template: Template };

/** Whose pipeline is sought. */
type Seeking = {
  templates: Templates;
  context: TaskContext;
  linksDir: string;
  /** Whose sink should take its lines, where that is not the node's; `group`: whose takes them. */
  wantedSink: string | undefined;
  group: string | undefined;
  /** False: it has a pipeline of its own. */
  mayShare: boolean;
  /** Nomad writes no files of it: its lines are those of its container. */
  isContainer: boolean;
};

/** What a task's own values make of its pipeline. `id` is undefined where it can't be rendered. */
export type Sought = {
  id: string | undefined;
  /** A digest of its text under an id that is the same for all. */
  probe: string;
  cells: Row['cells'];
  isAlone: boolean;
  /** Its pipeline reads containers. One whose profile has a source that is none of files reads by that. */
  isContainer: boolean;
  bodyErrors: readonly NvlError[];
  labelErrors: readonly NvlError[];
};

/** Renders a task once to learn which pipeline it belongs to. */
export const seekPipeline = ({
  task,
  body,
  label,
}: {
  task: Seeking;
  body: Body;
  label: Label;
}): Sought & { describe: () => { profile: string; about: string; decidedBy: readonly Decider[] } } => {
  const { templates, context, linksDir, wantedSink, group, mayShare } = task;
  const rendering = { linksDir, body, labels: label.template, context };
  const { texts, bodyErrors, labelErrors, reads, cells } = renderParts({ ...rendering, pipeline: PROBE_ID });
  const profile = body.profile?.name ?? DEFAULT_PROFILE;
  const hasShippedLabels = label.from === 'shipped';
  const types = typesOf(cells);
  const why = texts === undefined ? undefined : whyAlone({ body, texts, pipeline: PROBE_ID });
  const isAlone = !mayShare || why !== undefined;
  const isContainer = task.isContainer && texts !== undefined && readsLogs({ text: texts.source, pipeline: PROBE_ID });
  const ownSink = templates.profiles.get(profile)?.sink === undefined ? undefined : profile;
  const parts = [
    body.transform === undefined ? 'bare' : 'parsed',
    readsInId({ reads, linksDir }),
    ...types,
    ...(hasShippedLabels ? ['shipped labels'] : []),
    // A profile's own sink is that of all its tasks, unless a rule names another, or they ship by default.
    ...(wantedSink === ownSink ? [] : [{ sink: wantedSink }]),
    ...(isAlone ? [{ task: context.id }] : []),
    ...(isContainer ? ['containers'] : []),
  ];
  return {
    id: texts === undefined ? undefined : pipelineId({ profile, parts }),
    probe: hash('sha256', JSON.stringify(texts) ?? '', 'base64url'),
    cells: Object.fromEntries(cells.map((cell) => [columnName(cell), cell.text])),
    isAlone,
    isContainer,
    bodyErrors,
    labelErrors,
    describe: () => ({
      profile,
      about: [
        ...(isContainer ? ['containers'] : []),
        ...(why === undefined ? [aboutOf(reads)] : [`task=${context.id}`]),
      ]
        .filter(Boolean)
        .join(', '),
      decidedBy: decidedBy({
        profile,
        body,
        labels: label.template,
        reads,
        types,
        hasShippedLabels,
        group,
        whyAlone: why,
      }),
    }),
  };
};

/** What a program makes of its columns is the same for all that share it. An edit that adds a text changes no id. */
const typesOf = (cells: Parts['cells']): ColumnType[] =>
  cells
    .flatMap(({ expression, kind }) => (kind === 'string' ? [] : [{ column: expression, kind }]))
    .sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));

const MOST_SHOWN = 3;
const LONGEST_SHOWN = 40;

/** Where the links lie is no part of an id, and the folder of a pipeline is named after it. */
const readsInId = ({ reads, linksDir }: { reads: Parts['reads']; linksDir: string }): Parts['reads'] => {
  const text = JSON.stringify(reads);
  return text.includes(PROBE_ID)
    ? JSON.parse(text.replaceAll(JSON.stringify(`${linksDir}/`).slice(1, -1), '').replaceAll(PROBE_ID, 'its own'))
    : reads;
};

/** What its tasks have in common, for people: `params.level=warn`. That its own folder is in it goes for all. */
const aboutOf = (reads: Parts['reads']): string => {
  const pairs = reads.flatMap(({ values }) => values);
  const told = pairs.filter(([, value]) => !(JSON.stringify(value) ?? '').includes(PROBE_ID));
  const all = told.map(([expression, value]) => shortened(`${withoutBraces(expression)}=${plain(value)}`));
  const shown = [...new Set(all)];
  return [...shown.slice(0, MOST_SHOWN), ...(shown.length > MOST_SHOWN ? ['...'] : [])].join(', ');
};

const shortened = (text: string): string =>
  text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN).toWellFormed()}...` : text;

const plain = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '').replaceAll(/["[\]{}]/g, '');

/** A task is rendered under this id first, to learn what decides its pipeline. */
const PROBE_ID = 'nvl_probe';
