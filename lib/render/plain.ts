import Handlebars from 'handlebars';
import { NvlError } from '../errors.ts';
import { Glob } from './safe/glob.ts';
import type { Refusal } from './safe/refusal.ts';

/** A template ready to render. `refusals`: values that it must not put, each with its place. */
export type SafeTemplate = { render(context: object): { ok: true; text: string } | { ok: false; refusals: Refusal[] } };

type Helper = (...args: unknown[]) => unknown;
type Partials = Readonly<Record<string, { name: string; text: string }>>;

/**
 * Compiles a template so that a value is put only where it is plain: letters, digits, `._/:@+-` and space, numbers,
 * booleans, and the globs that nvl makes itself. Whatever else a value holds is refused, so it can never change the
 * shape of the configuration.
 */
export const compileSafe = ({
  text,
  name,
  partials,
  helpers,
}: {
  text: string;
  name: string;
  partials: Partials;
  helpers: Readonly<Record<string, Helper>>;
}): SafeTemplate => {
  const engine = Handlebars.create();
  engine.unregisterHelper('log');
  for (const [helper, run] of Object.entries(helpers)) engine.registerHelper(helper, run);
  const sites: Refusal['site'][] = [];
  let refusals: Refusal[] = [];
  engine.registerHelper(PUT, (value: unknown, site: number) => {
    const put = plainText(value);
    if (put !== undefined) return put;
    const where = sites[site];
    if (where !== undefined) refusals.push(refusalOf({ site: where, value }));
    return '';
  });
  const compile = (source: { name: string; text: string }) =>
    engine.compile(rewrite({ ...source, sites }), { noEscape: true, explicitPartialContext: false });
  const main = compile({ name, text });
  for (const [partial, source] of Object.entries(partials)) {
    if (parses(source.text)) engine.registerPartial(partial, compile(source));
  }
  return {
    render: (context) => {
      refusals = [];
      const rendered = main(context);
      return refusals.length === 0 ? { ok: true, text: rendered } : { ok: false, refusals };
    },
  };
};

const PUT = 'nvl:put';
const PLAIN = /^[A-Za-z0-9._/:@+\- ]*$/;

const plainText = (value: unknown): string | undefined => {
  if (value === undefined) return '';
  if (typeof value === 'string') return PLAIN.test(value) ? value : undefined;
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value);
  if (Array.isArray(value) && value.every((item) => item instanceof Glob && PLAIN.test(withoutClass(item.text)))) {
    return `[${value.map((item) => JSON.stringify(item.text)).join(', ')}]`;
  }
  return undefined;
};

const withoutClass = (glob: string): string => glob.replace(/\[0-9\]\*$/, '');

const refusalOf = ({ site, value }: { site: Refusal['site']; value: unknown }): Refusal => ({
  site,
  place: 'anywhere',
  value: JSON.stringify(value)?.slice(0, 80) ?? '',
  why: 'it holds more than letters, digits, `._/:@+-` and space',
  instead: 'a plain value, or none at this place',
});

/** Each `{{value}}` becomes a call that knows where it was written; everything else stays as Handlebars has it. */
const rewrite = ({ name, text, sites }: { name: string; text: string; sites: Refusal['site'][] }): hbs.AST.Program => {
  const ast = parse({ name, text });
  const lines = text.split('\n');
  const visitor = new Handlebars.Visitor();
  visitor.MustacheStatement = (statement: hbs.AST.MustacheStatement) => {
    const { start, end } = statement.loc;
    const line = lines[start.line - 1] ?? '';
    const expression = start.line === end.line ? line.slice(start.column, end.column) : line.slice(start.column);
    const isCall = statement.params.length > 0 || (statement.hash?.pairs.length ?? 0) > 0;
    const value = isCall
      ? {
          type: 'SubExpression',
          path: statement.path,
          params: statement.params,
          hash: statement.hash,
          loc: statement.loc,
        }
      : statement.path;
    const site = { type: 'NumberLiteral', value: sites.length, original: sites.length, loc: statement.loc };
    sites.push({ template: name, line: start.line, column: start.column + 1, expression });
    statement.params = [value as hbs.AST.Expression, site as unknown as hbs.AST.Expression];
    statement.hash = undefined as unknown as hbs.AST.Hash;
    statement.path = {
      type: 'PathExpression',
      data: false,
      depth: 0,
      parts: [PUT],
      original: PUT,
      loc: statement.loc,
    } as hbs.AST.PathExpression;
  };
  visitor.accept(ast);
  return ast;
};

const parse = ({ name, text }: { name: string; text: string }): hbs.AST.Program => {
  try {
    return Handlebars.parse(text);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const line = /line (\d+)/.exec(said)?.[1] ?? '1';
    throw new NvlError('templateInvalid', {
      message: 'a template is no valid Handlebars',
      facts: { at: `${name}:${line}`, said: said.split('\n').at(-1) },
      advice: 'close what was opened, and write Vector’s own {{ field }} as \\{{ field }}',
      cause: error,
    });
  }
};

const parses = (text: string): boolean => {
  try {
    Handlebars.parse(text);
    return true;
  } catch {
    return false;
  }
};
