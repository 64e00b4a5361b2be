/** What a pipeline's labels need to know of one task, and who it is, for people. A line of the table that Vector looks up. */
export type Row = {
  /** The task's stem, which the names of its files start with. */
  stem: string;
  /** The pipeline that reads it. */
  pipeline: string;
  /** The task's heading. */
  about: string;
  /** Why it does not ship as its job asks; empty where it does. */
  mark: string;
  /** How much of its files another pipeline has delivered, in bytes by `<stream>.<index>`: those lines are not sent again. */
  skip?: Readonly<Record<string, string>>;
  /** The values of its labels by their columns; a column that it does not have is empty in the table. */
  cells: Readonly<Record<string, string>>;
};

/** By which a row is found: a task has one in each pipeline that it is in, or was lately. */
export const rowKey = ({ stem, pipeline }: Pick<Row, 'stem' | 'pipeline'>): string => `${stem} ${pipeline}`;
