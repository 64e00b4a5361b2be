import type { TaskContext } from '../context/context.ts';
import { resolveParams } from '../context/params.ts';
import { NvlError } from '../errors.ts';
import { compare } from '../order.ts';
import { assembleFile, type Block, taskHeading } from './file.ts';
import { renderBlock } from './render-block.ts';
import { deadSink, missingSink, renderSinks, sinkGroupOf } from './sinks.ts';
import { streamComponent } from './stream.ts';
import type { Template, Templates } from './templates.ts';

/** A task, or a sink, whose own blocks could not be rendered, and whether the ones it has live were kept. */
export type Refused = { key: string; heading: string; errors: readonly NvlError[]; isKept: boolean };

/** Why a block's text is not offered, by the block's key and the text; a map of maps is one. */
export type Barred = { get(key: string): { get(text: string): NvlError | undefined } | undefined };

export type Rendered = { text: string; blocks: readonly Block[]; refused: readonly Refused[] };

/**
 * Contexts and templates to the generated file. Pure: equal input gives equal bytes, whatever the order it comes in.
 * What cannot be rendered is quarantined with its reasons; it keeps the block it has live, so that an edit gone wrong
 * never ends a collection that works.
 */
export const renderNode = ({
  templates,
  tasks,
  node,
  sinkTask = (task) => task,
  hasSinks,
  linksDir,
  live,
  carried,
  barred,
}: {
  templates: Templates;
  tasks: readonly TaskContext[];
  /** The node as sinks see it. */
  node: object;
  /** A task as sinks see it, with its volatile fields. */
  sinkTask?: (task: TaskContext) => object;
  /** False when the team keeps its sinks in files of its own. */
  hasSinks: boolean;
  linksDir: string;
  /** The blocks of the file that is live now. */
  live: ReadonlyMap<string, Block>;
  /** Tasks that have to stay but that Nomad tells nothing about any more: their live blocks are taken as they are. */
  carried: ReadonlySet<string>;
  /** Texts of blocks that Vector itself refused, by key; those bytes are not offered again. */
  barred: Barred;
}): Rendered => {
  const headed = tasks.map((context) => ({ context, heading: headingOf(context, hasSinks ? templates : undefined) }));
  headed.sort((a, b) => compare(a.heading, b.heading) || compare(a.context.id, b.context.id));
  const blocks: Block[] = [];
  const refused: Refused[] = [];
  const barOf = (key: string, text: string) => barred.get(key)?.get(text);
  const keep = (key: string, heading: string, errors: readonly NvlError[]) => {
    const kept = live.get(key);
    const isKept = kept !== undefined && barOf(key, kept.text) === undefined;
    if (isKept) blocks.push(kept);
    refused.push({ key, heading, errors, isKept });
  };
  const place = (key: string, kind: Block['kind'], heading: string, made: Made) => {
    const bar = made.ok ? barOf(key, made.text) : undefined;
    if (!made.ok) keep(key, heading, made.errors);
    else if (bar !== undefined) keep(key, heading, [bar]);
    else blocks.push({ key, kind, heading, text: made.text });
  };
  const groups = new Map(
    headed.map(({ context }) => [context.id, hasSinks ? sinkGroupOf({ context, templates }) : undefined]),
  );
  const dead = new Map<string | undefined, NvlError>();
  if (hasSinks) {
    const sinks = renderSinks({
      templates,
      groups: [...new Set([...groups.values()].filter((group) => group !== undefined))].sort(compare),
      node,
      region: headed[0]?.context.region ?? '',
      tasksOf: (group) =>
        headed.flatMap(({ context }) =>
          group === undefined || groups.get(context.id) === group ? [sinkTask(context)] : [],
        ),
    });
    for (const { key, group, path, made } of sinks) {
      place(key, 'sink', path, made);
      if (!blocks.some((block) => block.key === key)) dead.set(group, deadSink(path));
    }
  }
  for (const { context, heading } of headed) {
    const group = groups.get(context.id);
    const lost = dead.get(group) ?? missingSink({ group, templates });
    if (lost === undefined) place(context.id, 'task', heading, renderTask({ templates, context }));
    else refused.push({ key: context.id, heading, errors: [lost], isKept: false });
  }
  for (const key of carried) {
    const block = live.get(key);
    const bar = block && barOf(key, block.text);
    if (bar !== undefined) refused.push({ key, heading: block?.heading ?? key, errors: [bar], isKept: false });
    else if (block !== undefined) blocks.push(block);
  }
  const hasGroups = hasSinks && [...templates.profiles.values()].some(({ sink }) => sink !== undefined);
  return {
    text: assembleFile({ blocks, templates: templateNames({ templates, tasks, hasSinks }), linksDir, hasGroups }),
    blocks: blocks.sort((a, b) => Number(a.kind === 'sink') - Number(b.kind === 'sink')),
    refused,
  };
};

type Made = { ok: true; text: string } | { ok: false; errors: readonly NvlError[] };

/** Source, then the profile's transform behind the stream's name, then the labels: each reads what is before it. */
const renderTask = ({ templates, context }: { templates: Templates; context: TaskContext }): Made => {
  const { id } = context;
  const profile = templates.profiles.get(context.profile);
  if (profile === undefined) return { ok: false, errors: [unknownProfile(context.profile, templates)] };
  const { params, faults } = resolveParams({
    profile: profile.name,
    settings: profile.settings,
    meta: context.meta,
    ruled: context.params,
    known: () => templates.parameters,
  });
  const parts: string[] = [];
  const errors: NvlError[] = [...profile.faults, ...faults];
  const add = (template: Template, kind: 'source' | 'transform' | 'labels', input: string) => {
    const made = renderBlock({ template, kind, id, context: { ...context, params, input } });
    if (made.ok) parts.push(made.text);
    else errors.push(...made.errors);
  };
  add(profile.source, 'source', '');
  if (profile.transform !== undefined) {
    parts.push(streamComponent(id));
    add(profile.transform, 'transform', `${id}_stream`);
  }
  add(templates.labels, 'labels', profile.transform === undefined ? id : `${id}_parse`);
  return errors.length === 0 ? { ok: true, text: parts.join('\n\n') } : { ok: false, errors };
};

const headingOf = (context: TaskContext, templates: Templates | undefined): string =>
  taskHeading({
    namespace: context.namespace,
    job: context.job.id,
    group: context.group.name,
    index: context.alloc.index,
    task: context.task.name,
    profile: context.profile,
    sink: templates === undefined ? undefined : sinkGroupOf({ context, templates }),
  });

const unknownProfile = (name: string, templates: Templates): NvlError => {
  const known = [...templates.profiles.keys()].sort(compare);
  return new NvlError('profileUnknown', {
    message: `no profile is named ${name}`,
    facts: { known: known.join(', ') },
    advice: `add profiles/${name}/ to the templates folder, or change nvl_profile in the job's meta`,
  });
};

/** Those that this file is rendered from, for its header. */
const templateNames = ({
  templates,
  tasks,
  hasSinks,
}: {
  templates: Templates;
  tasks: readonly TaskContext[];
  hasSinks: boolean;
}): string[] => {
  const profiles = [...new Set(tasks.map((task) => task.profile))].map((name) => templates.profiles.get(name));
  const used = [
    ...profiles.flatMap((profile) => [profile?.source, profile?.transform, hasSinks ? profile?.sink : undefined]),
    templates.labels,
    hasSinks ? templates.sink : undefined,
  ];
  return [...new Set(used.flatMap((template) => template?.path ?? []))].sort(compare);
};
