/** One thing that somebody who moves to nvl should know. */
export type MigrationNote = {
  /** What is left to do by hand, what is otherwise from now on, or what nvl does by itself. */
  kind: 'todo' | 'otherwise' | 'noNeed';
  file: string;
  /** From 1; undefined where it is about no line. */
  line?: number | undefined;
  text: string;
};
