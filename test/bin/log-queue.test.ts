import { expect, test } from 'vitest';
import { createLogQueue, type LogGap } from '../../bin/log-queue.ts';

/** One that holds 10 bytes, with a clock that the test moves. */
const aQueue = () => {
  const clock = { now: 1_000 };
  const queue = createLogQueue({ maxBytes: 10, now: () => clock.now });
  const gaps: LogGap[] = [];
  return {
    clock,
    queue,
    gaps,
    add: (text: string) => queue.add(Buffer.from(text)),
    take: () => queue.take()?.toString(),
    /** Tells of a gap, with the line `gap`. */
    tell: () =>
      queue.tellGap((gap) => {
        gaps.push(gap);
        queue.add(Buffer.from('gap\n'));
      }),
  };
};

test('all that is kept goes at once, and nothing else until it has arrived', () => {
  const { queue, add, take } = aQueue();
  expect([take(), add('a\n'), add('b\n'), queue.isOnItsWay]).toEqual([undefined, true, true, false]);
  expect([take(), queue.isOnItsWay]).toEqual(['a\nb\n', true]);
  add('c\n');
  expect(take()).toBeUndefined();
  expect(queue.arrived(3)?.toString()).toBe('\n');
  expect(take()).toBeUndefined();
  expect(queue.arrived(1)).toBeUndefined();
  expect(take()).toBe('c\n');
});

test('what is on its way counts as kept until it has arrived', () => {
  const { queue, add, take } = aQueue();
  add('12345\n');
  take();
  expect(add('1234\n')).toBe(false);
  expect(queue.arrived(6)).toBeUndefined();
  expect(take()).toBeUndefined();
});

test('after a gap nothing is kept until it is told, and what tells of it always has room', () => {
  const { queue, clock, gaps, add, take, tell } = aQueue();
  add('123456789\n');
  expect([add('x\ny\n'), add('z'), take()]).toEqual([false, false, '123456789\n']);
  queue.arrived(10);
  expect(add('q\n')).toBe(false);
  clock.now += 500;
  tell();
  tell();
  expect(gaps).toEqual([{ lines: 3, bytes: 7, ms: 500 }]);
  expect([add('again\n'), take()]).toEqual([true, 'gap\nagain\n']);
});

test('what tells of a gap begins a line, where the last kept chunk ended within one', () => {
  const { queue, add, take, tell } = aQueue();
  add('12345');
  add('678901');
  expect(take()).toBe('12345');
  queue.arrived(5);
  tell();
  expect(take()).toBe('\ngap\n');
});

test('where nothing can be written all is let go, and counted from then on', () => {
  const { queue, gaps, add, take, tell } = aQueue();
  add('a\nb\n');
  take();
  queue.arrived(2);
  add('c\n');
  queue.drop();
  expect(queue.isOnItsWay).toBe(false);
  tell();
  expect(gaps).toMatchObject([{ lines: 2, bytes: 4 }]);
});

test('a gap that could not be told is told later, with what was let go since, and without its own line', () => {
  const { queue, clock, gaps, add, take, tell } = aQueue();
  add('1234567890\n');
  tell();
  take();
  add('x\n');
  queue.drop();
  clock.now += 2_000;
  tell();
  expect(gaps).toEqual([
    { lines: 1, bytes: 11, ms: 0 },
    { lines: 2, bytes: 13, ms: 2_000 },
  ]);
});

test('a gap whose line has arrived is not told again', () => {
  const { queue, gaps, add, take, tell } = aQueue();
  add('1234567890\n');
  tell();
  take();
  queue.arrived(4);
  add('x\n');
  take();
  queue.drop();
  tell();
  expect(gaps).toMatchObject([{ bytes: 11 }, { bytes: 2 }]);
});
