import type { TaskContext } from '../context/context.ts';
import { metaLevelOf } from '../context/meta-levels.ts';
import { resolveParams } from '../context/params.ts';
import { PROFILE_KEY } from '../context/profile.ts';
import { NvlError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { compare } from '../order.ts';
import { tagConnections } from './connections.ts';
import type { Block } from './file.ts';
import type { LastGood } from './last-good.ts';
import { isMarked, LABELS_REASON, markComponent, markId, profileReason } from './mark.ts';
import { guardComponent, keepsOwnMarks, namesMarksIn } from './own-marks.ts';
import { type Instead, withoutRepeats } from './refused.ts';
import { renderBlock } from './render-block.ts';
import { streamComponent } from './stream.ts';
import { DEFAULT_PROFILE, type Profile, type Template, type Templates } from './templates.ts';

/** What a task ships by. `text` is undefined when nothing can. */
export type PlacedTask = {
  text: string | undefined;
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
  live: Block | undefined;
  /** Why Vector refuses a text of this task. */
  barOf: (text: string) => NvlError | undefined;
  sinkSlip: SinkSlip | undefined;
  /** False: a task whose own blocks can't be used is left out. */
  hasFallbacks: boolean;
};

/**
 * A task's block, by the best that can be used: its own profile; what it has live; its profile as Vector last took it; the
 * default source alone, marked; the same of the source that comes with nvl. Labels go down their own ladder beside it. So
 * a slip of a job's or a template's author costs no line. Pure.
 */
export const placeTask = (task: TaskToPlace): PlacedTask => {
  const { templates, context, live, barOf, hasFallbacks } = task;
  const { id, profile: name } = context;
  const bodies = bodiesOf(task);
  const labels = labelsOf(task);
  const isKnown = templates.profiles.has(name);
  const bodyErrors: NvlError[] = isKnown ? [] : [unknownProfile(context, templates)];
  const others: NvlError[] = task.sinkSlip === undefined ? [] : [task.sinkSlip.error];
  const errors = () => withoutRepeats([...bodyErrors, ...others]);
  const keepsLive = live !== undefined && !isMarked({ text: live.text, id }) && barOf(live.text) === undefined;
  const kept = (): PlacedTask => ({ text: live?.text, instead: 'live', errors: errors(), isSound: false });
  if (!isKnown && (keepsLive || !hasFallbacks)) return keepsLive ? kept() : nothing(errors());

  let at: Rungs = { body: 0, labels: 0 };
  for (let tries = 0; ; tries += 1) {
    const [body, label] = [bodies[at.body], labels[at.labels]];
    if (body === undefined || label === undefined) return nothing(errors());
    const reasons = [
      ...(body.from === 'default' ? [profileReason({ profile: name, errors: bodyErrors })] : []),
      ...(label.from === 'shipped' ? [LABELS_REASON] : []),
      ...(task.sinkSlip === undefined ? [] : [task.sinkSlip.reason]),
    ];
    const made = compose({ body, labels: label.template, context, reasons });
    const bar = made.text === undefined ? undefined : barOf(made.text);
    if (made.text !== undefined && bar === undefined) {
      return {
        text: made.text,
        instead: insteadOf({ body, label, hasSinkSlip: task.sinkSlip !== undefined }),
        errors: errors(),
        isSound: body.from === 'own' && label.from === 'own',
      };
    }
    const blames = bar === undefined ? blamesOf(made) : barBlames({ bar, labels: label.template });
    bodyErrors.push(...made.bodyErrors, ...(bar !== undefined && blames.body ? [bar] : []));
    others.push(...made.labelErrors, ...(bar !== undefined && !blames.body ? [bar] : []));
    if (tries === 0 && isKnown && keepsLive) return kept();
    const next = down({ at, blames, least: { body: bodies.length - 1, labels: labels.length - 1 } });
    if (next === undefined) return nothing(errors());
    at = next;
  }
};

const nothing = (errors: readonly NvlError[]): PlacedTask => ({
  text: undefined,
  instead: 'nothing',
  errors,
  isSound: false,
});

type Rungs = { body: number; labels: number };
type Blames = { body: boolean; labels: boolean };

/** What reads a task's lines, and what is made of them. `profile`: whose parameters it takes. */
type Body = {
  from: 'own' | 'lastGood' | 'default';
  profile: Profile | undefined;
  source: Template;
  transform: Template | undefined;
};

const bodiesOf = ({ templates, lastGood, context, hasFallbacks }: TaskToPlace): Body[] => {
  const own = templates.profiles.get(context.profile);
  const good = own === undefined ? undefined : lastGood.profiles.get(context.profile);
  const usual = templates.profiles.get(DEFAULT_PROFILE)?.source;
  const ofProfile = (from: 'own' | 'lastGood', profile: Profile | undefined): Body[] =>
    profile === undefined ? [] : [{ from, profile, source: profile.source, transform: profile.transform }];
  const bare = (source: Template | undefined): Body[] =>
    source === undefined ? [] : [{ from: 'default', profile: undefined, source, transform: undefined }];
  if (!hasFallbacks) return ofProfile('own', own);
  return [
    ...ofProfile('own', own),
    ...(good === own ? [] : ofProfile('lastGood', good)),
    ...bare(usual),
    ...bare(templates.shipped.source?.text === usual?.text ? undefined : templates.shipped.source),
  ];
};

type Label = { from: 'own' | 'lastGood' | 'shipped'; template: Template };

const labelsOf = ({ templates, lastGood, hasFallbacks }: TaskToPlace): Label[] => {
  const own: Label = { from: 'own', template: templates.labels };
  const { labels: good } = lastGood;
  const { labels: shipped } = templates.shipped;
  if (!hasFallbacks) return [own];
  return [
    own,
    ...(good === undefined || good.text === own.template.text ? [] : [{ from: 'lastGood' as const, template: good }]),
    ...(shipped === undefined || shipped.text === own.template.text
      ? []
      : [{ from: 'shipped' as const, template: shipped }]),
  ];
};

type Composed = { text: string | undefined; bodyErrors: readonly NvlError[]; labelErrors: readonly NvlError[] };

/** Source, then the transform behind the stream's name, then the mark, then the labels: each reads what is before it. */
const compose = ({
  body: { profile, source, transform },
  labels,
  context,
  reasons,
}: {
  body: Body;
  labels: Template;
  context: TaskContext;
  reasons: readonly string[];
}): Composed => {
  const { id } = context;
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
  const made: Partial<Record<'source' | 'transform' | 'labels', string>> = {};
  const bodyErrors: NvlError[] = [...(profile?.faults ?? []), ...faults];
  const labelErrors: NvlError[] = [];
  const add = (template: Template, kind: 'source' | 'transform' | 'labels', input: string) => {
    const block = renderBlock({ template, context: { ...context, params, input } });
    if (block.ok) made[kind] = block.text;
    else (kind === 'labels' ? labelErrors : bodyErrors).push(...block.errors);
  };
  add(source, 'source', '');
  if (transform !== undefined) add(transform, 'transform', `${id}_stream`);
  // In place of a transform the mark has its id and its input. Vector (0.57) lets no line go where a component changes, and
  // loses what comes while one goes and another comes: so a task that writes goes to its profile and back without a loss.
  const isToMark = reasons.length > 0;
  const stands = transform === undefined && isToMark;
  const last = transform === undefined ? id : `${id}_parse`;
  const own = stands ? `${id}_parse` : markId(id);
  const behind = made.transform === undefined ? undefined : { namesMarks: namesMarksIn(made.transform) };
  const isToGuard = behind !== undefined && !keepsOwnMarks(labels.text);
  add(labels, 'labels', isToMark || isToGuard ? own : last);
  const stream = { id, namesMarks: behind?.namesMarks === true };
  const mark = { own, input: stands ? `${id}_stream` : last, reasons, behind };
  const text = tagConnections({
    id,
    ...made,
    stream: transform !== undefined || stands ? streamComponent(stream) : undefined,
    mark: isToMark ? markComponent(mark) : isToGuard ? guardComponent({ ...mark, ...behind }) : undefined,
  });
  const isGood = bodyErrors.length === 0 && labelErrors.length === 0;
  return { text: isGood ? text : undefined, bodyErrors, labelErrors };
};

const blamesOf = ({ bodyErrors, labelErrors }: Composed): Blames => ({
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

const insteadOf = ({
  body,
  label,
  hasSinkSlip,
}: {
  body: Body;
  label: Label;
  hasSinkSlip: boolean;
}): Instead | undefined => {
  if (body.from === 'default') return 'default';
  if (label.from === 'shipped') return 'shippedLabels';
  if (body.from === 'lastGood' || label.from === 'lastGood') return 'lastGood';
  return hasSinkSlip ? 'nodeSink' : undefined;
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
