import type { readAllocation } from './read-allocation.ts';
import type { readTask } from './read-group.ts';

/**
 * One allocation of `GET /v1/node/:id/allocations`, with every field that templates may see and none that may hold a
 * secret: `Job.Payload`, `Env`, the driver's whole `Config`, `Templates`, `Vault`, `Secrets`, `Identity` and
 * `NomadTokenID` are never read. Times are RFC 3339, durations milliseconds, absent texts ''.
 * Field names: Nomad's API (api/allocations.go, jobs.go, tasks.go), in camelCase. The readers say what each field is, once.
 */
export type Allocation = NonNullable<ReturnType<typeof readAllocation>>;

/** What a job says of a task; `state` is what became of it. */
export type Task = ReturnType<typeof readTask>;
