import type { VrlToken } from '../../render/safe/place/vrl-scan.ts';

/** Whether a call fails in what these tokens say where a text is not what it should be, and no `??` beside that call sees to it. Pure. */
export const parsesIn = (tokens: readonly VrlToken[]): boolean =>
  tokens.some(
    ({ kind, text }, index) =>
      kind === 'name' && /^(?:parse|decode|decrypt)_/.test(text) && !isCaught(tokens.slice(index + 1)),
  );

/** `tokens`: behind the name of a call. */
const isCaught = (tokens: readonly VrlToken[]): boolean => {
  let depth = 0;
  for (const { kind, text } of tokens) {
    if (kind !== 'symbol') continue;
    if (/^[([{]$/.test(text)) depth += 1;
    else if (/^[)\]}]$/.test(text)) depth -= 1;
    if (depth < 0) return false;
    if (depth === 0 && text === '??') return true;
  }
  return false;
};

/** Whether what is written is one literal; of a list or an object the empty one. Pure. */
export const isConstant = (written: string): boolean => CONSTANT.test(written);

const CONSTANT = /^(?:s?"(?:[^"\\]|\\.)*"|s'[^']*'|-?[\d._]+|null|true|false|\{\s*\}|\[\s*\])$/s;
