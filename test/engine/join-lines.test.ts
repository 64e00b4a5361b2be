import { expect, test } from 'vitest';
import { createLineJoiner, type MultilineMode } from '../../lib/engine/join-lines.ts';

/** `S` begins a group, `c` fits the condition, `b` does both, `-` neither. */
const judged = (signs: string) =>
  [...signs].map((sign, index) => ({
    line: `${sign}${index}`,
    isStart: sign === 'S' || sign === 'b',
    fitsCondition: sign === 'c' || sign === 'b',
  }));

const joined = (mode: MultilineMode, ...parts: string[]): string[] => {
  const joiner = createLineJoiner<string>(mode);
  const all = judged(parts.join(''));
  const groups = parts.flatMap((part) => joiner.push(all.splice(0, part.length)));
  return [...groups, ...joiner.release().map((group) => ['waits', ...group])].map((group) => group.join(' '));
};

test.each<[MultilineMode, string, string[]]>([
  ['continue_through', 'Scc-', ['S0 c1 c2', '-3']],
  ['continue_through', 'SccSc', ['S0 c1 c2', 'waits S3 c4']],
  ['continue_through', 'bb-', ['b0 b1', '-2']],
  ['continue_through', '-c-', ['-0', 'c1', '-2']],
  ['continue_past', 'Scc-c', ['S0 c1 c2 -3', 'c4']],
  ['continue_past', 'bb-b-', ['b0 b1 -2', 'b3 -4']],
  ['continue_past', 'SS', ['S0 S1']],
  ['halt_before', 'b--b', ['b0 -1 -2', 'waits b3']],
  ['halt_before', 'S-c', ['S0 -1', 'c2']],
  ['halt_before', 'SSc', ['S0 S1', 'c2']],
  ['halt_with', 'S--cS', ['S0 -1 -2 c3', 'waits S4']],
  // The line that begins a group is not asked whether it ends it.
  ['halt_with', 'b-c', ['b0 -1 c2']],
  ['halt_with', 'c', ['c0']],
])('%s joins %s', (mode, signs, groups) => expect(joined(mode, signs)).toEqual(groups));

test('a group goes on over what comes later', () =>
  expect(joined('continue_through', 'Sc', '', 'cc', '-')).toEqual(['S0 c1 c2 c3', '-4']));

test('what waited waits no longer', () => {
  const joiner = createLineJoiner<string>('continue_through');
  joiner.push(judged('Sc'));
  expect([joiner.release(), joiner.release()]).toEqual([[['S0', 'c1']], []]);
});
