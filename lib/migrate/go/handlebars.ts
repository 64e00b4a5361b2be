import type { Expression } from './expression.ts';
import type { TaskField } from './fields.ts';

/**
 * An expression as a template of nvl's writes it. `isQuoted`: it stands within a text, where meta has to be written as JSON; else it
 * is an object as VRL writes it. Pure.
 */
export const handlebarsOf = ({
  expression,
  isQuoted,
}: {
  expression: Expression;
  isQuoted: boolean;
}): string | { fault: string } => {
  switch (expression.kind) {
    case 'literal':
      // Handlebars writes a literal in place of a value as nothing; as text it needs no braces.
      return literalText(String(expression.value));
    case 'field':
      if (expression.field.context === '') return noCounterpart(expression.field);
      return expression.field.isJson === true && isQuoted
        ? `{{json ${expression.field.context}}}`
        : `{{${expression.field.context}}}`;
    default: {
      const made = argumentOf(expression);
      return typeof made === 'string' ? `{{${made.replace(/^\(([\s\S]*)\)$/, '$1')}}}` : made;
    }
  }
};

/** Text of a template, in which Vector's own braces are left to Vector. */
export const literalText = (text: string): string => text.replaceAll('{{', '\\{{');

/** An expression as an argument of a helper, or as a condition: `(eq job.id "web")`. Pure. */
export const argumentOf = (expression: Expression): string | { fault: string } => {
  switch (expression.kind) {
    case 'name':
      return expression.name;
    case 'field':
      if (expression.field.context === '') return noCounterpart(expression.field);
      return expression.field.isJson === true ? `(json ${expression.field.context})` : expression.field.context;
    case 'literal':
      return typeof expression.value === 'string' ? quoted(expression.value) : String(expression.value);
    case 'call': {
      const args = expression.args.map(argumentOf);
      const fault = args.find((arg) => typeof arg !== 'string');
      return fault ?? `(${expression.helper} ${args.join(' ')})`;
    }
  }
};

const quoted = (text: string): string | { fault: string } => {
  if (/[\n\r\\]/.test(text)) return { fault: 'a text with a backslash or a line end has no place in an expression' };
  if (!text.includes('"')) return `"${text}"`;
  return text.includes("'") ? { fault: 'a text with both kinds of quotes has no place in an expression' } : `'${text}'`;
};

const noCounterpart = ({ name }: TaskField): { fault: string } => ({
  fault: `.${name} has no counterpart: nvl's own source reads the log files of tasks`,
});
