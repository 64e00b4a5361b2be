import type { Decider } from '../pipelines/decider.ts';
import type { Templates } from './templates.ts';

/**
 * Where what decides a pipeline is written, as `path:line`: in its template, else in a partial that has it. Undefined where no
 * template asks for it. Pure.
 */
export const whereWritten = ({
  decider: { what, template },
  templates,
}: {
  decider: Pick<Decider, 'what' | 'template'>;
  templates: Templates;
}): string | undefined => {
  if (template === undefined) return undefined;
  const texts = [...textsOf(templates).filter(({ path }) => path === template), ...templates.partials];
  const written = what.replace(/#\d+$/, '');
  for (const { path, text } of texts) {
    const index = text.split('\n').findIndex((line) => line.includes(written) && !/^\s*\{\{~?!/.test(line));
    if (index !== -1) return `${path}:${index + 1}`;
  }
  return template;
};

const textsOf = ({ profiles, labels, shipped }: Templates): { path: string; text: string }[] =>
  [
    ...[...profiles.values()].flatMap(({ source, transform }) => [source, transform]),
    labels,
    shipped.source,
    shipped.labels,
  ].filter((template) => template !== undefined);
