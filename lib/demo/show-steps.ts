import { cp } from 'node:fs/promises';
import type { Colors } from 'picocolors/types.js';
import type { Config } from '../config/config.ts';
import type { TaskContext } from '../context/context.ts';
import { stemOf } from '../context/id.ts';
import type { Row } from '../pipelines/row.ts';
import { paintDiff, unifiedDiff } from '../plan/format-text.ts';
import { columnsOf } from '../render/labels/columns.ts';
import type { Io } from '../wiring/io.ts';
import type { Show } from './show.ts';
import type { DaemonEvents } from './show-daemon.ts';
import { labelPairs, pairs } from './show-event.ts';
import { lookAtNode } from './show-look.ts';
import { type DemoEvent, isOfJob, type Tally } from './show-tally.ts';
import { EDITED, editTemplate } from './show-templates.ts';

/** What each step of the demo has at hand. */
export type StepInput = { show: Show; tally: Tally; config: Config; io: Io; templatesDir: string; colors: Colors };

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
  show.row('', labelPairs(first));

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
  const before = await tally.latest(isOfJob('shop'));
  const savedAt = performance.now();
  await editTemplate({ dir: templatesDir, isEdited: true });
  const after = await tally.waitFor({
    what: 'a line parsed by the edited template',
    fits: (event) => isOfJob('shop')(event) && event.level === 'error',
  });
  const took = ((performance.now() - savedAt) / 1_000).toFixed(1);
  show.say(`Then the file is saved. ${took} s later a line arrives as the new template has it:`);
  show.gap();
  if (before !== undefined) show.row('old', pairs(requestOf(before)));
  show.row('new', pairs(requestOf(after)));
};

/** The longest last: a terminal cuts it. */
const requestOf = ({ client, method, request, status, level }: DemoEvent): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries({ client, status, level, method, request }).filter(([, value]) => value !== undefined),
  );
