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
  const rows = [...costs].map(([name, rounds]) => {
    const of = (who: keyof SampleCost, what: keyof Cost): number | undefined =>
      median(rounds.map((round) => round[who][what]));
    const [bare, labels, line] = [of('bare', 'lineMicros'), of('labels', 'lineMicros'), of('sample', 'lineMicros')];
    const compiling = (of('sample', 'startMs') ?? 0) - (of('labels', 'startMs') ?? 0);
    return [
      `\`${name}\``,
      figure(bare, { digits: 1, unit: ' µs' }),
      figure(labels, { digits: 1, unit: ' µs' }),
      figure(line, { digits: 1, unit: ' µs' }),
      times(ratio(labels, bare)),
      times(ratio(line, bare)),
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
  const dear = [...costs].filter(([, rounds]) => (overBare(rounds) ?? 0) > CHEAP).map(([name]) => name);
  return {
    name: 'samples-cost',
    text: [...notes, markdownTable([head, ...rows]), ...whyDear(dear)].join('\n\n'),
    plots: {},
  };
};

const overBare = (rounds: readonly SampleCost[]): number | undefined =>
  ratio(median(rounds.map(({ sample }) => sample.lineMicros)), median(rounds.map(({ bare }) => bare.lineMicros)));

const whyDear = (dear: readonly string[]): string[] => {
  if (dear.length === 0) return [];
  const reasons = Map.groupBy(dear, (name) => WHY_DEAR[name] ?? '**no reason is known**');
  const lines = [...reasons].map(([reason, names]) => `- ${names.map((name) => `\`${name}\``).join(', ')}: ${reason}.`);
  return [`Over ${CHEAP} times the bare source, and why:`, lines.join('\n')];
};
