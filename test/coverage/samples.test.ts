import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createVrlWatch } from '../../lib/coverage/vrl/watch.ts';
import { exactJson } from '../../lib/exact-json.ts';
import { type TestRun, testProfiles } from '../../lib/profile-test/test-profiles.ts';
import { NO_VECTOR } from './support.ts';

// The time of reading is in the events.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 2, 3, 4, 5) }));
afterEach(() => void vi.useRealTimers());

const outcomeOf = ({ profiles }: TestRun): string[] =>
  profiles.flatMap(({ profile, cases, errors }) => [
    `${profile}: ${errors.length} errors`,
    ...cases.map(
      ({ testCase, events, differences, errors: own, said, lost }) =>
        `${profile}, ${testCase.name}: ${exactJson({ events, differences, errors: own.map(({ message }) => message), said, lost })}`,
    ),
  ]);

test('all tests of all samples give the same to the last byte, watched or not', async () => {
  const given = {
    dir: undefined,
    names: [],
    command: { binary: NO_VECTOR, env: {}, cwd: import.meta.dirname },
    shownPath: (file: string) => file,
    signal: new AbortController().signal,
  };
  const plain = outcomeOf(await testProfiles(given));
  const { wrap } = createVrlWatch();
  const watched = outcomeOf(await testProfiles({ ...given, observer: { wrapVrl: wrap, ran: () => {} } }));
  expect(plain.length).toBeGreaterThan(350);
  expect(watched).toEqual(plain);
}, 900_000);
