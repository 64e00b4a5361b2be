import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeContext, taskContext, withVolatile } from '../../lib/context/context.ts';
import { readSwitch } from '../../lib/context/enabled.ts';
import { chooseProfile } from '../../lib/context/profile.ts';
import { readAgent } from '../../lib/nomad/agent.ts';
import { readNode } from '../../lib/nomad/node.ts';
import { readAllocation } from '../../lib/nomad/read-allocation.ts';
import { recorded } from '../nomad/fake-nomad.ts';
import { aRawAllocation, LINKS } from '../support/builders.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const answers = JSON.parse(recorded('node-allocations')) as Json[];
const rawNode = JSON.parse(recorded('node')) as Json;
const rawAgent = JSON.parse(recorded('agent-self')) as Json;

/** All there is to do with an allocation before it is rendered. */
const build = (raw: unknown) => {
  const allocation = readAllocation(raw);
  const node = readNode(rawNode);
  for (const task of allocation?.tasks ?? []) {
    if (allocation === undefined) return;
    const rules = [{ match: { job: '*', driver: 'raw*', meta: { a: '*' } }, profile: 'a' }];
    const chosen = chooseProfile({ allocation, task, rules });
    const context = taskContext({ allocation, task, node: nodeContext(node), linksDir: LINKS, chosen });
    readSwitch({ allocation, task });
    expect(JSON.parse(JSON.stringify(withVolatile({ context, allocation, task, node })))).toBeTypeOf('object');
  }
};

const pathsOf = (value: Json, path: (string | number)[] = []): (string | number)[][] => {
  const inner = Array.isArray(value)
    ? [...value.entries()]
    : typeof value === 'object' && value
      ? Object.entries(value)
      : [];
  return [path, ...inner.flatMap(([key, item]) => pathsOf(item, [...path, key]))];
};

/** The same with another value at one place, or nothing there at all. */
const replaced = (value: Json, path: readonly (string | number)[], by: Json | undefined): Json => {
  const [key, ...rest] = path;
  if (key === undefined) return by ?? null;
  const copy = structuredClone(value) as Record<string | number, Json>;
  if (rest.length === 0 && by === undefined) delete copy[key];
  else copy[key] = replaced(copy[key] as Json, rest, by);
  return copy as Json;
};

const anything = fc.oneof(
  fc.constantFrom<Json | undefined>(
    undefined,
    null,
    '',
    'x',
    0,
    -1,
    2 ** 60,
    1e300,
    true,
    false,
    [],
    {},
    [null],
    [[]],
    ['x'],
    { '': null },
  ),
  fc.jsonValue() as fc.Arbitrary<Json>,
);

const mutated = (value: Json): fc.Arbitrary<Json> => {
  const paths = pathsOf(value);
  const one = fc.tuple(fc.constantFrom(...paths), anything);
  return fc.array(one, { minLength: 1, maxLength: 4 }).map((changes) => {
    const changed = changes.reduce<Json>((made, [path, by]) => {
      try {
        return replaced(made, path, by);
      } catch {
        // An earlier change took the place away.
        return made;
      }
    }, value);
    // An answer comes out of JSON, whose lists have no holes.
    return JSON.parse(JSON.stringify(changed)) as Json;
  });
};

test('no field of an allocation that is missing, null or of another type throws', () => {
  fc.assert(fc.property(fc.constantFrom(...answers).chain(mutated), build), { numRuns: 400 });
});

test('nothing that is no allocation at all throws', () => {
  fc.assert(fc.property(fc.jsonValue(), build));
});

test('a node and an agent may lack anything', () => {
  fc.assert(
    fc.property(mutated(rawNode), (raw) => void nodeContext(readNode(raw))),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(mutated(rawAgent), (raw) => void readAgent(raw)),
    { numRuns: 100 },
  );
});

test.each([
  ['no id', { ...aRawAllocation(), ID: '' }],
  ['an id that would name another folder', { ...aRawAllocation(), ID: '../../etc' }],
  ['no job and no task', { ...aRawAllocation(), Job: null, TaskStates: null }],
])('an allocation with %s is none', (_, raw) => {
  expect(readAllocation(raw)).toBeUndefined();
});

