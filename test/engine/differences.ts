/** Cases that nvl's engine answers otherwise than Vector, each with the reason; `docs/testing-profiles.md` tells them too. */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  multiline_a_pattern_over_characters_sees_no_broken_one:
    'VRL has no pattern over bytes: where a line is no UTF-8, each broken character is one (U+FFFD) that a pattern may fit',
};
