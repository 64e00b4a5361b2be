import { expect, test } from 'vitest';
import type { LogEvent } from '../../lib/vector/process/log-line.ts';
import { hear, NOTHING_HEARD } from '../../lib/vector/process/reload-answer.ts';
import type { ReloadResult } from '../../lib/vector/process/reload-result.ts';

const error = (words: string): LogEvent => ({ kind: 'error', words });

/** What comes of a reload while Vector says these; undefined as long as nothing has. */
const resultOf = (events: LogEvent[]): ReloadResult | undefined => {
  let heard = NOTHING_HEARD;
  for (const event of events) {
    const step = hear({ heard, event });
    if ('result' in step) return step.result;
    heard = step.heard;
  }
  return undefined;
};

test.each<[string, LogEvent[], ReloadResult | undefined]>([
  ['nothing', [], undefined],
  ['that it reloaded', [{ kind: 'reloaded' }], { kind: 'reloaded' }],
  ['errors alone', [error('a'), error('b')], undefined],
  [
    'errors, and that it refuses the file',
    [error('a'), error('b'), { kind: 'refused', words: 'no' }],
    { kind: 'refused', why: 'a\nb\nno' },
  ],
  ['that a global changed', [{ kind: 'needsRestart', words: 'no' }], { kind: 'needsRestart', why: 'no' }],
  ['that it left a file out', [{ kind: 'leftOut', words: 'cannot open' }], undefined],
  [
    'that it left a file out, and reloaded',
    [{ kind: 'leftOut', words: 'cannot open' }, { kind: 'reloaded' }],
    { kind: 'failed', why: 'cannot open' },
  ],
  ['that neither file works: its end answers', [{ kind: 'lost', words: 'gone' }], undefined],
  ['that it is stopping', [{ kind: 'stopping' }, { kind: 'started' }], undefined],
  ['errors beside a reload that worked', [error('a sink'), { kind: 'reloaded' }], { kind: 'reloaded' }],
])('reload: Vector says %s', (_, events, result) => expect(resultOf(events)).toEqual(result));

test('what neither file survived is among the reasons for its end', () => {
  const step = hear({ heard: NOTHING_HEARD, event: { kind: 'lost', words: 'gone' } });
  expect(step).toEqual({ heard: { reasons: ['gone'], leftOut: undefined } });
});
