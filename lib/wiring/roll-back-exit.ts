import { betterThan, wayBack } from '../apply/act.ts';
import type { CycleDeps } from '../cycle-deps.ts';
import { NvlError } from '../errors.ts';
import type { Log } from '../log.ts';
import { quarantineChanges } from '../quarantine/refused-loads.ts';
import type { VectorExit } from '../vector/process/vector-exit.ts';
import { hasDiedOfReload, lastWordsOf } from './exit-blame.ts';

export type WayBackDeps = Pick<CycleDeps, 'disk' | 'memory' | 'store' | 'surroundings'>;

/**
 * Between two cycles Vector died of `bad`: its changes are quarantined, and the last good file is live before the next
 * Vector starts.
 */
export const rollBackExit = async ({
  exit,
  bad,
  deps,
  log,
}: {
  exit: VectorExit;
  /** What it read last. */
  bad: string;
  deps: WayBackDeps;
  log: Log;
}): Promise<void> => {
  // A cycle has put another file live since: the Vector that died did not read it, and the next one starts with it.
  if ((await deps.disk.readLive()) !== bad) return;
  // Without its table no file is sound.
  if (await putTableBack(deps)) {
    log.warn({ said: lastWordsOf(exit) }, TABLE_GONE);
    return;
  }
  const said = lastWordsOf(exit);
  const isBetter = betterThan({ bad, said, deps });
  // Vector confirmed this file before it died of it, so the file was kept as a good one.
  const fits = (text: string): boolean => isBetter(text) && !(hasDiedOfReload(exit) && text === bad);
  const good = await wayBack({ bad, fits, disk: deps.disk });
  const why = new NvlError('vectorDied', {
    message: exit.hadStarted
      ? 'Vector died soon after it had loaded the new config; the last good one is live again'
      : `Vector does not start with what is live${good === undefined ? '' : '; the last good one is live again'}`,
    facts: { said },
    advice: 'fix what it says; nvl does not offer it these bytes again',
  });
  quarantineChanges({ bad, good, why, mayRetry: true, deps });
  if (good === undefined) return;
  await deps.disk.restore(good);
  log.error({ err: why }, why.message);
};

const TABLE_GONE =
  'Vector ended without the table of tasks, which somebody took away or changed: it is written again; see what cleans or writes in rows/ of the output root';

/** True where somebody took it away or changed it: it is as nvl wrote it again, and the next Vector starts with that. */
const putTableBack = async ({ disk, memory }: WayBackDeps): Promise<boolean> => {
  const { table } = memory;
  if (table === undefined) return false;
  const tables = { table: table.text, rows: table.rows, text: (await disk.readLive()) ?? '' };
  if ((await disk.readTable()) === table.text && (await disk.hasTables(tables))) return false;
  await disk.writeTable(tables);
  return true;
};
