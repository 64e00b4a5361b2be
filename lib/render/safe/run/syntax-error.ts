/** What Handlebars' parser says, in a sentence that a template's author can act on. Lines and columns from 1. */
export type SyntaxFault = { message: string; line: number; column?: number; advice: string };

/** Makes a sentence of what Handlebars' parser threw over this text, for the template's author. */
export const explainSyntaxError = (
  text: string,
  error: Error & { lineNumber?: number; column?: number },
): SyntaxFault => {
  const { message } = error;
  const mismatch = /^(\S+) doesn't match (\S+)/.exec(message);
  const open = openBlocks(text);
  if (mismatch) {
    const closing = open.wrong;
    const [, opened, closed] = mismatch;
    const where = { line: closing?.line ?? error.lineNumber ?? 1, ...(closing && { column: closing.column }) };
    return {
      ...where,
      message: `{{/${closed}}} stands where {{/${opened}}} should${openedAt(error)}`,
      advice: `write {{/${opened}}}, or close the blocks inside first`,
    };
  }
  const block = open.unclosed.at(-1);
  if (/got 'EOF'/.test(message) && block && !/'CLOSE'/.test(message)) {
    return {
      line: block.line,
      column: block.column,
      message: `the block {{#${block.name}}} is never closed`,
      advice: `write {{/${block.name}}} where it ends`,
    };
  }
  if (/got 'OPEN_ENDBLOCK'/.test(message) && open.wrong) {
    const { line, column, name } = open.wrong;
    return {
      line,
      column,
      message: `{{/${name}}} closes a block that was never opened`,
      advice: `write {{#${name} …}} where it begins, or take it away`,
    };
  }
  if (/got 'CLOSE_UNESCAPED'/.test(message)) {
    const where = positionAt(text, wrongClose(text));
    return { ...where, message: '}}} closes what {{ opened', advice: 'write a space between }} and a } of your own' };
  }
  const line = Number(/on line (\d+)/.exec(message)?.[1] ?? error.lineNumber ?? 1);
  const advice = 'close each {{ with }}, and write Vector’s own {{ field }} as \\{{ field }}';
  const last = text.lastIndexOf('{{');
  if (last >= 0 && !text.includes('}}', last))
    return { ...positionAt(text, last), message: 'a {{ is never closed', advice };
  const said = message.split('\n');
  return { line, message: `Handlebars cannot read ${said[1]?.trim() ?? 'it'}`, advice };
};

const openedAt = ({ lineNumber, column }: { lineNumber?: number; column?: number }): string =>
  lineNumber === undefined ? '' : `; it was opened at line ${lineNumber}, column ${(column ?? 0) + 1}`;

/** Where a `{{` is that three braces close. */
const wrongClose = (text: string): number => /(?<!\{)\{\{(?!\{)[^{}]*\}\}\}/.exec(text)?.index ?? 0;

type Tag = { name: string; line: number; column: number };

/** Blocks that were opened and not closed, and the first closing tag that fits none. */
const openBlocks = (text: string): { unclosed: Tag[]; wrong: Tag | undefined } => {
  const unclosed: Tag[] = [];
  const tags = /\\?\{\{\{?~?!--[\s\S]*?--~?\}\}|\\\{\{|\{\{~?![^}]*\}\}|\{\{~?(#[*>]?|\^|\/)\s*([^\s}~]+)/g;
  for (const { 1: opening, 2: name, index } of text.matchAll(tags)) {
    if (opening === undefined || name === undefined) continue;
    const tag = { name, ...positionAt(text, index) };
    if (opening !== '/') unclosed.push(tag);
    else if (unclosed.at(-1)?.name === name) unclosed.pop();
    else return { unclosed, wrong: tag };
  }
  return { unclosed, wrong: undefined };
};

const positionAt = (text: string, index: number): { line: number; column: number } => {
  const before = text.slice(0, Math.max(0, index)).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
};
