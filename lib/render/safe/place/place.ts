import { ANY_VALUE } from '../run/marks.ts';
import { refuse } from './refused.ts';

/**
 * The text around a value, as far as an encoder must know it. It is found once per skeleton (the rendered text with
 * placeholders), and holds no value.
 */
export type Surroundings = {
  /**
   * The author's text before and after the value in the same token, decoded; another value in it shows as
   * `ANY_VALUE`.
   */
  before: string;
  after: string;
  /** Why no value at all can stand here. */
  never?: { why: string; instead?: string };
  /**
   * A time format of the author's stands in the same part of a Vector template, so that Vector reads every `%` of
   * that part.
   */
  timeFormat?: boolean;
  /**
   * In TOML's raw text a backslash at the end of a line stands before the value, which eats the white space it begins
   * with.
   */
  lineJoin?: boolean;
  /** Of a bare TOML value: how the option that it is for takes it. */
  option?: OptionReader;
};

/**
 * How the option that a bare TOML value is for takes it: the value may be a list or a table, and each text in it is written
 * as the option demands. Each method throws `Refused` for what the option cannot hold.
 */
export type OptionReader = {
  /** It holds the ids that feed a component, or it is a source's: what its value is decides whether the block may be used. */
  isIdentifying: boolean;
  /** A text as it stands in the option, before TOML's own escapes. */
  text: (value: unknown) => string;
  /** Where the option takes any value as one text, as VRL does: that text. */
  whole: ((value: unknown) => string) | undefined;
  /** How an item of a list is taken. */
  item: () => OptionReader;
  /** How a field of a table is taken, and its name. */
  field: (name: string) => { name: string; option: OptionReader };
};

/** Turns a value into the text that stands for it at this place; throws `Refused` where no text can. */
export type Encode = (value: unknown, around: Surroundings) => string;

/** One row of the table of places: a place where a value can stand, and its rule. */
export type Place = {
  /** As a refusal and the documentation call it. */
  name: string;
  /** Where that is, and how a value is written there. */
  description: string;
  encode: Encode;
  /** Reads the written text back, as Vector does; for the rows that TOML's parser cannot check. */
  decode?: (text: string) => string | undefined;
  /** What is refused, in words; empty when nothing is. */
  refuses: string;
  /** For the documentation: a template's line and what `value` makes of it. */
  example: { template: string; value: unknown; result: string };
};

/** The rows of the table of places, by the places where a value can stand. */
export type PlaceId =
  | 'tomlString'
  | 'tomlLines'
  | 'tomlLiteral'
  | 'tomlLiteralLines'
  | 'tomlValue'
  | 'tomlKey'
  | 'componentId'
  | 'tomlComment'
  | 'optionName'
  | 'template'
  | 'templateKey'
  | 'unknownOption'
  | 'glob'
  | 'inputs'
  | 'regexOption'
  | 'code'
  | 'vrlString'
  | 'vrlRawString'
  | 'vrlRegex'
  | 'vrlTimestamp'
  | 'vrlComment'
  | 'vrlSegment'
  | 'vrlIndex'
  | 'vrlValue'
  | 'vrlObjectKey'
  | 'vrlCode';
/** The table of places: the rule for each place where a value can stand. */
export type Places = Readonly<Record<PlaceId, Place>>;

/**
 * The author's text next to the value, as it is when every other value beside it is empty: for `{{b}}` in `x{{a}}{{b}}y` it
 * is `x` and `y`.
 */
export const nextTo = ({ before, after }: Surroundings): { left: string; right: string } => {
  let end = before.length;
  while (before[end - 1] === ANY_VALUE) end -= 1;
  return { left: before.slice(0, end), right: after.replace(/^\uE000+/, '') };
};

/** Throws `Refused` where no value at all can stand. */
export const checkPossible = ({ never }: Surroundings): void => {
  if (never) refuse(never.why, never.instead);
};
