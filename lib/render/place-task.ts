import type { TaskContext } from '../context/context.ts';
import { metaLevelOf } from '../context/meta-levels.ts';
import { PROFILE_KEY } from '../context/profile.ts';
import { NvlError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { compare } from '../order.ts';
import type { Row } from '../pipelines/row.ts';
import { type Body, composePipeline } from './compose.ts';
import { CONTAINER_COLUMN, containerName } from './containers/container-logs.ts';
import type { LastGood } from './last-good.ts';
import { LABELS_REASON, profileReason } from './mark.ts';
import type { Pipelines } from './pipelines.ts';
import { type Instead, withoutRepeats } from './refused.ts';
import { type Label, type Sought, seekPipeline } from './seek-pipeline.ts';
import type { TaskMemo } from './task-memo.ts';
import { DEFAULT_PROFILE, type Profile, type Template, type Templates } from './templates.ts';

/** What a task ships by. `row` is undefined when nothing can. */
export type PlacedTask = {
  /** Its line of the table, which names its pipeline. */
  row: Row | undefined;
  /** Undefined: its own blocks, as its job and the templates ask for. */
  instead: Instead | undefined;
  errors: readonly NvlError[];
  /** Its own profile, and the labels, are good in it. */
  isSound: boolean;
};

/** Where a task's lines go, when that is not where they should. */
export type SinkSlip = { error: NvlError; reason: string };

export type TaskToPlace = {
  templates: Templates;
  lastGood: LastGood;
  context: TaskContext;
  linksDir: string;
  /** Its heading where it ships by this profile. */
  headingOf: (way: { isQuarantined: boolean }) => string;
  /** Its row of the live table. */
  seat: Row | undefined;
  /** The pipelines of this node as they are found; one more may be claimed. */
  pipelines: Pipelines;
  /** Whose sink should take its lines, where that is not the node's. */
  wantedSink: string | undefined;
  /** Whose sink takes them: where the wanted one can't be used, the node's. */
  group: string | undefined;
  sinkSlip: SinkSlip | undefined;
  /** False: a task whose own blocks can't be used is left out. */
  hasFallbacks: boolean;
  /** False, as for tests of profiles: it has a pipeline of its own. */
  mayShare: boolean;
  /** Lines of containers are read on this node. */
  hasContainers: boolean;
  /** Its own among them, since Nomad writes no files of it. */
  isContainer: boolean;
  /** Vector counts for each task, and times each transform. */
  isMeasured: boolean;
  memo: TaskMemo;
};

/** Answers when all tasks have claimed the pipelines that they ask for. */
export type PlacedLater = () => PlacedTask;

/**
 * A task's row and pipeline, by the best that can be used: its own profile; what it has live; its profile as Vector last
 * took it; the default source alone, marked; the same of the source that comes with nvl. Labels go down their own ladder
 * beside it. So a slip of a job's or a template's author costs no line. Whatever stands in for its own waits until the others
 * have claimed theirs: no text of it then has their id. Pure but for the pipelines it claims.
 */
export const placeTask = (task: TaskToPlace): PlacedTask | PlacedLater => {
  const { templates, sinkSlip } = task;
  const body = ownBody(task);
  const asked =
    body === undefined ? undefined : claim({ task, body, label: { from: 'own', template: templates.labels } });
  if (asked?.row === undefined || asked.bar !== undefined) return () => placeInstead({ task, asked });
  return {
    row: { ...asked.row, about: task.headingOf({ isQuarantined: false }), mark: sinkSlip?.reason ?? '' },
    instead: sinkSlip === undefined ? undefined : 'nodeSink',
    errors: sinkSlip === undefined ? [] : [sinkSlip.error],
    isSound: true,
  };
};

/** `asked`: what came of its own profile; undefined where it has none. */
const placeInstead = ({ task, asked }: { task: TaskToPlace; asked: Claimed | undefined }): PlacedTask => {
  const { templates, context, pipelines, seat, hasFallbacks } = task;
  const { profile: name } = context;
  const bodies = bodiesOf(task);
  const labels = labelsOf(task);
  const isKnown = templates.profiles.has(name);
  const bodyErrors: NvlError[] = isKnown ? [] : [unknownProfile(context, templates)];
  const others: NvlError[] = task.sinkSlip === undefined ? [] : [task.sinkSlip.error];
  const errors = () => withoutRepeats([...bodyErrors, ...others]);
  const keepsLive = seat !== undefined && seat.mark === '' && pipelines.isLive(seat.pipeline);
  // What is live is also the last thing to try, marked or not.
  const kept = (): PlacedTask => {
    const row = seat === undefined || !hasFallbacks ? undefined : pipelines.carry(seat);
    return { row, instead: row === undefined ? 'nothing' : 'live', errors: errors(), isSound: false };
  };
  if (!isKnown && (keepsLive || !hasFallbacks)) return kept();

  let at: Rungs = { body: 0, labels: 0 };
  for (let tries = 0; ; tries += 1) {
    const [body, label] = [bodies[at.body], labels[at.labels]];
    if (body === undefined || label === undefined) return kept();
    const reasons = [
      ...(body.from === 'default' ? [profileReason({ profile: name, errors: bodyErrors })] : []),
      ...(label.from === 'shipped' ? [LABELS_REASON] : []),
      ...(task.sinkSlip === undefined ? [] : [task.sinkSlip.reason]),
    ];
    const made = (tries === 0 ? asked : undefined) ?? claim({ task, body, label });
    if (made.row !== undefined && made.bar === undefined) {
      const about = task.headingOf({ isQuarantined: body.from === 'default' });
      return {
        row: { ...made.row, about, mark: reasons.join('; ') },
        instead: insteadOf({ body, label }),
        errors: errors(),
        isSound: false,
      };
    }
    const { bar } = made;
    const blames = bar === undefined ? blamesOf(made) : barBlames({ bar, labels: label.template });
    bodyErrors.push(...made.bodyErrors, ...(bar !== undefined && blames.body ? [bar] : []));
    others.push(...made.labelErrors, ...(bar !== undefined && !blames.body ? [bar] : []));
    if (tries === 0 && isKnown && keepsLive) return kept();
    const next = down({ at, blames, least: { body: bodies.length - 1, labels: labels.length - 1 } });
    if (next === undefined) return kept();
    at = next;
  }
};

type Claimed = {
  row: Pick<Row, 'stem' | 'pipeline' | 'cells'> | undefined;
  /** Why Vector refuses the pipeline. */
  bar: NvlError | undefined;
  bodyErrors: readonly NvlError[];
  labelErrors: readonly NvlError[];
};

/** Finds the pipeline that a task belongs to, and makes it where it is not there yet. */
const claim = ({ task, body, label }: { task: TaskToPlace; body: Body; label: Label }): Claimed => {
  const { context, linksDir, pipelines, group, isContainer: asksContainer, isMeasured, memo } = task;
  const { id: stem } = context;
  const isOwn = body.from === 'own' && label.from === 'own';
  const ask = () => seekPipeline({ task, body, label });
  const sought = isOwn
    ? memo.once(context, asksContainer ? 'containers' : 'pipeline', () => withoutDetails(ask()))
    : ask();
  const { bodyErrors, labelErrors } = sought;
  if (sought.id === undefined) return { row: undefined, bar: undefined, bodyErrors, labelErrors };
  const { id, probe, isAlone, isContainer } = sought;
  const cells = withContainer({ cells: sought.cells, task });
  const claimed = pipelines.claim({
    id,
    probe,
    group,
    describe: () => ask().describe(),
    make: (pipeline) =>
      composePipeline({
        linksDir,
        body,
        labels: label.template,
        context,
        pipeline,
        isAlone,
        isContainer,
        isMeasured,
      }),
  });
  if ('error' in claimed) return { row: undefined, bar: undefined, bodyErrors, labelErrors: [claimed.error] };
  return { row: { stem, pipeline: claimed.id, cells }, bar: claimed.bar, bodyErrors, labelErrors };
};

/** Also of one whose files are read: its container's lines are known as its own, and not sent. */
const withContainer = ({
  cells,
  task: { context, hasContainers },
}: {
  cells: Row['cells'];
  task: Pick<TaskToPlace, 'context' | 'hasContainers'>;
}): Row['cells'] => {
  if (!hasContainers || context.task.driver !== 'docker') return cells;
  return { ...cells, [CONTAINER_COLUMN]: containerName({ task: context.task.name, allocId: context.alloc.id }) };
};

/** What is kept of it for each task. */
const withoutDetails = ({ describe: _, ...sought }: Sought & { describe: unknown }): Sought => sought;

type Rungs = { body: number; labels: number };
type Blames = { body: boolean; labels: boolean };

/** Its own profile, as it is now. */
const ownBody = ({ templates, context }: Pick<TaskToPlace, 'templates' | 'context'>): Body | undefined => {
  const profile = templates.profiles.get(context.profile);
  return profile && bodyOf('own', profile);
};

const bodyOf = (from: 'own' | 'lastGood', profile: Profile): Body => ({
  from,
  profile,
  source: profile.source,
  transform: profile.transform,
});

const bodiesOf = ({ templates, lastGood, context, hasFallbacks }: TaskToPlace): Body[] => {
  const own = ownBody({ templates, context });
  const good = own === undefined ? undefined : lastGood.profiles.get(context.profile);
  const usual = templates.profiles.get(DEFAULT_PROFILE)?.source;
  const bare = (source: Template | undefined): Body[] =>
    source === undefined ? [] : [{ from: 'default', profile: undefined, source, transform: undefined }];
  const asked = own === undefined ? [] : [own];
  if (!hasFallbacks) return asked;
  return [
    ...asked,
    ...(good === undefined || good === own?.profile ? [] : [bodyOf('lastGood', good)]),
    ...bare(usual),
    ...bare(lastGood.profiles.get(DEFAULT_PROFILE)?.source),
    ...bare(templates.shipped.source?.text === usual?.text ? undefined : templates.shipped.source),
  ];
};

const labelsOf = ({ templates, lastGood, hasFallbacks }: TaskToPlace): Label[] => {
  const own: Label = { from: 'own', template: templates.labels };
  const { labels: good } = lastGood;
  const { labels: shipped } = templates.shipped;
  if (!hasFallbacks) return [own];
  return [
    own,
    ...(good === undefined || good === own.template ? [] : [{ from: 'lastGood' as const, template: good }]),
    ...(shipped === undefined || shipped.text === own.template.text
      ? []
      : [{ from: 'shipped' as const, template: shipped }]),
  ];
};

const blamesOf = ({ bodyErrors, labelErrors }: Pick<Claimed, 'bodyErrors' | 'labelErrors'>): Blames => ({
  body: bodyErrors.length > 0,
  labels: labelErrors.length > 0,
});

/** Vector refused the whole; its refusal names the template where that can be told. */
const barBlames = ({ bar, labels }: { bar: NvlError; labels: Template }): Blames => {
  const isLabels = bar.facts.at?.replace(/(?::\d+)*$/, '') === labels.path;
  return { body: !isLabels, labels: isLabels };
};

/** The next rung below; whatever can still go down, where what is to blame is at its end. */
const down = ({ at, blames, least }: { at: Rungs; blames: Blames; least: Rungs }): Rungs | undefined => {
  const can = { body: at.body < least.body, labels: at.labels < least.labels };
  const goes = { body: blames.body && can.body, labels: blames.labels && can.labels };
  if (goes.body || goes.labels) return { body: at.body + Number(goes.body), labels: at.labels + Number(goes.labels) };
  if (!can.body && !can.labels) return undefined;
  return can.body ? { ...at, body: at.body + 1 } : { ...at, labels: at.labels + 1 };
};

const insteadOf = ({ body, label }: { body: Body; label: Label }): Instead => {
  if (body.from === 'default') return 'default';
  return label.from === 'shipped' ? 'shippedLabels' : 'lastGood';
};

const unknownProfile = (context: TaskContext, templates: Templates): NvlError => {
  const { profile: name, meta } = context;
  const known = [...templates.profiles.keys()].sort(compare);
  const meant = nearest(name, known);
  const change =
    meta[PROFILE_KEY] === name
      ? `change ${PROFILE_KEY} in the ${metaLevelOf(context, PROFILE_KEY)}'s meta`
      : 'change the rule that names it';
  return new NvlError('profileUnknown', {
    message: `no profile is named ${name}`,
    facts: { known: known.join(', ') },
    advice: `${meant === undefined ? '' : `did you mean ${meant}? Else `}add profiles/${name}/ to the templates folder, or ${change}`,
  });
};