test.each([
  ['no job', { Job: null }],
  ['a job without groups', { Job: { ID: 'web', TaskGroups: null } }],
  ['a group that its job does not have', { Job: { ID: 'web', TaskGroups: [{ Name: 'other', Tasks: [] }] } }],
])('an allocation with %s has the tasks that its states and resources name', (_, part) => {
  const raw = {
    ...aRawAllocation({ job: 'web', group: 'front', tasks: ['b'] }),
    AllocatedResources: { Tasks: { a: null, b: {} } },
    ...part,
  };
  expect(readAllocation(raw)).toMatchObject({
    isPartial: true,
    namespace: 'default',
    groupName: 'front',
    job: { id: 'web', name: 'web', namespace: 'default' },
    group: { name: 'front' },
    tasks: [{ name: 'a' }, { name: 'b', state: { state: 'running' } }],
  });
  build(raw);
});

test.each([
  [false, false],
  [0, false],
  ['false', false],
  [true, true],
  [1, true],
  [null, true],
])('nvl_enabled: %j of a recording made by hand says %s', (said, isOn) => {
  const allocation = readAllocation({
    ...aRawAllocation(),
    Job: { ...aRawAllocation({ jobMeta: { nvl_enabled: said } as unknown as Record<string, string> }).Job },
  });
  const [task] = allocation?.tasks ?? [];
  if (allocation === undefined || task === undefined) throw new Error('no task');
  expect(readSwitch({ allocation, task }).isOn).toBe(isOn);
});

test('a task without a name is no task, and the others are', () => {
  expect(readAllocation(aRawAllocation({ tasks: ['', 'app'] }))?.tasks.map(({ name }) => name)).toEqual(['app']);
});

test.each([
  ['logs are on by default', {}, false],
  ['null says nothing', { LogConfig: null }, false],
  ['disabled', { LogConfig: { Disabled: true } }, true],
  ['the legacy form', { LogConfig: { Enabled: false } }, true],
  ['the legacy form, on', { LogConfig: { Enabled: true, Disabled: false } }, false],
])('logs: %s', (_, fields, disabled) => {
  const raw = aRawAllocation();
  const [group] = raw.Job.TaskGroups;
  const task = { ...group?.Tasks[0], LogConfig: undefined, ...fields };
  const read = readAllocation({ ...raw, Job: { ...raw.Job, TaskGroups: [{ ...group, Tasks: [task] }] } });
  expect(read?.tasks[0]?.logs).toEqual({ disabled, maxFiles: 10, maxFileSizeMB: 10 });
});

test('none of the fields that carry secrets is read', () => {
  const secret = 'S3CRET';
  const [raw] = answers as { Job: { TaskGroups: { Tasks: object[] }[] } }[];
  if (raw === undefined) throw new Error('the recording is empty');
  const { Job } = raw;
  const tasks = Job.TaskGroups[0]?.Tasks.map((task) => ({
    ...task,
    Env: { PASSWORD: secret },
    Config: { image: 'i', command: 'c', args: [secret], auth: { password: secret } },
    Templates: [{ EmbeddedTmpl: secret }],
    Vault: { Role: secret },
    Secrets: [{ Name: secret }],
    Identity: { Name: secret },
  }));
  const job = { ...Job, Payload: secret, NomadTokenID: secret, TaskGroups: [{ ...Job.TaskGroups[0], Tasks: tasks }] };
  const read = readAllocation({ ...raw, Job: job, SignedIdentities: { app: secret } });
  expect(read?.tasks[0]?.image).toBe('i');
  expect(JSON.stringify(read)).not.toContain(secret);
});

test.each([
  ['the default folder', { config: { DataDir: '/opt/nomad' } }, '/opt/nomad/alloc'],
  ['a folder of its own', { config: { DataDir: '/opt/nomad', Client: { AllocDir: '/mnt/a' } } }, '/mnt/a'],
  ['an agent that does not tell', {}, undefined],
])('where allocations lie: %s', (_, raw, allocDir) => {
  expect(readAgent(raw).allocDir).toBe(allocDir);
});
