import { NvlError } from '../errors.ts';

/** What one look came to: a line of the report. `advice`: what to do about what is wrong. */
export type Finding = { verdict: 'ok' | 'warn' | 'fail'; text: string; advice?: string };

export const ok = (text: string): Finding => ({ verdict: 'ok', text });
export const warn = (text: string, advice: string): Finding => ({ verdict: 'warn', text, advice });
export const fail = (text: string, advice: string): Finding => ({ verdict: 'fail', text, advice });

/** For what cannot be looked at since something else is wrong, which has its own line. */
export const notChecked = (why: string): Finding => ({ verdict: 'warn', text: `not looked at: ${why}` });

/** An error as one line. What is no error that a person can meet is a fault of nvl's own, and says so. */
export const failOf = (error: unknown): Finding => {
  if (!(error instanceof NvlError)) return strange(error);
  const facts = Object.entries(error.facts).map(([name, text]) => `${name} ${onOneLine(text)}`);
  return {
    verdict: 'fail',
    text: `${error.message}${facts.length === 0 ? '' : ` (${facts.join('; ')})`}`,
    ...(error.advice === undefined ? {} : { advice: onOneLine(error.advice) }),
  };
};

const strange = (error: unknown): Finding => {
  // Of the system, such as EACCES; its message names the file.
  const isSystems = error instanceof Error && 'syscall' in error;
  return fail(
    onOneLine(isSystems ? error.message : `nvl failed to look: ${String(error)}`),
    isSystems ? 'let the user of nvl do that' : 'this is a fault of nvl: please report it',
  );
};

const LONGEST = 240;

/** A text of many lines on one; of a VRL diagnostic its message and place stay, and the drawing goes. */
export const onOneLine = (text: string): string => {
  const plain = text
    .replaceAll(/\n\s*┌─ :(\d+):(\d+)(\n.*│.*|\n\s*│|\n\s*=.*|\n\s*)*/g, ' at line $1 of its VRL')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}...` : plain;
};
