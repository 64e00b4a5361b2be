import { isTable, type Table } from '../table.ts';
import type { TaskRecord } from './record.ts';
import type { State } from './state.ts';

/**
 * A state that was read, without what in it is not what nvl writes: a file may be damaged and still be JSON, and one task's
 * record, or what is known of Vector, must not cost the others. `damaged`: the names of what is left out. Pure.
 */
export const soundState = ({
  read,
  schema,
  now,
}: {
  read: unknown;
  schema: number;
  now: number;
}): { state: State; damaged: string[] } => {
  const raw = isTable(read) ? read : {};
  const tasks = Object.entries(isTable(raw.tasks) ? raw.tasks : {});
  const others = Object.entries(OTHERS).filter(([name]) => raw[name] !== undefined);
  return {
    state: {
      ...Object.fromEntries(others.filter(([name, is]) => is(raw[name])).map(([name]) => [name, raw[name]])),
      schema,
      installedAt: isTime(raw.installedAt) ? raw.installedAt : now,
      tasks: Object.fromEntries(tasks.filter((entry): entry is [string, TaskRecord] => isTask(entry))),
    },
    damaged: [
      ...(isTime(raw.installedAt) ? [] : ['installedAt']),
      ...(isTable(raw.tasks) ? [] : ['tasks']),
      ...tasks.filter((entry) => !isTask(entry)).map(([id]) => `tasks.${id}`),
      ...others.filter(([name, is]) => !is(raw[name])).map(([name]) => name),
    ],
  };
};

const isText = (value: unknown): value is string => typeof value === 'string';
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isDigits = (value: unknown): boolean => isText(value) && /^\d+$/.test(value);

const hasAll = (table: Table, names: readonly string[], is: (value: unknown) => boolean): boolean =>
  names.every((name) => is(table[name]));
const hasAny = (table: Table, names: readonly string[], is: (value: unknown) => boolean): boolean =>
  names.every((name) => table[name] === undefined || is(table[name]));
const isListOf = (value: unknown, is: (item: Table) => boolean): boolean =>
  Array.isArray(value) && value.every((item) => isTable(item) && is(item));

const PHASES = ['collected', 'unlinked', 'drained'];

const isTask = ([id, record]: [string, unknown]): boolean =>
  id !== '__proto__' &&
  isTable(record) &&
  hasAny(record, ['pipeline'], isText) &&
  hasAny(record, ['former'], (value) => isListOf(value, isFormer)) &&
  hasAll(record, ['allocId', 'task', 'namespace', 'job', 'profile', 'logDir'], isText) &&
  PHASES.includes(String(record.phase)) &&
  hasAny(record, ['loadedAt', 'finishedAt', 'goneAt', 'unlinkedAt'], isTime) &&
  hasAny(record, ['unread', 'files'], (value) => isListOf(value, isFile)) &&
  hasAny(record, ['positions'], (value) => isTable(value) && isText(value.digest) && isTime(value.since));

const isFormer = (one: Table): boolean => isText(one.pipeline) && isTime(one.leftAt);

const isFile = (file: Table): boolean => isText(file.name) && hasAll(file, ['dev', 'ino', 'size'], isDigits);

/** What may be missing, each by itself. */
const OTHERS: Readonly<Record<string, (value: unknown) => boolean>> = {
  nodeId: isText,
  loaded: (value) => isTable(value) && isText(value.digest) && isTime(value.at) && hasAny(value, ['table'], isText),
  pipelines: (value) =>
    isTable(value) && Object.values(value).every((one) => isTable(one) && hasAny(one, ['emptySince'], isTime)),
  refusedLoads: (value) =>
    isListOf(
      value,
      (one) =>
        hasAll(one, ['digest', 'code', 'message', 'said'], isText) && hasAny(one, ['key', 'surroundings'], isText),
    ),
  troubles: (value) =>
    isListOf(
      value,
      (one) =>
        hasAll(one, ['component', 'said'], isText) &&
        ['drops', 'retries'].includes(String(one.kind)) &&
        hasAll(one, ['since', 'dropped'], isTime) &&
        hasAny(one, ['lastAt'], isTime),
    ),
  ownFiles: (value) =>
    isTable(value) &&
    ['unread', 'refused', 'notLoaded', 'needsRestart'].includes(String(value.kind)) &&
    hasAll(value, ['digest', 'said'], isText) &&
    hasAll(value, ['since', 'takenAt'], isTime) &&
    Array.isArray(value.files) &&
    value.files.every(isText),
  vector: (value) =>
    isTable(value) &&
    Number.isInteger(value.pid) &&
    Number(value.pid) > 1 &&
    isText(value.startTime) &&
    isText(value.bootId) &&
    hasAny(value, ['termSentAt'], isTime) &&
    hasAny(value, ['hasStarted'], (one) => one === true),
};
