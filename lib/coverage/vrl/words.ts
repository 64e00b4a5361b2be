import type { VrlBranch } from './branches.ts';

/** Why a branch was not taken, if it never was. Pure. */
export const neverWords = ({ kind, about, aborts }: Pick<VrlBranch, 'kind' | 'about' | 'aborts'>): string => {
  const written = onOneLine(about);
  const abort = aborts ? ', so it never aborts' : '';
  switch (kind) {
    case 'if':
      return `if ${written}: never true${abort}`;
    case 'skip':
      return `if ${written}: never false`;
    case 'else':
      return `else of if ${written}: never taken${abort}`;
    case 'closure':
      return `-> ${written}: its body never ran${abort}`;
    case 'fallback':
      return `?? ${written}: never used`;
    case 'and':
      return `&& ${written}: never reached`;
    case 'or':
      return `|| ${written}: never reached`;
    case 'abort':
      return `${written}: never reached`;
  }
};

/** Of a condition, the same of each of its outcomes. Pure. */
export const conditionWords = (source: string, outcome: boolean): string =>
  `${onOneLine(source)}: never ${outcome ? 'true' : 'false'}`;

const onOneLine = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');
