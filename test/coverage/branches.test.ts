import { expect, test } from 'vitest';
import { branchesOf, type VrlBranch } from '../../lib/coverage/vrl/branches.ts';
import { withProbes } from '../../lib/coverage/vrl/probes.ts';

const shown = (source: string): string[] =>
  branchesOf(source).branches.map(({ kind, about, aborts, isGuard }: VrlBranch) =>
    [kind, about.replaceAll(/\s+/g, ' '), aborts ? 'aborts' : '', isGuard ? 'guard' : '']
      .filter((part) => part !== '')
      .join(' '),
  );

test.each([
  ['an if without an else has two arms', 'if .a { .b = 1 }', ['if .a', 'skip .a']],
  ['an if with one', 'if .a { .b = 1 } else { .b = 2 }', ['if .a', 'else .a']],
  ['else if, over lines', 'if .a\n{\n  .b = 1\n}\nelse if .c {\n.b = 2\n}', ['if .a', 'if .c', 'skip .c']],
  ['as a value', 'x = if .a { 1 } else { 2 }', ['if .a', 'else .a']],
  [
    'a predicate in brackets, of several',
    'if (x = .a; x == 1) { .b = 1 }',
    ['if (x = .a; x == 1)', 'skip (x = .a; x == 1)'],
  ],
  ['a predicate that is an object, and its block', 'if .a == {} { .b = {} }', ['if .a == {}', 'skip .a == {}']],
  ['a closure', 'for_each([1]) -> |_i, v| { .a = v }', ['closure |_i, v|']],
  ['a closure without names', 'x = map_values({}) -> |v| { v }', ['closure |v|']],
  ['a fallback', '.a = parse_json(.m) ?? parse_xml(.m) ?? .m', ['fallback parse_xml(.m)', 'fallback .m']],
  ['&& and || bind alike, ?? less', '.a = b || c && d ?? e', ['or c', 'and d', 'fallback e']],
  ['a right side over lines', '.a = b ||\n  # why\n  (c && d)', ['or (c && d)', 'and d']],
  [
    'a closure on a right side',
    '.a = b && any([1]) -> |v| { v == 1 }',
    ['and any([1]) -> |v| { v == 1 }', 'closure |v|'],
  ],
  ['an abort that an arm begins with', 'if .a { abort }', ['if .a aborts', 'skip .a']],
  ['an abort behind something', 'if .a { .b = 1\n abort "no" }', ['if .a', 'abort abort "no"', 'skip .a']],
  ['an abort for the whole', 'abort', ['abort abort']],
  ['a return with an if', 'return if .a { 1 } else { 2 }', ['if .a', 'else .a']],
  ['nothing in texts', `.a = "if x { y ?? z } \\" && {{ b }}" + s'a ?? \\' b' + r'\\{ a || "b' # if c {`, []],
  ['nothing in names', '.if = .else.abort ?? ."a && b"\n.constructor = toString', ['fallback ."a && b"']],
  ['names as of arguments', 'f(if: 1, abort: .a ?? 2)', ['fallback 2 guard']],
  ['two values of a call', '.a, err = f(.b)\nif err != null { .c = err }', ['if err != null', 'skip err != null']],
  ['objects and blocks within another', '.a = { "b": { .c ?? .d }, "e": [.f && .g] }', ['fallback .d', 'and .g']],
])('%s', (_, source, branches) => expect(shown(source)).toEqual(branches));

test.each([
  ['a text that has to be one', 'string(.a) ?? ""', true],
  ['another constant', 'to_int(.a) ?? -1', true],
  ['an empty object', 'object(.a) ?? {}', true],
  ['of a name', 'string(.a) ?? .b', false],
  ['of a text with a name in it', 'string(.a) ?? "{{ b }}"', true],
  ['where something is parsed', 'parse_json(.a) ?? null', false],
  ['where it is within what is parsed', 'parse_json(string(.a) ?? "") ?? null', false],
  ['behind the one that sees to it', 'object(parse_json(.a) ?? .b) ?? {}', true],
])('a constant behind ??, %s, is one that VRL asks for: %s', (_, source, isGuard) => {
  expect(branchesOf(source).branches.at(-1)?.isGuard).toBe(isGuard);
});

test('a branch knows the one around it, and where its own text is', () => {
  const source = 'if .a {\n  x = .b && .c\n  if .d { .e = 1 }\n}';
  const { branches } = branchesOf(source);
  expect(branches.map(({ within, from, to }) => [source.slice(from, to), within])).toEqual([
    ['\n  x = .b && .c\n  if .d { .e = 1 }\n', undefined],
    ['.c', 0],
    [' .e = 1 ', 0],
    ['', 0],
    ['', undefined],
  ]);
});

test('a probe stands where its branch begins, by bytes', () => {
  const source = '# é\nif .a && .b { .c = d ?? e } # f';
  const { edits, branches } = branchesOf(source);
  const all = withProbes({ source, edits, branches: new Set(branches.keys()) });
  const probe = 'log("nvl: a branch is taken", level: "debug", rate_limit_secs: 0)';
  expect(all.source.replaceAll(probe, '!')).toBe(
    '# é\nif .a && { !; .b } { !; .c = d ?? { !; e } } else { !; null } # f',
  );
  const bytes = Buffer.from(all.source);
  for (const at of all.branchAt.keys()) expect(bytes.subarray(at, at + probe.length).toString()).toBe(probe);
  expect([...all.branchAt.values()]).toEqual([0, 1, 2, 3]);
  expect(withProbes({ source, edits, branches: new Set() }).source).toBe(source);
});

test.each([
  ['a text without its end', '.a = "b'],
  ['a bracket without its end', 'f(.a'],
  ['an operator without its right side', '.a = b ??'],
  ['an if without a block', 'if .a'],
  ['two values side by side', '{ .a } { .b }'],
])('%s is not followed', (_, source) => expect(() => branchesOf(source)).toThrow());

test('what is nested deep, or long, ends', () => {
  expect(() => branchesOf(`${'('.repeat(100_000)}1${')'.repeat(100_000)}`)).toThrow(RangeError);
  expect(branchesOf('if .a { .b = 1 }\n'.repeat(20_000)).branches).toHaveLength(40_000);
});
