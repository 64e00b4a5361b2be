import { parse } from 'smol-toml';
import { commentText } from '../../../lib/comment-text.ts';
import type { PlaceId } from '../../../lib/render/safe/place/place.ts';
import type { Trait } from './traits.ts';

/** What the rules expect of each kind of value: that it comes out exactly, or that it is refused. */
export type Expectation = { takes: readonly Trait[]; refuses: readonly Trait[] };

/** A place under test: a template with `{{v}}` in it, and what reads the value back, apart from nvl. */
export type Cell = Expectation & {
  place: PlaceId;
  name: string;
  template: string;
  /** The value that a reader of TOML and VRL finds in the rendered text. */
  read: (text: string) => unknown;
  /** What it must find; the value's text unless said otherwise. */
  want?: (value: unknown) => unknown;
  /** How a real Vector shows it: by an event, or only by accepting it. Where neither is possible: why. */
  real: Real;
};

export type Real =
  | {
      event: (event: Record<string, unknown>) => unknown;
      want?: (value: unknown) => unknown;
      except?: (value: unknown) => boolean;
    }
  | { validate: true; except?: (value: unknown) => boolean }
  | { none: string };

export const asText: Expectation = {
  takes: [
    'text',
    'empty',
    'wholeNumber',
    'fraction',
    'boolean',
    'fieldBraces',
    'percent',
    'star',
    'wildcard',
    'noSlug',
    'noTime',
    'endsInBrace',
  ],
  refuses: [
    'halfPair',
    'noNumber',
    'null',
    'list',
    'object',
    'nullInside',
    'objectInside',
    'tooDeep',
    'tooMany',
    'fieldBracesInside',
    'percentInside',
    'wildcardInside',
  ],
};

/** The same rule, but for some kinds of value. */
export const but = ({ takes, refuses }: Expectation, more: { takes?: Trait[]; refuses?: Trait[] }): Expectation => ({
  takes: [...takes.filter((trait) => !more.refuses?.includes(trait)), ...(more.takes ?? [])],
  refuses: [...refuses.filter((trait) => !more.takes?.includes(trait)), ...(more.refuses ?? [])],
});

export const nothing: Expectation = { takes: [], refuses: [...asText.takes, ...asText.refuses] };
export const inTemplate = but(asText, { refuses: ['fieldBraces', 'percent'] });
export const anyLiteral = but(asText, {
  takes: [
    'null',
    'list',
    'object',
    'nullInside',
    'objectInside',
    'fieldBracesInside',
    'percentInside',
    'wildcardInside',
  ],
});
export const tomlLiteral = but(anyLiteral, {
  refuses: ['null', 'nullInside', 'object', 'objectInside', 'fieldBracesInside', 'percentInside'],
});

export const at = (text: string, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((inner, part) => (inner as Record<string | number, unknown>)[part], parse(text));
export const typed = (value: unknown): unknown => value;

export type Parts = Pick<Cell, 'place' | 'template'> & Partial<Cell> & Expectation;

/** What a comment shows of a value. */
export const toComment = (value: unknown): string => commentText(String(value));

export const literalOf = (regex: string): string =>
  regex
    .replace(/^\(\?:|\)$/g, '')
    .replace(/\\x\{([0-9a-f]+)\}/g, (_all, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
