/**
 * Which line of a template each rendered line came from, 1-based; undefined where that can't be told (a line out of a
 * partial or a block that repeats may fit several). Pure. Templates keep no map of their output, so lines are matched by
 * their static text, onwards from the last match first.
 */
export const traceLines = ({ template, rendered }: { template: string; rendered: string }): (number | undefined)[] => {
  const patterns = template.split('\n').map(patternOf);
  let last = 0;
  return rendered.split('\n').map((line) => {
    if (line.trim() === '') return undefined;
    const fits = (index: number): boolean => patterns[index]?.(line) ?? false;
    const ahead = firstOf({ from: last, to: patterns.length, fits });
    const found = ahead ?? firstOf({ from: 0, to: last, fits });
    if (found === undefined) return undefined;
    last = found + 1;
    return found + 1;
  });
};

const firstOf = ({
  from,
  to,
  fits,
}: {
  from: number;
  to: number;
  fits: (index: number) => boolean;
}): number | undefined => {
  for (let index = from; index < to; index += 1) if (fits(index)) return index;
  return undefined;
};

/** A tag that prints: no comment, block, partial, and no `else` between two arms. */
const PRINTS = /\{\{(?!~?(?:[!#/>^]|\s*else\b))/;

/** Whether a rendered line may come from a template's; undefined for one that renders to no text of its own. */
const patternOf = (line: string): ((rendered: string) => boolean) | undefined => {
  const statics = line.split(/\{\{.*?\}\}+/s).map((text) => text.replaceAll('\\{{', '{{'));
  if (statics.every((text) => text.trim() === '') && !PRINTS.test(line)) return undefined;
  const [first = '', ...others] = statics;
  const last = others.pop();
  if (last === undefined) return (rendered) => rendered === first;
  return (rendered) => {
    if (!rendered.startsWith(first)) return false;
    let at = first.length;
    for (const text of others) {
      const found = rendered.indexOf(text, at);
      if (found === -1) return false;
      at = found + text.length;
    }
    return rendered.length - last.length >= at && rendered.endsWith(last);
  };
};
