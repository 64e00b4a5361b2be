import { expect, test } from 'vitest';
import { readReport } from '../../lib/vector/proof/report.ts';

/** Words as Vector 0.57.0 wrote them. */
const failed = (...entries: string[]) =>
  `Failed to load ["/r/live/nomad.toml"]\n${'-'.repeat(37)}\n${entries.map((entry) => `x ${entry}\n`).join('')}\n`;

test.each([
  [
    'an input that matches nothing',
    'Input "zz" for sink "o" doesn\'t match any components.',
    { kind: 'sink', component: 'o' },
  ],
  [
    'an unknown option',
    'unknown field `foo`, expected one of `source`, `file`\n\n\n\nin `transforms.t`\n',
    {
      kind: 'transform',
      component: 't',
      message: 'unknown field `foo`, expected one of `source`, `file`\nin `transforms.t`',
    },
  ],
  [
    'a wrong value deep inside',
    'invalid type: string "a", expected a sequence\nin `sinks.o.inputs`',
    { kind: 'sink', component: 'o' },
  ],
  ['the same id in two files', 'duplicate source id found: nvl_a', { kind: 'source', component: 'nvl_a' }],
  ['the same id twice', 'More than one component with name "a" (source, transform).', { component: 'a' }],
  ['a dot in an id', 'Component name "b.c" should not contain a "."', { component: 'b.c' }],
  ['no inputs', 'Sink "p" has no inputs', { kind: 'sink', component: 'p' }],
  ['an input twice', 'Transform "l1" has input "l2" duplicated 2 times', { kind: 'transform', component: 'l1' }],
  ['a circle', 'Cyclic dependency detected in the chain [ l2 -> l1 -> l2 ]', { component: 'l2' }],
  ['types that do not fit', 'Data type mismatch between in (["Log"]) and out (["Metric"])', { component: 'out' }],
  [
    'TOML that cannot be parsed',
    'TOML parse error at line 6, column 1\n  |\n6 | type = "remap"\n  | ^\nmissing comma between array elements, expected `,`\n',
    { line: 6, column: 1 },
  ],
  [
    'YAML that cannot be parsed',
    'did not find expected node content at line 5 column 1, while parsing a flow node',
    { line: 5, column: 1 },
  ],
  [
    'VRL',
    'Transform "t": \nerror[E103]: unhandled fallible assignment\n  ┌─ :2:5\n  │\n2 │ x = parse_json(.message)\n\n  = see\n',
    { kind: 'transform', component: 't', vrlLine: 2, vrlColumn: 5 },
  ],
  ['none of it', 'No sinks defined in the config.', {}],
])('report: %s', (_, entry, expected) => {
  const { refusals } = readReport({ stdout: failed(entry), stderr: '' });
  expect(refusals).toEqual([{ message: entry.trim(), ...expected }]);
});

test('report: several refusals and a warning, coloured', () => {
  const stdout =
    'Loaded with warnings ["a.toml"]\n-------------------------------\n\u001b[33m~\u001b[39m Transform "t" has no consumers\n\n' +
    'Transform errors\n----------------\n\u001b[31mx\u001b[39m Transform "t": bad\n\nmore\n\u001b[31mx\u001b[39m Transform "u": worse\n';
  const report = readReport({ stdout, stderr: '' });
  expect(report.warnings).toEqual(['Transform "t" has no consumers']);
  expect(report.refusals.map(({ component, message }) => [component, message])).toEqual([
    ['t', 'Transform "t": bad\n\nmore'],
    ['u', 'Transform "u": worse'],
  ]);
  expect(report.text).not.toContain('\u001b');
});

test('report: what only the log says', () => {
  const stderr =
    '2026-11-23T03:25:10.125165Z ERROR vector::config::loading: Config file not found in path. path="/etc/nope.toml" internal_log_rate_limit=false\n';
  expect(readReport({ stdout: '', stderr })).toMatchObject({
    refusals: [{ file: '/etc/nope.toml', message: 'Config file not found in path. path="/etc/nope.toml"' }],
    leftOut: false,
  });
});

test('report: a good one has warnings at most', () => {
  const stdout =
    '√ Loaded ["ok.toml"]\n√ Transforms configuration\n--------------------------\n                 Validated\n';
  expect(readReport({ stdout, stderr: '' })).toMatchObject({ refusals: [], warnings: [], leftOut: false });
});
