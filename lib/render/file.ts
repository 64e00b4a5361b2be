import { hash } from 'node:crypto';
import { posix } from 'node:path';
import { commentText } from '../comment-text.ts';
import { LOGS_ID, NONE_ID, REST_ID } from '../ids.ts';
import { compare } from '../order.ts';
import { tomlText } from '../toml-text.ts';
import { withCollector, withoutCollector } from './connections.ts';
import type { ContainerLogs } from './containers/container-logs.ts';
import { sharedText } from './containers/shared-text.ts';
import { readersIn } from './sink-readers.ts';
import { tablesText } from './tables.ts';

/**
 * The one generated file: a header, nvl's own components, then block after block, each under a line that names it. The
 * same lines let nvl take the file apart again, so that tasks whose block can't be rendered now keep the one they have.
 */
export type Block = {
  /** The id of a pipeline, or `sink:<name>`. */
  key: string;
  kind: 'pipeline' | 'sink';
  /** For people, and what blocks are sorted by: the pipeline's profile, or the sink's template. */
  heading: string;
  text: string;
};

const MARK = '# nvl:';

/**
 * The transform that carries the lines of one sink's tasks: two groups never share one. The group's name and what a heading
 * shows of it give the same.
 */
export const groupId = (group: string): string => {
  const shown = commentText(group);
  const slug = shown.replaceAll(/[^A-Za-z0-9_-]/g, '_');
  const id = `${LOGS_ID}_${slug}`;
  return slug === shown && id !== REST_ID ? id : `${id}_${hash('sha256', shown, 'hex').slice(0, 8)}`;
};

/** The key of the block of a group's sink; undefined: of the node's own. */
export const sinkKey = (group: string | undefined): string =>
  `${SINK_MARK}${group === undefined ? 'default' : groupId(group).slice(LOGS_ID.length + 1)}`;

const SINK_MARK = 'sink:';

export const isSinkKey = (key: string): boolean => key.startsWith(SINK_MARK);

/** True when a line of the text would be taken for the head of a block. */
export const holdsMark = (text: string): boolean => text.startsWith(MARK) || text.includes(`\n${MARK}`);

export const assembleFile = ({
  blocks,
  templates,
  linksDir,
  containers,
}: {
  blocks: readonly Block[];
  /** Template names, for the header. */
  templates: readonly string[];
  linksDir: string;
  /** How lines of containers are read, for the pipelines that ask for them. */
  containers?: ContainerLogs | undefined;
}): string => {
  const sorted = [...blocks].sort(byHeading);
  const pipelines = sorted.filter((block) => block.kind === 'pipeline');
  const sinks = sorted.filter((block) => block.kind === 'sink');
  const readers = readersIn(sinks);
  const collectors = collectorsOf({ pipelines, sinks });
  return [
    header(templates),
    ownComponents({ pipelines, linksDir, readers, containers }),
    ...groupComponents({ pipelines, sinks, readers, collectors }),
    ...pipelines.map((block) => section({ ...block, text: withCollector(block.text, collectors?.get(block.key)) })),
    ...sinks.map(section),
  ].join('\n');
};

/** The blocks of a generated file by key, in their order; empty for a text that nvl did not write. */
export const blocksOf = (text: string): Map<string, Block> => {
  const blocks = new Map<string, Block>();
  let open: { key: string; heading: string; lines: string[] } | undefined;
  const close = () => {
    if (open === undefined) return;
    const { key, heading, lines } = open;
    blocks.set(key, {
      key,
      kind: isSinkKey(key) ? 'sink' : 'pipeline',
      heading,
      text: withoutCollector(trimmed(lines.join('\n'))),
    });
  };
  for (const line of text.split('\n')) {
    if (line.startsWith(MARK)) {
      close();
      const [key = '', ...heading] = line.slice(MARK.length).split(' ');
      open = { key, heading: heading.join(' '), lines: [] };
    } else open?.lines.push(line);
  }
  close();
  for (const key of blocks.keys()) if (key === OWN_KEY || key.startsWith(`${OWN_KEY}-`)) blocks.delete(key);
  return blocks;
};

