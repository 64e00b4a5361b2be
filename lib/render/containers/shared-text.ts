import { CONTAINERS_ID, NONE_ID } from '../../ids.ts';
import { linkName, STREAMS } from '../../link-name.ts';
import { tomlText } from '../../toml-text.ts';
import { vrlString } from '../safe/write/escape.ts';
import type { ContainerLogs } from './container-logs.ts';

/** Gives the lines of containers whose rows came, and of those whose row came after their first lines. */
export const IN_ID = `${CONTAINERS_ID}_in`;
export const LATE_ID = `${CONTAINERS_ID}_late`;

/** The columns of the table of containers. `file`: the links of its task's stem, below the folder of links, and empty where its files are read. */
export const CONTAINER_COLUMNS = ['container', 'pipeline', 'file'] as const;

/**
 * What reads the lines of all containers of the node, once, however many there are, and looks up whose each is. A line leaves it as a
 * line of a log file does, so that what is behind does not differ. One whose container has no row waits for it, and goes nowhere when it has not come by then: it is
 * of a task that is not collected, or of none. What is read from files goes nowhere at once. Pure.
 */
export const sharedText = ({ logs, linksDir }: { logs: ContainerLogs; linksDir: string }): string =>
  [
    '# Lines of containers, for tasks that Nomad writes no log files of.',
    ...sourceOf({ logs, linksDir }),
    component({
      id: IN_ID,
      type: 'remap',
      inputs: logs.from === 'journald' ? [`${PARTS_ID}._unmatched`, WHOLE_ID] : [CONTAINERS_ID],
      options: ['drop_on_abort = true', 'reroute_dropped = true'],
      program: `${LOOKUP}
${endOf('.stream')}
. = ${asOfFile({ linksDir, message: '.message', timestamp: '.timestamp' })}`,
    }),
    ...lateLines(linksDir),
  ].join('\n\n');

const sourceOf = ({ logs, linksDir }: { logs: ContainerLogs; linksDir: string }): string[] => {
  if (logs.from === 'journald') return fromJournal(logs);
  return logs.from === 'docker_logs' ? fromEngine(logs) : [fromNowhere(linksDir)];
};

/** Gives nothing, so that what is behind it stays as it is until the engine is there. */
const fromNowhere = (linksDir: string): string => `[sources.${CONTAINERS_ID}]
type = "file"
include = [${tomlText(`${linksDir}/${NONE_ID}/none`)}]
glob_minimum_cooldown_ms = 60_000`;

/** Of containers of Nomad's alone: its driver always sets this label. */
const fromEngine = ({ host }: { host: string | undefined }): string[] => [
  `[sources.${CONTAINERS_ID}]
type = "docker_logs"${host === undefined ? '' : `\ndocker_host = ${tomlText(host)}`}
include_labels = ["com.hashicorp.nomad.alloc_id"]
host_key = ""`,
];

const NAMED_ID = `${CONTAINERS_ID}_named`;
const PARTS_ID = `${CONTAINERS_ID}_parts`;
const WHOLE_ID = `${CONTAINERS_ID}_whole`;

/**
 * Every user of a machine may write to the journal, and name a container: who wrote it is the journal's own word. The engine sends
 * stderr with the priority of an error, and a line of more than 16 KB in parts.
 *
 * @source https://docs.docker.com/engine/logging/drivers/journald/
 * @source https://github.com/moby/moby/blob/v28.0.0/daemon/logger/journald/journald.go
 */
