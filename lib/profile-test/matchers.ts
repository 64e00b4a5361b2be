import type { ScalarTag } from 'yaml';
import { messageOf } from '../errors.ts';

/** What an event is expected to hold in a place: a value, a list, an object of which only the named fields count, or a matcher. */
export type Expected =
  | Matcher
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly Expected[]
  | { readonly [name: string]: Expected };
export type ExpectedEvent = Readonly<Record<string, Expected>>;

/**
 * What no plain value can say. In a test file: `!absent` (the field is not there), `!any` (it is there, whatever it holds),
 * `!regex '^a+$'` (a text in which the expression is found).
 */
export type Matcher = AbsentMatcher | AnyMatcher | RegexMatcher;

class AbsentMatcher {
  readonly tag = '!absent';
}

class AnyMatcher {
  readonly tag = '!any';
}

class RegexMatcher {
  readonly tag = '!regex';
  readonly regex: RegExp;

  constructor(regex: RegExp) {
    this.regex = regex;
  }
}

export const ABSENT: Matcher = new AbsentMatcher();
export const ANY: Matcher = new AnyMatcher();
export const regexMatcher = (source: string): Matcher => new RegexMatcher(new RegExp(source, 'u'));

export const isMatcher = (value: unknown): value is Matcher =>
  value instanceof AbsentMatcher || value instanceof AnyMatcher || value instanceof RegexMatcher;

/** Whether a field with this value, undefined when it is not there, is as the matcher wants it. */
export const fitsMatcher = ({ matcher, value }: { matcher: Matcher; value: unknown }): boolean => {
  if (matcher instanceof AbsentMatcher) return value === undefined;
  if (matcher instanceof AnyMatcher) return value !== undefined;
  return typeof value === 'string' && matcher.regex.test(value);
};

/** A matcher as it stands in a test file. */
export const showMatcher = (matcher: Matcher): string =>
  matcher instanceof RegexMatcher ? `!regex ${matcher.regex.source}` : matcher.tag;

/**
 * The YAML tags of the matchers, for reading test files and for writing them again. They write their tag themselves, behind which `yaml`
 * would leave a blank: a node to be written has none.
 */
export const MATCHER_TAGS: ScalarTag[] = [
  {
    tag: '!absent',
    default: true,
    identify: (value) => value instanceof AbsentMatcher,
    resolve: (text, onError) => withoutValue({ text, tag: '!absent', onError, matcher: ABSENT }),
    stringify: () => '!absent',
  },
  {
    tag: '!any',
    default: true,
    identify: (value) => value instanceof AnyMatcher,
    resolve: (text, onError) => withoutValue({ text, tag: '!any', onError, matcher: ANY }),
    stringify: () => '!any',
  },
  {
    tag: '!regex',
    default: true,
    identify: (value) => value instanceof RegexMatcher,
    resolve: (text, onError) => {
      try {
        return new RegexMatcher(new RegExp(text, 'u'));
      } catch (error) {
        onError(messageOf(error));
        return ANY;
      }
    },
    stringify: ({ value }) => `!regex '${(value as RegexMatcher).regex.source.replaceAll("'", "''")}'`,
  },
];

const withoutValue = ({
  text,
  tag,
  onError,
  matcher,
}: {
  text: string;
  tag: string;
  onError: (message: string) => void;
  matcher: Matcher;
}): Matcher => {
  if (text !== '') onError(`${tag} stands alone, without a value behind it`);
  return matcher;
};
