import type { Acted, CycleDeps, Looked } from '../cycle-deps.ts';
import { NvlError } from '../errors.ts';
import { knownRows } from '../pipelines/known-rows.ts';
import type { Row } from '../pipelines/row.ts';
import { digestOf, type Plan } from '../plan/plan.ts';
import { blameFor, fitsAgain, isOverDataDir, isOverTable } from '../quarantine/blame.ts';
import { isRefusedFile, quarantineChanges } from '../quarantine/refused-loads.ts';
import { handOver } from './hand-over.ts';

/**
 * How often Vector is told to load the same bytes when nothing confirms that it does. Some set-ups never can: where a
 * new folder is all there is to see, a reload that only removes tasks shows nothing.
 */
const MAX_TELLS = 3;

/** Swap → reload → confirm; and back to what Vector runs, or ran well, when that went wrong. */
export const act = async ({
  plan,
  looked: { live, table, rows: before, seats },
  rows,
  deps,
}: {
  plan: Plan;
  /** What was there before. */
  looked: Pick<Looked, 'live' | 'table' | 'rows' | 'seats'>;
  /** The table's. */
  rows: readonly Row[];
  deps: CycleDeps;
}): Promise<Acted> => {
  const { disk, memory, signal } = deps;
  if (!plan.swap && !plan.write && !plan.reload) return { outcome: 'unchanged' };
  const loaded = deps.store.read().loaded?.digest;
  const running = live !== undefined && digestOf(live) === loaded ? live : undefined;
  // A Vector that ended since this cycle looked was taken back to an earlier file: what was planned may hold what it died of.
  if (plan.swap && (await disk.readLive()) !== live) return { outcome: 'rolledBack', isRunning: true };
  // Before the file: a pipeline without its rows would not know whose a line is.
  if (plan.write) {
    await disk.writeTable(plan);
    memory.table = { text: plan.table, rows: plan.rows };
  }
  if (plan.swap) await disk.swap();
  const back = plan.write ? withTable({ live, table, rows: before, deps }) : deps;
  const added = plan.changes.added.filter(({ kind }) => kind === 'source').map(({ id }) => id);
  handOver({ added, rows, seats, deps });
  const reloaded = await deps.reload({ added, signal });
  // A Vector that ended meanwhile was taken back to an earlier file: what it does now says nothing of this one.
  if ((await disk.readLive()) !== plan.text) return { outcome: 'rolledBack', isRunning: true };
  // Whatever Vector made of this set, it was not this set: without its table all programs that look a row up are refused.
  if ((await disk.readTable()) !== plan.table || !(await disk.hasTables(plan)))
    return { outcome: 'unconfirmed', why: tableGone() };
  switch (reloaded.kind) {
    case 'reloaded':
      if (plan.prove) await disk.keepGeneration(plan.text);
      return { outcome: 'reloaded' };
    case 'needsRestart':
      return { outcome: 'needsRestart', why: reloadError(reloaded) };
    case 'unconfirmed':
      return signal.aborted
        ? { outcome: 'unconfirmed', why: reloadError(reloaded) }
        : retryUnconfirmed({ plan, memory, why: reloaded.why });
    case 'refused':
    case 'died':
      // The same file with other rows: what Vector refuses is none of nvl's.
      return plan.prove ? goBack({ bad: plan.text, running, reloaded, deps: back }) : rowsRefused(reloaded);
    default:
      return goBackFromFailed({ plan, reloaded, deps: back });
  }
};

const rowsRefused = ({ kind, why }: { kind: 'refused' | 'died'; why: string }): Acted => ({
  outcome: 'rejected',
  why: reloadError({ kind: kind === 'refused' ? 'rowsRefused' : 'rowsDied', why }),
  isRunning: kind === 'refused',
});

/** Nothing says that Vector took the file. */
const goBackFromFailed = async ({
  plan,
  reloaded,
  deps: { disk, reload, signal },
}: {
  plan: Plan;
  reloaded: Parameters<typeof reloadError>[0];
  deps: CycleDeps;
}): Promise<Acted> => {
  // Of the file it runs nothing has changed.
  if (!plan.prove) return { outcome: 'unconfirmed', why: reloadError(reloaded) };
  const good = await wayBack({ fits: () => true, bad: plan.text, disk });
  if (good !== undefined) {
    await disk.restore(good);
    await reload({ added: [], signal });
  }
  return {
    outcome: good === undefined ? 'unconfirmed' : 'rolledBack',
    why: reloadError({ ...reloaded, isBack: good !== undefined }),
  };
};

/** The file that was there is put back with the table that was there: in the new one, a column may be another. */
const withTable = ({
  live,
  table,
  rows,
  deps,
}: Pick<Looked, 'live' | 'table' | 'rows'> & { deps: CycleDeps }): CycleDeps => {
  const { disk, memory } = deps;
  const restore: typeof disk.restore = async (text) => {
    if (text === live && table !== undefined) {
      await disk.writeTable({ table, rows, text });
      knownRows({ table, memory });
    }
    await disk.restore(text);
  };
  return { ...deps, disk: { ...disk, restore } };
};