const OWN_KEY = 'own';

/** By which Nomad's users know a task. */
type TaskNames = { namespace: string; job: string; group: string; index: number; task: string };

/** Which task it is, and by which profile it ships. */
export const taskHeading = (
  names: TaskNames & {
    profile: string;
    /** It ships by `default` in place of its own profile. */
    isQuarantined?: boolean;
  },
): string =>
  `${namesHeading(names)} (profile ${commentText(names.profile)}${names.isQuarantined === true ? QUARANTINED : ''})`;

/** Which task it is. */
export const namesHeading = (names: TaskNames): string =>
  [names.namespace, names.job, `${names.group} ${names.index}`, names.task].map(commentText).join(' / ');

const QUARANTINED = ', quarantined';

/** The names in a task's heading, as they were shown. */
export const namesOfHeading = (
  heading: string,
):
  | { namespace: string; job: string; group: string; task: string; profile: string; isQuarantined: boolean }
  | undefined => {
  const [, names = '', profile = '', quarantined] = /^(.*) \(profile (.*?)(, quarantined)?\)$/.exec(heading) ?? [];
  const parts = names.split(' / ');
  const [namespace, task, group] = [parts[0], parts.at(-1), parts.at(-2)];
  if (namespace === undefined || task === undefined || group === undefined || parts.length < 4) return undefined;
  // A job's name may hold the separator itself.
  return {
    namespace,
    job: parts.slice(1, -2).join(' / '),
    group,
    task,
    profile,
    isQuarantined: quarantined !== undefined,
  };
};

/** The heading of a pipeline: its profile, what its tasks have in common, the group of its sink where that is not the node's. */
export const pipelineHeading = ({
  profile,
  about,
  sink,
}: {
  profile: string;
  about: string;
  sink: string | undefined;
}): string => withSink(`profile ${shownProfile(profile)}${about === '' ? '' : ` with ${commentText(about)}`}`, sink);

/** A profile's name as a heading shows it: what is behind it is never taken for a part of it. */
export const shownProfile = (name: string): string => commentText(name).replaceAll(' with ', ' wu+69th ');

/** The same for a pipeline whose lines go to another sink. */
export const withSink = (heading: string, sink: string | undefined): string =>
  `${heading.replace(/ \(sink [^)]*\)$/, '')}${sink === undefined ? '' : ` (sink ${commentText(sink)})`}`;

/** The names in a pipeline's heading, as they were shown; undefined for a sink's. */
export const namesOfPipeline = (heading: string): { profile: string; sink?: string } | undefined => {
  const [, profile, sink] = /^profile (.*?)(?: with .*?)?(?: \(sink (.*)\))?$/.exec(heading) ?? [];
  return profile === undefined ? undefined : { profile, ...(sink === undefined ? {} : { sink }) };
};

const header = (templates: readonly string[]): string =>
  [
    '# Generated by nvl, which owns this file. Do not edit it: the next cycle writes it again.',
    '# Change the templates instead, and see what that does with: nvl render --dry-run',
    '# Templates:',
    ...templates.map((name) => `#   ${commentText(name)}`),
    '',
  ].join('\n');

type Readers = ReturnType<typeof readersIn>;

const ownComponents = ({
  pipelines,
  linksDir,
  readers,
  containers,
}: {
  pipelines: readonly Block[];
  linksDir: string;
  readers: Readers;
  containers: ContainerLogs | undefined;
}): string =>
  `${MARK}${OWN_KEY} every task's lines, labelled; sinks read ${LOGS_ID}
${tablesText({ pipelines: pipelines.map(headed).join('\n'), hasContainers: containers !== undefined, linksDir })}

# A path that never exists: it makes a set without tasks valid.
[sources.${NONE_ID}]
type = "file"
include = [${tomlText(posix.join(linksDir, NONE_ID, 'none'))}]
glob_minimum_cooldown_ms = 60_000
${containers === undefined ? '' : `\n${sharedText({ logs: containers, linksDir })}\n`}
# An explicit list behind a name that stays: tasks come and go, and no sink is rebuilt.
${collector({ id: LOGS_ID, pipelineIds: pipelines.map(({ key }) => key).sort(compare), readers })}`;

