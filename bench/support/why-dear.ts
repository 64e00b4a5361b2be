/** How many times the bare source over the same file a line may cost without a reason. */
export const CHEAP = 4;

const JOINS =
  'lines are joined, for which Vector reads each line’s fields once more, and each event is parsed as a whole';

/** Why a sample is dearer than that: what its format asks for. */
export const WHY_DEAR: Readonly<Record<string, string>> = {
  java: JOINS,
};
