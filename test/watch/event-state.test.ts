import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  batchRead,
  type EventState,
  listAsked,
  listFailed,
  listTaken,
  NO_EVENTS,
  resumeRanOut,
  streamLost,
  streamOpened,
  type Wanted,
} from '../../lib/watch/event-state.ts';

const seen = { index: 40, key: 'a' };
/** A stream that is read, with a list as new as index 38. */
const reading: EventState = { ...NO_EVENTS, seen, listIndex: 38 };
const resuming: EventState = { ...reading, isResuming: true };

const doubt = (atLeast = 0): Wanted => ({ isDoubt: true, atLeast });
const change = (atLeast: number): Wanted => ({ isDoubt: false, atLeast });
const ours = (index: number, key = 'b') => ({ index, key, isOurs: true });
const others = (index: number, key = 'b') => ({ index, key, isOurs: false });

test.each<[what: string, after: EventState, wanted: Wanted | undefined]>([
  ['the first stream says nothing of what was before', streamOpened(NO_EVENTS), doubt()],
  ['one that may go on where the last broke off is waited for', streamOpened(reading), undefined],
  ['it sends again what was read last: nothing was missed', batchRead(resuming, others(40, 'a')), undefined],
  ['it begins later: Nomad has let events go', batchRead(resuming, others(41)), doubt()],
  ['it begins with another of that index: another state', batchRead(resuming, others(40, 'z')), doubt()],
  ['it begins earlier: a server that lags behind, or was restored', batchRead(resuming, others(39)), doubt()],
  ['it begins with an event of this node', batchRead(resuming, ours(9)), doubt(9)],
  ['it sends nothing of what was', resumeRanOut(resuming), doubt()],
  ['that time passes behind a good beginning', resumeRanOut(batchRead(resuming, others(40, 'a'))), undefined],
  ['an event of another node', batchRead(reading, others(41)), undefined],
  ['one of this node', batchRead(reading, ours(41)), change(41)],
  ['two of this node', batchRead(batchRead(reading, ours(41)), ours(43)), change(43)],
  ['one of this node that the list has', batchRead({ ...reading, listIndex: 41 }, ours(41)), undefined],
  [
    'one of this node while the list is on its way, as the one before may be of a state that is gone',
    batchRead(listAsked({ ...reading, listIndex: 60 }, { asked: doubt() }), ours(41)),
    change(41),
  ],
  ['one within a stream that goes backwards', batchRead(reading, others(5)), doubt()],
  ['what was wanted of another state counts no more', batchRead(batchRead(reading, ours(41)), ours(5)), doubt(5)],
  ['the stream ends', streamLost(reading, { isGarbled: false }), undefined],
  ['the stream ends while an event waits', streamLost(batchRead(reading, ours(41)), { isGarbled: false }), change(41)],
  ['what came was no event', streamLost(batchRead(reading, ours(41)), { isGarbled: true }), doubt()],
  ['no list was to be had', listFailed(listAsked(reading, { asked: change(41) }), { asked: change(41) }), doubt(41)],
])('%s', (_, { wanted: found }, wanted) => expect(found).toEqual(wanted));

test.each<
  [what: string, asked: Wanted, meanwhile: number[], index: number, wanted: Wanted | undefined, listIndex: number]
>([
  ['the list that was waited for', change(41), [], 41, undefined, 41],
  ['one that is newer still', change(41), [42], 45, undefined, 45],
  ['a change came while it was on its way', change(41), [42], 41, change(42), 41],
  ['it was waited for in vain: the allocation is collected', change(41), [], 38, undefined, 41],
  ['the list as it is', doubt(), [], 44, undefined, 44],
  ['the list as it is, of a state that begins anew', doubt(), [], 3, undefined, 3],
  ['the list as it is, with a change behind it', doubt(), [44], 41, change(44), 41],
  ['the list as it is, of a server that lags behind the change', doubt(44), [], 41, change(44), 41],
])('a list comes: %s', (_, asked, meanwhile, index, wanted, listIndex) => {
  const waiting = meanwhile.reduce((state, at) => batchRead(state, ours(at)), listAsked(reading, { asked }));
  const after = listTaken(waiting, { asked, index });
  expect({ wanted: after.wanted, listIndex: after.listIndex }).toEqual({ wanted, listIndex });
});

