import { culpritText, dropText, isSameAmount, overText, streamsText, totalOf, volumeText } from '../cost/cost-text.ts';
import type { JobCost } from '../cost/job-costs.ts';
import { LIMIT_FLAGS } from '../cost/limits.ts';
import { code, inMarkdown } from '../plan/format-markdown.ts';
import { firstOf } from '../plan/once-each.ts';
import { plural } from '../plural.ts';
import type { Review } from './format.ts';

/** What a reviewer has to know, in ten lines at most: all else is folded below. Pure. */
export const summaryLines = (review: Review): string[] =>
  [
    '## nvl review',
    whatLine(review),
    verdictLine(review),
    brokenLine(review),
    volumeLine(review),
    dropLine(review),
    streamLine(review),
    limitLine(review),
    riskLine(review),
    restLine(review),
  ].filter((line) => line !== '');

const whatLine = ({ base, tasks, jobs, report: { jobs: changed, counts, hasChanges } }: Review): string => {
  const pipelines = plural(counts.pipelines, 'pipeline');
  const where = `Against ${code(base)}, on ${plural(tasks, 'recorded task')}, which ${tasks === 1 ? 'is' : 'are'} in ${pipelines} now`;
  if (!hasChanges) return `${where}: **no changes.**`;
  const others = jobs - changed.length;
  const same = others > 0 ? `; the other ${others === 1 ? 'one does' : `${others} do`} not` : '';
  return `${where}: **${changed.length} of ${plural(jobs, 'job')} change${jobs === 1 ? 's' : ''}**${same}.`;
};

const verdictLine = ({ tests, proof }: Review): string => {
  const failed = (tests ?? []).reduce((sum, one) => sum + one.failed.length, 0);
  const passed = (tests ?? []).reduce((sum, one) => sum + one.passed, 0);
  const ran = failed > 0 ? [`:x: ${failed} tests fail`] : passed > 0 ? [`:white_check_mark: ${passed} tests pass`] : [];
  return [...ran, ...(proof === undefined ? [] : [proofWords(proof)])].join(' · ');
};

const proofWords = ({ by, isGood, unproven }: NonNullable<Review['proof']>): string => {
  const who = by === 'Vector' ? 'Vector' : 'nvl’s own check';
  if (!isGood) return `:x: ${who} refuses the configuration`;
  if (by === 'nvl') return ':grey_question: nvl’s own check finds nothing; no Vector is here';
  return unproven.length === 0
    ? ':white_check_mark: Vector accepts it'
    : ':warning: Vector accepts what could be proven';
};

const brokenLine = ({ report: { faults, refused } }: Review): string => {
  const messages = [
    ...faults.map(({ message }) => message),
    ...refused.flatMap(({ errors }) => errors[0]?.message ?? []),
  ];
  return messages.length === 0 ? '' : `:x: ${messages.length} broken: ${short(inMarkdown(firstOf(messages, 1)))}`;
};

const nameOf = ({ namespace, job }: JobCost): string => code(`${namespace} / ${job}`);

const volumeLine = ({ costs }: Review): string => {
  const jobs = (costs?.jobs ?? []).filter(({ shipped }) => shipped.before !== undefined || shipped.after !== undefined);
  if (jobs.length === 0) return '';
  const difference = ({ shipped: { before, after } }: JobCost): number =>
    Math.abs((after?.value ?? 0) - (before?.value ?? 0));
  const [most] = jobs.toSorted((a, b) => difference(b) - difference(a));
  const mostText =
    jobs.length < 2 || most === undefined ? '' : `; most by ${nameOf(most)}, ${volumeText(most.shipped)}`;
  const whose = jobs.length === 1 && most !== undefined ? nameOf(most) : `${jobs.length} jobs`;
  return `**To the sinks** of ${whose}: ${volumeText(totalOf(jobs))}${mostText}`;
};

const dropLine = ({ costs }: Review): string => {
  const jobs = (costs?.jobs ?? []).filter(({ dropped }) => !isSameAmount(dropped));
  const texts = jobs.map((job) => `${nameOf(job)} ${dropText(job.dropped)}`);
  return texts.length === 0 ? '' : `**Dropped**: ${short(firstOf(texts, 2))}`;
};

const streamLine = ({ costs }: Review): string => {
  const texts = (costs?.sinks ?? []).flatMap((sink) => {
    const { before, after } = sink;
    const isSame = before?.now === after?.now && before?.perDay === after?.perDay;
    const culprit = culpritText(sink);
    return isSame ? [] : [`sink ${code(sink.sink)} ${streamsText(sink)}${culprit === '' ? '' : `, ${culprit}`}`];
  });
  return texts.length === 0 ? '' : `**Streams**: ${short(firstOf(texts, 2))}`;
};

const limitLine = ({ costs }: Review): string => {
  const over = costs?.limits.over ?? [];
  const unheld = costs?.limits.unheld ?? [];
  const flags = [...new Set(unheld.map(({ limit }) => LIMIT_FLAGS[limit]))].join(', ');
  return [
    ...(over.length === 0
      ? []
      : [
          `:no_entry: **Over a limit** (${[...new Set(over.map(({ limit }) => LIMIT_FLAGS[limit]))].join(', ')}): ${short(inMarkdown(firstOf(over.map(overText), 2)))}`,
        ]),
    ...(unheld.length === 0
      ? []
      : [
          `not held against ${flags}, as it is not known: ${short(
            firstOf(
              unheld.map(({ of }) => code(of)),
              2,
            ),
          )}`,
        ]),
  ].join('; ');
};

const riskLine = ({ risks }: Review): string => {
  const fresh = risks.filter(({ isNew }) => isNew).map(({ message }) => message);
  return fresh.length === 0
    ? ''
    : `:warning: ${plural(fresh.length, 'new risk')}: ${short(inMarkdown(firstOf(fresh, 1)))}`;
};

const restLine = ({ costs, notDone }: Review): string => {
  const unknown = (costs?.jobs ?? []).filter((job) => job.unknown.length > 0).length;
  const parts = [
    ...(unknown === 0 ? [] : [`all that ${unknown === 1 ? 'a job costs' : `${unknown} jobs cost`}`]),
    ...notDone,
  ];
  return parts.length === 0 ? '' : `_Not known or not done, see below: ${short(firstOf(parts, 2))}_`;
};

/** A line stays one. */
const short = (text: string): string => {
  const line = text.replaceAll('\n', ' ');
  return line.length > MOST ? `${line.slice(0, MOST - 1)}…` : line;
};

const MOST = 240;
