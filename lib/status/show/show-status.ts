import { alignedRows } from '../../aligned.ts';
import { type NodeStatus, TASK_STATES, type TaskState, type TaskStatus } from '../status.ts';
import { showFaults } from './show-faults.ts';
import { cutTo, plainLine, shownAge, shownBytes, shownMoment, shownSeconds } from './units.ts';

/** As wide as a terminal is at least. */
export const WIDTH = 80;

/** The tasks that are shown of a whole node. */
export const MOST_SHOWN = 20;

/** A node's status for people, in lines of 80 characters: what runs, what is wrong, and the tasks that need a look first. Pure. */
export const showStatus = (status: NodeStatus): string => {
  const { list, leftOut, tasks } = status;
  const shown = list.slice(0, MOST_SHOWN);
  const more = list.length - shown.length + leftOut;
  return [
    ...showHead(status),
    `tasks         ${countsOf(tasks)}`,
    `logs          ${logsOf(status)}`,
    ...showFaults(status),
    ...(shown.length === 0 ? [] : ['', ...showTable({ tasks: shown, now: status.at })]),
    ...(more === 0 ? [] : [`and ${more} more: nvl status JOB shows those of a job, --json all of them`]),
    '',
  ].join('\n');
};

/** What runs, and what was attempted last. */
const showHead = ({
  at: now,
  source,
  nvl,
  vector,
  node,
  templates,
  lastCycle,
  lastGoodListAt,
}: NodeStatus): string[] => {
  const pid = nvl.pid === null ? '' : `, process ${nvl.pid}`;
  const runs =
    source === 'daemon'
      ? `runs since ${shownMoment({ at: nvl.startedAt, now })}${pid}`
      : 'does not run on this output root: this is what its state says';
  return [
    row(`nvl ${source === 'daemon' ? nvl.version : ''}`, runs),
    ...(node.name === null ? [] : [row('node', `${plainLine(node.name)} ${node.id ?? ''}`)]),
    row('Vector', vectorLine({ vector, now })),
    row(
      'generation',
      vector.generation === null
        ? 'it is not known what Vector has loaded'
        : `${vector.generation}, loaded ${shownMoment({ at: vector.loadedAt, now })}`,
    ),
    ...(templates === null
      ? []
      : [row('templates', `${templates.digest}, read ${shownMoment({ at: templates.readAt, now })}`)]),
    ...(lastCycle === null ? [] : [row('last cycle', cycleLine({ lastCycle, now }))]),
    ...(source === 'state' ? [] : [row('last list', listLine({ lastGoodListAt, now }))]),
  ];
};

const row = (name: string, text: string): string => cutTo(`${name.trim().padEnd(13)} ${text}`, WIDTH);

const vectorLine = ({ vector, now }: { vector: NodeStatus['vector']; now: number }): string => {
  if (vector.pid !== null) return `process ${vector.pid}, since ${shownMoment({ at: vector.startedAt, now })}`;
  return vector.runBy === 'others' ? 'run by somebody else' : 'does not run';
};

const cycleLine = ({ lastCycle, now }: { lastCycle: NonNullable<NodeStatus['lastCycle']>; now: number }): string => {
  const { at, tookMs, outcome, changes, said } = lastCycle;
  const { added, changed, removed } = changes;
  const counts = added + changed + removed === 0 ? '' : `, +${added} ~${changed} -${removed}`;
  return `${shownAge({ at, now })} ago: ${outcome}${counts} (${tookMs} ms)${said === null ? '' : ` ${plainLine(said)}`}`;
};

const listLine = ({ lastGoodListAt, now }: { lastGoodListAt: number | null; now: number }): string =>
  lastGoodListAt === null
    ? 'none has come from Nomad yet'
    : `of Nomad's allocations, ${shownAge({ at: lastGoodListAt, now })} old`;

const countsOf = (tasks: NodeStatus['tasks']): string => {
  const counts = TASK_STATES.flatMap((state) => (tasks[state] === 0 ? [] : [`${tasks[state]} ${STATE_WORDS[state]}`]));
  return counts.length === 0 ? 'none' : counts.join(', ');
};

/** For people. */
export const STATE_WORDS: Readonly<Record<TaskState, string>> = {
  leftOut: 'left out',
  waiting: 'waiting',
  finishing: 'finishing',
  reading: 'reading',
  notCollected: 'not collected',
  done: 'done',
};

const logsOf = ({ logs }: NodeStatus): string => {
  const lost = Object.values(logs.lostBytes).reduce((sum, bytes) => sum + bytes, 0);
  return [
    `${shownBytes(logs.unreadBytes)} unread`,
    `${shownBytes(logs.heldBytes)} held${logs.holdBytes === null ? '' : ` of ${shownBytes(logs.holdBytes)}`}`,
    ...(lost === 0 ? [] : [`${shownBytes(lost)} lost`]),
    ...(logs.secondsOfSafety === null ? [] : [`safe for ${shownSeconds(logs.secondsOfSafety)}`]),
  ].join(', ');
};

const HEAD = ['TASK', 'ALLOC', 'STATE', 'UNREAD', 'WRITES/S', 'SAFE', 'LAST'];
const WIDEST_NAME = 26;

/** A line a task. `SAFE`: how long until Nomad deletes what is unread; `LAST`: since its last line. Pure. */
export const showTable = ({ tasks, now }: { tasks: readonly TaskStatus[]; now: number }): string[] =>
  alignedRows({ rows: [HEAD, ...tasks.map((task) => cellsOf({ task, now }))], gap: ' ' }).map((line) =>
    cutTo(line, WIDTH),
  );

const cellsOf = ({ task, now }: { task: TaskStatus; now: number }): string[] => {
  const { namespace, job, task: name, allocId, state, unreadBytes, bytesPerSecond, secondsOfSafety, lastLineAt } = task;
  const prefix = namespace === 'default' || namespace === '' ? '' : `${namespace}:`;
  return [
    cutTo(plainLine(`${prefix}${job}/${name}`), WIDEST_NAME),
    allocId.slice(0, 8),
    STATE_WORDS[state],
    shownBytes(unreadBytes),
    shownBytes(bytesPerSecond),
    shownSeconds(secondsOfSafety),
    shownAge({ at: lastLineAt, now }),
  ];
};