/** Which of nvl's transforms tells a pipeline's lines apart for its sink; undefined where all lines go to one. */
const collectorsOf = ({
  pipelines,
  sinks,
}: {
  pipelines: readonly Block[];
  sinks: readonly Block[];
}): ReadonlyMap<string, string> | undefined => {
  const sinkOf = new Map(pipelines.map(({ key, heading }) => [key, namesOfPipeline(heading)?.sink]));
  const isTold =
    sinks.some(({ key, text }) => key !== sinkKey(undefined) || text.includes(REST_ID)) ||
    [...sinkOf.values()].some(Boolean);
  if (!isTold) return undefined;
  return new Map([...sinkOf].map(([key, sink]) => [key, sink === undefined ? REST_ID : groupId(sink)]));
};

/**
 * Behind `nomad_logs`, which has every line: the same lines told apart by the sink that takes them. They are there for each
 * sink of a group, also for one that has no task now, or what it reads would be missing.
 */
const groupComponents = ({
  pipelines,
  sinks,
  readers,
  collectors,
}: {
  pipelines: readonly Block[];
  sinks: readonly Block[];
  readers: Readers;
  collectors: ReturnType<typeof collectorsOf>;
}): string[] => {
  if (collectors === undefined) return [];
  const groups = new Map<string, { about: string; keys: string[] }>();
  const groupOf = (id: string, about: string) => {
    const known = groups.get(id) ?? { about, keys: [] };
    groups.set(id, known);
    return known;
  };
  for (const { key } of sinks) {
    const name = key.slice(SINK_MARK.length);
    if (key !== sinkKey(undefined)) groupOf(`${LOGS_ID}_${name}`, `the sink of ${name}`);
  }
  groupOf(REST_ID, 'what no other sink takes');
  for (const { key, heading } of pipelines)
    groupOf(collectors.get(key) ?? REST_ID, `the sink of ${namesOfPipeline(heading)?.sink}`).keys.push(key);
  return [...groups]
    .sort(([a], [b]) => compare(a, b))
    .map(
      ([id, { about, keys }]) =>
        `${MARK}${OWN_KEY}-${id.slice(LOGS_ID.length + 1)} ${about}\n${collector({ id, pipelineIds: keys, readers })}`,
    );
};

/**
 * It names the sinks that read it, so that it changes with them. Vector (0.57) takes a sink off a transform that stays before it
 * connects another one: what comes meanwhile goes nowhere and counts as delivered, and a refused reload ends in a panic.
 * Its condition is the cheapest that lets every line through: one of VRL, "true" too, copies each event (32,000 instructions of 135,000).
 */
const collector = ({
  id,
  pipelineIds,
  readers,
}: {
  id: string;
  pipelineIds: readonly string[];
  readers: Readers;
}): string => {
  const readBy = readers.get(id)?.join(', ');
  return `[transforms.${id}]
type = "filter"
condition.type = "is_log"${readBy === undefined ? '' : `\ngraph.node_attributes.read_by = "${readBy}"`}
inputs = [
${[NONE_ID, ...pipelineIds.map((pipelineId) => `${pipelineId}_out`).sort(compare)].map((input) => `  "${input}",`).join('\n')}
]
`;
};

const section = (block: Block): string => `${headed(block)}\n`;

const headed = ({ key, heading, text }: Block): string => `${MARK}${key} ${heading}\n${trimmed(text)}`;

const trimmed = (text: string): string => text.trim();

const byHeading = (a: Block, b: Block): number => compare(a.heading, b.heading) || compare(a.key, b.key);
