import type { ChangeCosts } from '../cost/change-costs.ts';
import { amountText, culpritText, dropText, streamsText, volumeText } from '../cost/cost-text.ts';
import type { JobCost } from '../cost/job-costs.ts';
import { code } from '../plan/format-markdown.ts';
import { firstOf } from '../plan/once-each.ts';

/** What a change costs, job by job and sink by sink; empty where nothing changes that costs. Pure. */
export const costMarkdown = ({ jobs, sinks }: ChangeCosts): string => {
  const known = jobs.filter(isKnown);
  const rows = known.slice(0, MOST_ROWS).map(jobRow);
  const more = known.length - rows.length;
  return [
    ...(rows.length === 0
      ? []
      : [[...HEAD, ...rows, ...(more === 0 ? [] : [`| and ${more} more | | | | |`])].join('\n')]),
    ...jobReasons(jobs),
    ...sinks.map((sink) => {
      const why = [culpritText(sink), ...sink.unknown.map((text) => `not known: ${text}`)].filter(Boolean);
      return `- sink ${code(sink.sink)}: ${streamsText(sink)}${why.length === 0 ? '' : ` (${why.join('; ')})`}`;
    }),
  ].join('\n\n');
};

/** Of another only the reasons are told, once for all of them. */
const isKnown = ({ written, shipped, dropped }: JobCost): boolean =>
  [written, shipped.before, shipped.after, dropped.before, dropped.after].some((amount) => amount !== undefined);

const MOST_ROWS = 50;

const HEAD = ['| job | logs | to the sinks | dropped | by |', '|---|---|---|---|---|'];

const jobRow = ({ namespace, job, written, overMs, shipped, dropped, reasons, by }: JobCost): string => {
  const logs = written === undefined ? 'not known' : `${amountText(written)} a day, over ${timeText(overMs)}`;
  const why = reasons.length === 0 ? '' : ` (${firstOf(reasons, 2)})`;
  const cells = [logs, volumeText(shipped), `${dropText(dropped)}${why}`, by.join(', ')];
  return `| ${code(`${namespace} / ${job}`)} | ${cells.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
};

/** What is not known of many jobs for one reason, once. */
const jobReasons = (jobs: readonly JobCost[]): string[] => {
  const named = new Map<string, string[]>();
  for (const { namespace, job, unknown } of jobs)
    for (const why of unknown) named.set(why, [...(named.get(why) ?? []), code(`${namespace} / ${job}`)]);
  return [...named].map(([why, names]) => `_Not known of ${firstOf(names)}: ${why}._`);
};

const timeText = (ms: number): string => {
  const hours = ms / 3_600_000;
  if (hours < 1) return `${Math.round(hours * 60)} min`;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
};
