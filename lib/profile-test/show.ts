import type { Colors } from 'picocolors/types.js';
import { unprovenText } from '../apply/prove.ts';
import { describeError } from '../errors.ts';
import { plural } from '../plural.ts';
import { commandOf } from '../vector/proof/proofs.ts';
import { toColumns } from './columns.ts';
import type { Difference, FieldDifference } from './compare.ts';
import type { Proofs } from './prove-sinks.ts';
import type { EngineName } from './run-by-engine.ts';
import { type CaseResult, hasPassed, type ProfileResult, type TestRun } from './test-profiles.ts';

/** What `nvl test` prints: a line per profile, below it what is wrong, and the sum at the end. Pure. */
export const showTests = ({
  run,
  width,
  colors,
  shownPath,
}: {
  run: TestRun;
  /** Of the terminal, in characters. */
  width: number;
  colors: Colors;
  shownPath: (file: string) => string;
}): string => {
  const longest = Math.max(...run.profiles.map(({ profile }) => profile.length));
  return [
    ...run.profiles.flatMap((result) =>
      profileLines({ result, engine: run.engine, longest, width, colors, shownPath }),
    ),
    ...(run.proofs === undefined ? [] : proofLines({ proofs: run.proofs, colors })),
    '',
    summary({ run, colors }),
  ].join('\n');
};

const profileLines = ({
  result,
  engine,
  longest,
  width,
  colors,
  shownPath,
}: {
  result: ProfileResult;
  engine: EngineName;
  longest: number;
  width: number;
  colors: Colors;
  shownPath: (file: string) => string;
}): string[] => {
  const { profile, cases, errors } = result;
  const failed = cases.filter((one) => !hasPassed(one));
  const isBad = failed.length > 0 || errors.length > 0;
  const sign = isBad ? colors.red('FAIL') : cases.length === 0 ? colors.yellow('none') : colors.green('ok  ');
  const words = [
    failed.length > 0
      ? `${failed.length} of ${plural(cases.length, 'case')} failed`
      : cases.length === 0
        ? 'no tests'
        : plural(cases.length, 'case'),
  ];
  return [
    `${sign}  ${profile.padEnd(longest)}  ${words.join(', ')}`,
    ...errors.flatMap((error) => indented(shownError(error))),
    ...cases.flatMap(({ testCase, lost }) =>
      lost.map((words) => `${INDENT}${colors.yellow('note')}  ${testCase.name}: ${words}`),
    ),
    ...failed
      .filter(({ isRun, errors: own }) => isRun || own.length > 0)
      .flatMap((one) => caseLines({ one, engine, width, colors, shownPath })),
  ];
};

/** Which proofs ran on the blocks and their sinks, and what they could not tell here. */
const proofLines = ({ proofs: { ran, unproven, errors }, colors }: { proofs: Proofs; colors: Colors }): string[] => {
  const commands = ran.map(commandOf).join(' and ');
  const but = unproven.length > 0 ? ' but for what follows' : '';
  return [
    ...errors.flatMap((error) => [`${colors.red('FAIL')}  a sink`, ...indented(shownError(error))]),
    '',
    ...(ran.length === 0 || errors.length > 0 ? [] : [`Proven with the sinks${but}, by ${commands}.`]),
    ...unproven.map((one) => `${colors.yellow('Not proven:')} ${unprovenText(one)}`),
  ];
};

const shownError = (error: unknown): string => describeError(error).replace(/^nvl: /, '');

const INDENT = '      ';

const indented = (text: string): string[] => text.split('\n').map((line) => `${INDENT}${line}`);

const caseLines = ({
  one,
  engine,
  width,
  colors,
  shownPath,
}: {
  one: CaseResult;
  engine: EngineName;
  width: number;
  colors: Colors;
  shownPath: (file: string) => string;
}): string[] => [
  '',
  `${INDENT}${colors.bold(one.testCase.name)}  ${colors.dim(`${shownPath(one.testCase.file)}:${one.testCase.line}`)}`,
  ...showCase({ one, engine, width: width - INDENT.length - 2, colors }).map((line) => `${INDENT}  ${line}`),
];

/** What is wrong with one case, in lines. */
export const showCase = ({
  one: { errors, differences, said },
  engine,
  width,
  colors,
}: {
  one: CaseResult;
  engine: EngineName;
  width: number;
  colors: Colors;
}): string[] => [
  ...errors.flatMap((error) => shownError(error).split('\n')),
  ...differences.flatMap((difference) => differenceLines({ difference, width, colors })),
  ...said.slice(0, MOST_SAID).map((line) => colors.dim(`${SPEAKERS[engine]}: ${line}`)),
];

const MOST_SAID = 5;
const SPEAKERS: Readonly<Record<EngineName, string>> = { node: 'nvl', vector: 'Vector' };

const TITLES = {
  fields: (number: number) => `event ${number}`,
  missing: (number: number) => `event ${number} is missing`,
  unexpected: (number: number) => `event ${number} is one too many`,
};

const differenceLines = ({
  difference: { kind, number, rows },
  width,
  colors,
}: {
  difference: Difference;
  width: number;
  colors: Colors;
}): string[] => {
  const head = { fields: ['', 'expected', 'actual'], missing: ['', 'expected'], unexpected: ['', 'actual'] }[kind];
  const [titles = '', ...lines] = toColumns({
    head,
    rows: rows.map((row) => cellsOf({ kind, row })),
    width: width - 2,
  });
  return [TITLES[kind](number), colors.dim(titles), ...lines].map((line, index) => (index === 0 ? line : `  ${line}`));
};

const cellsOf = ({
  kind,
  row: { field, expected, actual },
}: {
  kind: Difference['kind'];
  row: FieldDifference;
}): string[] => {
  if (kind === 'missing') return [field, expected ?? ''];
  if (kind === 'unexpected') return [field, actual ?? ''];
  return [field, expected ?? NOT_THERE, actual ?? NOT_THERE];
};

const NOT_THERE = '(not there)';

const summary = ({ run, colors }: { run: TestRun; colors: Colors }): string => {
  const cases = run.profiles.flatMap((result) => result.cases);
  const failed = cases.filter((one) => !hasPassed(one)).length;
  const refused = run.proofs?.errors.length ?? 0;
  const faulty = run.profiles.filter(({ errors }) => errors.length > 0).length;
  const words = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(faulty > 0 ? [`${plural(faulty, 'profile')} with faults`] : []),
    ...(refused > 0 ? [`${plural(refused, 'sink')} refused`] : []),
  ];
  const verdict = words.length === 0 ? colors.green('all passed') : colors.red(words.join(', '));
  return `${plural(run.profiles.length, 'profile')}, ${plural(cases.length, 'case')}: ${verdict} (${(run.tookMs / 1000).toFixed(1)} s)`;
};
