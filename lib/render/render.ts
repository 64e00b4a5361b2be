import type { TaskContext } from '../context/context.ts';
import type { NvlError } from '../errors.ts';
import { compare } from '../order.ts';
import type { Deciders } from '../pipelines/differences.ts';
import type { Row } from '../pipelines/row.ts';
import type { ContainerLogs } from './containers/container-logs.ts';
import { containerPipelinesIn } from './containers/container-source.ts';
import { assembleFile, type Block, namesOfPipeline, taskHeading, withSink } from './file.ts';
import { type LastGood, noLastGood } from './last-good.ts';
import { Pipelines } from './pipelines.ts';
import { type PlacedTask, placeTask } from './place-task.ts';
import type { Note, RefusedBlock } from './refused.ts';
import { type PlacedSinks, placeSinks, type Route, sinkGroupOf } from './sinks.ts';
import { stillFormer } from './still-former.ts';
import { TaskMemo } from './task-memo.ts';
import { taskNotes } from './task-notes.ts';
import { DEFAULT_PROFILE, type Profile, type Templates } from './templates.ts';
import { profileShown, usedTemplates } from './used-templates.ts';

export type { RefusedBlock } from './refused.ts';

/** Why a block's text is not offered, by the block's key and the text; a map of maps is one. */
export type QuarantinedBlocks = { get(key: string): { get(text: string): NvlError | undefined } | undefined };

export type Rendered = {
  text: string;
  /** Pipelines, then sinks. */
  blocks: readonly Block[];
  /** What each task's labels say, sorted by stem. */
  rows: readonly Row[];
  /** Those of pipelines that their tasks have just left. */
  former: readonly Row[];
  /** What decides each pipeline; of one that is only kept as it is live, nothing is known. */
  deciders: Deciders;
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
  /** The lines of the table that is live now, by stem. */
  seats: ReadonlyMap<string, Row>;
  /** Rows of pipelines that their tasks have just left: what these still deliver is labelled by them. */
  former?: readonly Row[];
  /** Tasks that have to stay but that Nomad tells nothing about any more: their live rows and pipelines are taken as they are. */
  carried: ReadonlySet<string>;
  /** Live pipelines that stay though no task is in them. */
  idle?: ReadonlySet<string>;
  /** Texts of blocks that Vector itself refused, by key; those bytes are not offered again. */
  quarantined: QuarantinedBlocks;
  lastGood?: LastGood;
  /** False, as for tests of profiles: a task whose own blocks can't be used is left out. */
  hasFallbacks?: boolean;
  /** Whether a task, by its stem, may be in one pipeline with others; each may by default. */
  mayShare?: (stem: string) => boolean;
  /** Vector counts for each task, and times each transform. */
  isMeasured?: boolean;
  /** How lines of containers are read, and for which tasks, by their stems. */
  containers?: { logs: ContainerLogs; tasks: ReadonlySet<string> } | undefined;
  /** What an earlier pass found out; for passes with the same settings alone. */
  memo?: TaskMemo;
};

/**
 * Contexts and templates to the generated file. Pure: equal input gives equal bytes, whatever the order it comes in.
 * What cannot be rendered is quarantined with its reasons: it keeps the block it has live, or ships by the best that can be
 * used, so that no slip ends a collection or costs a line.
 */
