import type HandlebarsTypes from 'handlebars';
import { NvlError } from '../../../errors.ts';
import { grouped } from '../../../grouped.ts';
import type { Limits } from './budget.ts';
import { findForeign } from './foreign.ts';
import { Handlebars } from './handlebars.ts';
import { showValue } from './show-value.ts';
import { explainSyntaxError } from './syntax-error.ts';

/** A template's text, and its path as people know it. */
export type TemplateSource = { name: string; text: string };

/**
 * A template that several look at: its tree is made when it is first asked for, and once; nobody may change it.
 *
 * `tree` throws NvlError `templateInvalid`, with the place, for what Handlebars cannot read.
 */
export type ParsedSource = TemplateSource & { tree: () => hbs.AST.Program };

/** The template with its tree; the same object where it has one already. */
export const parseOnce = (source: TemplateSource | ParsedSource): ParsedSource => {
  if ('tree' in source) return source;
  const { name, text } = source;
  let tree: hbs.AST.Program | undefined;
  return {
    name,
    text,
    tree: () => {
      tree ??= parse({ name, text });
      return tree;
    },
  };
};

const parse = ({ name, text }: TemplateSource): hbs.AST.Program => {
  try {
    return Handlebars.parse(text, { srcName: name } as HandlebarsTypes.ParseOptions & { srcName: string });
  } catch (error) {
    const { message, line, column, advice } = explainSyntaxError(text, error as Error);
    const at = column === undefined ? `${name}:${line}` : `${name}:${line}:${column}`;
    throw new NvlError('templateInvalid', { message, facts: { at }, advice, cause: error });
  }
};

/** The fault of a template that is too long to compile; undefined for others. */
export const lengthFault = ({ name, text }: TemplateSource, { characters }: Limits): NvlError | undefined =>
  text.length <= characters
    ? undefined
    : new NvlError('templateInvalid', {
        message: `it is ${grouped(text.length)} characters long, and a template may be ${grouped(characters)}`,
        facts: { at: name },
        advice: 'put large tables into a file that Vector reads, such as an enrichment table',
      });

/** What a template says in another language than Handlebars, each with its place; `given`: names that its callers give it. */
export const foreignFaults = ({ name, text }: TemplateSource, given?: ReadonlySet<string>): NvlError[] =>
  findForeign(text, given).map(
    ({ line, column, message, advice }) =>
      new NvlError('templateInvalid', {
        message,
        facts: { at: `${name}:${line}:${column}`, line: showValue(text.split('\n')[line - 1]?.trim()) },
        advice,
      }),
  );
