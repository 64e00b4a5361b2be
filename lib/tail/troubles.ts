import type { NvlError } from '../errors.ts';

/** Tells what goes wrong once, however often it is tried, and that it works again. */
export type Troubles = {
  /** `about`: what people know it by; `part`: of it, which has troubles of its own. */
  add(trouble: { about: string; part: string; error: NvlError }): void;
  /** This part of it works. */
  settle(good: { about: string; part: string }): void;
};

export const createTroubles = ({ say }: { say: (line: string) => void }): Troubles => {
  /** By what they are about: each text, and the parts that it is true of. */
  const open = new Map<string, Map<string, Set<string>>>();
  return {
    add: ({ about, part, error }) => {
      const texts = open.get(about) ?? new Map<string, Set<string>>();
      open.set(about, texts);
      const text = oneLine(error);
      const parts = texts.get(text);
      if (parts === undefined) say(`${about}: ${text}; nvl tries again`);
      texts.set(text, (parts ?? new Set()).add(part));
    },
    settle: ({ about, part }) => {
      const texts = open.get(about);
      if (texts === undefined) return;
      for (const [text, parts] of texts) if (parts.delete(part) && parts.size === 0) texts.delete(text);
      if (texts.size > 0) return;
      open.delete(about);
      say(`${about}: works again`);
    },
  };
};

/** What an error says, without its address and advice: a terminal full of lines has no room for more. Pure. */
export const oneLine = ({ message, facts: { said, needs } }: Pick<NvlError, 'message' | 'facts'>): string =>
  [
    message,
    ...(said === undefined ? [] : [` (${said.replaceAll(/\s+/g, ' ')})`]),
    ...(needs === undefined ? [] : [`; the token needs ${needs}`]),
  ].join('');
