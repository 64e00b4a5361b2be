import { expect, test } from 'vitest';
import { plannedAllocations } from '../../lib/review/plan/planned-allocations.ts';
import { readPlan } from '../../lib/review/plan/read-plan.ts';
import { anAllocation, idOf } from '../support/builders.ts';

const field = (Name: string, New: string, Type = 'Edited') => ({ Type, Name, Old: '', New });

/** As `nomad job plan -json-output` prints one of a job that is there: only what changes. */
const aPlan = ({
  id = 'shop',
  type = 'Edited',
  fields = [],
  groups = [],
  updates = {},
}: {
  id?: string;
  type?: string;
  fields?: object[];
  groups?: object[];
  updates?: object;
} = {}): string =>
  JSON.stringify({
    Annotations: { DesiredTGUpdates: updates },
    Diff: { Type: type, ID: id, Fields: fields, TaskGroups: groups },
    JobModifyIndex: 7,
  });

const aGroup = (given: object, tasks: object[] = []) => ({
  Type: 'Edited',
  Name: 'web',
  Fields: [],
  Tasks: tasks,
  ...given,
});
const aTask = (given: object) => ({ Type: 'Edited', Name: 'app', Fields: [], ...given });

const RECORDED = [
  { ...anAllocation({ id: idOf(1), jobMeta: { team: 'old' } }), createIndex: 1 },
  {
    ...anAllocation({
      id: idOf(2),
      jobMeta: { team: 'a', gone: 'x' },
      groupMeta: { tier: '1' },
      taskMeta: { nvl_profile: 'web' },
    }),
    createIndex: 9,
  },
];

const planned = (
  text: string,
  { namespace, recorded = RECORDED }: { namespace?: string; recorded?: typeof RECORDED } = {},
) =>
  plannedAllocations({ planned: readPlan(text), recorded, namespace }).allocations.map(
    ({ job, group, groupName, tasks }) => ({
      group: groupName,
      meta: [job.meta, group.meta],
      tasks: tasks.map(({ name, driver, meta }) => `${name} ${driver} ${JSON.stringify(meta)}`),
    }),
  );

const WEB = 'app raw_exec {"nvl_profile":"web"}';

test.each<[string, string, unknown]>([
  [
    'nothing: it is as its newest allocation',
    aPlan({ type: 'None' }),
    [{ group: 'web', meta: [{ team: 'a', gone: 'x' }, { tier: '1' }], tasks: [WEB] }],
  ],
  [
    'meta of a job: what is new, what is another value, what goes',
    aPlan({
      fields: [field('Meta[team]', 'b'), field('Meta[env]', 'prod', 'Added'), field('Meta[gone]', '', 'Deleted')],
    }),
    [{ group: 'web', meta: [{ env: 'prod', team: 'b' }, { tier: '1' }], tasks: [WEB] }],
  ],
  [
    'meta and driver of a task; a key may hold brackets',
    aPlan({
      groups: [aGroup({}, [aTask({ Fields: [field('Meta[a[0]]', 'x', 'Added'), field('Driver', 'docker')] })])],
    }),
    [expect.objectContaining({ tasks: ['app docker {"a[0]":"x","nvl_profile":"web"}'] })],
  ],
  [
    'what is the same is told too by some plans, and changes nothing',
    aPlan({ fields: [field('Meta[team]', 'z', 'None')] }),
    [expect.objectContaining({ meta: [{ team: 'a', gone: 'x' }, { tier: '1' }] })],
  ],
  [
    'a task more',
    aPlan({
      groups: [aGroup({}, [aTask({ Type: 'Added', Name: 'side', Fields: [field('Driver', 'exec', 'Added')] })])],
    }),
    [expect.objectContaining({ tasks: [WEB, 'side exec {}'] })],
  ],
  [
    'a task less',
    aPlan({ groups: [aGroup({}, [aTask({ Type: 'Deleted' })])] }),
    [expect.objectContaining({ tasks: [] })],
  ],
  [
    'a group more: its job is the same',
    aPlan({
      groups: [
        aGroup({ Type: 'Added', Name: 'batch', Fields: [field('Meta[x]', 'y', 'Added')] }, [
          aTask({ Type: 'Added', Name: 'run' }),
        ]),
      ],
    }),
    [
      expect.objectContaining({ group: 'web' }),
      { group: 'batch', meta: [{ team: 'a', gone: 'x' }, { x: 'y' }], tasks: ['run  {}'] },
    ],
  ],
  ['a group less', aPlan({ groups: [aGroup({ Type: 'Deleted' })] }), []],
  [
    'a job that is new: all of it is in the plan',
    aPlan({
      id: 'fresh',
      type: 'Added',
      fields: [field('Meta[team]', 'n', 'Added'), field('Type', 'batch', 'Added')],
      groups: [
        aGroup({ Type: 'Added', Name: 'g' }, [
          aTask({ Type: 'Added', Name: 't', Fields: [field('Meta[nvl_profile]', 'json', 'Added')] }),
        ]),
      ],
    }),
    [{ group: 'g', meta: [{ team: 'n' }, {}], tasks: ['t  {"nvl_profile":"json"}'] }],
  ],
])('a plan that changes %s', (_, text, expected) => {
  expect(planned(text)).toEqual(expected);
});

test('a job as JSON is whole, with or without the object around it', () => {
  const job = { ID: 'web', Meta: { team: 'a' }, TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'exec' }] }] };
  const expected = [{ group: 'g', meta: [{ team: 'a' }, {}], tasks: ['t exec {}'] }];
  expect(planned(JSON.stringify(job))).toEqual(expected);
  expect(planned(JSON.stringify({ Job: job }), { recorded: [] })).toEqual(expected);
});

test('what is to become of allocations is read by group', () => {
  const text = aPlan({
    updates: { web: { Place: 1, Canary: 1, DestructiveUpdate: 2, InPlaceUpdate: 3, Stop: 4, Ignore: 5 } },
  });
  const read = readPlan(text);
  expect(read.kind === 'plan' && read.plan.updates.get('web')).toEqual({
    place: 2,
    replace: 2,
    inPlace: 3,
    stop: 4,
    ignore: 5,
  });
});

test.each<[string, () => unknown, RegExp]>([
  ['HCL', () => readPlan('job "web" {}'), /no JSON/],
  ['another JSON', () => readPlan('[1]'), /neither a plan of a job nor a job/],
  ['nothing', () => readPlan(''), /no JSON/],
  ['a list of allocations', () => readPlan('[{"ID": "a"}]'), /neither/],
  [
    'several regions',
    () => readPlan(JSON.stringify({ eu: JSON.parse(aPlan()), us: JSON.parse(aPlan()) })),
    /several regions/,
  ],
  [
    'a job that is not recorded',
    () => planned(aPlan({ id: 'shopp' })),
    /no recording has the job shopp.*did you mean "shop"/,
  ],
  ['not in that namespace', () => planned(aPlan(), { namespace: 'other' }), /no recording has the job/],
  [
    'in two namespaces',
    () =>
      planned(aPlan(), {
        recorded: [...RECORDED, { ...anAllocation({ id: idOf(3), namespace: 'other' }), createIndex: 1 }],
      }),
    /several namespaces/,
  ],
])('refused: %s', (_, act, message) => {
  expect(act).toThrow(message);
});

test('hostile values stay values', () => {
  const text = aPlan({
    fields: [field('Meta[__proto__]', 'x', 'Added'), { Name: 7, New: {} }],
    groups: [null, 'x'] as never,
  });
  expect(planned(text)[0]?.meta[0]).toMatchObject({ team: 'a' });
});
