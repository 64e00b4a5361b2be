import type { Marks } from '../run/marks.ts';
import type { Fault } from './plan.ts';

/**
 * Vector replaces `$NAME` and `${NAME…}` (where that is on) and then `SECRET[backend.key]` (always) in the raw text,
 * before it reads TOML and whatever the quotes (src/config/vars.rs, src/config/loading/secret.rs). `begun` is how far
 * each goes with any value in it or right behind it.
 */
const REFERENCE_KINDS = [
  {
    place: 'environment variable',
    whole: /\$\$|\$[\w.]+|\$\{[\w.]+(?:(?::?-|:?\?)[^}]*)?\}/g,
    begun: /\$\$|\$\{[\w.]*(?::?(?:[-?][^}]*)?)?|\$[\w.]*/g,
  },
  { place: 'secret reference', whole: /SECRET\[\w+\.[\w./-]+\]/g, begun: /SECRET\[[\w./-]*/g },
];

/** What of a text Vector would replace before it reads it: environment variables and secrets, in order. */
export const referencesIn = (text: string): string[] =>
  text.includes('$') || text.includes('SECRET[') ? REFERENCE_KINDS.flatMap(({ whole }) => text.match(whole) ?? []) : [];

/**
 * Finds values that take part in a reference which Vector replaces, and references that stay open, for a later value to
 * close: `${{{name}}`, `SECRET[vault.{{key}}]`, `${HOME:-`.
 */
export const checkReferences = (text: string, marks: Marks): Fault[] =>
  REFERENCE_KINDS.flatMap(({ place, begun }) =>
    [...text.matchAll(begun)].flatMap(({ 0: found, index }) => {
      const end = index + found.length;
      const touching =
        found === '$$' ? [] : marks.all(text.slice(index, end + 18)).filter((mark) => mark.start <= found.length);
      if (touching.length > 0) {
        const why = 'a value cannot be part of a reference that Vector replaces';
        const instead = 'the whole reference written out, or the value apart from it';
        return touching.map(({ valueIndex }): Fault => ({ place, valueIndex, why, instead }));
      }
      const isOpen = /^\$\{[\w.]+:?[-?]/.test(found) && text[end] !== '}';
      const why = 'Vector would look for the } of this reference in the text that follows';
      return isOpen ? [{ place, at: index, why, instead: 'a } behind it, or $$ for the character itself' }] : [];
    }),
  );
