import { branchesOf } from '../../lib/coverage/vrl/branches.ts';
import { scanVrl, type VrlToken } from '../../lib/render/safe/place/vrl-scan.ts';

/** A template with one rule broken: `line` counts from 1. */
export type Mutant = { rule: string; line: number; text: string };

type Program = { source: string; from: number };
type Edit = { rule: string; at: number; end: number; put: string };

/**
 * A template once for each of its rules, with that rule broken: an assignment left out, a condition that is always or never so, one side of
 * `&&` and `||` without a say, another attempt behind `??` never made, a pattern that fits nothing, an option left out. Pure.
 */
export const mutantsOf = (template: string): Mutant[] => {
  const programs = programsOf(template);
  const edits = [...programs.flatMap(programEdits), ...optionEdits({ template, programs })];
  return edits
    .sort((one, other) => one.at - other.at)
    .map(({ rule, at, end, put }) => ({
      rule,
      line: template.slice(0, at).split('\n').length,
      text: template.slice(0, at) + put + template.slice(end),
    }));
};

/** The programs of a template, with what Handlebars puts in covered by blanks and constants of the same length. */
const programsOf = (template: string): Program[] => {
  if (template.startsWith('{{! VRL:')) return [{ source: covered(template), from: 0 }];
  const found = [
    ...template.matchAll(/^[\w.]+ *= *'''\n?(.*?)'''/gmsu),
    ...template.matchAll(/^(?:starts_when|ends_when|condition|source|route\.\w+) *= *'(?!'')([^\n]*)'$/gmu),
  ];
  return found.map((match) => ({
    source: covered(match[1] ?? ''),
    from: match.index + match[0].indexOf(match[1] ?? ''),
  }));
};

const covered = (text: string): string =>
  text
    .replaceAll(/^[ \t]*\{\{[^\n]*\}\}[ \t]*$/gmu, ({ length }) => ' '.repeat(length))
    .replaceAll(/\{\{[^}]*\}\}/gu, ({ length }) => 'null'.padEnd(length));

const programEdits = ({ source, from }: Program): Edit[] => {
  const tokens = scanVrl(source).filter(({ kind }) => kind !== 'comment');
  return [...assignmentEdits({ source, tokens }), ...branchEdits(source), ...patternEdits(tokens)].map((edit) => ({
    ...edit,
    at: edit.at + from,
    end: edit.end + from,
  }));
};

/** From an assignment's first token to its last. */
const assignmentEdits = ({ source, tokens }: { source: string; tokens: readonly VrlToken[] }): Edit[] =>
  tokens.flatMap((token, first) => {
    if (!opensStatement(tokens[first - 1]) || !(token.kind === 'name' || token.text === '.' || token.text === '%'))
      return [];
    const last = lastOfStatement({ tokens, first });
    const own = tokens.slice(first, last + 1);
    const isAssignment = own.some(
      ({ text }, index) => (text === '=' || text === '|=') && isTarget(own.slice(0, index)),
    );
    const isDeletion = own.slice(0, 3).map(({ text }) => text)[0] === 'del' && own[1]?.text === '(';
    if (!isAssignment && !isDeletion) return [];
    const end = tokens[last]?.end ?? source.length;
    return [{ rule: `without ${brief(source.slice(token.start, end))}`, at: token.start, end, put: 'null' }];
  });

const opensStatement = (before: VrlToken | undefined): boolean =>
  before === undefined || before.kind === 'newline' || before.text === ';' || before.text === '{';

/** A path or names before `=`, as `.a`, `%a.b`, `x, err`. */
const isTarget = (tokens: readonly VrlToken[]): boolean =>
  tokens.length > 0 &&
  tokens[0]?.text !== 'if' &&
  tokens.every(({ kind, text }) => kind === 'name' || kind === 'number' || kind === 'string' || /^[.%,]$/u.test(text));

