import { scanVrl, VrlFault, type VrlToken } from '../../render/safe/place/vrl-scan.ts';
import { isConstant, parsesIn } from './guard.ts';

/**
 * One way that a program may go: an arm of an `if` (`if`, `else`; `skip` where no `else` is written), the body of a closure, the right
 * side of `??`, `&&` or `||`, an `abort`.
 */
export type VrlBranch = {
  kind: 'if' | 'else' | 'skip' | 'closure' | 'fallback' | 'and' | 'or' | 'abort';
  /** Where a reader looks for it: its `if`, `else`, `->`, operator or `abort`. In characters of the program, as all places here. */
  at: number;
  /** What runs only with it; empty for `skip`. */
  from: number;
  to: number;
  /** What decides, as it is written: the predicate of an arm, the right side of an operator, the names of a closure. */
  about: string;
  /** The first thing that it does is to abort. */
  aborts: boolean;
  /**
   * It is a constant behind `??`, and what is before it parses nothing: VRL asks for one wherever a call might fail, as `string(.message) ?? ""`,
   * and most of them no line can reach.
   */
  isGuard: boolean;
  /** The branch around it, by its index; it cannot be taken without that one. */
  within: number | undefined;
};

/** A text to be put into a program for a branch; its probe goes between `before` and `after`. */
export type ProbeEdit = { branch: number; at: number; before: string; hasProbe: boolean; after: string };

/**
 * All branches of a program that VRL's compiler accepts, in the order in which they are read, and where a probe can stand in each. Only where
 * expressions begin and end has to be known for that, not what they mean. Pure.
 *
 * Throws a `VrlFault` for what it does not understand, and a `RangeError` for what is nested too deep.
 *
 * @source https://github.com/vectordotdev/vrl/blob/v0.34.0/src/parser/parser.lalrpop
 */
export const branchesOf = (source: string): { branches: readonly VrlBranch[]; edits: readonly ProbeEdit[] } =>
  new BranchReader(source).read();

class BranchReader {
  private readonly source: string;
  private readonly tokens: readonly VrlToken[];
  private readonly branches: VrlBranch[] = [];
  private readonly edits: ProbeEdit[] = [];
  private at = 0;
  private within: number | undefined;
  /** The first token of the block that was opened last. */
  private firstOfBlock = -1;

  constructor(source: string) {
    this.source = source;
    this.tokens = scanVrl(source).filter(({ kind }) => kind !== 'comment');
  }

  read() {
    this.sequence(undefined);
    return { branches: this.branches, edits: this.edits };
  }

  private get token(): VrlToken | undefined {
    return this.tokens[this.at];
  }

  private is(text: string): boolean {
    return this.token?.text === text;
  }

  private take(): VrlToken {
    const { token } = this;
    if (token === undefined) throw new VrlFault(this.source.length, 'the program ends too early');
    this.at += 1;
    return token;
  }

  /** Of the last token that was taken. */
  private end(): number {
    return this.tokens[this.at - 1]?.end ?? 0;
  }

  private skipNewlines(): void {
    while (this.token?.kind === 'newline') this.at += 1;
  }

  /** Expressions up to the bracket that closes them, or to the end: those of a block, a list, an object, a call. */
  private sequence(closing: string | undefined): void {
    for (;;) {
      while (this.token !== undefined && isSeparator(this.token)) this.at += 1;
      if (closing === undefined ? this.token === undefined : this.is(closing)) break;
      this.expression();
      const { token } = this;
      if (token !== undefined && !isSeparator(token) && token.text !== closing)
        throw new VrlFault(token.start, `${token.text} is not expected here`);
    }
    if (closing !== undefined) this.take();
  }

  private expression(): void {
    const isKeyword = this.token?.kind === 'name' && this.tokens[this.at + 1]?.text !== ':';
    if (isKeyword && this.is('if')) this.ifStatement();
    else if (isKeyword && this.is('abort')) this.abort();
    else if (isKeyword && this.is('return')) {
      this.take();
      this.expression();
    } else this.chain();
  }

  private ifStatement(): void {
    for (;;) {
      const { start } = this.take();
      const from = this.token?.start ?? 0;
      this.chain();
      const about = this.source.slice(from, this.end());
      this.block({ kind: 'if', at: start, about });
      const last = this.at;
      this.skipNewlines();
      if (this.token?.kind !== 'name' || !this.is('else')) {
        this.at = last;
        this.skipped({ start, about });
        return;
      }
      const elseAt = this.take().start;
      this.skipNewlines();
      if (!this.is('if')) {
        this.block({ kind: 'else', at: elseAt, about });
        return;
      }
    }
  }

  /** An `if` without `else`: what happens where it is false can only be seen in one that is put there. */
  private skipped({ start, about }: { start: number; about: string }): void {
    const at = this.end();
    const branch = this.add({ kind: 'skip', at: start, from: at, about });
    this.edits.push({ branch, at, before: ' else { ', hasProbe: true, after: '; null }' });
  }

  private block({ kind, at, about }: Pick<VrlBranch, 'kind' | 'at' | 'about'>): void {
    this.skipNewlines();
    const opening = this.take();
    if (opening.text !== '{') throw new VrlFault(opening.start, 'a block is expected here');
    const branch = this.add({ kind, at, from: opening.end, about });
    this.edits.push({ branch, at: opening.end, before: ' ', hasProbe: true, after: ';' });
    this.inside(branch, () => {
      this.skipNewlines();
      this.firstOfBlock = this.at;
      this.sequence('}');
    });
    this.change(branch, { to: this.end() - 1 });
  }

