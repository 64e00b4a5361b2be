import { expect, test } from 'vitest';
import type { EngineEvent } from '../../lib/engine/event.ts';
import { eventChanges, traceEvent } from '../../lib/preview/trace-event.ts';
import type { VrlObject } from '../../lib/vrl/values.ts';

const anEvent = (
  event: VrlObject,
  { lines = [1], metadata = {} }: { lines?: number[]; metadata?: VrlObject } = {},
): EngineEvent => ({
  event,
  metadata,
  secrets: {},
  lines: lines.map((number) => ({ file: '/a', number })),
});

const trace = (...way: [component: string, ...events: EngineEvent[]][]) => {
  const event = way.at(-1)?.[1];
  if (event === undefined) throw new Error('a way without an end');
  return traceEvent({ event, way: way.map(([component, ...events]) => ({ component, events })) });
};

test.each<[string, [string, ...EngineEvent[]][], string[]]>([
  [
    'what is new, what is another value, what is gone',
    [
      ['source', anEvent({ message: 'a', file: '/a' })],
      ['parse', anEvent({ message: 'b', n: 1n })],
    ],
    [
      'source    + .message "a"',
      '          + .file "/a"',
      'parse     ~ .message "a" → "b"',
      '          + .n 1',
      '          - .file',
    ],
  ],
  [
    'a component that changes nothing has no line',
    [
      ['source', anEvent({ message: 'a' })],
      ['parse', anEvent({ message: 'a' })],
    ],
    ['source    + .message "a"'],
  ],
  [
    'paths lead into objects; names that need it are quoted; an empty object is a value',
    [['source', anEvent({ a: { 'b c': { d: 1.5 } }, e: {} })]],
    ['source    + .a."b c".d 1.5', '          + .e {}'],
  ],
  [
    'of metadata all but nvl’s own',
    [['source', anEvent({}, { metadata: { kept: true, nvl: { row: { mark: '' } } } })]],
    ['source    + %kept true'],
  ],
  [
    'another line’s event is another’s',
    [
      ['source', anEvent({ message: 'a' }), anEvent({ message: 'b' }, { lines: [2] })],
      ['out', anEvent({ message: 'A' })],
    ],
    ['source    + .message "a"', 'out       ~ .message "a" → "A"'],
  ],
  [
    'several lines in one',
    [['lines', anEvent({ message: 'a\nb' }, { lines: [1, 2] })]],
    ['lines     2 lines in one', '          + .message "a\\nb"'],
  ],
])('%s', (_, way, rows) => expect(trace(...way)).toEqual(rows));

test('a long value is cut', () => {
  const [row = ''] = trace(['source', anEvent({ message: 'x'.repeat(10_000) })]);
  expect(row.length).toBeLessThan(200);
  expect(row.endsWith('…')).toBe(true);
});

test('between two places: what is new, other or gone, but for what is left out', () => {
  const before = anEvent({ message: 'a', file: '/a', n: 1n });
  const after = anEvent({ message: 'b', nomad: { job_name: 'web' }, n: 1n });
  expect(eventChanges({ before, after })).toEqual(['~ .message "a" → "b"', '+ .nomad.job_name "web"', '- .file']);
  expect(eventChanges({ before, after, isLeftOut: (path) => path.startsWith('.nomad.') || path === '.file' })).toEqual([
    '~ .message "a" → "b"',
  ]);
});
