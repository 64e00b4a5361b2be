import { withoutKeyBlocks } from './key-blocks.ts';
import type { RedactTexts } from './redact-by-sample.ts';
import type { RedactRule } from './redact-rules.ts';

/** How often something was replaced, by what it is called. */
export type RedactCounts = ReadonlyMap<string, number>;

/** Takes what must not be written out of lines, and says of what is made of them whether something is still there. */
export type Redactor = {
  /** `lines`: without their ends. There may be less of them afterwards, where a rule or a key spans some. */
  redact(lines: readonly string[]): Promise<{ lines: string[]; counts: RedactCounts }>;
  /** Of values that were made of redacted lines, those that hold what would be taken out of a line. */
  findUnsafe(made: { values: readonly NamedValue[]; lines: readonly string[] }): Promise<NamedValue[]>;
};

export type NamedValue = { name: string; value: string };

/** `sample`: undefined where only the rules count. */
export const createRedactor = ({
  rules,
  sample,
}: {
  rules: readonly RedactRule[];
  sample: RedactTexts | undefined;
}): Redactor => ({
  redact: async (lines) => {
    const counts = new Map<string, number>();
    const add = (name: string, count: number): void => {
      if (count > 0) counts.set(name, (counts.get(name) ?? 0) + count);
    };
    const ruled = byRules({ text: lines.join('\n'), rules, add }).split('\n');
    if (sample === undefined) return { lines: ruled, counts };
    const blocks = withoutKeyBlocks(ruled);
    add('a private key', blocks.count);
    const redacted = await sample(blocks.lines);
    const kept = redacted.flatMap((line, index) => {
      if (line === undefined) add('a line that could not be looked through', 1);
      else for (const mark of MARKS) add(mark, marksIn(line, mark) - marksIn(blocks.lines[index] ?? '', mark));
      return line ?? [];
    });
    return { lines: kept, counts };
  },
  findUnsafe: async ({ values, lines }) => {
    const text = lines.join('\n');
    const isChanged = await changesOf({ texts: values.flatMap((one) => [one.value, named(one)]), rules, sample });
    return values.filter((one) => {
      // What stands in a line as it is was looked at there, with what surrounds it.
      if (isChanged.has(one.value)) return !text.includes(one.value);
      return one.name !== 'message' && isChanged.has(named(one));
    });
  },
});

const named = ({ name, value }: NamedValue): string => `${name}="${value}"`;

/** Which of these texts would be redacted. */
const changesOf = async ({
  texts,
  rules,
  sample,
}: {
  texts: readonly string[];
  rules: readonly RedactRule[];
  sample: RedactTexts | undefined;
}): Promise<ReadonlySet<string>> => {
  const each = [...new Set(texts)];
  const redacted = sample === undefined ? each : await sample(each);
  const isChanged = (text: string, index: number): boolean => {
    const after = redacted[index];
    return after === undefined || plain(after) !== plain(text) || byRules({ text, rules }) !== text;
  };
  return new Set(each.filter(isChanged));
};

const byRules = ({
  text,
  rules,
  add = () => {},
}: {
  text: string;
  rules: readonly RedactRule[];
  add?: (name: string, count: number) => void;
}): string => {
  let current = text;
  for (const { pattern, with: replacement } of rules) {
    add(`/${pattern.source}/`, [...current.matchAll(pattern)].length);
    current = current.replace(pattern, replacement);
  }
  return current;
};

/** What the sample writes in the place of what it takes out. */
const MARKS = ['[redacted]', '[email]', '[card]', '[ip]'] as const;

const marksIn = (text: string, mark: string): number => text.split(mark).length - 1;

/** Once more over the same the sample may leave a bracket, or a quote, beside a mark. */
const plain = (text: string): string => text.replaceAll(/["']?\[redacted\]["'\]]*/g, '[redacted]');