  private abort(): void {
    const isFirst = this.at === this.firstOfBlock && this.within !== undefined;
    const { start } = this.take();
    const branch = isFirst ? undefined : this.add({ kind: 'abort', at: start, from: start, about: '' });
    if (branch === undefined) this.change(this.within as number, { aborts: true });
    else this.edits.push({ branch, at: start, before: '{ ', hasProbe: true, after: '; ' });
    const { token } = this;
    if (token !== undefined && !isSeparator(token) && !CLOSING.has(token.text)) this.expression();
    if (branch === undefined) return;
    this.edits.push({ branch, at: this.end(), before: ' }', hasProbe: false, after: '' });
    this.change(branch, { to: this.end(), about: this.source.slice(start, this.end()) });
  }

  /** An assignment, or operands with operators between them. */
  private chain(): void {
    // VRL's own order: `&&` and `||` bind alike, and stronger than `??`.
    let [fallback, logical]: (number | undefined)[] = [undefined, undefined];
    const outer = this.within;
    let hasOperand = false;
    /** Of what stands before the next `??`. */
    let first = this.at;
    for (; this.token !== undefined; ) {
      const { kind, text, start } = this.token;
      if (kind === 'newline' ? hasOperand : endsChain(text, hasOperand)) break;
      if (kind === 'newline') this.at += 1;
      else if (text === '=' || text === '|=') {
        this.at += 1;
        this.skipNewlines();
        this.expression();
        return;
      } else if (OPERATORS.has(text) && hasOperand) {
        this.closeRight(logical);
        if (text === '??') this.closeRight(fallback);
        this.at += 1;
        this.within = text === '??' ? outer : (fallback ?? outer);
        const opened = this.openRight({ kind: OPERATORS.get(text) as VrlBranch['kind'], at: start });
        [fallback, logical] = text === '??' ? [opened, undefined] : [fallback, opened];
        if (text === '??') {
          this.change(opened, { isGuard: !parsesIn(this.tokens.slice(first, this.at - 1)) });
          first = this.at;
        }
        this.within = opened;
        hasOperand = false;
      } else hasOperand = this.operandPart(hasOperand);
    }
    if (!hasOperand) throw new VrlFault(this.token?.start ?? this.source.length, 'a value is expected here');
    this.closeRight(logical);
    this.closeRight(fallback);
    this.within = outer;
  }

  /** One token, or a pair of brackets with what is in it; whether what was read so far is a whole operand. */
  private operandPart(hasOperand: boolean): boolean {
    const { kind, text } = this.take();
    if (kind !== 'symbol') return true;
    const closing = BRACKETS.get(text);
    if (closing !== undefined) {
      this.nested(() => this.sequence(closing));
      return true;
    }
    if (text === '->') {
      this.closure();
      return true;
    }
    // A call that may end the program, `f!(…)`, or a negation.
    if (text === '!') return hasOperand;
    return text === '.' || text === '%';
  }

  private closure(): void {
    const at = this.tokens[this.at - 1]?.start ?? 0;
    const from = this.token?.start ?? 0;
    let isOpen = this.take().text === '|';
    while (isOpen) isOpen = this.take().text !== '|';
    this.block({ kind: 'closure', at, about: this.source.slice(from, this.end()) });
  }

  private openRight({ kind, at }: Pick<VrlBranch, 'kind' | 'at'>): number {
    this.skipNewlines();
    const from = this.token?.start ?? this.source.length;
    const branch = this.add({ kind, at, from, about: '' });
    this.edits.push({ branch, at: from, before: '{ ', hasProbe: true, after: '; ' });
    return branch;
  }

  private closeRight(branch: number | undefined): void {
    if (branch === undefined || (this.branches[branch]?.to ?? 0) > 0) return;
    const to = this.end();
    const { from, isGuard } = this.branches[branch] as VrlBranch;
    const about = this.source.slice(from, to);
    this.edits.push({ branch, at: to, before: ' }', hasProbe: false, after: '' });
    this.change(branch, { to, about, isGuard: isGuard && isConstant(about) });
  }

  private add(parts: Pick<VrlBranch, 'kind' | 'at' | 'from' | 'about'>): number {
    const to = parts.kind === 'skip' ? parts.from : 0;
    return this.branches.push({ ...parts, to, aborts: false, isGuard: false, within: this.within }) - 1;
  }

  private change(branch: number, parts: Partial<VrlBranch>): void {
    this.branches[branch] = { ...(this.branches[branch] as VrlBranch), ...parts };
  }

  private inside(branch: number, read: () => void): void {
    this.nested(() => {
      this.within = branch;
      read();
    });
  }

  private nested(read: () => void): void {
    const outer = this.within;
    read();
    this.within = outer;
  }
}

const OPERATORS: ReadonlyMap<string, VrlBranch['kind']> = new Map([
  ['??', 'fallback'],
  ['&&', 'and'],
  ['||', 'or'],
]);
const BRACKETS: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);
const CLOSING: ReadonlySet<string> = new Set(BRACKETS.values());

/** Between expressions; an assignment of two (`a, err = …`) is read as two expressions, which changes no branch. */
const isSeparator = ({ kind, text }: VrlToken): boolean => kind === 'newline' || text === ';' || text === ',';

/** Behind an operand a brace is the block that an `if` opens. */
const endsChain = (text: string, hasOperand: boolean): boolean =>
  text === ';' || text === ',' || CLOSING.has(text) || (text === '{' && hasOperand);