const OPENING = new Set(['(', '[', '{']);
const CLOSING = new Set([')', ']', '}']);
const GOES_ON = /^(?:\?\?|&&|\|\||[=+\-*/<>|,.]|==|!=|<=|>=|->)$/u;

const lastOfStatement = ({ tokens, first }: { tokens: readonly VrlToken[]; first: number }): number => {
  let depth = 0;
  for (let index = first; index < tokens.length; index += 1) {
    const { kind, text } = tokens[index] as VrlToken;
    if (OPENING.has(text)) depth += 1;
    if (CLOSING.has(text)) depth -= 1;
    if (depth < 0) return index - 1;
    if (depth > 0) continue;
    if (text === ';') return index - 1;
    if (kind !== 'newline' || GOES_ON.test(tokens[index - 1]?.text ?? '')) continue;
    const next = tokens.slice(index).find((token) => token.kind !== 'newline');
    if (next === undefined || !(next.text === 'else' || next.text === '??')) return index - 1;
  }
  return tokens.length - 1;
};

const branchEdits = (source: string): Edit[] =>
  branchesOf(source).branches.flatMap(({ kind, at, from, to, about, isGuard }): Edit[] => {
    if (kind === 'if') {
      const start = source.indexOf(about, at);
      return ['true', 'false'].map((put) => ({
        rule: `if ${brief(about)} is always ${put}`,
        at: start,
        end: start + about.length,
        put,
      }));
    }
    const right = brief(source.slice(from, to));
    if (kind === 'and') return [{ rule: `&& ${right} has no say`, at: from, end: to, put: 'true' }];
    if (kind === 'or') return [{ rule: `|| ${right} has no say`, at: from, end: to, put: 'false' }];
    if (kind === 'fallback' && !isGuard && !/^(?:null|\{\}|""|\[\]|[0-9.]+)$/u.test(source.slice(from, to).trim()))
      return [{ rule: `?? ${right} is not tried`, at: from, end: to, put: 'null' }];
    return [];
  });

const NOTHING = String.raw`r'[^\s\S]'`;

/** Patterns that fit nothing as they are: replacing them only makes a text of what is no UTF-8. */
const FITS_NOTHING: ReadonlySet<string> = new Set([String.raw`r'\z.'`]);

const patternEdits = (tokens: readonly VrlToken[]): Edit[] =>
  tokens
    .filter(({ kind, text }) => kind === 'regex' && !FITS_NOTHING.has(text))
    .map(({ text, start, end }) => ({ rule: `${brief(text)} fits nothing`, at: start, end, put: NOTHING }));

/** Options that decide what becomes of lines, each on a line of its own. */
const optionEdits = ({ template, programs }: { template: string; programs: readonly Program[] }): Edit[] => {
  const isInProgram = (at: number) =>
    programs.some(({ source, from }) => at >= from && at < from + source.length) || template.startsWith('{{! VRL:');
  return [...template.matchAll(/^([a-z_][\w.]*) *=(?! *''')[^\n]*$/gmu)]
    .filter(({ index, 1: key }) => !isInProgram(index) && !NO_RULE.has(key ?? ''))
    .map((match) => ({
      rule: `without ${brief(match[0])}`,
      at: match.index,
      end: match.index + match[0].length,
      put: '',
    }));
};

/** What wires a component up, and what only changes how fast or how safely Vector reads; no event shows it. */
const NO_RULE: ReadonlySet<string> = new Set([
  'type',
  'inputs',
  'include',
  'read_from',
  'fingerprint.strategy',
  'glob_minimum_cooldown_ms',
  'flush_period_ms',
  'expire_after_ms',
  'end_every_period_ms',
  'drop_on_error',
  'drop_on_abort',
]);

const brief = (text: string): string => {
  const line = text.replaceAll(/\s+/gu, ' ').trim();
  return line.length > 90 ? `${line.slice(0, 87)}…` : line;
};
