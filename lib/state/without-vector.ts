import type { State } from './state.ts';

/**
 * What was known of the Vector that has ended does not hold for the next one: it has found no file yet. A link stays, or
 * comes back, until the next one has run its source for a while (`decide`). Pure.
 */
export const withoutVector = ({ state }: { state: State }): State => ({
  ...state,
  tasks: Object.fromEntries(Object.entries(state.tasks).map(([id, { loadedAt: _, ...record }]) => [id, record])),
});
