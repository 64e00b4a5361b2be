import { ANY_VALUE } from '../run/marks.ts';
import { refuse } from './refused.ts';

/** What an encoder knows of the text around a value; found once per skeleton, never from a value. */
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
  /** What Vector makes of the option that a bare TOML value is for. */
  option?: OptionReader;
};

/**
 * The languages that an option's values pass through before TOML; each throws `Refused` for what the option cannot
 * hold.
 */
export type OptionReader = {
  /** The ids that feed a component, and whatever a source says: what these values are decides what a block may do. */
  isIdentifying: boolean;
  /** A text as the option holds it. */
  text: (value: unknown) => string;
  /** Where the option takes any value as one text: VRL. */
  whole: ((value: unknown) => string) | undefined;
  /** The option that an item of a list is. */
  item: () => OptionReader;
  /** A field of a table: its name as the option holds it, and the option that it is. */
  field: (name: string) => { name: string; option: OptionReader };
};

/** Turns a value into the text that stands for it at this place; throws `Refused` when nothing does. */
export type Encode = (value: unknown, around: Surroundings) => string;

/** One row of the table of places. */
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

/** Each row of the table of places. */
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
export type Places = Readonly<Record<PlaceId, Place>>;

/** The author's text next to the value as it is when every other value beside it is empty. */
export const nextTo = ({ before, after }: Surroundings): { left: string; right: string } => {
  let end = before.length;
  while (before[end - 1] === ANY_VALUE) end -= 1;
  return { left: before.slice(0, end), right: after.replace(/^\uE000+/, '') };
};

/** Throws `Refused` where no value at all can stand. */
export const checkPossible = ({ never }: Surroundings): void => {
  if (never) refuse(never.why, never.instead);
};
