import { expect, test } from 'vitest';
import { createRefusals } from '../../lib/files/refusals.ts';

const aGate = () => {
  const told: string[] = [];
  const log = { debug: () => {}, info: () => {}, warn: (_: object, text: string) => told.push(text), error: () => {} };
  const refusals = createRefusals(log as never);
  const refuse = (name: string, why = 'it is a pipe') => refusals.tell({ allocId: 'a', name, why });
  return { refusals, refuse, told, there: () => refusals.all().map(({ name, why }) => `${name}: ${why}`) };
};

test.each<[what: string, then: (gate: ReturnType<typeof aGate>) => void, there: string[]]>([
  ['is there', () => {}, ['x: it is a pipe', 'y: it is a pipe']],
  ['is something else now', ({ refuse }) => refuse('x', 'it is a folder'), ['x: it is a folder', 'y: it is a pipe']],
  ['was taken or is gone', ({ refusals }) => refusals.end({ allocId: 'a', name: 'x' }), ['y: it is a pipe']],
  [
    'is not in its folder any more',
    ({ refusals }) => refusals.keepOnly({ allocId: 'a', names: ['y', 'z'] }),
    ['y: it is a pipe'],
  ],
  ['went with its folder', ({ refusals }) => refusals.forget('a'), []],
])('what is refused and %s', (_, then, there) => {
  const gate = aGate();
  gate.refuse('x');
  gate.refuse('y');
  then(gate);
  expect(gate.there()).toEqual(there);
});

test('what comes and goes is told once, and of many names some', () => {
  const { refusals, refuse, told, there } = aGate();
  for (let count = 0; count < 3; count += 1) {
    refuse('x');
    refusals.end({ allocId: 'a', name: 'x' });
  }
  expect([told.length, there()]).toEqual([1, []]);
  for (let count = 0; count < 1_000; count += 1) refuse(`n${count}`);
  expect(told.length).toBeLessThan(30);
  expect(there().length).toBeLessThan(30);
});
