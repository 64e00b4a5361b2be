import { isMarked, linesIn, mangled, type Pair, type RealFile } from '../../test/support/cross-samples.ts';
import type { Cost, SampleCost } from './measure-sample.ts';
import type { Section } from './page.ts';
import { median, ratio } from './statistics.ts';
import { figure, markdownTable, times } from './table.ts';
import { CHEAP, WHY_DEAR } from './why-dear.ts';

/** What each sample makes of its own file, and of those of all others. Pure. */
export const linesSection = ({ pairs, files }: { pairs: readonly Pair[]; files: readonly RealFile[] }): Section => {
  const sizes = new Map(files.map((file) => [file.name, linesIn(file)]));
  const rows = [...Map.groupBy(pairs, ({ profile }) => profile)].map(([profile, own]) => {
    const mine = own.find(({ file }) => file === profile)?.events ?? [];
    const others = own.filter(({ file }) => file !== profile);
    const wrong = own.flatMap(({ file, events }) => mangled({ lines: sizes.get(file) ?? [], events }));
    return [
      `\`${profile}\``,
      figure(sizes.get(profile)?.length),
      figure(mine.length),
      figure(mine.filter(isMarked).length),
      figure(others.flatMap(({ events }) => events.filter((event) => !isMarked(event))).length),
      isParser(own) ? figure(wrong.length) : '–',
      isParser(own) ? knownText(others) : 'it parses nothing',
    ];
  });
  const head = ['sample', 'lines', 'events', 'marked', 'of others', 'mangled', 'understood of the files of others'];
  return { name: 'samples', text: markdownTable([head, ...rows]), plots: {} };
};

/** Whether it is one that marks what it cannot parse. */
export const isParser = (pairs: readonly Pair[]): boolean => pairs.some(({ events }) => events.some(isMarked));

/** `nginx 31, apache 4, 9 more`: how many lines of which other sample's file it took for its own. */
const knownText = (others: readonly Pair[]): string => {
  const known = others
    .map(({ file, events }) => ({ file, count: events.filter((event) => !isMarked(event)).length }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const shown = known.filter(({ count }) => count >= WORTH_NAMING);
  const rest = known.slice(shown.length).reduce((sum, { count }) => sum + count, 0);
  const words = shown.map(({ file, count }) => `\`${file}\` ${count}`);
  return [...words, ...(rest > 0 ? [`${rest} more`] : [])].join(', ') || 'nothing';
};

/** Each file has a few lines of other programs in it. */
const WORTH_NAMING = 5;

/** What a line costs, beside the bare source over the same lines. Pure. */
export const costSection = ({
  costs,
  notes,
}: {
  costs: ReadonlyMap<string, readonly SampleCost[]>;
  notes: readonly string[];
}): Section => {
  const dear: string[] = [];
  const rows = [...costs].map(([name, rounds]) => {
    const of = (who: keyof SampleCost, what: keyof Cost): number | undefined =>
      median(rounds.map((round) => round[who][what]));
    const [bare, labels, line] = [of('bare', 'lineMicros'), of('labels', 'lineMicros'), of('sample', 'lineMicros')];
    const compiling = (of('sample', 'startMs') ?? 0) - (of('labels', 'startMs') ?? 0);
    const overBare = ratio(line, bare);
    if (overBare !== undefined && overBare > CHEAP) dear.push(name);
    return [
      `\`${name}\``,
      figure(bare, { digits: 1, unit: ' µs' }),
      figure(labels, { digits: 1, unit: ' µs' }),
      figure(line, { digits: 1, unit: ' µs' }),
      times(ratio(labels, bare)),
      times(overBare),
      figure(compiling, { unit: ' ms' }),
    ];
  });
  const head = [
    'sample',
    'bare source',
    'labels',
    'sample and labels',
    'labels ×',
    'sample and labels ×',
    'to compile',
  ];
  return {
    name: 'samples-cost',
    text: [...notes, markdownTable([head, ...rows]), ...whyDear(dear)].join('\n\n'),
    plots: {},
  };
};

const whyDear = (dear: readonly string[]): string[] => {
  if (dear.length === 0) return [];
  const known = new Set(WHY_DEAR.flatMap(({ names }) => names));
  const unknown = { why: '**no reason is known**', names: dear.filter((name) => !known.has(name)) };
  const lines = [...WHY_DEAR, unknown].flatMap(({ why, names }) => {
    const own = names.filter((name) => dear.includes(name));
    return own.length === 0 ? [] : [`- ${own.map((name) => `\`${name}\``).join(', ')}: ${why}.`];
  });
  return [`Over ${CHEAP} times the bare source, and why:`, lines.join('\n')];
};
