import { expect, test } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import { readStubs } from '../../lib/nomad/allocation-stub.ts';
import { firstChoice } from '../../lib/tail/first-choice.ts';
import { followList } from '../../lib/tail/follow-list.ts';
import { createSlots } from '../../lib/tail/slots.ts';
import { createTroubles } from '../../lib/tail/troubles.ts';

const raw = (id: string, more: object = {}) => ({
  ID: id,
  JobID: 'web',
  ClientStatus: 'running',
  CreateIndex: 1,
  ...more,
});

test.each<[string, object[], string[]]>([
  ['nothing', [], []],
  ['all that live, the oldest first', [raw('b', { CreateIndex: 2 }), raw('a')], ['a', 'b']],
  ['pending ones live', [raw('a', { ClientStatus: 'pending' })], ['a']],
  ['not those that are over', [raw('a', { ClientStatus: 'failed', CreateIndex: 9 }), raw('b')], ['b']],
  [
    'where none lives, those of the newest version',
    [
      raw('a', { ClientStatus: 'complete', CreateIndex: 1, JobVersion: 0 }),
      raw('b', { ClientStatus: 'complete', CreateIndex: 3, JobVersion: 1 }),
      raw('c', { ClientStatus: 'lost', CreateIndex: 2, JobVersion: 1 }),
      raw('d', { ClientStatus: 'complete', CreateIndex: 2, JobVersion: 1, JobID: 'web/periodic-1' }),
    ],
    ['c', 'b'],
  ],
])('shown at first: %s', (_, list, ids) => expect(firstChoice(readStubs(list)).map(({ id }) => id)).toEqual(ids));

test('a list is read as it is: what is missing, null or of another type is nothing', () => {
  expect(
    readStubs([
      null,
      7,
      {},
      { ID: 'a', TaskStates: { t: null, u: { State: 'dead', StartedAt: '2026-01-01T00:00:00Z' } } },
    ]),
  ).toEqual([
    {
      id: 'a',
      namespace: 'default',
      name: '',
      jobId: '',
      groupName: '',
      jobVersion: 0,
      createIndex: 0,
      isOver: false,
      tasks: new Map([
        ['t', { hasStarted: false, isOver: false }],
        ['u', { hasStarted: true, isOver: true }],
      ]),
    },
  ]);
  const [over] = readStubs([raw('a', { ClientStatus: 'lost', TaskStates: { t: { State: 'running' } } })]);
  expect(over?.tasks.get('t')?.isOver).toBe(true);
});

const away = new NvlError('nomadAway', { message: 'away' });

test('a list is asked for from its index on; one that goes back is asked for anew; failures end nothing', async () => {
  const answers = [
    { index: 5, stubs: [] },
    away,
    { index: 7, stubs: [] },
    { index: 2, stubs: [] },
    { index: 3, stubs: [] },
  ];
  const asked: (number | undefined)[] = [];
  const told: string[] = [];
  const lists = followList({
    target: {
      list: async ({ index }) => {
        asked.push(index);
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        return answer ?? { index: 9, stubs: [] };
      },
      task: undefined,
      mayGrow: true,
    },
    onTrouble: ({ message }) => told.push(message),
    onGood: () => {},
    signal: new AbortController().signal,
    leastMs: 0,
    random: () => 0,
  });
  for (let count = 0; count < 4; count += 1) await lists.next();
  expect([asked, told]).toEqual([[undefined, 5, 5, 7, undefined], ['away']]);
});

test('the first failure of a list is its end', async () => {
  const target = { list: () => Promise.reject(away), task: undefined, mayGrow: true };
  const { signal } = new AbortController();
  await expect(followList({ target, onTrouble: () => {}, onGood: () => {}, signal }).next()).rejects.toBe(away);
});

test('so many at once, others in their turn; who gives up leaves the queue', async () => {
  const full: true[] = [];
  const slots = createSlots({ most: 2, onFull: () => full.push(true) });
  const never = new AbortController();
  const [first] = [await slots.take(never.signal), await slots.take(never.signal)];
  const impatient = new AbortController();
  const [gaveUp, third] = [slots.take(impatient.signal), slots.take(never.signal)];
  impatient.abort(new Error('no more'));
  await expect(gaveUp).rejects.toThrow('no more');
  first();
  first();
  (await third)();
  await slots.take(never.signal);
  expect(full).toHaveLength(2);
});

test('a trouble is said once, for all parts that have it; another one again; and that all works once', () => {
  const said: string[] = [];
  const troubles = createTroubles({ say: (line) => said.push(line) });
  const refused = new NvlError('nomadRefused', {
    message: 'refused',
    facts: { said: '403  Permission\ndenied', needs: 'read-logs' },
  });
  for (const part of ['stdout', 'stderr', 'stdout']) troubles.add({ about: 'web', part, error: refused });
  troubles.add({ about: 'web', part: 'stdout', error: away });
  troubles.add({ about: 'db', part: 'stdout', error: away });
  troubles.settle({ about: 'web', part: 'stdout' });
  troubles.settle({ about: 'web', part: 'stderr' });
  troubles.settle({ about: 'web', part: 'stderr' });
  expect(said).toEqual([
    'web: refused (403 Permission denied); the token needs read-logs; nvl tries again',
    'web: away; nvl tries again',
    'db: away; nvl tries again',
    'web: works again',
  ]);
});
