import type { State } from './state.ts';

/** Vector forgets the positions of files it no longer finds after 60 s; a file found again later is read from its start. */
const FORGOTTEN_AFTER_MS = 50_000;

/**
 * What a new Vector has to find. One that ended while a task's link was away may not have sent that task's last line yet,
 * and a new one never finds the file without the link; so the link is put back, and the task is on its way out anew.
 * Pure.
 */
export const withLinksBack = ({ state, now }: { state: State; now: number }): State => ({
  ...state,
  tasks: Object.fromEntries(
    Object.entries(state.tasks).map(([id, record]) => {
      const { unlinkedAt, loadedAt: _, ...rest } = record;
      const isOut = record.phase === 'unlinked' && now - (unlinkedAt ?? 0) < FORGOTTEN_AFTER_MS;
      return [id, isOut ? { ...rest, phase: 'collected' as const } : record];
    }),
  ),
});
