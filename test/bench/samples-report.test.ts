import { expect, test } from 'vitest';
import { costSection } from '../../bench/support/samples-report.ts';

const costing = (bare: number, sample: number) => [
  {
    bare: { lineMicros: bare, startMs: 50 },
    labels: { lineMicros: bare * 1.5, startMs: 60 },
    sample: { lineMicros: sample, startMs: 90 },
  },
];

test('a line that costs over four times the bare source needs a reason, and says where none is known', () => {
  const costs = new Map([
    ['json', costing(10, 39)],
    ['java', costing(10, 50)],
    ['unheard-of', costing(10, 41)],
  ]);
  const { text } = costSection({ costs, notes: ['Measured.'] });
  expect(text).toMatch(/^Measured\.\n\n\| sample/);
  expect(text).toContain('| `json`       |');
  expect(text.slice(text.indexOf('Over 4'))).toMatch(
    /^Over 4 times the bare source, and why:\n\n- `java`: as with `apache`; before that lines are joined.*\.\n- `unheard-of`: \*\*no reason is known\*\*\.$/,
  );
});