export const renderNode = (given: NodeToRender): Rendered => {
  const { memo = new TaskMemo() } = given;
  memo.use(given.templates);
  const node = { ...given, memo, live: usableNow(given) };
  const { templates, hasSinks, linksDir, live, quarantined, idle = NONE, former = [] } = node;
  const headed = headedTasks(node);
  const carried = carriedSeats(node);
  const groups = groupsIn({ node, headed, carried });
  const sinks = hasSinks ? sinksOf({ node, headed, groups }) : undefined;
  const routeOf = (group: string | undefined): Route => sinks?.routeOf(group) ?? { group: undefined };
  const pipelines = new Pipelines({ live, barOf: (key, text) => quarantined.get(key)?.get(text) });
  const asked = headed.map((task) => placeHeaded({ node, task, pipelines, route: routeOf(task.group) }));
  const placed = [
    ...asked.map((one) => (typeof one === 'function' ? one() : one)),
    ...carried.map((row) => keepSeat({ row, pipelines })),
  ];
  const kept = [...idle, ...former.map(({ pipeline }) => pipeline)];
  for (const id of kept) pipelines.keep(id);
  const used = new Set([...kept, ...placed.flatMap(({ row }) => row?.pipeline ?? [])]);
  const routed = pipelines.blocks(used).map((block) => ({ block, route: routeOf(groupOf({ node, block })) }));
  const dead = new Map(routed.flatMap(({ block, route }) => ('dead' in route ? [[block.key, route.dead]] : [])));
  const blocks = [
    ...routed.flatMap(({ block, route }) =>
      'dead' in route ? [] : [{ ...block, heading: withSink(block.heading, route.group) }],
    ),
    ...(sinks?.blocks ?? []),
  ];
  const alive = placed.map((one) => withoutDead({ placed: one, dead }));
  const rows = alive.flatMap(({ row }) => row ?? []).sort((a, b) => compare(a.stem, b.stem));
  const profiles = new Map(alive.flatMap(({ sound }) => (sound === undefined ? [] : [[sound.name, sound]])));
  return {
    text: assembleFile({
      blocks,
      templates: usedTemplates({ templates, blocks }),
      linksDir,
      containers: node.containers?.logs,
    }),
    blocks,
    rows,
    former: stillFormer({ rows, former, seats: node.seats, blocks, pipelines }),
    deciders: pipelines.deciders(),
    refused: [...(sinks?.refused ?? []), ...alive.flatMap(({ refused }) => refused ?? [])],
    notes: headed.flatMap(({ context, heading }) => {
      const isContainer = node.containers?.tasks.has(context.id) === true;
      const note = () => taskNotes({ context, heading, templates, isContainer });
      return memo.once(context, isContainer ? 'notesOfContainer' : 'notes', note);
    }),
    sound: {
      profiles,
      labels: profiles.size > 0 ? templates.labels : undefined,
      sinks: sinks?.sound ?? new Map(),
    },
  };
};

const NONE: ReadonlySet<string> = new Set();

/** A pipeline of containers needs what reads them: without that, Vector would refuse all of the file. */
const usableNow = ({ live, containers }: Pick<NodeToRender, 'live' | 'containers'>): NodeToRender['live'] =>
  containers === undefined ? new Map([...live].filter(([, { text }]) => containerPipelinesIn(text).size === 0)) : live;

/** A task with the group whose sink takes its lines, and the heading of its block. */
type HeadedTask = { context: TaskContext; group: string | undefined; heading: string };

/** In the order of what is told. */
const headedTasks = ({ templates, tasks, hasSinks, memo }: NodeToRender & { memo: TaskMemo }): HeadedTask[] =>
  tasks
    .map((context) => ({
      context,
      group: hasSinks ? sinkGroupOf({ context, templates }) : undefined,
      heading: memo.once(context, 'heading', () => headingOf({ context })),
    }))
    .sort((a, b) => compare(a.heading, b.heading) || compare(a.context.id, b.context.id));

const carriedSeats = ({ carried, seats, live }: NodeToRender): Row[] =>
  [...carried].sort(compare).flatMap((stem) => {
    const row = seats.get(stem);
    return row !== undefined && live.has(row.pipeline) ? [row] : [];
  });

/** Of the tasks, and of what is kept as it is live, sorted. */
const groupsIn = ({
  node,
  headed,
  carried,
}: {
  node: NodeToRender;
  headed: readonly HeadedTask[];
  carried: readonly Row[];
}): string[] => {
  const { live, hasSinks, idle = NONE } = node;
  if (!hasSinks) return [];
  const kept = [...idle, ...carried.map(({ pipeline }) => pipeline)].flatMap((id) => live.get(id) ?? []);
  const groups = [...headed.map(({ group }) => group), ...kept.map((block) => groupOf({ node, block }))];
  return [...new Set(groups.filter((group) => group !== undefined))].sort(compare);
};

