import { hash } from 'node:crypto';
import { posix } from 'node:path';
import { LOGS_ID, NONE_ID, REST_ID } from '../ids.ts';
import { compare } from '../order.ts';
import { tomlText } from '../toml-text.ts';
import { withCollector, withoutCollector } from './connections.ts';
import { commentText } from './safe/write/escape.ts';
import { readersIn } from './sink-readers.ts';

/**
 * The one generated file: a header, nvl's own components, then block after block, each under a line that names it. The
 * same lines let nvl take the file apart again, so that a task whose block can't be rendered now keeps the one it has.
 */
export type Block = {
  /** The stem of a task's components, or `sink:<name>`. */
  key: string;
  kind: 'task' | 'sink';
  /** For people, and what blocks are sorted by: the job and task, or the sink's template. */
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
}: {
  blocks: readonly Block[];
  /** Template names, for the header. */
  templates: readonly string[];
  linksDir: string;
}): string => {
  const sorted = [...blocks].sort(byHeading);
  const tasks = sorted.filter((block) => block.kind === 'task');
  const sinks = sorted.filter((block) => block.kind === 'sink');
  const readers = readersIn(sinks);
  const collectors = collectorsOf({ tasks, sinks });
  return [
    header(templates),
    ownComponents({ taskIds: tasks.map((block) => block.key).sort(compare), linksDir, readers }),
    ...groupComponents({ tasks, sinks, readers, collectors }),
    ...tasks.map((block) => section({ ...block, text: withCollector(block.text, collectors?.get(block.key)) })),
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
      kind: isSinkKey(key) ? 'sink' : 'task',
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

/** The heading of a task's block: where it belongs, then its allocation and profile. */
export const taskHeading = (
  names: TaskNames & {
    profile: string;
    /** It ships by `default` in place of its own profile. */
    isQuarantined?: boolean;
    /** The group of its sink, where that is not the node's. */
    sink?: string | undefined;
  },
): string =>
  `${namesHeading(names)} (profile ${commentText(names.profile)}${names.isQuarantined === true ? QUARANTINED : ''}${sinkWords(names.sink)})`;

/** Which task it is. */
export const namesHeading = (names: TaskNames): string =>
  [names.namespace, names.job, `${names.group} ${names.index}`, names.task].map(commentText).join(' / ');

const QUARANTINED = ', quarantined';

const sinkWords = (sink: string | undefined): string => (sink === undefined ? '' : `, sink ${commentText(sink)}`);

/** The heading of a task whose lines go to another sink than its block was written for. */
export const withSink = (heading: string, sink: string | undefined): string =>
  heading.replace(/(?:, sink [^)]*)?\)$/, () => `${sinkWords(sink)})`);

/** The names in a task's heading, as they were shown; undefined for a sink's. */
export const namesOfHeading = (
  heading: string,
):
  | {
      namespace: string;
      job: string;
      group: string;
      task: string;
      profile: string;
      isQuarantined: boolean;
      sink?: string;
    }
  | undefined => {
  const [, names = '', profile = '', quarantined, sink] =
    /^(.*) \(profile (.*?)(, quarantined)?(?:, sink (.*))?\)$/.exec(heading) ?? [];
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
    ...(sink === undefined ? {} : { sink }),
  };
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
  taskIds,
  linksDir,
  readers,
}: {
  taskIds: readonly string[];
  linksDir: string;
  readers: Readers;
}): string =>
  `${MARK}${OWN_KEY} every task's lines, labelled; sinks read ${LOGS_ID}
# A path that never exists: it makes a set without tasks valid.
[sources.${NONE_ID}]
type = "file"
include = [${tomlText(posix.join(linksDir, NONE_ID, 'none'))}]
glob_minimum_cooldown_ms = 60_000

# An explicit list behind a name that stays: tasks come and go, and no sink is rebuilt.
${collector({ id: LOGS_ID, taskIds, readers })}`;

/** Which of nvl's transforms tells a task's lines apart for its sink; undefined where all lines go to one. */
const collectorsOf = ({
  tasks,
  sinks,
}: {
  tasks: readonly Block[];
  sinks: readonly Block[];
}): ReadonlyMap<string, string> | undefined => {
  const sinkOf = new Map(tasks.map(({ key, heading }) => [key, namesOfHeading(heading)?.sink]));
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
  tasks,
  sinks,
  readers,
  collectors,
}: {
  tasks: readonly Block[];
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
  for (const { key, heading } of tasks)
    groupOf(collectors.get(key) ?? REST_ID, `the sink of ${namesOfHeading(heading)?.sink}`).keys.push(key);
  return [...groups]
    .sort(([a], [b]) => compare(a, b))
    .map(
      ([id, { about, keys }]) =>
        `${MARK}${OWN_KEY}-${id.slice(LOGS_ID.length + 1)} ${about}\n${collector({ id, taskIds: keys, readers })}`,
    );
};

/**
 * It names the sinks that read it, so that it changes with them. Vector (0.57) takes a sink off a transform that stays before it
 * connects another one: what comes meanwhile goes nowhere and counts as delivered, and a refused reload ends in a panic.
 */
const collector = ({ id, taskIds, readers }: { id: string; taskIds: readonly string[]; readers: Readers }): string =>
  `[transforms.${id}]
type = "filter"
condition = "${['true', ...(readers.has(id) ? [`# read by ${readers.get(id)?.join(', ')}`] : [])].join(' ')}"
inputs = [
${[NONE_ID, ...taskIds.map((taskId) => `${taskId}_out`).sort(compare)].map((input) => `  "${input}",`).join('\n')}
]
`;

const section = (block: Block): string => `${MARK}${block.key} ${block.heading}\n${trimmed(block.text)}\n`;

const trimmed = (text: string): string => text.trim();

const byHeading = (a: Block, b: Block): number => compare(a.heading, b.heading) || compare(a.key, b.key);
