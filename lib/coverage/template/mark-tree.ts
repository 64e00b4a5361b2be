import type { ParsedSource } from '../../render/safe/index.ts';
import { armsOf, type TemplateArm } from './arms.ts';

/** A text that a template prints as it stands, and where it stands. */
export type PrintedText = { text: string; file: string; line: number; column: number };

/** What the trees of several templates are marked with; it grows with each. */
export type Markers = { arms: Map<string, TemplateArm[]>; texts: PrintedText[] };

/** The helpers that a marked tree calls: with a number of a text, or with a file and the number of an arm in it. No template can write these names. */
export const TEXT_HELPER = 'a text';
export const ARM_HELPER = 'an arm';

/**
 * Has a tree say what it prints: a call in the place of each of its texts, and one at the beginning of each arm of its blocks, an empty one
 * where none is written. Changes the tree.
 */
export const markTree = (given: MarkedTree): void => {
  markProgram(given, given.tree, undefined);
};

type MarkedTree = {
  tree: hbs.AST.Program;
  source: ParsedSource;
  marks: Markers;
  isHelper: (name: string) => boolean;
};

/** `within`: the arm around it. */
const markProgram = (given: MarkedTree, program: hbs.AST.Program, within: number | undefined): void => {
  program.body = program.body.map((statement) => {
    if (statement.type === 'ContentStatement') return printed(given, statement as hbs.AST.ContentStatement);
    if (statement.type === 'BlockStatement') markBlock(given, statement as hbs.AST.BlockStatement, within);
    else if ('program' in statement) markProgram(given, statement.program as hbs.AST.Program, within);
    return statement;
  });
};

const printed = ({ source, marks }: MarkedTree, content: hbs.AST.ContentStatement): hbs.AST.Statement => {
  const { value, loc } = content;
  const original = String(content.original ?? value);
  // Blanks may have been taken off at both ends.
  const before = original.slice(0, Math.max(0, original.indexOf(value))).split('\n');
  const column = (before.length === 1 ? loc.start.column : 0) + (before.at(-1)?.length ?? 0);
  const index = marks.texts.push({ text: value, file: source.name, line: loc.start.line + before.length - 1, column });
  return call(TEXT_HELPER, [number(index - 1, loc)], loc);
};

const markBlock = (given: MarkedTree, block: hbs.AST.BlockStatement, within: number | undefined): void => {
  const { source, marks, isHelper } = given;
  const found = armsOf(block, { text: source.text, isHelper });
  const arms = marks.arms.get(source.name) ?? [];
  marks.arms.set(source.name, arms);
  const choice = arms.length;
  for (const side of ['program', 'inverse'] as const) {
    const own = found === undefined ? undefined : arms.push({ ...found[side], within, choice }) - 1;
    const program = block[side] ?? (own === undefined ? undefined : empty(block.loc));
    if (program === undefined) continue;
    block[side] = program;
    markProgram(given, program, own ?? within);
    if (own !== undefined)
      program.body.unshift(call(ARM_HELPER, [string(source.name, block.loc), number(own, block.loc)], block.loc));
  }
};

const empty = (loc: hbs.AST.SourceLocation): hbs.AST.Program =>
  ({ type: 'Program', body: [], blockParams: undefined, strip: {}, loc }) as unknown as hbs.AST.Program;

const call = (name: string, params: hbs.AST.Expression[], loc: hbs.AST.SourceLocation): hbs.AST.Statement =>
  ({
    type: 'MustacheStatement',
    path: { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc },
    params,
    hash: undefined,
    escaped: false,
    strip: { open: false, close: false },
    loc,
  }) as hbs.AST.Statement;

const number = (value: number, loc: hbs.AST.SourceLocation): hbs.AST.Expression =>
  ({ type: 'NumberLiteral', value, original: value, loc }) as hbs.AST.Expression;

const string = (value: string, loc: hbs.AST.SourceLocation): hbs.AST.Expression =>
  ({ type: 'StringLiteral', value, original: value, loc }) as hbs.AST.Expression;
