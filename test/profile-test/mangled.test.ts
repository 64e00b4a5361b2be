import { expect, test } from 'vitest';
import { mangled } from '../support/cross-samples.ts';

// The measure by which samples are tried over each other's files must itself find what it is for.

const marked = (message: string) => ({ message, nvl: { parse_error: 'x: y' } });
const taken = { message: 'something else' };

test.each([
  ['each as it came', [marked('a'), marked('b'), marked('c')], []],
  ['two joined', [marked('a\nb'), marked('c')], []],
  ['one understood', [marked('a'), taken, marked('c')], []],
  ['several understood as one', [taken, marked('c')], []],
  ['the last ones understood', [marked('a'), taken], []],
  ['one changed', [marked('a'), marked('B'), marked('c')], ['B', 'c']],
  ['one lost', [marked('a'), marked('c')], ['c']],
  ['the last one lost', [marked('a'), marked('b')], ['c']],
  ['one twice', [marked('a'), marked('b'), marked('b'), marked('c')], ['b']],
  ['two in another order', [marked('b'), marked('a'), marked('c')], ['b', 'a']],
  ['one changed behind one that was understood', [taken, marked('B'), marked('c')], ['B']],
])('%s', (_, events, wrong) => expect(mangled({ lines: ['a', 'b', 'c'], events })).toEqual(wrong));
