import { expect, test } from 'vitest';
import { readCases } from '../../lib/profile-test/read-cases.ts';

const read = (text: string) => readCases({ profile: 'p', file: 't.yaml', text });
const faultsOf = (text: string) => read(text).faults.map(({ message, facts }) => `${facts.at} ${message}`);

test('a case with everything', () => {
  const text = `# of a team
- name: a request
  task:
    job: web
    group: g
    task: t
    namespace: shop
    type: batch
    driver: docker
    node: n1
    meta: { nvl_rate: 7, nvl_on: true, team: a }
  params: { size: 1 }
  stream: stderr
  lines: |
    one
    two
  exact: true
  events:
    - message: one
`;
  expect(read(text)).toEqual({
    faults: [],
    cases: [
      {
        profile: 'p',
        file: 't.yaml',
        line: 2,
        position: 0,
        name: 'a request',
        task: {
          job: 'web',
          group: 'g',
          task: 't',
          namespace: 'shop',
          type: 'batch',
          driver: 'docker',
          node: 'n1',
          meta: { nvl_rate: '7', nvl_on: 'true', team: 'a' },
        },
        params: { size: '1' },
        stream: 'stderr',
        lines: 'one\ntwo\n',
        linesFile: undefined,
        events: [{ message: 'one' }],
        isExact: true,
      },
    ],
  });
});

test('a case with little', () => {
  const { cases } = read('- { name: a, lines: [x, "", "y z"] }\n- { name: b, file: x.log }\n');
  expect(cases).toMatchObject([
    {
      name: 'a',
      line: 1,
      position: 0,
      lines: 'x\n\ny z\n',
      events: undefined,
      stream: 'stdout',
      task: {},
      isExact: false,
    },
    { name: 'b', line: 2, position: 1, lines: undefined, linesFile: 'x.log' },
  ]);
});

test.each([
  ['no list', 'name: a', ['t.yaml:1 a test file is a list of cases']],
  ['an empty file', '# nothing\n', []],
  ['no name', '- lines: a', ['t.yaml:1 name: a case needs a name']],
  ['no mapping', '- a', ['t.yaml:1 a case is a mapping: name, lines, events']],
  ['no lines', '\n- name: a\n  events: []', ['t.yaml:2 a case needs lines, or a file with them']],
  ['lines and a file', '- name: a\n  lines: x\n  file: y', ['t.yaml:3 file: a case takes lines or a file, not both']],
  [
    'JSON without quotes',
    '- name: a\n  lines:\n    - {"a": 1}',
    ['t.yaml:2 lines: lines are text, or a list of texts'],
  ],
  ['a slip', '- name: a\n  line: x\n  lines: x', ['t.yaml:1 Unrecognized key: "line"']],
  ['a slip inside', '- name: a\n  lines: x\n  task:\n    jobs: x', ['t.yaml:3 task: Unrecognized key: "jobs"']],
  ['another stream', '- name: a\n  lines: x\n  stream: out', ['t.yaml:3 stream: the stream is stdout or stderr']],
  [
    'an event that is none',
    '- name: a\n  lines: x\n  events:\n    - x',
    ['t.yaml:4 events.0: an event is a mapping of its fields; for no event at all write []'],
  ],
  [
    'an absent event',
    '- name: a\n  lines: x\n  events:\n    - !absent',
    ['t.yaml:4 events.0: an event is a mapping of its fields; for no event at all write []'],
  ],
  [
    'a matcher with a value',
    '- name: a\n  lines: x\n  events:\n    - a: !absent x',
    ['t.yaml:4 !absent stands alone, without a value behind it'],
  ],
  [
    'a bad expression',
    '- name: a\n  lines: x\n  events:\n    - a: !regex "["',
    ['t.yaml:4 Invalid regular expression: /[/u: Unterminated character class'],
  ],
  ['an unknown matcher', '- name: a\n  lines: x\n  events:\n    - a: !none x', ['t.yaml:4 Unresolved tag: !none']],
  ['a tab', '- name: a\n\tlines: x', expect.arrayContaining([expect.stringMatching(/^t\.yaml:[12] /)])],
])('faults: %s', (_, text, faults) => {
  expect(faultsOf(text)).toEqual(faults);
});

test('a faulty case leaves the others', () => {
  const { cases, faults } = read('- lines: x\n- name: good\n  lines: x\n');
  expect(cases.map(({ name, position }) => ({ name, position }))).toEqual([{ name: 'good', position: 1 }]);
  expect(faults).toHaveLength(1);
});
