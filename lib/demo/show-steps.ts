import { EventEmitter, once } from 'node:events';
import { cp } from 'node:fs/promises';
import type { Colors } from 'picocolors/types.js';
import type { Config } from '../config/config.ts';
import type { TaskContext } from '../context/context.ts';
import { stemOf } from '../context/id.ts';
import type { Row } from '../pipelines/row.ts';
import { paintDiff, unifiedDiff } from '../plan/format-text.ts';
import { columnsOf } from '../render/labels/columns.ts';
import { watchEdits } from '../watch/edits.ts';
import type { Io } from '../wiring/io.ts';
import { createLogger } from '../wiring/logger.ts';
import { type Show, wrap } from './show.ts';
import type { DaemonEvents } from './show-daemon.ts';
import { lookAtNode } from './show-look.ts';
import type { DemoEvent, Tally } from './show-tally.ts';
import { EDITED, editTemplate, OFFSET } from './show-templates.ts';

/** What each step of the demo has at hand. */
export type StepInput = { show: Show; tally: Tally; config: Config; io: Io; templatesDir: string; colors: Colors };

const isOf =
  (job: string) =>
  ({ nomad }: DemoEvent): boolean =>
    nomad.job_name === job;

/** Who runs here, what templates are told of it, and what one of them makes of that. */
export const tellNode = async ({ show, config, io }: StepInput): Promise<void> => {
  const { tasks, pipelineOf } = await lookAtNode({ config, io });
  await show.step(
    'A Nomad node at work',
    `It answers at ${config.nomad.address}, as an agent does. Its log files are named after allocations, and say nothing else of where a line comes from.`,
  );
  show.table([
    ['namespace', 'job', 'group', 'task', 'allocation', 'profile'],
    ...tasks.map((task) => [
      task.namespace,
      task.job.id,
      task.group.name,
      task.task.name,
      task.alloc.shortId,
      task.profile,
    ]),
  ]);
  const task = tasks.find(({ job }) => job.id === 'shop');
  if (task === undefined) return;
  await show.step('What a template sees', 'Plain data for each task. This is a part of it; `nvl context` shows all.');
  show.table([['written as', 'for this task'], ...contextRows(task).map(([name, value]) => [`{{${name}}}`, value])]);
  const pipeline = pipelineOf(task);
  if (pipeline === undefined) return;
  await show.step(
    'What it is rendered to',
    `A pipeline, from vector/source.toml.hbs and ${EDITED}: all tasks of that profile share it. Whatever a profile does, the labels come last.`,
  );
  showPipeline({ show, ...pipeline });
  show.gap();
  show.say('What the labels say of this task is its row of a table, in which Vector looks up each line:');
  show.gap();
  showRow({ show, ...pipeline });
};

const contextRows = (task: TaskContext): [name: string, value: string][] => [
  ['namespace', task.namespace],
  ['job.id', task.job.id],
  ['group.name', task.group.name],
  ['task.name', task.task.name],
  ['alloc.id', task.alloc.id],
  ['node.name', task.node.name],
  ['meta.team', task.meta.team ?? ''],
  ['tags', JSON.stringify(task.tags)],
  ['ports.http.value', String(task.ports.http?.value ?? '')],
  ['profile', task.profile],
];

