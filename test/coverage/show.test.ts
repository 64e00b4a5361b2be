import pc from 'picocolors';
import { expect, test } from 'vitest';
import type { Coverage } from '../../lib/coverage/coverage.ts';
import { toHtml } from '../../lib/coverage/show/html.ts';
import { coverageSuite } from '../../lib/coverage/show/junit.ts';
import { toLcov } from '../../lib/coverage/show/lcov.ts';
import { isEnough, showCoverage } from '../../lib/coverage/show/text.ts';
import { aBranch, aCoverage } from './support.ts';

const shownFile = (file: string): string => `t/${file}`;

const shown = (coverage: Coverage, { width = 90, min, jobs }: { width?: number; min?: number; jobs?: object[] } = {}) =>
  showCoverage({ coverage, jobs: jobs as never, min, width, colors: pc.createColors(false), shownFile }).split('\n');

const taken = (parts: Parameters<typeof aBranch>[0] = {}) => aBranch({ never: 'x: never', taken: 3, ...parts });

test('a profile, what its tests leave out by file and line, and the sum', () => {
  const outer = aBranch({ at: { line: 7 }, never: 'if .a: never true' });
  const branches = [
    taken(),
    outer,
    aBranch({ at: { line: 8 }, never: 'else of if .b: never taken', within: outer.key }),
    aBranch({ at: { line: 9 }, never: '?? "": never used', within: outer.key, isGuard: true }),
    aBranch({ at: { line: 3 }, never: '?? "": never used', isGuard: true }),
    aBranch({ at: { line: 5 }, never: '?? 0: never used', isGuard: true }),
    aBranch({ at: { file: 'partials/x.hbs', line: 2 }, never: '{{#if a}}: never true' }),
  ];
  const spots = {
    silent: [{ at: { file: 'profiles/p/tests/a.yaml', line: 4 }, words: 'a case: it has no events' }],
    unset: [
      { at: { file: 'profiles/p/profile.yaml', line: 2 }, words: 'level: never set to anything but its default' },
    ],
    unmeasured: [{ at: { file: 'profiles/p/transform.toml.hbs', line: 20, column: 0 }, why: 'it is too deep' }],
  };
  const jobs = [{ namespace: 'default', job: 'web', tasks: 2 }];
  expect(shown(aCoverage({ branches, ...spots }), { jobs })).toEqual([
    'Coverage',
    '',
    '  p   25%  1 of 4 branches; 1 of 3 in its own templates',
    '    t/profiles/p/transform.toml.hbs:7  if .a: never true (and 1 branch in it)',
    '    t/profiles/p/transform.toml.hbs',
    '      constants behind ?? never used, not counted: 3, 5',
    '    t/profiles/p/tests/a.yaml:4  a case: it has no events',
    '    t/profiles/p/profile.yaml:2  level: never set to anything but its default',
    '    t/profiles/p/transform.toml.hbs:20  not measured: it is too deep',
    '',
    'What no tests try of files that profiles share:',
    '    t/partials/x.hbs:2  {{#if a}}: never true',
    '',
    'Jobs that ship by default, since neither their meta nor a rule chooses a profile:',
    '  default/web  2 tasks',
    '',
    'Coverage: 25% of all branches (1 of 4)',
  ]);
});

test.each([
  ['all is tried', { branches: [taken()] }, '  p  100%  1 of 1 branches'],
  ['there is nothing to try', { branches: [] }, '  p  100%  no branches'],
  [
    'it has no case',
    { branches: [aBranch()], isUntested: true },
    '  p    0%  no case, so none of its 1 branch is tried',
  ],
  ['it has neither', { branches: [], isUntested: true }, '  p  100%  no case'],
  ['it could not be run', { branches: undefined }, '  p     not measured: its templates could not be run'],
])('where %s there is one line', (_, parts, line) => {
  const [, , first, next] = shown({ ...aCoverage(), profiles: [{ ...aCoverage().profiles[0], ...parts } as never] });
  expect([first, next]).toEqual([line, '']);
});

test.each([80, 100])('no line is wider than %i, and each still says what comes to nothing', (width) => {
  const file = `profiles/${'long-'.repeat(7)}name/transform.toml.hbs`;
  const branches = [
    aBranch({ never: `if ${'match(.message, "x") && '.repeat(20)}true: never true`, at: { line: 2 } }),
    aBranch({ never: `if ${'match(.message, "x") && '.repeat(20)}true: never false`, at: { line: 3, file } }),
    ...Array.from({ length: 60 }, (_, line) =>
      aBranch({ isGuard: true, at: { line: 100 + line }, never: '?? "": never used' }),
    ),
  ];
  const lines = shown(aCoverage({ branches }), { width });
  expect(lines.filter((line) => line.length > width)).toEqual([]);
  expect(lines.filter((line) => /…: never (?:true|false)$/.test(line))).toHaveLength(2);
  expect(lines.join(' ')).toContain('159');
});

