import { expect, test } from 'vitest';
import { nodeContext, taskContext, withVolatile } from '../../lib/context/context.ts';
import { type Field, taskSchema } from '../../lib/context/schema.ts';
import { Glob } from '../../lib/glob.ts';
import type { Task } from '../../lib/nomad/allocation.ts';
import { readNode } from '../../lib/nomad/node.ts';
import { readAllocation } from '../../lib/nomad/read-allocation.ts';
import { recorded } from '../nomad/fake-nomad.ts';
import { LINKS } from '../support/builders.ts';

// The table of the schema and the code that builds the context are two, and must tell the same.

/** Everything that a schema names, as paths; `[]` stands for each item of a list, `*` for each of a map. */
const pathsOf = (field: Field, { isVolatile }: { isVolatile?: boolean } = {}, path = ''): string[] => {
  const own = Object.entries(field.fields ?? {}).flatMap(([name, inner]) => {
    if (isVolatile === false && inner.volatile !== undefined) return [];
    return pathsOf(
      inner,
      { ...(isVolatile === undefined ? {} : { isVolatile }) },
      path === '' ? name : `${path}.${name}`,
    );
  });
  if (field.fields !== undefined) return own;
  return [`${path}: ${field.type}`];
};

/** The same of a value, as deep as the schema goes. */
const shapeOf = (value: unknown, field: Field, path = ''): string[] => {
  if (field.fields === undefined) return [`${path}: ${typeOf(value, field)}`];
  if (typeof value !== 'object' || value === null) return [`${path}: ${typeof value}`];
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const known = field.fields?.[name];
    return known === undefined ? [`${at}: not in the schema`] : shapeOf(inner, known, at);
  });
};

const typeOf = (value: unknown, { type, of }: Field): string => {
  if (Array.isArray(value)) return value.every((item) => isOf(item, of)) ? 'list' : 'list of others';
  if (typeof value === 'object' && value !== null && type === 'map')
    return Object.values(value).every((item) => isOf(item, of)) ? 'map' : 'map of others';
  return typeof value;
};

const isOf = (item: unknown, of: Field | undefined): boolean => {
  if (of === undefined) return false;
  if (of.fields !== undefined) {
    return typeof item === 'object' && item !== null && shapeOf(item, of).sort().join() === pathsOf(of).sort().join();
  }
  return typeof item === of.type || item instanceof Glob;
};

const allocations = (JSON.parse(recorded('node-allocations')) as unknown[])
  .map(readAllocation)
  .filter((allocation) => allocation !== undefined);
const node = readNode(JSON.parse(recorded('node')));
const tasks = allocations.flatMap((allocation) => allocation.tasks.map((task) => ({ allocation, task })));
const contextOf = ({ allocation, task }: { allocation: (typeof allocations)[number]; task: Task }) =>
  taskContext({
    allocation,
    task,
    node: nodeContext(node),
    linksDir: LINKS,
    chosen: { profile: 'default', params: { width: '80' } },
  });

/** `input` is each block's own, and is given where it is rendered. */
const withoutInput = (paths: string[]) => paths.filter((path) => path !== 'input: string').sort();

test('the recording holds what this is about', () => {
  expect(tasks.map(({ task }) => task.name)).toEqual(
    expect.arrayContaining(['server', 'server-proxy', 'quiet', 'agent', 'crash', 'quick', 'w', 'dump']),
  );
});

test.each(tasks)(
  '$task.name of $allocation.name: source and transform templates see each stable field, and no other',
  (seen) => {
    expect(shapeOf(contextOf(seen), taskSchema).sort()).toEqual(
      withoutInput(pathsOf(taskSchema, { isVolatile: false })),
    );
  },
);

test.each(tasks)(
  '$task.name of $allocation.name: sinks and `nvl context` see each field of the schema, and no other',
  (seen) => {
    const whole = withVolatile({ context: contextOf(seen), ...seen, node });
    expect(shapeOf(whole, taskSchema).sort()).toEqual(withoutInput(pathsOf(taskSchema)));
  },
);

test('each field has a doc, and each volatile one a reason', () => {
  const check = (field: Field, path: string) => {
    expect(field.doc, path).not.toBe('');
    expect(field.volatile ?? 'a reason', path).not.toBe('');
    for (const [name, inner] of Object.entries(field.fields ?? {})) check(inner, `${path}.${name}`);
    if (field.of !== undefined) check(field.of, `${path}[]`);
  };
  check(taskSchema, 'task');
});

test('what changes while a task lives is no part of its stable context', () => {
  const [raw] = JSON.parse(recorded('node-allocations')) as Record<string, unknown>[];
  const before = readAllocation(raw);
  const after = readAllocation({
    ...raw,
    ClientStatus: 'complete',
    ClientDescription: 'done',
    DesiredStatus: 'stop',
    ModifyIndex: 9_999,
    AllocModifyIndex: 9_999,
    ModifyTime: 1_795_399_999_000_000_000,
    DeploymentStatus: { Healthy: false },
    NetworkStatus: { Address: '10.0.0.1' },
    TaskStates: { agent: { State: 'dead', Failed: true, Restarts: 7, Events: [{ Type: 'Killed' }] } },
    NextAllocation: 'next',
    Job: { ...(raw?.Job as object), Version: 4, Status: 'dead', Stop: true, JobModifyIndex: 9_999, Stable: true },
  });
  if (before === undefined || after === undefined) throw new Error('the recording is empty');
  const [one, two] = [before, after].map((allocation) => contextOf({ allocation, task: allocation.tasks[0] as Task }));
  expect(two).toEqual(one);
});
