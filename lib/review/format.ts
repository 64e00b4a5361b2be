import type { ChangeCosts } from '../cost/change-costs.ts';
import { exactJson, withRawNumbers } from '../exact-json.ts';
import { code, fenced, inMarkdown, reportMarkdown } from '../plan/format-markdown.ts';
import type { PlanReport } from '../plan/report.ts';
import { costMarkdown } from './cost-markdown.ts';
import type { LineChange } from './lines.ts';
import type { Risk } from './risks.ts';
import { summaryLines } from './summary.ts';

/** All that a review found. */
export type Review = {
  base: string;
  tasks: number;
  /** How many there are, those that do not change too. */
  jobs: number;
  report: PlanReport;
  diff: string;
  /** The change of the table of rows. */
  tableDiff: string;
  lines: readonly LineChange[];
  tests: readonly { profile: string; passed: number; failed: readonly string[] }[] | undefined;
  risks: readonly Risk[];
  /** Undefined where nothing changes. */
  costs: ChangeCosts | undefined;
  /** What Vector said to the head's configuration; undefined without a Vector. */
  /** By Vector, or where none is by nvl's own check. */
  proof: { by: 'Vector' | 'nvl'; isGood: boolean; said: string; unproven: readonly string[] } | undefined;
  /** What the two sides are, where that is not plain. */
  notes: readonly string[];
  /** What could not be done, and why. */
  notDone: readonly string[];
};

/** All of it as data, numbers of events as Vector wrote them. Pure. */
export const reviewJson = (review: Review): string => {
  const lines = review.lines.map((one) => ({
    ...one,
    before: withRawNumbers(one.before),
    after: withRawNumbers(one.after),
  }));
  return `${JSON.stringify({ ...review, lines }, undefined, 2)}\n`;
};

/** Markdown for a pull request: ten lines at most, and all else folded. Pure. */
export const reviewMarkdown = (review: Review): string => {
  const [title = '', ...lines] = summaryLines(review);
  return [
    title,
    lines.map((line) => `- ${line}`).join('\n'),
    `<details><summary>Details</summary>`,
    ...detailParts(review),
    '</details>',
    '',
  ].join('\n\n');
};

const detailParts = ({
  report,
  diff,
  tableDiff,
  lines,
  tests,
  risks,
  costs,
  proof,
  notes,
  notDone,
}: Review): string[] => {
  const fresh = risks.filter(({ isNew }) => isNew);
  const costText = costs === undefined ? '' : costMarkdown(costs);
  return [
    ...notes.map((text) => `_Note: ${text}._`),
    ...(fresh.length === 0
      ? []
      : [`### Risks\n\n${fresh.map(({ message }) => `- :warning: ${inMarkdown(message)}`).join('\n')}`]),
    ...(costText === '' ? [] : [`### What it costs\n\n${costText}`]),
    `### What changes\n\n${reportMarkdown({ report: { ...report, refused: [], readAgain: [], regrouped: [], next: '' }, diff, table: tableDiff }).trimEnd()}`,
    ...(lines.length === 0 ? [] : [`### Lines\n\n${lines.map(lineMarkdown).join('\n\n')}`]),
    ...(tests === undefined ? [] : [`### Tests\n\n${testsMarkdown(tests)}`]),
    ...(proof === undefined ? [] : [proofMarkdown(proof)]),
    ...notDone.map((text) => `_Not done: ${text}_`),
  ];
};

/** What this machine lacks keeps a part from being proven, and is no fault of the templates. */
const proofMarkdown = ({ by, isGood, said, unproven }: NonNullable<Review['proof']>): string => {
  const who = by === 'Vector' ? 'Vector' : 'nvl’s own check';
  if (!isGood) return `:x: ${who} refuses the configuration.\n\n${fenced(said, 'text')}`;
  if (by === 'nvl')
    return ':grey_question: nvl’s own check finds nothing against the configuration. No Vector is here to prove it; the node’s does before it goes live.';
  if (unproven.length === 0) return ':white_check_mark: Vector accepts the configuration.';
  return [
    ':warning: Vector accepts what could be proven here. The node proves the rest before it goes live. Not proven:',
    unproven.map((text) => `- ${text}`).join('\n'),
  ].join('\n\n');
};

const lineMarkdown = ({ profile, name, line, before, after }: LineChange): string =>
  [
    `**${code(profile)}**, ${name}:`,
    fenced(line.length > 300 ? `${line.slice(0, 300)}…` : line, 'text'),
    fenced(
      [...jsonLines(before).map((text) => `- ${text}`), ...jsonLines(after).map((text) => `+ ${text}`)]
        .filter((text, _, all) => !all.includes(`${text.startsWith('-') ? '+' : '-'}${text.slice(1)}`))
        .join('\n'),
      'diff',
    ),
  ].join('\n\n');

const jsonLines = (event: Readonly<Record<string, unknown>> | undefined): string[] =>
  event === undefined ? [] : Object.entries(event).map(([key, value]) => `${key}: ${exactJson(value)}`);

const testsMarkdown = (tests: NonNullable<Review['tests']>): string =>
  tests.length === 0
    ? 'No profile that changes has tests.'
    : tests
        .map(({ profile, passed, failed }) =>
          failed.length === 0
            ? `- :white_check_mark: ${code(profile)}: ${passed} passed`
            : `- :x: ${code(profile)}: ${passed} passed, ${failed.length} failed\n${failed.map((name) => `  - ${name}`).join('\n')}`,
        )
        .join('\n');