test('what a terminal would obey is not printed', () => {
  const text = shown(aCoverage({ branches: [aBranch({ never: 'if "\x1b[2J\u009b": never true' })] })).join('\n');
  expect(text).toContain('if "\ufffd[2J\ufffd": never true');
});

test.each([
  [{ taken: 9, of: 10, percent: 90 }, 90, true],
  [{ taken: 899, of: 1000, percent: 89 }, 89.9, true],
  [{ taken: 898, of: 1000, percent: 89 }, 89.9, false],
  [{ taken: 0, of: 0, percent: 100 }, 100, true],
  [{ taken: 0, of: 5, percent: 0 }, undefined, true],
])('%o is enough for %s: %s', (share, min, isGood) => expect(isEnough(share, min)).toBe(isGood));

test('less than the least says so', () => {
  expect(shown(aCoverage({ branches: [taken(), aBranch()] }), { min: 60 }).at(-1)).toBe(
    'Coverage: 50% of all branches (1 of 2), which is less than 60%',
  );
});

test('LCOV has a record a file, with each branch of a choice and a dash where nothing came to it', () => {
  const [outer, arm] = [
    aBranch({ at: { line: 2 }, choice: 'a', never: 'x' }),
    taken({ at: { line: 2 }, choice: 'a', never: 'y' }),
  ];
  const inner = aBranch({ at: { line: 4 }, within: outer.key, choice: 'b', never: 'z' });
  const guard = aBranch({ at: { line: 5 }, isGuard: true, never: 'g' });
  expect(
    toLcov({ coverage: aCoverage({ branches: [outer, arm, inner, guard] }), shownFile: (file) => `a\n${file}` }),
  ).toBe(`TN:
SF:a?profiles/p/transform.toml.hbs
BRDA:2,0,0,0
BRDA:2,0,1,3
BRDA:4,1,0,-
BRF:3
BRH:1
DA:1,2
LF:1
LH:1
end_of_record
`);
});

test('the page escapes whatever templates and names hold, and marks what is never taken', () => {
  const text = `if .a == "</pre><script>alert('&')</script>" { .b = 1 }\n.c = x ?? ""\n<b>\u0000`;
  const file = 'profiles/p/<img src=x onerror=alert(1)>.hbs';
  const place = (line: number, column: number) => ({ file, line, column });
  const branches = [
    aBranch({
      at: place(1, 0),
      never: 'if .a == "</pre><script>": never true',
      span: { from: place(1, 46), to: place(1, 54) },
    }),
    aBranch({
      at: place(2, 7),
      never: '?? "": never used',
      isGuard: true,
      span: { from: place(2, 10), to: place(2, 12) },
    }),
    aBranch({ at: place(3, 0), never: '<b>: never' }),
  ];
  const page = toHtml({ coverage: aCoverage({ branches, text, profile: '<i>' }), shownFile });
  expect(page.match(/<(?!\/?(?:!doctype|html|meta|title|style|h1|h2|table|tr|td|th|a|pre|p|mark)\b)/g)).toBeNull();
  expect(page).not.toContain('onerror=alert(1)>');
  expect(page).toContain('{<mark> .b = 1 </mark>}');
  expect(page).toContain('?? <mark class="guard">&quot;&quot;</mark>');
  expect(page).toContain('<mark>&lt;</mark>b&gt;\ufffd');
  expect(page).not.toMatch(/(?:src|href)="(?!#f\d+")/);
});

test('JUnit has the figures, a case a profile, and one that fails below the least', () => {
  const coverage = aCoverage({ branches: [taken(), aBranch({ never: 'if "<": never true' })] });
  expect(
    coverageSuite({ coverage, min: 60, shownFile }),
  ).toBe(`  <testsuite name="coverage" tests="2" failures="1" errors="0">
    <properties>
      <property name="percent" value="50"/>
      <property name="branches" value="2"/>
      <property name="branches taken" value="1"/>
      <property name="percent of p" value="50"/>
    </properties>
    <testcase classname="coverage" name="p">
      <system-out>  p   50%  1 of 2 branches
    t/profiles/p/transform.toml.hbs:1  if &quot;&lt;&quot;: never true</system-out>
    </testcase>
    <testcase classname="coverage" name="at least 60% of all branches">
      <failure message="at least 60% of all branches">50% of all branches (1 of 2)</failure>
    </testcase>
  </testsuite>
`);
  expect(coverageSuite({ coverage, min: 50, shownFile })).toContain('name="at least 50% of all branches"/>');
  expect(coverageSuite({ coverage, min: undefined, shownFile })).not.toContain('at least');
});
