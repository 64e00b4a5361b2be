import type { TaskContext } from '../context/context.ts';
import { metaSlips } from '../context/meta-slips.ts';
import type { NvlError } from '../errors.ts';
import { compare } from '../order.ts';
import { assembleFile, type Block, namesOfHeading, taskHeading, withSink } from './file.ts';
import { type LastGood, noLastGood } from './last-good.ts';
import { placeTask } from './place-task.ts';
import type { Note, Refused } from './refused.ts';
import { commentText } from './safe/write/escape.ts';
import { placeSinks, type Route, sinkGroupOf } from './sinks.ts';
import { DEFAULT_PROFILE, type Profile, type Templates } from './templates.ts';

export type { Refused } from './refused.ts';

/** Why a block's text is not offered, by the block's key and the text; a map of maps is one. */
export type Barred = { get(key: string): { get(text: string): NvlError | undefined } | undefined };

export type Rendered = {
  text: string;
  blocks: readonly Block[];
  refused: readonly Refused[];
  notes: readonly Note[];
  /** What is in use as it is; good once Vector has taken it. */
  sound: LastGood;
};

/**
 * Contexts and templates to the generated file. Pure: equal input gives equal bytes, whatever the order it comes in.
 * What cannot be rendered is quarantined with its reasons: it keeps the block it has live, or ships by the best that can be
 * used, so that no slip ends a collection or costs a line.
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
  lastGood = noLastGood,
  hasFallbacks = true,
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
  lastGood?: LastGood;
  /** False, as for tests of profiles: a task whose own blocks can't be used is left out. */
  hasFallbacks?: boolean;
}): Rendered => {
  const headed = tasks.map((context) => {
    const group = hasSinks ? sinkGroupOf({ context, templates }) : undefined;
    return { context, group, heading: headingOf({ context, group }) };
  });
  headed.sort((a, b) => compare(a.heading, b.heading) || compare(a.context.id, b.context.id));
  const barOf = (key: string, text: string) => barred.get(key)?.get(text);
  const kept = [...carried].sort(compare).flatMap((key) => live.get(key) ?? []);
  const groups = [...headed.map(({ group }) => group), ...(hasSinks ? kept.map(carriedGroup(templates)) : [])];
  const sinks = hasSinks
    ? placeSinks({
        templates,
        lastGood,
        groups: [...new Set(groups.filter((group) => group !== undefined))].sort(compare),
        node,
        region: headed[0]?.context.region ?? '',
        tasksOf: (group) =>
          headed.flatMap((task) => (group === undefined || task.group === group ? [sinkTask(task.context)] : [])),
        live,
        barOf,
      })
    : undefined;
  const routeOf = (group: string | undefined): Route => sinks?.routeOf(group) ?? { group: undefined };
  const blocks: Block[] = [...(sinks?.blocks ?? [])];
  const refused: Refused[] = [...(sinks?.refused ?? [])];
  const profiles = new Map<string, Profile>();

  for (const { context, group, heading } of headed) {
    const key = context.id;
    const route = routeOf(group);
    if ('dead' in route) {
      refused.push({ key, heading, errors: [route.dead], instead: 'nothing' });
      continue;
    }
    const placed = placeTask({
      templates,
      lastGood,
      context,
      live: live.get(key),
      barOf: (text) => barOf(key, text),
      sinkSlip: route.slip,
      hasFallbacks,
    });
    const { text, instead, errors } = placed;
    const profile = placed.isSound ? templates.profiles.get(context.profile) : undefined;
    if (profile !== undefined) profiles.set(profile.name, profile);
    if (instead !== undefined) refused.push({ key, heading, errors, instead });
    const isQuarantined = instead === 'default';
    const own = headingOf({ context, group: route.group, isQuarantined });
    const shown = instead === 'live' ? withSink(live.get(key)?.heading ?? own, route.group) : own;
    if (text !== undefined) blocks.push({ key, kind: 'task', heading: shown, text });
  }
  for (const block of kept) {
    const route = routeOf(hasSinks ? carriedGroup(templates)(block) : undefined);
    const fault = 'dead' in route ? route.dead : barOf(block.key, block.text);
    if (fault !== undefined)
      refused.push({ key: block.key, heading: block.heading, errors: [fault], instead: 'nothing' });
    else if ('group' in route) blocks.push({ ...block, heading: withSink(block.heading, route.group) });
  }
  return {
    text: assembleFile({ blocks, templates: templateNames({ templates, tasks, hasSinks }), linksDir }),
    blocks: blocks.sort((a, b) => Number(a.kind === 'sink') - Number(b.kind === 'sink')),
    refused,
    notes: headed.flatMap(({ context, heading }) => notesOf({ context, heading, templates })),
    sound: {
      profiles,
      labels: profiles.size > 0 ? templates.labels : undefined,
      sinks: sinks?.sound ?? new Map(),
    },
  };
};

/** The group whose sink takes a carried task's lines, by the name that its heading shows. */
const carriedGroup =
  (templates: Templates) =>
  ({ heading }: Block): string | undefined => {
    const shown = namesOfHeading(heading)?.sink;
    if (shown === undefined) return undefined;
    return [...templates.profiles.keys()].find((name) => commentText(name) === shown) ?? shown;
  };

const headingOf = ({
  context,
  group,
  isQuarantined = false,
}: {
  context: TaskContext;
  group: string | undefined;
  isQuarantined?: boolean;
}): string =>
  taskHeading({
    namespace: context.namespace,
    job: context.job.id,
    group: context.group.name,
    index: context.alloc.index,
    task: context.task.name,
    profile: isQuarantined ? DEFAULT_PROFILE : context.profile,
    isQuarantined,
    sink: group,
  });

const notesOf = ({
  context,
  heading,
  templates,
}: {
  context: TaskContext;
  heading: string;
  templates: Templates;
}): Note[] => {
  const profile = templates.profiles.get(context.profile);
  const errors = metaSlips({
    meta: context.meta,
    // Nobody knows what a profile declares that is not there.
    ruled: profile === undefined ? {} : context.params,
    profile: context.profile,
    declared: profile === undefined ? [] : Object.keys(profile.settings.parameters),
    known: () => templates.parameters,
  });
  return errors.length === 0 ? [] : [{ key: context.id, heading, errors }];
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
