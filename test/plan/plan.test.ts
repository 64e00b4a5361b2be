import { expect, test } from 'vitest';
import { digestOf, makePlan } from '../../lib/plan/plan.ts';

const [a, b] = ['# nvl:nvl_a a\n[sources.nvl_a]\n', '# nvl:nvl_b b\n[sources.nvl_b]\n'];

test.each([
  ['nothing yet', { rendered: a, live: undefined, loaded: undefined }, { swap: true, reload: true }],
  ['same bytes, loaded', { rendered: a, live: a, loaded: digestOf(a) }, { swap: false, reload: false }],
  ['same bytes, reload failed', { rendered: a, live: a, loaded: digestOf(b) }, { swap: false, reload: true }],
  ['same bytes, never confirmed', { rendered: a, live: a, loaded: undefined }, { swap: false, reload: true }],
  ['new bytes', { rendered: b, live: a, loaded: digestOf(a) }, { swap: true, reload: true }],
  // Whoever swaps reloads, whatever was loaded before: between the two another file was live.
  ['the bytes of before again', { rendered: a, live: b, loaded: digestOf(a) }, { swap: true, reload: false }],
  [
    'somebody took the live file away',
    { rendered: a, live: undefined, loaded: digestOf(a) },
    { swap: true, reload: false },
  ],
])('plan: %s', (_, given, plan) => {
  expect(makePlan(given)).toMatchObject({ ...plan, text: given.rendered, digest: digestOf(given.rendered) });
});

test('a digest is that of the bytes', () => {
  expect(digestOf('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});

test('a plan says what becomes different', () => {
  expect(makePlan({ rendered: b, live: a, loaded: undefined }).changes).toMatchObject({
    added: [{ kind: 'source', id: 'nvl_b' }],
    removed: [{ kind: 'source', id: 'nvl_a' }],
  });
});
