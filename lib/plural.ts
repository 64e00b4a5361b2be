/** A count of things, as messages say it: `plural(1, 'task')` is `1 task`, `plural(2, 'branch', 'branches')` is `2 branches`. */
export const plural = (count: number, one: string, several = `${one}s`): string =>
  `${count} ${count === 1 ? one : several}`;