/** The source and the labels; what lies between is the profile's, and shown where it is edited. */
const showPipeline = ({ show, id, text }: { show: Show; id: string; text: string }): void => {
  const plain = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
  const components = plain.split(/\n\n(?=\[)/);
  const labels = components.find((one) => one.startsWith(`[transforms.${id}_out]`)) ?? '';
  // What nvl itself puts before each program takes no line of the story.
  const shown = labels.replace(/(?:^del\(.*\n)+/m, '...\n');
  show.code(`${components[0]}\n\n... its row is looked up, the profile parses it, then the labels:\n\n${shown}`);
};

const showRow = ({ show, text, row }: { show: Show; text: string; row: Row }): void =>
  show.table([
    ['column', 'holds', 'of this task'],
    ['task', 'the stem of its log files', row.stem],
    ...columnsOf(text).map(({ name, holds }) => [name, holds.replace(/ \w+$/, ''), row.cells[name] ?? '']),
  ]);

/** Each way of logging, as it was written and as it was delivered. */
export const tellLines = async ({ show, tally }: StepInput): Promise<void> => {
  await show.step(
    'Before and after',
    'A line as its task wrote it, and the event that left Vector. A profile parses what it knows; without one there are only labels.',
  );
  for (const job of ['shop', 'checkout', 'mailer']) {
    const event = await tally.waitFor({ what: `a line of ${job}`, fits: isOf(job) });
    if (job !== 'shop') show.gap();
    showEvent({ show, event, line: tally.lineOf(event) });
  }
};

const showEvent = ({ show, event, line }: { show: Show; event: DemoEvent; line: string }): void => {
  show.row('before', wrap(line, PAIRS_WIDTH).join('\n'));
  show.row('after', pairs(labelsOf(event)));
  const fields = pairs(parsedOf(event));
  if (fields !== '') show.row('', fields);
};

/** Nomad's order, from the outside in; an id is known by its first eight characters. */
const labelsOf = ({ nomad }: DemoEvent): Record<string, string | undefined> => {
  const { namespace, job_name, group_name, task_name, alloc_id, node_name, stream } = nomad;
  return { namespace, job_name, group_name, task_name, alloc_id: `${alloc_id?.slice(0, 8)}...`, node_name, stream };
};

/** What Vector itself adds to a line of a file, and nvl's labels. */
const OWN_FIELDS = new Set([OFFSET, 'message', 'nomad', 'file', 'host', 'source_type', 'timestamp']);

const parsedOf = (event: DemoEvent): Record<string, unknown> =>
  Object.fromEntries(Object.entries(event).filter(([name]) => !OWN_FIELDS.has(name)));

const PAIRS_WIDTH = 85;

const pairs = (fields: Readonly<Record<string, unknown>>): string => {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const pair = `${name}=${typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value)}`;
    const last = lines.at(-1);
    if (last === undefined || last.length + pair.length + 2 > PAIRS_WIDTH) lines.push(pair);
    else lines[lines.length - 1] = `${last}  ${pair}`;
  }
  return lines.join('\n');
};

const FIRST = 'dump of 3 databases begins';
const LAST = 'dump done, 41 MB';

/** An allocation comes and goes, and the last thing it says has no newline behind it. */
export const tellAllocation = async ({ show, tally, heard }: StepInput & { heard: DaemonEvents }): Promise<void> => {
  await show.step(
    'An allocation starts',
    'nvl hears of it while it is pending. Its profile has a pipeline already, so all it needs is a row, and nothing of Vector is touched.',
  );
  const startedAt = performance.now();
  const [id = ''] = await tally.node.startJob({
    id: 'backup/periodic-1788522506',
    parentId: 'backup',
    type: 'batch',
    group: 'databases',
    tasks: [{ name: 'dump' }],
  });
  const wroteAt = performance.now();
  tally.node.writeLines({ id, task: 'dump', lines: [FIRST, 'orders', 'customers', 'carts'] });
  const first = await tally.waitFor({ what: 'the first line', fits: isLine({ id, line: FIRST }) });
  const firstAt = performance.now();
  const stem = stemOf({ allocId: id, task: 'dump' });
  const loadedAt = heard.reloads.find(({ stems }) => stems.has(stem))?.at;
  const since = (at: number) => `+${((at - startedAt) / 1_000).toFixed(2)} s`;
  show.row(since(startedAt), `Nomad places ${first.nomad.job_name}`);
  const moments: [at: number, text: string][] = [
    [wroteAt, `its task runs, and writes "${FIRST}"`],
    [loadedAt ?? firstAt, 'Vector confirms that it has read the new row'],
  ];
  for (const [at, text] of moments.sort(([a], [b]) => a - b)) show.row(since(at), text);
  show.row(since(firstAt), 'the line is delivered:');
  show.row('', pairs(labelsOf(first)));

  await show.step(
    'It stops, and its last line has no newline',
    'Vector holds such a line back for as long as it finds the file. Once all else is read, nvl takes its own link to the file away; then Vector sends it.',
  );
  const stoppedAt = performance.now();
  tally.node.writeLines({ id, task: 'dump', lines: [LAST], isLastBare: true });
  tally.node.finishAllocation(id);
  await tally.waitFor({ what: 'the last line', fits: isLine({ id, line: LAST }) });
  show.row('+0.00 s', `the task writes "${LAST}", no newline, and ends with 0`);
  show.row(`+${((performance.now() - stoppedAt) / 1_000).toFixed(2)} s`, 'the line is delivered, with its labels');
};

const isLine =
  ({ id, line }: { id: string; line: string }) =>
  ({ nomad, message }: DemoEvent): boolean =>
    nomad.alloc_id === id && message === line;

/** The change of a template, as `nvl render --dry-run` shows it before anything is live. */
export const tellDryRun = async ({ show, config, io, templatesDir, colors }: StepInput): Promise<void> => {
  await show.step(
    'A template is edited',
    `${EDITED} gets a line. First as \`nvl render --dry-run\` shows it in a review, before anything is live:`,
  );
  const proposed = `${templatesDir}-proposed`;
  await cp(templatesDir, proposed, { recursive: true });
  await editTemplate({ dir: proposed, isEdited: true });
  const { dryRun } = await lookAtNode({ config, io });
  const { plan, live } = await dryRun(proposed);
  const diff = unifiedDiff({ plan, live, name: 'live/nomad.toml' }).trimEnd();
  show.code(diff, {
    maxLines: 24,
    paint: (line) => `${line.slice(0, 2)}${paintDiff({ diff: line.slice(2), colors })}`,
  });
  const { changed } = plan.changes;
  const restarted = changed.filter(({ kind }) => kind === 'source').length;
  show.gap();
  show.say(`Components changed: ${changed.length}. Sources restarted: ${restarted}, so no line is read twice.`);
};

/** The edit for real: the daemon notices the file, proves what comes of it, and Vector goes on with it. */
export const tellEdit = async ({ show, tally, templatesDir }: StepInput): Promise<void> => {
  const before = tally.latest(isOf('shop'));
  const savedAt = performance.now();
  await editTemplate({ dir: templatesDir, isEdited: true });
  const after = await tally.waitFor({
    what: 'a line parsed by the edited template',
    fits: (event) => isOf('shop')(event) && event.level === 'error',
  });
  const took = ((performance.now() - savedAt) / 1_000).toFixed(1);
  show.say(`Then the file is saved. ${took} s later a line arrives as the new template has it:`);
  show.gap();
  if (before !== undefined) show.row('old', pairs(requestOf(before)));
  show.row('new', pairs(requestOf(after)));
};

/** The same without a Vector: the edit is noticed, and the task rendered anew. */
export const tellNotice = async ({ show, config, io, templatesDir }: StepInput): Promise<void> => {
  const ended = new AbortController();
  const edits = new EventEmitter();
  const log = createLogger({ config: config.log, isTty: false, write: io.err });
  const nextEdit = () => once(edits, 'edit', { signal: io.signal });
  // The first event says that the folder is watched from now on.
  const watches = nextEdit();
  const watching = watchEdits({ paths: [templatesDir], onEdit: () => edits.emit('edit'), log, signal: ended.signal });
  try {
    await watches;
    const savedAt = performance.now();
    const noticed = nextEdit();
    await editTemplate({ dir: templatesDir, isEdited: true });
    await noticed;
    const took = ((performance.now() - savedAt) / 1_000).toFixed(2);
    const { tasks, pipelineOf } = await lookAtNode({ config, io });
    const task = tasks.find(({ job }) => job.id === 'shop');
    const pipeline = task === undefined ? undefined : pipelineOf(task);
    const components = pipeline?.text.split(/\n\n(?=\[)/) ?? [];
    show.say(`Then the file is saved. nvl notices after ${took} s, and renders its pipeline anew:`);
    show.gap();
    show.code(components.find((one) => one.startsWith(`[transforms.${pipeline?.id}_parse]`)) ?? '');
  } finally {
    ended.abort();
    await watching;
  }
};

/** The longest last: a terminal cuts it. */
const requestOf = ({ client, method, request, status, level }: DemoEvent): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries({ client, status, level, method, request }).filter(([, value]) => value !== undefined),
  );
