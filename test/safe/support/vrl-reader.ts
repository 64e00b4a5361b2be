/**
 * Reads literals, paths and assignments of VRL as its own lexer does (src/parser/lex.rs of VRL 0.33), written apart
 * from nvl: what a test compares with the value that went in. Throws for whatever it does not know.
 */
export type Assignment = { path: (string | number)[]; value: unknown };

/** What a regular expression or a timestamp literal holds, and a call with its arguments. */
export type Special = { regex: string } | { timestamp: string } | { call: string; args: unknown[] };

export const readProgram = (program: string): Assignment[] => {
  const reader = new Reader(program);
  const found: Assignment[] = [];
  for (reader.skip(true); !reader.isAtEnd(); reader.skip(true)) {
    const path = reader.path();
    reader.skip(false);
    reader.expect('=');
    reader.skip(true);
    found.push({ path, value: reader.value() });
  }
  return found;
};

/** The value of a program that is one literal. */
export const readLiteral = (program: string): unknown => {
  const reader = new Reader(program);
  reader.skip(true);
  const value = reader.value();
  reader.skip(true);
  if (!reader.isAtEnd()) throw new Error(`more than a literal: ${program}`);
  return value;
};

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  skip(lines: boolean): void {
    for (;;) {
      const character = this.#text[this.#at];
      if (character === '#') while (!this.isAtEnd() && this.#text[this.#at] !== '\n') this.#at += 1;
      else if (character === ' ' || character === '\t' || (lines && (character === '\n' || character === ';')))
        this.#at += 1;
      else return;
    }
  }

  expect(character: string): void {
    if (!this.#text.startsWith(character, this.#at))
      throw new Error(`expected ${character} at ${this.#at} of ${this.#text}`);
    this.#at += character.length;
  }

  take(pattern: RegExp): string | undefined {
    const found = new RegExp(pattern.source, 'y');
    found.lastIndex = this.#at;
    const text = found.exec(this.#text)?.[0];
    this.#at += text?.length ?? 0;
    return text;
  }

  path(): (string | number)[] {
    const found: (string | number)[] = [];
    this.expect('.');
    for (let isFirst = true; ; isFirst = false) {
      const character = this.#text[this.#at];
      if (character === '[') {
        this.#at += 1;
        found.push(Number(this.take(/-?[0-9]+/)));
        this.expect(']');
      } else if (isFirst || character === '.') {
        if (!isFirst) this.#at += 1;
        const quoted = this.take(/"(?:[^"\\]|\\[\s\S])*"/);
        const name = quoted === undefined ? this.take(/[@A-Za-z0-9_]+/) : readString(quoted.slice(1, -1));
        if (name === undefined) throw new Error(`expected a segment at ${this.#at} of ${this.#text}`);
        found.push(name);
      } else return found;
    }
  }

  value(): unknown {
    const quoted = this.take(/"(?:[^"\\]|\\[\s\S])*"/);
    if (quoted !== undefined) return readString(quoted.slice(1, -1));
    const literal = this.take(/[srt]'(?:[^'\\]|\\[\s\S])*'/);
    if (literal !== undefined) return readQuoted(literal);
    const number = this.take(/-?[0-9][0-9_]*(?:\.[0-9_]*)?/);
    if (number !== undefined) return Number(number.replaceAll('_', ''));
    const name = this.take(/[a-z_][a-z0-9_]*/);
    if (name === 'true' || name === 'false') return name === 'true';
    if (name === 'null') return null;
    if (name !== undefined) return { call: name, args: this.list('(', ')', () => this.value()) };
    if (this.#text[this.#at] === '[') return this.list('[', ']', () => this.value());
    const entries = this.list('{', '}', () => this.entry());
    const result: Record<string, unknown> = {};
    for (const [key, value] of entries)
      Object.defineProperty(result, key, { value, enumerable: true, configurable: true, writable: true });
    return result;
  }

  entry(): [string, unknown] {
    const key = this.take(/"(?:[^"\\]|\\[\s\S])*"/);
    if (key === undefined) throw new Error(`expected a key at ${this.#at} of ${this.#text}`);
    this.skip(true);
    this.expect(':');
    this.skip(true);
    return [unescaped(key.slice(1, -1)), this.value()];
  }

  list<T>(open: string, close: string, item: () => T): T[] {
    const found: T[] = [];
    this.expect(open);
    for (this.skip(true); !this.#text.startsWith(close, this.#at); this.skip(true)) {
      found.push(item());
      this.skip(true);
      if (this.#text[this.#at] !== ',') break;
      this.#at += 1;
    }
    this.expect(close);
    return found;
  }
}

const readQuoted = (literal: string): unknown => {
  const inside = literal.slice(2, -1);
  if (literal[0] === 's') return inside;
  return literal[0] === 'r' ? { regex: inside.replaceAll("\\'", "'") } : { timestamp: inside.replaceAll("\\'", "'") };
};

/** As `StringLiteralToken::template` parts a string; a template in it is shown as VRL would read it. */
const readString = (inside: string): string => {
  const characters = [...inside];
  let result = '';
  let current = '';
  let isTemplate = false;
  for (let at = 0; at < characters.length; ) {
    const two = (characters[at + 1] ?? '') + (characters[at + 2] ?? '');
    if (characters[at] === '}' && isTemplate && characters[at + 1] === '}') {
      result += `<template ${current.trim()}>`;
      current = '';
      isTemplate = false;
      at += 2;
    } else if (characters[at] === '\\' && !isTemplate && (two === '{{' || two === '}}')) {
      current += two;
      at += 3;
    } else if (characters[at] === '{' && !isTemplate && characters[at + 1] === '{') {
      result += unescaped(current);
      current = '';
      isTemplate = true;
      at += 2;
    } else {
      current += characters[at];
      at += 1;
    }
  }
  return isTemplate ? `${result}<open template ${current}>` : result + unescaped(current);
};

const escapes: Record<string, string> = {
  "'": "'",
  '"': '"',
  '\\': '\\',
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
  '{': '{',
  '}': '}',
};

/** As `unescape_string_literal`. */
const unescaped = (text: string): string => {
  let result = '';
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] !== '\\') {
      result += text[at];
      continue;
    }
    at += 1;
    const character = text[at] ?? '';
    if (character === 'u') {
      const end = text.indexOf('}', at);
      const hex = text.slice(at + 2, end);
      if (text[at + 1] !== '{' || !/^[0-9a-fA-F]+$/.test(hex)) throw new Error(`bad escape in ${text}`);
      result += String.fromCodePoint(Number.parseInt(hex, 16));
      at = end;
    } else if (character === '\n') {
      while (/\s/.test(text[at + 1] ?? '')) at += 1;
    } else {
      const decoded = escapes[character];
      if (decoded === undefined) throw new Error(`unknown escape \\${character} in ${text}`);
      result += decoded;
    }
  }
  return result;
};
