import { blockAdvice, type HabitAdvice, habits, withoutTexts } from './foreign-habits.ts';
import { bracesIdiom, literalFault, literalOf } from './foreign-literals.ts';

/** What a template says in another template language, where (line and column from 1), and how it is written here. */
export type Foreign = { line: number; column: number; written: string; message: string; advice: string };

/**
 * Finds what a person writes by the habit of another template language (Go, Jinja, ERB), and literals that Handlebars would
 * take for names of fields, and render as nothing: `{{ "{{" }}`, which keeps Vector's braces in Helm, would ship every
 * job under one empty label. What Handlebars and nvl's helpers read as it was meant is none of it. `given`: names that the
 * callers of a partial give it.
 */
export const findForeign = (text: string, given: ReadonlySet<string> = new Set()): Foreign[] => {
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const found: Foreign[] = [];
  const add = (index: number, written: string, fault: HabitAdvice): void => {
    const line = lineStarts.findLastIndex((start) => start <= index) + 1;
    found.push({ line, column: index - (lineStarts[line - 1] ?? 0) + 1, written, ...fault });
  };
  let skipTo = 0;
  let depth = 0;
  for (const match of text.matchAll(TAGS)) {
    const { 0: written, index } = match;
    const inner = match.groups?.inner;
    if (index < skipTo || OWN_TAG.test(written)) continue;
    if (inner === undefined) {
      add(index, written, otherLanguage(written));
      continue;
    }
    depth += /^\s*[#^]\s*[^\s~]/.test(inner) ? 1 : /^\s*\//.test(inner) ? -1 : 0;
    if (depth > DEEPEST || parensIn(inner) > DEEPEST) {
      const what = depth > DEEPEST ? 'blocks' : 'sub-expressions';
      add(index, written, {
        message: `its ${what} are nested over ${DEEPEST} levels deep`,
        advice: 'part it into partials, or into fewer levels',
      });
      return found;
    }
    const literal = literalOf(inner);
    if (literal !== undefined) {
      const idiom = bracesIdiom({ text, literal, end: index + written.length });
      skipTo = idiom?.end ?? 0;
      add(index, text.slice(index, skipTo || index + written.length), literalFault({ literal, idiom, written }));
      continue;
    }
    const fault = habits.map((habit) => habit(inner)).find((habit) => habit !== undefined);
    if (fault !== undefined && !given.has(inner.trim()) && !isLocal(inner.trim(), text)) add(index, written, fault);
  }
  return found;
};

/** Handlebars takes minutes to compile what is nested thousands of levels deep, or overflows its stack. */
const DEEPEST = 64;

const parensIn = (inner: string): number => {
  let open = 0;
  let most = 0;
  for (const [paren] of inner.matchAll(/[()]/g)) {
    open += paren === '(' ? 1 : -1;
    most = Math.max(most, open);
  }
  return most;
};

/** A name that a block of the template itself gives, as in `as |end|`. */
const isLocal = (name: string, text: string): boolean =>
  /^\w+$/.test(name) && new RegExp(`\\bas\\s+\\|[^|]*\\b${name}\\b[^|]*\\|`).test(text);

/** The names that templates give to the partials that they call: `{{> rule end="x"}}`. */
export const givenNames = (texts: readonly string[]): ReadonlySet<string> =>
  new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/\{\{~?#?>((?:"[^"]*"|'[^']*'|[^}"'])*)\}\}/g)].flatMap(([, inner = '']) =>
        [...withoutTexts(inner).matchAll(/(?<=\s)(\w+)\s*=/g)].map(([, name = '']) => name),
      ),
    ),
  );

/**
 * Everything that could be a tag: escaped braces, comments and raw blocks of Handlebars; `{{ }}` with the quoted texts in
 * it; tags of Jinja and ERB.
 */
const TAGS =
  /\\\\(?=\{\{)|\\\{\{|\{\{~?!--[\s\S]*?--~?\}\}|\{\{~?!(?:(?!\}\})[\s\S])*\}\}|\{\{\{\{[\s\S]*?\{\{\{\{\/[^}]*\}\}\}\}|\{\{\{?~?(?<inner>(?:"[^"\n]*"|'[^'\n]*'|`[^`\n]*`|(?!\}\})[^{]|\{(?!\{))*)\}\}\}?|\{%[-+]?\s*(?:if|elif|else|endif|for|endfor|set|raw|endraw|block|endblock|include|import|macro|endmacro|filter|assign|capture|case|unless|endunless)\b[^%\n]*%\}|\{#[^\n]*?#\}|<%[=#-]?[^\n]*?%>|\[\[-?\s+(?:\.|\$|var\s)[^\]\n]*\]\]/g;

/** Handlebars' own escapes, comments and raw blocks. */
const OWN_TAG = /^(?:\\|\{\{~?!|\{\{\{\{)/;

const otherLanguage = (written: string): HabitAdvice => {
  if (written.startsWith('[['))
    return { message: `${written} is no tag of Handlebars`, advice: 'write {{name}} for a value' };
  if (written.startsWith('<%'))
    return {
      message: `${written} is ERB, not Handlebars`,
      advice: 'write {{name}} for a value, {{#if x}} … {{/if}} for a condition',
    };
  if (written.startsWith('{#'))
    return { message: `${written} is Jinja, not Handlebars`, advice: 'write {{! … }} for a comment' };
  const word = /^\{%[-+]?\s*(\w+)/.exec(written)?.[1] ?? '';
  return { message: `${written} is Jinja, not Handlebars`, advice: blockAdvice(word) };
};