const fromJournal = ({ unit }: { unit: string }): string[] => [
  `[sources.${CONTAINERS_ID}]
type = "journald"
include_units = [${tomlText(unit)}]`,
  component({
    id: NAMED_ID,
    type: 'remap',
    inputs: [CONTAINERS_ID],
    options: ['drop_on_abort = true'],
    program: `nvl_part = .CONTAINER_PARTIAL_ID
nvl_is_last = .CONTAINER_PARTIAL_LAST
if !match(string(.CONTAINER_NAME) ?? "", r'-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\z') { abort }
nvl_stream = if .PRIORITY == "3" { "stderr" } else { "stdout" }
. = { "container_name": .CONTAINER_NAME, "message": .message, "timestamp": .timestamp, "stream": nvl_stream }
if nvl_part != null {
  .part = nvl_part
  .is_last = nvl_is_last
}`,
  }),
  component({ id: PARTS_ID, type: 'route', inputs: [NAMED_ID], options: ["route.part = 'exists(.part)'"] }),
  component({
    id: WHOLE_ID,
    type: 'reduce',
    inputs: [`${PARTS_ID}.part`],
    options: [
      'group_by = ["container_name", "part"]',
      `ends_when = '.is_last == "true"'`,
      'merge_strategies.message = "concat_raw"',
    ],
  }),
];

/** How long a line waits for the row of its container: nvl needs about a second for one, and longer where a reload takes long. */
const HELD_MS = 10_000;

/** Of one container within a second: beyond that, lines wait for less long, as memory would be the price. */
const MOST_HELD = 10_000;

/**
 * Lines are held in lots, a second's of a container each, which keeps them in order. Whoever watches Vector sees what went nowhere as
 * discarded by the last of these.
 */
const lateLines = (linksDir: string): string[] => [
  component({
    id: `${CONTAINERS_ID}_unknown`,
    type: 'remap',
    inputs: [`${IN_ID}.dropped`],
    options: [],
    program:
      '. = { "container_name": .container_name, "message": .message, "timestamp": .timestamp, "stream": .stream, "second": to_unix_timestamp(now()) }',
  }),
  component({
    id: `${CONTAINERS_ID}_held`,
    type: 'reduce',
    inputs: [`${CONTAINERS_ID}_unknown`],
    options: [
      'group_by = ["container_name", "second"]',
      `expire_after_ms = ${HELD_MS}`,
      'flush_period_ms = 500',
      `max_events = ${MOST_HELD}`,
      ...['message', 'timestamp', 'stream'].map((field) => `merge_strategies.${field} = "array"`),
    ],
  }),
  component({
    id: LATE_ID,
    type: 'remap',
    inputs: [`${CONTAINERS_ID}_held`],
    options: ['drop_on_abort = true'],
    program: `${LOOKUP}
nvl_lines = zip([array(.message) ?? [], array(.timestamp) ?? [], array(.stream) ?? []])
. = map_values(nvl_lines) -> |nvl_line| {
  ${endOf('nvl_line[2]')}
  ${asOfFile({ linksDir, message: 'nvl_line[0]', timestamp: 'nvl_line[1]' })}
}`,
  }),
];

const LOOKUP = `nvl_row, nvl_error = get_enrichment_table_record("${CONTAINERS_ID}", { "container": string(.container_name) ?? "" })
if nvl_error != null { abort }
%nvl.pipeline = nvl_row.pipeline
nvl_file = string(nvl_row.file) ?? ""`;

/** What the name of a link has behind its stem. */
const endOf = (stream: string): string => {
  const [stdout, stderr] = STREAMS.map((name) => linkName({ stem: '', stream: name, index: 0 }));
  return `nvl_end = if ${stream} == "stderr" { "${stderr}" } else { "${stdout}" }`;
};

/** An event as a source of files gives it, of a file that is named as a link is. */
const asOfFile = ({ linksDir, message, timestamp }: { linksDir: string; message: string; timestamp: string }): string =>
  `{ "message": ${message}, "timestamp": ${timestamp}, "source_type": "file", "file": "${vrlString(linksDir)}/" + nvl_file + nvl_end }`;

const component = ({
  id,
  type,
  inputs,
  options,
  program,
}: {
  id: string;
  type: string;
  inputs: readonly string[];
  options: readonly string[];
  program?: string;
}): string =>
  [
    `[transforms.${id}]`,
    `type = "${type}"`,
    `inputs = [${inputs.map((input) => `"${input}"`).join(', ')}]`,
    ...options,
    ...(program === undefined ? [] : [`source = '''\n${program}\n'''`]),
  ].join('\n');
