/** The transform that all sinks read, and the source that makes a set without tasks valid. */
export const LOGS_ID = 'nomad_logs';

export const NONE_ID = 'nvl_none';

/** True for an id that only nvl writes, so that a user's own files must not use it. */
export const isOwnedId = (id: string): boolean =>
  id === LOGS_ID || id.startsWith(`${LOGS_ID}_`) || id.startsWith('nvl_');

/** The transform of what no other sink takes, where profiles have sinks of their own. */
export const REST_ID = `${LOGS_ID}_rest`;

/** The table in which Vector looks up what a task's labels say, value by value. */
export const CELLS_ID = 'nvl_cells';

/** What the names of the tables begin with whose rows are a task's labels as they go into an event. */
export const LABELS_ID = 'nvl_labels';

/** The table that says whose a container is, and the source of all containers' lines; what is behind it begins with the same. */
export const CONTAINERS_ID = 'nvl_containers';

/** A table of nvl's, wherever a text names it. */
export const TABLE_ID_PATTERN = `${CELLS_ID}|${CONTAINERS_ID}|${LABELS_ID}_[0-9a-f]{8}`;

/** True for a component of that pipeline: its source, which is called as the pipeline is, or one that has the pipeline's id before its own name. */
export const isOfPipeline = ({ component, pipeline }: { component: string; pipeline: string }): boolean =>
  component === pipeline || component.startsWith(`${pipeline}_`);
