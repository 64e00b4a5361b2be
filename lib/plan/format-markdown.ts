import { backlogText } from './format-text.ts';
import type { Report, Told } from './report.ts';

/** The change for a pull request or a job's summary. Pure. */
export const reportMarkdown = ({ report, diff }: { report: Report; diff: string }): string => {
  const { added, changed, removed } = report.components;
  return [
    report.hasChanges
      ? `**${added.length} added, ${changed.length} changed, ${removed.length} removed** components; ${report.restarted.length} sources restart, ${report.rebuilt.length} sinks are rebuilt.`
      : '**No changes.**',
    ...(report.jobs.length === 0
      ? []
      : [
          '| job | task | change | profile |\n|---|---|---|---|\n' +
            report.jobs
              .flatMap(({ namespace, job, tasks }) =>
                tasks.map(({ group, task, change, profile }) =>
                  row([`${namespace} / ${job}`, `${group} / ${task}`, change, profile]),
                ),
              )
              .join('\n'),
        ]),
    ...report.readAgain.map(
      ({ id, why }) => `> [!WARNING]\n> Source ${code(id)} would be read again from the start: ${why}.`,
    ),
    ...(report.backlog === undefined || report.backlog.files === 0 ? [] : [`Backlog: ${backlogText(report.backlog)}.`]),
    ...report.faults.map((fault) => `- :x: ${toldMarkdown(fault)}`),
    ...report.refused.map(
      ({ heading, isKept, errors }) =>
        `- :x: Left out: ${code(heading)}${isKept ? ', which keeps what it has live' : ''}\n${errors.map((error) => `  - ${toldMarkdown(error)}`).join('\n')}`,
    ),
    ...(diff === '' ? [] : [`<details><summary>The change of the file</summary>\n\n${fenced(diff)}\n\n</details>`]),
    report.next,
    '',
  ].join('\n\n');
};

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => code(cell)).join(' | ')} |`;

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

const toldMarkdown = ({ message, file, line, facts, advice }: Told): string => {
  const where = file === undefined ? (facts.from ?? '') : `${file}${line === undefined ? '' : `:${line}`}`;
  return `${message}${where === '' ? '' : ` (${code(where)})`}${advice === undefined ? '' : `. ${advice}`}`;
};
