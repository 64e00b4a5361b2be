import { isDeepStrictEqual } from 'node:util';
import type { Event, TestCase } from '../profile-test/case.ts';
import type { Risk } from './risks.ts';

/** What a case's lines give before and after, without what differs from run to run; undefined where a side can't run them. */
export type CaseRuns = {
  testCase: TestCase;
  before: readonly Event[] | undefined;
  after: readonly Event[] | undefined;
};

/** A line of a changed profile, with the event it gave and the one it gives now. */
export type LineChange = {
  profile: string;
  name: string;
  line: string;
  before: Event | undefined;
  after: Event | undefined;
};

/** The first line of each profile that comes out different; a profile without one is left out. Pure. */
export const lineChanges = (runs: readonly CaseRuns[]): LineChange[] => {
  const found = new Map<string, LineChange>();
  for (const { testCase, before, after } of runs) {
    if (found.has(testCase.profile) || after === undefined) continue;
    const lines = testCase.bytes.toString('utf8').split('\n');
    const count = Math.max(before?.length ?? 0, after.length);
    const at = Array.from({ length: count }, (_, index) => index).find(
      (index) => !isDeepStrictEqual(before?.[index], after[index]),
    );
    if (at === undefined) continue;
    const line = lines[at] ?? lines[0] ?? '';
    found.set(testCase.profile, {
      profile: testCase.profile,
      name: testCase.name,
      line,
      before: before?.[at],
      after: after[at],
    });
  }
  return [...found.values()];
};

/** Where a profile's message may have gone to without being lost. */
const MESSAGE_FIELDS = ['message', 'msg', 'body', 'log', 'text', 'short_message'];

/** Fields that events had before and that no event of the case has now, and messages that are gone. Pure. */
export const droppedFields = (runs: readonly CaseRuns[]): Risk[] => {
  const risks = new Map<string, Risk>();
  for (const { testCase, before, after } of runs) {
    if (after === undefined || after.length === 0) continue;
    const kept = new Set(after.flatMap((event) => Object.keys(event)));
    const had = new Set((before ?? []).flatMap((event) => Object.keys(event)));
    const dropped = [...had].filter((key) => !kept.has(key));
    const hasLostMessage = after.some((event) => !MESSAGE_FIELDS.some((key) => typeof event[key] === 'string'));
    if (hasLostMessage) dropped.push('message');
    for (const key of new Set(dropped)) {
      const message = `the profile ${testCase.profile} drops .${key}${key === 'message' ? ' without a replacement' : ''}`;
      const isNew =
        key !== 'message' ||
        (before ?? []).every((event) => MESSAGE_FIELDS.some((name) => typeof event[name] === 'string'));
      risks.set(message, { kind: 'droppedField', message, isNew });
    }
  }
  return [...risks.values()];
};