const sinksOf = ({
  node: { templates, lastGood = noLastGood, node, sinkTask = (task) => task, live, quarantined },
  headed,
  groups,
}: {
  node: NodeToRender;
  headed: readonly HeadedTask[];
  groups: readonly string[];
}): PlacedSinks =>
  placeSinks({
    templates,
    lastGood,
    groups,
    node,
    region: headed[0]?.context.region ?? '',
    tasksOf: (group) =>
      headed.flatMap((task) => (group === undefined || task.group === group ? [sinkTask(task.context)] : [])),
    live,
    barOf: (key, text) => quarantined.get(key)?.get(text),
  });

/** What becomes of one task. `sound`: its profile, where that is in use as it is. */
type Placed = { row?: Row; refused?: RefusedBlock; sound?: Profile };

const placeHeaded = ({
  node: {
    templates,
    lastGood = noLastGood,
    seats,
    linksDir,
    hasFallbacks = true,
    mayShare,
    isMeasured = false,
    containers,
    memo,
  },
  task: { context, heading, group: wantedSink },
  pipelines,
  route,
}: {
  node: NodeToRender & { memo: TaskMemo };
  task: HeadedTask;
  pipelines: Pipelines;
  route: Route;
}): Placed | (() => Placed) => {
  const key = context.id;
  if ('dead' in route) return { refused: { key, heading, errors: [route.dead], instead: 'nothing' } };
  const found = placeTask({
    templates,
    lastGood,
    context,
    linksDir,
    headingOf: ({ isQuarantined }) => (isQuarantined ? headingOf({ context, isQuarantined }) : heading),
    seat: seats.get(key),
    pipelines,
    wantedSink,
    group: route.group,
    sinkSlip: route.slip,
    hasFallbacks,
    mayShare: mayShare?.(key) ?? true,
    hasContainers: containers !== undefined,
    isContainer: containers?.tasks.has(key) === true,
    isMeasured,
    memo,
  });
  const placedOf = ({ row, instead, errors, isSound }: PlacedTask): Placed => {
    const profile = isSound ? templates.profiles.get(context.profile) : undefined;
    return {
      ...(profile !== undefined && { sound: profile }),
      ...(instead !== undefined && { refused: { key, heading, errors, instead } }),
      ...(row !== undefined && { row }),
    };
  };
  return typeof found === 'function' ? () => placedOf(found()) : placedOf(found);
};

/** A carried task's row as it is live, unless Vector refused its pipeline since. */
const keepSeat = ({ row, pipelines }: { row: Row; pipelines: Pipelines }): Placed => {
  const kept = pipelines.carry(row);
  if (kept !== undefined) return { row: kept };
  const error = pipelines.barOf(row.pipeline);
  return {
    refused: { key: row.stem, heading: row.about, errors: error === undefined ? [] : [error], instead: 'nothing' },
  };
};

/** A task whose lines would be read and go nowhere is not read. */
const withoutDead = ({ placed, dead }: { placed: Placed; dead: ReadonlyMap<string, NvlError> }): Placed => {
  const { row } = placed;
  const error = row === undefined ? undefined : dead.get(row.pipeline);
  if (row === undefined || error === undefined) return placed;
  return { refused: { key: row.stem, heading: row.about, errors: [error], instead: 'nothing' } };
};

/** The group whose sink takes a pipeline's lines, by the name that its heading shows. */
const groupOf = ({ node: { templates }, block }: { node: NodeToRender; block: Block }): string | undefined => {
  const shown = namesOfPipeline(block.heading)?.sink;
  return shown === undefined ? undefined : (profileShown({ templates, shown })?.name ?? shown);
};

const headingOf = ({ context, isQuarantined = false }: { context: TaskContext; isQuarantined?: boolean }): string =>
  taskHeading({
    namespace: context.namespace,
    job: context.job.id,
    group: context.group.name,
    index: context.alloc.index,
    task: context.task.name,
    profile: isQuarantined ? DEFAULT_PROFILE : context.profile,
    isQuarantined,
  });
