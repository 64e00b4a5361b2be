import { plural } from '../../plural.ts';
import type { PlannedLogs } from './explain-plan.ts';

/** Planned tasks as text for a terminal, a few lines each. Pure. */
export const planText = (tasks: readonly PlannedLogs[]): string => tasks.map(taskText).join('\n');

const taskText = (planned: PlannedLogs): string => {
  const { namespace, job, group, task, notCollected, profile, params, labels, pipeline, sinks, logs, instead } =
    planned;
  const rows: [string, string][] = [
    ...(notCollected === undefined ? [] : [['collected', `no: ${notCollected}`] as [string, string]]),
    ...(notCollected !== undefined ? [] : [['profile', `${profile.name}, ${profile.why}`] as [string, string]]),
    ...Object.entries(params).map(([name, value]): [string, string] => [
      'parameter',
      `${name} = ${JSON.stringify(value)}`,
    ]),
    ...(instead === undefined
      ? []
      : [
          ['but', `it ${instead.how}, since`] as [string, string],
          ...instead.errors.flatMap(({ message, advice }): [string, string][] => [
            ['', `  ${message}`],
            ...(advice === undefined ? [] : [['', `  try: ${advice}`] as [string, string]]),
          ]),
        ]),
    ...(labels === undefined ? [] : [['labels', labelsText(labels)] as [string, string]]),
    ...(pipeline === undefined ? [] : [['pipeline', pipelineText(pipeline)] as [string, string]]),
    ...(sinks.length === 0 ? [] : [['sinks', sinks.join(', ')] as [string, string]]),
    ...logs.map((line, index): [string, string] => [index === 0 ? 'logs' : '', line]),
  ];
  const head = [namespace, job, group, task].map(oneLine).join(' / ');
  return [head, ...rows.map(([name, text]) => `  ${name.padEnd(WIDTH)}${oneLine(text)}`), ''].join('\n');
};

const WIDTH = 'parameter'.length + 3;

const labelsText = (labels: NonNullable<PlannedLogs['labels']>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');

const pipelineText = ({ id, recorded, former }: NonNullable<PlannedLogs['pipeline']>): string => {
  const others = recorded === 0 ? 'new: one more source' : `which reads ${plural(recorded, 'recorded task')}`;
  const from = former.filter((one) => one !== id);
  return `${id}, ${others}${from.length === 0 ? '' : `; so far ${from.join(' and ')}`}`;
};

/** What a job says of itself may move a terminal's cursor. */
const oneLine = (text: string): string => text.replaceAll(/\p{Cc}/gu, ' ');
