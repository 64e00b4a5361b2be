import { posix } from 'node:path';
import { insteadLine } from '../render/refused.ts';
import { capital, countsText, readAgainLines, restartText } from './format-text.ts';
import { onceEach } from './once-each.ts';
import { moveLines, regroupLines } from './regroup-lines.ts';
import type { PlanReport, ReportError } from './report.ts';

/** GitHub's workflow commands: an annotation for each fault, on the template's own line. Pure. */
export const reportGithub = ({ report, templatesDir }: { report: PlanReport; templatesDir: string }): string => {
  const place = (error: ReportError): string =>
    [
      error.file === undefined ? undefined : `file=${property(posix.join(templatesDir, error.file))}`,
      error.line === undefined ? undefined : `line=${error.line}`,
      error.column === undefined ? undefined : `col=${error.column}`,
    ]
      .filter((part) => part !== undefined)
      .join(',');
  const placeAt = (at: string): string => {
    const [, file = at, line] = /^(.*?):(\d+)$/.exec(at) ?? [];
    return `file=${property(posix.join(templatesDir, file))}${line === undefined ? '' : `,line=${line}`}`;
  };
  const annotate = (level: 'error' | 'warning' | 'notice', at: string, text: string): string =>
    `::${level}${at === '' ? '' : ` ${at}`}::${data(text)}`;
  const words = (error: ReportError, about = ''): string =>
    `${about}${error.message}${error.advice === undefined ? '' : `; ${error.advice}`}`;
  const { added, changed, removed } = report.components;
  return [
    ...report.faults.map((fault) => annotate('error', place(fault), words(fault))),
    ...report.warnings.map((warning) => annotate('warning', place(warning), words(warning))),
    ...onceEach(report.refused).flatMap((block) =>
      block.errors.map((error) => annotate('error', place(error), words(error, `${capital(insteadLine(block))}: `))),
    ),
    ...onceEach(report.notes).flatMap(({ heading, errors }) =>
      errors.map((error) => annotate('warning', place(error), words(error, `${heading}: `))),
    ),
    ...readAgainLines(report).map((line) => annotate('warning', '', line)),
    ...(report.restarted.length === 0 ? [] : [annotate('warning', '', restartText(report.restarted))]),
    ...report.regrouped.map((one) => {
      const at = one.why.find(({ at: found, isGone }) => found !== undefined && !isGone)?.at;
      return annotate('warning', at === undefined ? '' : placeAt(at), regroupLines({ regrouped: [one] }).join());
    }),
    ...moveLines(report).map((line) => annotate('warning', '', line)),
    annotate(
      'notice',
      '',
      `${added.length} components added, ${changed.length} changed, ${removed.length} removed; ${countsText(report.counts)}. ${report.next}`,
    ),
    '',
  ].join('\n');
};

const data = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
