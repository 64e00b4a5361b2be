import { expect, test } from 'vitest';
import { parseToml } from '../../lib/config/parse-toml.ts';

const text = `a = 1
list = [
  1,
  { x = "]" },
]
b.c.d = """
x ] = 1
[no]
"""
[[rules]] # one
profile = 'a'
[rules.match]
job = "x"
[[rules]]
match = { job = "y", "k.e" = [1, 2] }
s = '''a
]
'''

[x."y z".w]
[x]
q = [ '''
a
''',
"b" ]
[[rules.deep]]
a = 1
[[rules.deep]]
b = 2
`;

test.each<[PropertyKey[], number | undefined]>([
  [['a'], 1],
  [['list'], 2],
  [['list', 1, 'x'], 2],
  [['b'], 6],
  [['b', 'c', 'd'], 6],
  [['rules', 0], 10],
  [['rules', 0, 'profile'], 11],
  [['rules', 0, 'match'], 12],
  [['rules', 0, 'match', 'job'], 13],
  [['rules', 1], 14],
  [['rules', 1, 'match', 'k.e'], 15],
  [['rules', 1, 's'], 16],
  [['x', 'y z', 'w'], 20],
  [['x', 'q'], 22],
  [['rules', 1, 'deep', 1, 'b'], 29],
  // As far as it goes.
  [['rules', 1, 'match', 'nothing'], 15],
  [['x', 'y z', 'v'], 20],
  [['nothing'], undefined],
  [[], undefined],
])('the line of %j is %s', (path, line) => expect(parseToml(text).lineOf(path)).toBe(line));

test('the lines of thousands of keys, and of a program of thousands of lines, are soon known', () => {
  const keys = Array.from({ length: 3_000 }, (_, index) => `[transforms.t${index}]\ntype = "remap"\n`);
  const program = `[transforms.last]\nsource = '''\n${'.x = [{ }]\n'.repeat(5_000)}'''\ninputs = []\n`;
  const { lineOf, faults } = parseToml([...keys, program].join(''));
  expect(faults).toEqual([]);
  expect(keys.map((_, index) => lineOf(['transforms', `t${index}`, 'type']))).toEqual(
    keys.map((_, index) => 2 * index + 2),
  );
  expect(lineOf(['transforms', 'last', 'inputs'])).toBe(11_003 + 1);
});
