import type { TaskContext } from '../context/context.ts';
import { metaLevelOf } from '../context/meta-levels.ts';
import { metaSlips } from '../context/meta-slips.ts';
import type { NvlError } from '../errors.ts';
import { compare } from '../order.ts';
import { assembleFile, type Block, namesOfHeading, taskHeading, withSink } from './file.ts';
import { type LastGood, noLastGood } from './last-good.ts';
import { placeTask } from './place-task.ts';
import type { Note, RefusedBlock } from './refused.ts';
import { commentText } from './safe/write/escape.ts';
import { type PlacedSinks, placeSinks, type Route, sinkGroupOf } from './sinks.ts';
import { DEFAULT_PROFILE, type Profile, type Templates } from './templates.ts';

export type { RefusedBlock } from './refused.ts';

/** Why a block's text is not offered, by the block's key and the text; a map of maps is one. */
export type QuarantinedBlocks = { get(key: string): { get(text: string): NvlError | undefined } | undefined };

export type Rendered = {
  text: string;
  blocks: readonly Block[];
  refused: readonly RefusedBlock[];
  notes: readonly Note[];
  /** What is in use as it is; good once Vector has taken it. */
  sound: LastGood;
};

export type NodeToRender = {
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
  quarantined: QuarantinedBlocks;
  lastGood?: LastGood;
  /** False, as for tests of profiles: a task whose own blocks can't be used is left out. */
  hasFallbacks?: boolean;
};

/**
 * Contexts and templates to the generated file. Pure: equal input gives equal bytes, whatever the order it comes in.
 * What cannot be rendered is quarantined with its reasons: it keeps the block it has live, or ships by the best that can be
 * used, so that no slip ends a collection or costs a line.
 */
export const renderNode = (node: NodeToRender): Rendered => {
  const { templates, tasks, hasSinks, linksDir } = node;
  const headed = headedTasks(node);
  const kept = carriedBlocks(node);
  const sinks = hasSinks ? sinksOf({ node, headed, kept }) : undefined;
  const routeOf = (group: string | undefined): Route => sinks?.routeOf(group) ?? { group: undefined };
  const placed = [
    ...headed.map((task) => placeHeaded({ node, task, route: routeOf(task.group) })),
    ...kept.map(({ block, group }) => keepBlock({ node, block, route: routeOf(group) })),
  ];
  const blocks = [...(sinks?.blocks ?? []), ...placed.flatMap(({ block }) => block ?? [])];
  const profiles = new Map(placed.flatMap(({ sound }) => (sound === undefined ? [] : [[sound.name, sound]])));
  return {
    text: assembleFile({ blocks, templates: templateNames({ templates, tasks, hasSinks }), linksDir }),
    blocks: blocks.sort((a, b) => Number(a.kind === 'sink') - Number(b.kind === 'sink')),
    refused: [...(sinks?.refused ?? []), ...placed.flatMap(({ refused }) => refused ?? [])],
    notes: headed.flatMap(({ context, heading }) => notesOf({ context, heading, templates })),
    sound: {
      profiles,
      labels: profiles.size > 0 ? templates.labels : undefined,
      sinks: sinks?.sound ?? new Map(),
    },
  };
};

/** A task with the group whose sink takes its lines, and the heading of its block. */
type HeadedTask = { context: TaskContext; group: string | undefined; heading: string };

/** In the order of the file. */
const headedTasks = ({ templates, tasks, hasSinks }: NodeToRender): HeadedTask[] =>
  tasks
    .map((context) => {
      const group = hasSinks ? sinkGroupOf({ context, templates }) : undefined;
      return { context, group, heading: headingOf({ context, group }) };
    })
    .sort((a, b) => compare(a.heading, b.heading) || compare(a.context.id, b.context.id));

type CarriedBlock = { block: Block; group: string | undefined };

const carriedBlocks = ({ templates, carried, live, hasSinks }: NodeToRender): CarriedBlock[] =>
  [...carried].sort(compare).flatMap((key) => {
    const block = live.get(key);
    if (block === undefined) return [];
    return [{ block, group: hasSinks ? carriedGroup({ templates, block }) : undefined }];
  });

const sinksOf = ({
  node: { templates, lastGood = noLastGood, node, sinkTask = (task) => task, live, quarantined },
  headed,
  kept,
}: {
  node: NodeToRender;
  headed: readonly HeadedTask[];
  kept: readonly CarriedBlock[];
}): PlacedSinks =>
  placeSinks({
    templates,
    lastGood,
    groups: [...new Set([...headed, ...kept].flatMap(({ group }) => group ?? []))].sort(compare),
    node,
    region: headed[0]?.context.region ?? '',
    tasksOf: (group) =>
      headed.flatMap((task) => (group === undefined || task.group === group ? [sinkTask(task.context)] : [])),
    live,
    barOf: (key, text) => quarantined.get(key)?.get(text),
  });

/** What becomes of one task. `sound`: its profile, where that is in use as it is. */
type Placed = { block?: Block; refused?: RefusedBlock; sound?: Profile };

const placeHeaded = ({
  node: { templates, lastGood = noLastGood, live, quarantined, hasFallbacks = true },
  task: { context, heading },
  route,
}: {
  node: NodeToRender;
  task: HeadedTask;
  route: Route;
}): Placed => {
  const key = context.id;
  if ('dead' in route) return { refused: { key, heading, errors: [route.dead], instead: 'nothing' } };
  const { text, instead, errors, isSound } = placeTask({
    templates,
    lastGood,
    context,
    live: live.get(key),
    barOf: (offered) => quarantined.get(key)?.get(offered),
    sinkSlip: route.slip,
    hasFallbacks,
  });
  const profile = isSound ? templates.profiles.get(context.profile) : undefined;
  const own = headingOf({ context, group: route.group, isQuarantined: instead === 'default' });
  const shown = instead === 'live' ? withSink(live.get(key)?.heading ?? own, route.group) : own;
  return {
    ...(profile !== undefined && { sound: profile }),
    ...(instead !== undefined && { refused: { key, heading, errors, instead } }),
    ...(text !== undefined && { block: { key, kind: 'task', heading: shown, text } }),
  };
};

/** A carried task's block as it is live, unless Vector refused it since or its sink is gone. */
const keepBlock = ({
  node: { quarantined },
  block,
  route,
}: {
  node: NodeToRender;
  block: Block;
  route: Route;
}): Placed => {
  const { key, heading, text } = block;
  if ('dead' in route) return { refused: { key, heading, errors: [route.dead], instead: 'nothing' } };
  const fault = quarantined.get(key)?.get(text);
  if (fault !== undefined) return { refused: { key, heading, errors: [fault], instead: 'nothing' } };
  return { block: { ...block, heading: withSink(heading, route.group) } };
};

/** The group whose sink takes a carried task's lines, by the name that its heading shows. */
const carriedGroup = ({ templates, block }: { templates: Templates; block: Block }): string | undefined => {
  const shown = namesOfHeading(block.heading)?.sink;
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
    levelOf: (key) => metaLevelOf(context, key),
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
