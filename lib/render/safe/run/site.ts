/** Where in which template something is written. */
export type Site = {
  /** The template's path, as people know it. */
  template: string;
  /** Both from 1. */
  line: number;
  column: number;
  /** As written, e.g. `{{task.name}}`; for a fault of the template's own text, that line. */
  expression: string;
};

/** The site of a place that Handlebars gives, which counts columns from 0. */
export const siteOf = (loc: hbs.AST.SourceLocation | undefined, expression: string): Site => ({
  template: loc?.source ?? '',
  line: loc?.start.line ?? 1,
  column: (loc?.start.column ?? 0) + 1,
  expression,
});
