import { isOfPipeline } from '../ids.ts';

/** The heads of the sources and transforms in a text. */
export const HEAD = /^\[(?:sources|transforms)\.([\w-]+)\].*$/gm;

/** The heads of a pipeline's own components. Pure. */
export const headsOf = ({ text, id }: { text: string; id: string }): string[] =>
  [...text.matchAll(HEAD)].flatMap(([head, component = '']) =>
    isOfPipeline({ component, pipeline: id }) ? [head] : [],
  );

/** The text with one more line below each of these heads. Pure. */
export const belowHeads = ({
  text,
  id,
  lineOf,
}: {
  text: string;
  id: string;
  lineOf: (head: string) => string;
}): string =>
  text.replaceAll(HEAD, (head, component: string) =>
    isOfPipeline({ component, pipeline: id }) ? `${head}\n${lineOf(head)}` : head,
  );
