import { type FoundComponent, withWords } from '../found.ts';

/** A component's text as a template of nvl's: its words put in, Vector's own braces left to Vector. Pure. */
export const templateText = ({ text, words }: { text: string; words: FoundComponent['words'] }): string =>
  withWords({
    text: text.replaceAll(/(?<!\\)\{\{(?!input\}\}|id\}\})/g, '\\{{'),
    words,
    put: ({ handlebars }) => handlebars,
  });

/** The same for a file that Vector reads itself; undefined where a value of a task or of the node stands in it. */
export const plainText = ({ text, words }: { text: string; words: FoundComponent['words'] }): string | undefined => {
  let isPlain = true;
  const plain = withWords({
    text,
    words,
    put: ({ handlebars }) => {
      if (/(?<!\\)\{\{/.test(handlebars)) isPlain = false;
      return handlebars.replaceAll('\\{{', '{{');
    },
  });
  return isPlain ? plain : undefined;
};

/** Without blank lines at its ends, and with no more than one in a row outside of its texts. */
export const trimmed = (text: string): string => text.replace(/^(?:[ \t]*\n)+/, '').trimEnd();
