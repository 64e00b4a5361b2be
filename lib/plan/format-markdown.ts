import { insteadLine } from '../render/refused.ts';
import { backlogText, capital, countsText, readAgainLines, taskRows } from './format-text.ts';
import { onceEach } from './once-each.ts';
import { moveLines, regroupLines, tasksText } from './regroup-lines.ts';
import type { PlanReport, ReportError } from './report.ts';
import { firstLines } from './table-diff.ts';

/** The change for a pull request or a job's summary. Pure. */
export const reportMarkdown = ({
  report,
  diff,
  table,
}: {
  report: PlanReport;
  diff: string;
  /** The change of the table of rows. */
  table: string;
}): string => {
  const { added, changed, removed } = report.components;
  return [
    report.hasChanges
      ? `**${added.length} added, ${changed.length} changed, ${removed.length} removed** components; ${report.restarted.length} sources (${tasksText(report.restarted.reduce((sum, one) => sum + one.tasks, 0))}) restart, ${report.rebuilt.length} sinks are rebuilt; ${countsText(report.counts)}.`
      : '**No changes.**',
    ...(report.jobs.length === 0
      ? []
      : [
          '| job | task | change | profile | pipeline |\n|---|---|---|---|---|\n' +
            limited(
              report.jobs.flatMap(({ namespace, job, tasks }) =>
                taskRows(tasks).map(({ name, change, profile, move }) =>
                  row([`${namespace} / ${job}`, name, change, profile, move]),
                ),
              ),
            ).join('\n'),
        ]),
    ...readAgainLines(report).map((line) => `> [!WARNING]\n> ${line}.`),
    ...[...regroupLines(report), ...moveLines(report)].map((line) => `- ${capital(inMarkdown(line))}.`),
    ...(report.backlog === undefined || report.backlog.files === 0 ? [] : [`Backlog: ${backlogText(report.backlog)}.`]),
    ...report.faults.map((fault) => `- :x: ${toldMarkdown(fault)}`),
    ...report.warnings.map((warning) => `- :warning: ${toldMarkdown(warning)}`),
    ...onceEach(report.refused).map(
      ({ heading, instead, errors }) =>
        `- :x: ${capital(insteadLine({ instead, heading: code(heading) }))}\n${errors.map((error) => `  - ${toldMarkdown(error)}`).join('\n')}`,
    ),
    ...onceEach(report.notes).map(
      ({ heading, errors }) =>
        `- :warning: ${code(heading)}\n${errors.map((error) => `  - ${toldMarkdown(error)}`).join('\n')}`,
    ),
    ...details('The change of the file', shortened(diff)),
    ...details('The change of the table of rows', firstLines(table)),
    report.next,
    '',
  ].join('\n\n');
};

const details = (summary: string, diff: string): string[] =>
  diff === '' ? [] : [`<details><summary>${summary}</summary>\n\n${fenced(diff)}\n\n</details>`];

/** What a template writes between braces, and ids, as code. */
export const inMarkdown = (line: string): string =>
  line.replaceAll(/\{\{.*?\}\}(?: = "(?:[^"\\]|\\.)*")?|\bnvl_[a-z0-9_]+/g, (text) => code(text));

/** A comment of a pull request holds 65,536 characters, rows and diff together. */
const MOST_ROWS = 100;
const MOST_DIFF = 40_000;

const limited = (rows: readonly string[]): string[] =>
  rows.length <= MOST_ROWS
    ? [...rows]
    : [...rows.slice(0, MOST_ROWS), `| and ${rows.length - MOST_ROWS} more rows | | | | |`];

const shortened = (diff: string): string => {
  if (diff.length <= MOST_DIFF) return diff;
  const lines = diff.split('\n');
  let [count, length] = [0, 0];
  for (; length + (lines[count]?.length ?? 0) < MOST_DIFF; count += 1) length += (lines[count]?.length ?? 0) + 1;
  return [...lines.slice(0, count), `# ${lines.length - count} more lines, which --format json has`].join('\n');
};

const row = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => (cell === '' ? '' : code(cell))).join(' | ')} |`;

/** A value of a job's in Markdown: nothing in it may end the cell, the code or start a link. */
export const code = (text: string): string => {
  const fence = '`'.repeat(1 + Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length)));
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text.replaceAll('|', '\\|').replaceAll('\n', ' ')}${pad}${fence}`;
};

/** A block of code whose fence is longer than any in it. */
export const fenced = (text: string, language = 'diff'): string => {
  const fence = '`'.repeat(Math.max(3, 1 + Math.max(0, ...(text.match(/`{3,}/g) ?? []).map((run) => run.length))));
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
};

const toldMarkdown = ({ message, file, line, facts, advice }: ReportError): string => {
  const where = file === undefined ? (facts.from ?? '') : `${file}${line === undefined ? '' : `:${line}`}`;
  return `${message}${where === '' ? '' : ` (${code(where)})`}${advice === undefined ? '' : `. ${advice}`}`;
};
