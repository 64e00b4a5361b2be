import pc from 'picocolors';
import { expect, test } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import { toJunit } from '../../lib/profile-test/junit.ts';
import { showTests } from '../../lib/profile-test/show.ts';
import type { TestRun } from '../../lib/profile-test/test-profiles.ts';
import { aCaseResult, aRun } from './support.ts';

const shownPath = (file: string) => file.replace('/templates/', '');
const show = (run: TestRun) => showTests({ run, width: 70, colors: pc.createColors(false), shownPath });

const refused = new NvlError('vectorRefused', {
  message: 'Vector refuses what this template renders to',
  facts: { at: 'profiles/bad/transform.toml.hbs:7', said: 'error[E103]:\n.b <x>' },
  advice: 'fix it',
});

const run = aRun(
  { profile: 'good', errors: [], cases: [aCaseResult(), aCaseResult()] },
  { profile: 'none', errors: [], cases: [] },
  { profile: 'bad', errors: [refused], cases: [aCaseResult({ isRun: false })] },
  {
    profile: 'wrong',
    errors: [],
    cases: [
      aCaseResult(),
      aCaseResult({
        testCase: { name: 'a "request"', line: 12 },
        differences: [
          {
            kind: 'fields',
            number: 1,
            rows: [
              { field: 'message', expected: '"hello"', actual: '"level=info msg=hello and so on"' },
              { field: 'level', expected: '"info"', actual: undefined },
            ],
          },
          { kind: 'missing', number: 2, rows: [{ field: 'a', expected: '1', actual: undefined }] },
          { kind: 'unexpected', number: 3, rows: [{ field: 'b', expected: undefined, actual: '"\u0007"' }] },
        ],
        said: ['ERROR Mapping failed'],
      }),
    ],
  },
);

test('a line a profile, below it what is wrong, side by side, and the sum', () => {
  expect(show(run)).toBe(`ok    good   2 cases
none  none   no tests
FAIL  bad    1 of 1 case failed
      Vector refuses what this template renders to
        at    profiles/bad/transform.toml.hbs:7
        said  error[E103]:
              .b <x>
        try   fix it
FAIL  wrong  1 of 2 cases failed

      a "request"  profiles/p/tests/a.yaml:12
        event 1
                    expected  actual
          message   "hello"   "level=info msg=hello and so on"
          level     "info"    (not there)
        event 2 is missing
                    expected
          a         1
        event 3 is one too many
                    actual
          b         "\u0007"
        Vector: ERROR Mapping failed

4 profiles, 5 cases: 2 failed, 1 profile with faults (1.2 s)`);
});

test('all is well', () => {
  expect(show(aRun({ profile: 'good', errors: [], cases: [aCaseResult()] }))).toBe(
    'ok    good  1 case\n\n1 profile, 1 case: all passed (1.2 s)',
  );
});

const proofs = {
  ran: ['configuration', 'components'],
  unproven: [
    { component: 'loki', proof: 'components', why: 'this machine lacks the file /etc/ca.pem' },
    { component: 'gone', proof: 'both', why: 'this machine lacks a Vector with the sink kind kafka' },
  ],
  errors: [],
} as const;
const good = { profile: 'good', errors: [], cases: [aCaseResult()] };
const COMMANDS = 'vector validate --no-environment and vector validate --skip-healthchecks';

test('which proofs ran, and which could not and why', () => {
  expect(show({ ...aRun(good), proofs: { ...proofs, unproven: [] } })).toBe(
    `ok    good  1 case\n\nProven with the sinks, by ${COMMANDS}.\n\n1 profile, 1 case: all passed (1.2 s)`,
  );
  expect(
    show({ ...aRun(good), proofs })
      .split('\n')
      .slice(2, 5),
  ).toEqual([
    `Proven with the sinks but for what follows, by ${COMMANDS}.`,
    'Not proven: loki, by vector validate --skip-healthchecks: this machine lacks the file /etc/ca.pem',
    `Not proven: gone, by ${COMMANDS}: this machine lacks a Vector with the sink kind kafka`,
  ]);
  const refusal = { ...proofs, unproven: [], errors: [refused] };
  expect(show({ ...aRun(good), proofs: refusal })).toMatch(
    /FAIL {2}a sink\n {6}Vector refuses[\s\S]*1 case: 1 sink refused \(/,
  );
});

test('JUnit: a case a proof, skipped where this machine lacks what it needs', () => {
  const xml = toJunit({ run: { ...aRun(good), proofs }, shownPath });
  expect(xml).toContain('<testsuite name="the sinks" tests="2" failures="0" errors="0" skipped="2">');
  expect(xml).toMatch(/name="vector validate --skip-healthchecks">\n *<skipped message=[^>]*>loki, by/);
  const all = toJunit({ run: { ...aRun(good), proofs: { ...proofs, unproven: [], errors: [refused] } }, shownPath });
  expect(all).toContain('<testsuite name="the sinks" tests="3" failures="0" errors="1" skipped="0">');
});

test('no line is wider than the terminal', () => {
  const wide = { field: 'message', expected: `"${'x'.repeat(300)}"`, actual: `"${'y'.repeat(300)}"` };
  const wrong = aCaseResult({ differences: [{ kind: 'fields', number: 1, rows: [wide] }] });
  const lines = show(aRun({ profile: 'p', errors: [], cases: [wrong] })).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(70);
});

test('JUnit: a suite a profile, a case a case', () => {
  const xml = toJunit({ run, shownPath });
  expect(xml).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites name="nvl test" time="1.234">\n/);
  expect(xml).toContain('<testsuite name="good" tests="2" failures="0" errors="0">');
  expect(xml).toContain('<testcase classname="good" name="a case" file="profiles/p/tests/a.yaml" line="3"/>');
  expect(xml).toContain('<testsuite name="bad" tests="2" failures="1" errors="1">');
  expect(xml).toContain('error[E103]:\n        .b &lt;x&gt;');
  expect(xml).toContain('<failure message="a &quot;request&quot;">profiles/p/tests/a.yaml:12\nevent 1\n');
  expect(xml.match(/<testcase /g)).toHaveLength(6);
});

test('JUnit holds no character that XML does not know', () => {
  const error = new NvlError('vectorRefused', { message: 'bell \u0007, escape \u001b[31mred\u001b[0m, \ufffe' });
  const xml = toJunit({ run: aRun({ profile: 'p', errors: [error], cases: [] }), shownPath });
  expect(xml).toContain('nvl: bell \ufffd, escape red, \ufffd');
});
