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
    const fits = (index: number): boolean => patterns[index]?.test(line) ?? false;
    const ahead = range(last, patterns.length).find(fits);
    const found = ahead ?? range(0, last).find(fits);
    if (found === undefined) return undefined;
    last = found + 1;
    return found + 1;
  });
};

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, step) => from + step);

/** A template line as an expression for what it may render to; undefined for one that renders to no text of its own. */
const patternOf = (line: string): RegExp | undefined => {
  const statics = line.split(/\{\{.*?\}\}+/s);
  if (statics.every((text) => text.trim() === '') && !/\{\{[^!#/>]/.test(line)) return undefined;
  return new RegExp(`^${statics.map(literal).join('.*')}$`, 's');
};

const literal = (text: string): string => text.replaceAll('\\{{', '{{').replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
