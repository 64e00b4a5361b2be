/** A field of what 0.4.1 gives its templates for each task, and what nvl has for it. */
export type TaskField = {
  /** As Go's template writes it. */
  name: string;
  /** The name in nvl's context; empty where it has none. */
  context: string;
  /** Whether 0.4.1 gives it as the text of a JSON object. */
  isJson?: true;
  /** The field of the labelled event that holds it. */
  label?: string;
  /** What a rule of nvl's configuration matches it by. */
  match?: 'namespace' | 'job' | 'group' | 'task';
};

/** By its name; undefined for one that 0.4.1 does not know. */
export const fieldOf = (name: string): TaskField | undefined => FIELDS.find((field) => field.name === name);

/**
 * All of them. `Job` is the job's id there, not its name. `Key` makes the names of a task's components, and `LogDir` is the glob of its files, which in
 * nvl are the pipeline's.
 *
 * @source https://github.com/mr-karan/nomad-vector-logger/blob/v0.4.1/app.go (AllocMeta), alloc.go (generateConfig)
 */
export const FIELDS: readonly TaskField[] = [
  { name: 'Key', context: 'id' },
  { name: 'ID', context: 'alloc.id', label: 'nomad.alloc_id' },
  { name: 'LogDir', context: '' },
  { name: 'Namespace', context: 'namespace', label: 'nomad.namespace', match: 'namespace' },
  { name: 'Node', context: 'alloc.nodeName', label: 'nomad.node_name' },
  { name: 'Job', context: 'job.id', label: 'nomad.job_name', match: 'job' },
  { name: 'Group', context: 'group.name', label: 'nomad.group_name', match: 'group' },
  { name: 'Task', context: 'task.name', label: 'nomad.task_name', match: 'task' },
  { name: 'JobType', context: 'job.type', label: 'nomad.job_type' },
  { name: 'ParentJob', context: 'job.parentId', label: 'nomad.parent_job_name' },
  { name: 'TaskMeta', context: 'task.meta', isJson: true },
  { name: 'GroupMeta', context: 'group.meta', isJson: true },
  { name: 'JobMeta', context: 'job.meta', isJson: true },
  // Of its branch feat/name alone.
  { name: 'Name', context: 'alloc.name' },
];
