/**
 * Where something stands in a template: its path in the templates folder, the line from 1, the column from 0. `isValue`: it came out of the
 * value of the tag there.
 */
export type Origin = { file: string; line: number; column: number; isValue?: boolean };

/** What lies between two places of one file. */
export type Span = { from: Origin; to: Origin };

/** One way that a block of a template may go: its inside, or what stands behind `{{else}}`, written or not. */
export type TemplateArm = {
  at: Origin;
  /** Undefined where nothing is written for it. */
  span: Span | undefined;
  /** Why it was not rendered, if it never was. */
  never: string;
  /** The arm around it, by its index among those of the file. */
  within: number | undefined;
  /** Of its block: both arms of one have the same. */
  choice: number;
};

/**
 * The arms of a block: of `#if`, `#unless`, `#each`, `#with` and a section. Undefined for another helper's block, which nvl's templates have
 * no use for. Pure.
 */
export const armsOf = (
  block: hbs.AST.BlockStatement,
  { text, isHelper }: { text: string; isHelper: (name: string) => boolean },
): Record<'program' | 'inverse', Omit<TemplateArm, 'within' | 'choice'>> | undefined => {
  const name = String((block.path as hbs.AST.PathExpression).original);
  const words = WORDS.get(name) ?? (isHelper(name) ? undefined : SECTION);
  if (words === undefined) return undefined;
  const { loc } = block;
  const opening = shownTag({ text, at: loc.start });
  const isElse = block.inverse !== undefined && !isChained(block.inverse);
  const start = originOf(loc, loc.start);
  const behindElse = block.inverse?.body[0]?.loc.start ?? loc.end;
  return {
    program: { at: start, span: spanOf(block.program), never: `${opening}: ${words.program}` },
    inverse: {
      at: isElse ? originOf(loc, behindElse) : start,
      span: spanOf(block.inverse),
      never: isElse ? `{{else}} of ${opening}: never rendered` : `${opening}: ${words.inverse}`,
    },
  };
};

const WORDS = new Map([
  ['if', { program: 'never true', inverse: 'never false' }],
  ['unless', { program: 'never false', inverse: 'never true' }],
  ['each', { program: 'always empty', inverse: 'never empty' }],
  ['with', { program: 'never there', inverse: 'always there' }],
]);
const SECTION = { program: 'never there', inverse: 'always there' };

const isChained = (program: hbs.AST.Program): boolean => (program as { chained?: boolean }).chained === true;

const originOf = ({ source }: hbs.AST.SourceLocation, { line, column }: hbs.AST.Position): Origin => ({
  file: source ?? '',
  line,
  column,
});

const spanOf = (program: hbs.AST.Program | undefined): Span | undefined => {
  const [first, last] = [program?.body[0], program?.body.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  return { from: originOf(first.loc, first.loc.start), to: originOf(last.loc, last.loc.end) };
};

/** The opening tag as it is written. */
const shownTag = ({ text, at }: { text: string; at: hbs.AST.Position }): string => {
  const rest = text
    .split('\n')
    .slice(at.line - 1)
    .join('\n')
    .slice(at.column);
  return (/^\{\{~?[^}]*\}\}/.exec(rest)?.[0] ?? '{{…}}').replaceAll(/\s+/g, ' ');
};
