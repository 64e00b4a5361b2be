import { expect, test } from 'vitest';
import { mergedMeta } from '../../lib/context/context.ts';
import { aContext, anAllocation, firstTask, type GivenAllocation } from '../support/builders.ts';

const metaOf = (given: GivenAllocation) => {
  const allocation = anAllocation(given);
  return mergedMeta({ allocation, task: firstTask(allocation) });
};

test.each<[string, GivenAllocation, Record<string, string>]>([
  ['none', {}, {}],
  ['one level', { jobMeta: { a: 'job' } }, { a: 'job' }],
  [
    'the nearest level wins',
    { jobMeta: { a: 'job', b: 'job', c: 'job' }, groupMeta: { b: 'group', c: 'group' }, taskMeta: { c: 'task' } },
    { a: 'job', b: 'group', c: 'task' },
  ],
  ['an empty value of the task hides the one of the job', { jobMeta: { a: 'job' }, taskMeta: { a: '' } }, { a: '' }],
  [
    'keys with dots stay one key',
    { jobMeta: { 'a.b': '1' }, taskMeta: { 'a.b.c': '2' } },
    { 'a.b': '1', 'a.b.c': '2' },
  ],
])('merged meta: %s', (_, given, merged) => {
  expect(metaOf(given)).toEqual(merged);
});

test('a key named __proto__ stays an ordinary key, and reaches nothing else', () => {
  const evil = JSON.parse('{ "__proto__": "polluted", "constructor": "c", "hasOwnProperty": "h" }');
  const meta = metaOf({ jobMeta: evil, taskMeta: evil });
  expect(Object.entries(meta).sort()).toEqual([
    ['__proto__', 'polluted'],
    ['constructor', 'c'],
    ['hasOwnProperty', 'h'],
  ]);
  expect(Object.getPrototypeOf(meta)).toBe(Object.prototype);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('numbers and yes or no are taken as text, entries of another type are left out', () => {
  const meta = { good: 'x', number: 1, no: false, list: ['x'], nothing: null } as unknown as Record<string, string>;
  expect(metaOf({ jobMeta: meta })).toEqual({ good: 'x', no: 'false', number: '1' });
});

test('tags are those of the task and of the group where it is meant, sorted, each once', () => {
  const services = [
    { Name: 'all', Tags: ['z', 'a'] },
    { Name: 'mine', TaskName: 'app', Tags: ['m'] },
    { Name: 'others', TaskName: 'db', Tags: ['o'] },
  ];
  expect(aContext({ task: 'app', groupServices: services, taskServices: [{ Tags: ['a', 'own'] }] }).tags).toEqual([
    'a',
    'm',
    'own',
    'z',
  ]);
});

test.each<[string, GivenAllocation, number]>([
  ['shop.web[12]', { index: 12 }, 12],
  ['of a job called a[1]', { job: 'a[1]', index: 3 }, 3],
])('the index in a name: %s', (_, given, index) => {
  expect(aContext(given).alloc.index).toBe(index);
});
