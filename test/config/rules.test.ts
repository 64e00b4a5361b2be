import { expect, test } from 'vitest';
import { aFolder, loadIn } from './folder.ts';

const rules = (text: string) => aFolder({ 'nvl.yaml': `rules:\n${text}` });

test.each([
  ['the same', '  - { match: { job: web }, profile: a }\n  - { match: { job: web }, profile: b }\n', 3],
  [
    'a narrower one behind',
    '  - { match: { job: web }, profile: a }\n  - { match: { job: web, task: x }, profile: b }\n',
    3,
  ],
  ['all', '  - { match: {}, profile: a }\n  - { match: { meta: { x: y } }, profile: b }\n', 3],
  ['a star', '  - { match: { job: "*" }, profile: a }\n  - { match: { namespace: n }, profile: b }\n', 3],
  ['sinks', '  - { match: { job: web }, sink: a }\n  - { match: { job: web }, sink: b }\n', 3],
])('a rule that an earlier one hides is a fault at its line: %s', async (_, text, line) => {
  await expect(loadIn(await rules(text))).rejects.toMatchObject({
    code: 'configInvalid',
    facts: expect.objectContaining({
      [`nvl.yaml:${line}`]: expect.stringContaining('rule 1 matches all that it matches'),
    }),
  });
});

test.each([
  ['others', '  - { match: { job: web }, profile: a }\n  - { match: { job: api }, profile: b }\n'],
  ['a wider one behind', '  - { match: { job: web, task: x }, profile: a }\n  - { match: { job: web }, profile: b }\n'],
  ['a profile and a sink', '  - { match: { job: web }, profile: a }\n  - { match: { job: web }, sink: b }\n'],
])('rules that each can count are none: %s', async (_, text) => {
  expect((await loadIn(await rules(text))).rules).toHaveLength(2);
});
