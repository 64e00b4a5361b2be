import type { Mark, Marks } from '../run/marks.ts';
import type { TemplateSource } from '../run/parse.ts';
import type { Site } from '../run/site.ts';

/**
 * Where in the templates a place of the rendered text comes from: the site of a value on its line; else a line of a template
 * that reads the same, the nearest one after the last value before it; else that value's site, with the line of the rendered
 * text.
 */
export const locate = ({
  text,
  at,
  marks,
  sites,
  sources,
}: {
  text: string;
  at: number;
  marks: Marks;
  sites: readonly Site[];
  sources: readonly TemplateSource[];
}): { site: Site; line?: number } => {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const lineEnd = text.indexOf('\n', lineStart) < 0 ? text.length : text.indexOf('\n', lineStart);
  const found = marks.all(text);
  const onLine = found.filter((mark) => mark.start >= lineStart && mark.end <= lineEnd);
  const near = onLine.toSorted((one, other) => distance(one, at) - distance(other, at))[0];
  if (near) return { site: sites[near.valueIndex] as Site };

  const before = found.findLast((mark) => mark.end <= lineStart);
  const last = before && sites[before.valueIndex];
  const shown = text.slice(lineStart, lineEnd).trim();
  const same = sources.flatMap(({ name, text: source }) =>
    source
      .split('\n')
      .flatMap((line, index) =>
        line.trim() === shown && shown !== ''
          ? [{ template: name, line: index + 1, column: line.search(/\S/) + 1, expression: shown }]
          : [],
      ),
  );
  const following = last && same.find((site) => site.template === last.template && site.line >= last.line);
  const site = following ?? same[0];
  if (site) return { site };
  const line = text.slice(0, at).split('\n').length;
  return { site: last ?? { template: sources[0]?.name ?? '', line: 1, column: 1, expression: shown }, line };
};

const distance = (mark: Mark, at: number): number => (at < mark.start ? mark.start - at : Math.max(0, at - mark.end));