test('a garbled stream is opened from the beginning', () => {
  expect(streamLost(reading, { isGarbled: true }).seen).toBeUndefined();
  expect(streamLost(reading, { isGarbled: false }).seen).toEqual(seen);
});

type Step =
  | { do: 'change'; isOurs: boolean }
  | { do: 'break'; forgets: number }
  | { do: 'garble' }
  | { do: 'restore'; by: number }
  | { do: 'read' }
  | { do: 'ask' }
  | { do: 'answer' }
  | { do: 'fail' };

/** A Nomad of one list and its events, and what nvl makes of it, step by step; the world may break at each. */
const live = (steps: readonly Step[]) => {
  let nomad = { index: 10, version: 0, listIndex: 10, events: [] as { index: number; key: string; isOurs: boolean }[] };
  let state = NO_EVENTS;
  /** Which events of Nomad the open stream has sent; undefined where there is none. */
  let read: number | undefined;
  let asked: { asked: Wanted; version: number; index: number } | undefined;
  let known = -1;
  const open = (): void => {
    const from =
      state.seen === undefined ? 0 : nomad.events.findIndex(({ index }) => index >= (state.seen?.index ?? 0));
    state = streamOpened(state);
    // As Nomad does: the oldest that is not older, or the newest of all.
    read = from === -1 ? Math.max(0, nomad.events.length - 1) : from;
  };
  const readOn = (): void => {
    if (read === undefined) open();
    for (; (read ?? 0) < nomad.events.length; read = (read ?? 0) + 1)
      state = batchRead(state, nomad.events[read ?? 0] as { index: number; key: string; isOurs: boolean });
    state = resumeRanOut(state);
  };
  const ask = (): void => {
    if (state.wanted === undefined || asked !== undefined) return;
    asked = { asked: state.wanted, version: nomad.version, index: nomad.listIndex };
    state = listAsked(state, asked);
  };
  const answer = (): void => {
    if (asked === undefined) return;
    known = asked.version;
    state = listTaken(state, asked);
    asked = undefined;
  };
  const acts: { [Name in Step['do']]: (step: Extract<Step, { do: Name }>) => void } = {
    change: ({ isOurs }) => {
      nomad.index += 1;
      if (isOurs) Object.assign(nomad, { version: nomad.version + 1, listIndex: nomad.index });
      nomad.events.push({ index: nomad.index, key: `${nomad.index}-${nomad.version}`, isOurs });
    },
    break: ({ forgets }) => {
      read = undefined;
      state = streamLost(state, { isGarbled: false });
      nomad.events = nomad.events.slice(forgets);
    },
    garble: () => {
      read = undefined;
      state = streamLost(state, { isGarbled: true });
    },
    restore: ({ by }) => {
      read = undefined;
      state = streamLost(state, { isGarbled: false });
      // Another state with lower indexes, and no events of before.
      const index = Math.max(1, nomad.index - by);
      nomad = { index, version: nomad.version + 1, listIndex: index, events: [] };
    },
    read: readOn,
    ask,
    answer,
    fail: () => {
      if (asked === undefined) return;
      state = listFailed(state, asked);
      asked = undefined;
    },
  };
  for (const step of steps) (acts[step.do] as (step: Step) => void)(step);
  // In the end all is well for long enough.
  readOn();
  for (let round = 0; round < 4; round += 1) {
    ask();
    answer();
  }
  return { known, version: nomad.version, wanted: state.wanted };
};

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('change' as const), isOurs: fc.boolean() }) },
  { weight: 3, arbitrary: fc.constant({ do: 'read' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'ask' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'answer' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'fail' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('break' as const), forgets: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'garble' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restore' as const), by: fc.nat(12) }) },
);

test('whatever breaks and in whatever order: once all is well, the list is the newest, and nothing more is asked for', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { known, version, wanted } = live(steps);
      expect({ known, wanted }).toEqual({ known: version, wanted: undefined });
    }),
    { numRuns: 1_000 },
  );
});