/**
 * Vector did not take the file. Where it goes on, the file that it runs is put back and Vector is left alone: it has all of that
 * loaded (docs/decisions/0012). What is to blame is left out from the next cycle on.
 */
const goBack = async ({
  bad,
  running,
  reloaded,
  deps,
}: {
  bad: string;
  /** The file that Vector had loaded, if it was live. */
  running: string | undefined;
  reloaded: { kind: 'refused' | 'died'; why: string };
  deps: CycleDeps;
}): Promise<Acted> => {
  const { disk } = deps;
  const goesOn = reloaded.kind === 'refused' && running !== undefined && running !== bad;
  const good = goesOn ? running : await wayBack({ bad, fits: betterThan({ bad, said: reloaded.why, deps }), disk });
  const why = reloadError({ ...reloaded, isBack: good !== undefined });
  // Before the disk is asked: where that takes nothing now, the same bytes must not be offered meanwhile.
  quarantineChanges({ bad, good, why, mayRetry: reloaded.kind === 'died', deps });
  if (good !== undefined) await disk.restore(good);
  return { outcome: good === undefined ? 'unconfirmed' : 'rolledBack', why, isRunning: goesOn };
};

/**
 * Which earlier file is better than a bad one: one without the blocks that Vector names; where it names none, any that is
 * not known to be bad itself.
 */
export const betterThan = ({
  bad,
  said,
  deps,
}: {
  bad: string;
  said: string;
  deps: Parameters<typeof quarantineChanges>[0]['deps'];
}): ((text: string) => boolean) => {
  const { blocks, names } = blameFor({ bad, good: undefined, said });
  const blamed = names.length === 0 ? [] : blocks;
  return (text) => fitsAgain({ text, blamed }) && !isRefusedFile({ text, deps });
};

/**
 * The newest good generation that fits, to be put live: its blocks, never links of tasks that are drained since. Undefined
 * when there is none but the bad one.
 */
export const wayBack = async ({
  bad,
  fits,
  disk,
}: {
  bad: string;
  fits: (text: string) => boolean;
  disk: Pick<CycleDeps['disk'], 'lastGeneration'>;
}): Promise<string | undefined> => {
  const good = await disk.lastGeneration(fits);
  return good === bad ? undefined : good;
};

const tableGone = (): NvlError =>
  new NvlError('reloadFailed', {
    message: 'the table of tasks was taken away or changed while Vector was told of it',
    advice: 'nvl writes it again; see what cleans or writes in rows/ of its output root',
  });

const retryUnconfirmed = ({ plan, memory, why }: { plan: Plan; memory: CycleDeps['memory']; why: string }): Acted => {
  const digest = `${plan.digest} ${plan.tableDigest}`;
  const tells = memory.unconfirmedReloads?.digest === digest ? memory.unconfirmedReloads.times + 1 : 1;
  memory.unconfirmedReloads = { digest, times: tells };
  if (tells < MAX_TELLS) return { outcome: 'unconfirmed', why: reloadError({ kind: 'unconfirmed', why }) };
  return {
    outcome: 'unconfirmed',
    isAssumed: true,
    why: new NvlError('reloadFailed', {
      message: `Vector was told ${tells} times to reload, and nothing confirms that it did; nvl takes it as done`,
      facts: { said: why },
      advice: 'set reload.metrics, so that nvl can see reloads, or let nvl run Vector',
    }),
  };
};

const reloadError = ({ kind, why, isBack = false }: { kind: string; why: string; isBack?: boolean }): NvlError =>
  new NvlError(kind === 'died' || kind === 'rowsDied' ? 'vectorDied' : 'reloadFailed', {
    message: `${RELOAD_WORDS[kind]}${isBack ? '; the last good one is live again' : ''}`,
    facts: { said: why },
    advice: isOverTable(why)
      ? "let Vector's user read the table in rows/ of nvl's output root, and each folder above it: nvl tries again with growing pauses"
      : isOverDataDir(why)
        ? "make Vector's data folder as it says, and let Vector's user write there: nvl tries again with growing pauses"
        : (RELOAD_ADVICE[kind] ?? 'nvl tries again with growing pauses; see what Vector logged'),
  });

const FIX =
  'fix what it says: any change of the template, also of a comment, is tried at once; the rest ships meanwhile';

const RELOAD_ADVICE: Readonly<Record<string, string>> = {
  needsRestart: 'restart Vector: it loads what is live',
  refused: FIX,
  died: FIX,
  rowsRefused:
    'fix what it says: nothing of what nvl writes is new but rows, so that it is most likely a file of your own; nvl tries again',
};

const RELOAD_WORDS: Readonly<Record<string, string>> = {
  unconfirmed: 'Vector was told to reload, and nothing confirms that it did',
  needsRestart: 'Vector cannot load the new config without a restart',
  failed: 'Vector did not load the new config',
  refused: 'Vector refused to load the new config and goes on with the one it runs',
  died: 'Vector died of the new config',
  rowsRefused: 'Vector refused to reload, and new tasks wait for it; it goes on with what it runs',
  rowsDied: 'Vector ended when it was told of new rows',
};
