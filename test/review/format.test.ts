import { expect, test } from 'vitest';
import { parseExact } from '../../lib/exact-json.ts';
import type { Event } from '../../lib/profile-test/case.ts';
import { type Review, reviewJson, reviewMarkdown } from '../../lib/review/format.ts';
import { lineChanges } from '../../lib/review/lines.ts';
import { aTestCase } from '../profile-test/support.ts';

const event = (json: string) => parseExact(json) as Event;

const aReview = (parts: Partial<Review>): Review => ({
  base: 'main',
  tasks: 1,
  jobs: 1,
  report: {
    isFirst: false,
    hasChanges: false,
    components: { added: [], changed: [], removed: [] },
    jobs: [],
    counts: { tasks: 0, pipelines: 0 },
    restarted: [],
    regrouped: [],
    readAgain: [],
    rebuilt: [],
    backlog: undefined,
    refused: [],
    notes: [],
    faults: [],
    warnings: [],
    next: '',
  },
  diff: '',
  tableDiff: '',
  lines: [],
  tests: undefined,
  risks: [],
  costs: undefined,
  proof: undefined,
  notes: [],
  notDone: [],
  ...parts,
});

test('numbers of events that differ in their last digit, or in their kind, are a change and are shown so', () => {
  const [before, after] = ['{"id":9007199254740992,"n":1,"same":1.0}', '{"id":9007199254740993,"n":1.0,"same":1.0}'];
  const lines = lineChanges([{ testCase: aTestCase(), before: [event(before)], after: [event(after)] }]);
  const markdown = reviewMarkdown(aReview({ lines }));
  expect(markdown).toContain('- id: 9007199254740992\n- n: 1\n+ id: 9007199254740993\n+ n: 1.0\n');
  const json = reviewJson(aReview({ lines }));
  expect(json.replaceAll(/\s/g, '')).toContain(`"before":${before},"after":${after}`);
  expect(json).toContain('"tasks": 1,');
});
