import { structuredPatch } from 'diff';
import { namesOfPipeline } from '../render/file.ts';
import { firstOf, withoutIds } from './once-each.ts';

/**
 * The change of a generated file as a unified diff, pipeline by pipeline, for people: what is the same for many of them but for
 * their ids stands there once, with the headings of the others behind it. Empty when nothing changes. Pure.
 */
export const diffOnce = ({
  before,
  after,
  name,
}: {
  before: string | undefined;
  after: string;
  name: string;
}): string => {
  if (before === after) return '';
  const groups = new Map<string, { text: string; headings: string[] }>();
  for (const { from, to } of pairsOf(sectionsOf(before ?? ''), sectionsOf(after))) {
    const heading = to.heading || from.heading;
    const text = hunksOf({ from, to, heading });
    if (text === '') continue;
    const words = namelessOf({ text, heading });
    const same = groups.get(words);
    if (same === undefined) groups.set(words, { text, headings: [heading] });
    else same.headings.push(heading);
  }
  return [
    `--- ${before === undefined ? '/dev/null' : name}`,
    `+++ ${name}`,
    ...[...groups.values()].flatMap(({ text, headings: [, ...others] }) =>
      others.length === 0 ? [text] : [text, `# The same in ${others.length} more: ${firstOf(others)}`],
    ),
    '',
  ].join('\n');
};

/**
 * A block with the blank line before it and the line that names it, or what stands before all blocks. Each line has its end; `start` is how many
 * lines are before it.
 */
type Section = { key: string; heading: string; text: string; lines: number; start: number };

const MARK = /^# nvl:(\S+) ?(.*)$/;

const sectionsOf = (text: string): Section[] => {
  const lines = text.split(/(?<=\n)/);
  const starts = lines.flatMap((line, index) => {
    const [, key, heading = ''] = MARK.exec(line.trimEnd()) ?? [];
    return key === undefined ? [] : [{ key, heading, start: lines[index - 1] === '\n' ? index - 1 : index }];
  });
  return [{ key: '', heading: '', start: 0 }, ...starts].map((section, index, all) => {
    const own = lines.slice(section.start, all[index + 1]?.start);
    return { ...section, text: own.join(''), lines: own.length };
  });
};

type Pair = { from: Section; to: Section };

/** Section by section in the order of both files; where one side has none, an empty one at its place. */
const pairsOf = (before: readonly Section[], after: readonly Section[]): Pair[] => {
  const [old, next] = [new Map(before.map((one) => [one.key, one])), new Map(after.map((one) => [one.key, one]))];
  const pairs: Pair[] = [];
  let [oldEnd, newEnd] = [0, 0];
  const rest = [...after];
  const add = (from: Section | undefined, to: Section | undefined) => {
    pairs.push({ from: from ?? nothingAt(to, oldEnd), to: to ?? nothingAt(from, newEnd) });
    if (from !== undefined) oldEnd = from.start + from.lines;
    if (to !== undefined) newEnd = to.start + to.lines;
  };
  const done = new Set<string>();
  for (const from of before) {
    if (!next.has(from.key)) add(from, undefined);
    while (next.has(from.key) && !done.has(from.key)) {
      const to = rest.shift();
      if (to === undefined) break;
      done.add(to.key);
      add(old.get(to.key), to);
    }
  }
  for (const to of rest) add(old.get(to.key), to);
  return pairs;
};

const nothingAt = (other: Section | undefined, start: number): Section => ({
  key: other?.key ?? '',
  heading: other?.heading ?? '',
  text: '',
  lines: 0,
  start,
});

const hunksOf = ({ from, to, heading }: Pair & { heading: string }): string => {
  if (from.text === to.text) return '';
  const { hunks } = structuredPatch('', '', from.text, to.text, undefined, undefined, { context: 3 });
  return hunks
    .map(({ oldStart, oldLines, newStart, newLines, lines }) => {
      const [old, next] = [rangeOf(oldStart + from.start, oldLines), rangeOf(newStart + to.start, newLines)];
      return [`@@ -${old} +${next} @@ ${heading}`.trimEnd(), ...lines].join('\n');
    })
    .join('\n');
};

/** In a unified diff a range without lines stands behind the line before it. */
const rangeOf = (start: number, lines: number): string => `${lines === 0 ? start - 1 : start},${lines}`;

/** The changed lines alone, without what is the pipeline's own: its ids. */
const namelessOf = ({ text, heading }: { text: string; heading: string }): string =>
  text
    .split('\n')
    .filter((line) => /^[-+]/.test(line))
    .map((line) => {
      const mark = MARK.exec(line.slice(1));
      return mark === null ? withoutIds(line) : `${line.charAt(0)}${namesOfPipeline(heading)?.profile ?? mark[2]}`;
    })
    .join('\n');
