import { NvlError } from '../../errors.ts';
import { VrlFault } from '../../render/safe/place/vrl-scan.ts';
import type { VrlEvent } from '../../vrl/answers.ts';
import type { Vrl, VrlProgram, VrlRunOptions } from '../../vrl/vrl.ts';
import { branchesOf, type ProbeEdit, type VrlBranch } from './branches.ts';
import { type ProbedProgram, withProbes } from './probes.ts';
import { isSameProgram } from './same-program.ts';

/** What was seen of a program while it ran. */
export type SeenProgram = {
  branches: readonly VrlBranch[];
  /** How often each was taken; at least so often where a program logs a lot. */
  taken: readonly number[];
  /** How many events went in, and of a condition how many fulfilled it. */
  events: number;
  fulfilled: number;
  /** Why its branches cannot be told. */
  unmeasured: string | undefined;
};

/** Sees which branches the programs take that a `Vrl` runs. */
export type VrlWatch = {
  /** Answers as the one that it is given. */
  wrap: (vrl: Vrl) => Vrl;
  /** Undefined for a program that was never run. Programs are told apart by their names too. */
  seen: (program: VrlProgram) => SeenProgram | undefined;
};

/**
 * Each program runs twice: as it is, which decides what comes out, and with probes, of which only the log is read. So nothing that a test
 * sees can be another for being watched; VRL's own messages name places of the program.
 */
export const createVrlWatch = (): VrlWatch => {
  const programs = new Map<string, Watched>();
  const watchedOf = (program: VrlProgram): Watched => {
    const key = keyOf(program);
    const known = programs.get(key) ?? newlyWatched(program);
    programs.set(key, known);
    return known;
  };
  return {
    wrap: (vrl) => ({
      ...vrl,
      run: async (program, events, options) => {
        const watched = watchedOf(program);
        const [run] = await Promise.all([
          vrl.run(program, events, options),
          observe({ vrl, watched, events, options }),
        ]);
        watched.events += events.length;
        watched.fulfilled += run.results.filter((result) => result.kind === 'done' && result.value === true).length;
        return run;
      },
    }),
    seen: (program) => programs.get(keyOf(program)),
  };
};

const keyOf = ({ name, kind, source }: VrlProgram): string => JSON.stringify([name, kind, source]);

type Watched = {
  program: VrlProgram;
  branches: readonly VrlBranch[];
  edits: readonly ProbeEdit[];
  taken: number[];
  events: number;
  fulfilled: number;
  unmeasured: string | undefined;
  /** The program with the probes that are asked for now; undefined where none can be. */
  probed: Promise<ProbedProgram | undefined> | undefined;
};

const newlyWatched = (program: VrlProgram): Watched => {
  const watched = { program, taken: [], events: 0, fulfilled: 0, unmeasured: undefined, probed: undefined };
  try {
    const { branches, edits } = branchesOf(program.source);
    return { ...watched, branches, edits, taken: branches.map(() => 0) };
  } catch (error) {
    if (!(error instanceof VrlFault || error instanceof RangeError)) throw error;
    return { ...watched, branches: [], edits: [], unmeasured: `nvl cannot follow it: ${error.message}` };
  }
};

type Observing = { vrl: Vrl; watched: Watched; options: VrlRunOptions | undefined };

const observe = async ({ events, ...given }: Observing & { events: readonly VrlEvent[] }): Promise<void> => {
  const { watched } = given;
  if (watched.branches.length === 0) return;
  try {
    watched.probed ??= probedOnce(given);
    await watched.probed;
    for (let from = 0; from < events.length; from += AT_ONCE) {
      let left: readonly VrlEvent[] = events.slice(from, from + AT_ONCE);
      while (left.length > 0) left = await noteTaken({ ...given, events: left });
    }
  } catch (error) {
    if (!(error instanceof NvlError)) throw error;
    watched.unmeasured ??= error.message;
  }
};

/** Of a call, so that it takes no longer than the original is allowed. */
const AT_ONCE = 200;

/** Runs what has probes, and gives the events that have to be run once more, with fewer of them. */
const noteTaken = async ({
  vrl,
  watched,
  options,
  events,
}: Observing & { events: readonly VrlEvent[] }): Promise<readonly VrlEvent[]> => {
  const probed = await watched.probed;
  if (probed === undefined) return [];
  const { results } = await vrl.run({ ...watched.program, source: probed.source }, events, options);
  for (const { logs } of results) for (const { start } of logs) count(watched, probed.branchAt.get(start));
  const cut = events.filter((_, index) => (results[index]?.logs.length ?? 0) >= MOST_LOGGED);
  return cut.length > 0 && asksForLess({ watched, probed }) ? cut : [];
};

/** The module keeps no more lines of one event's log. */
const MOST_LOGGED = 1_000;

const count = ({ taken }: Watched, branch: number | undefined): void => {
  if (branch !== undefined) taken[branch] = (taken[branch] ?? 0) + 1;
};

/** Keeps the probes alone that nothing is known of yet. False where that leaves none, or as many as before. */
const asksForLess = ({ watched, probed }: { watched: Watched; probed: ProbedProgram }): boolean => {
  const { program, edits, taken } = watched;
  const branches = new Set(taken.flatMap((times, branch) => (times > 0 ? [] : [branch])));
  if (branches.size === probed.branchAt.size) {
    watched.unmeasured ??= 'it logs more of an event than nvl can read';
    return false;
  }
  const fewer = branches.size === 0 ? undefined : withProbes({ source: program.source, edits, branches });
  watched.probed = Promise.resolve(fewer);
  return fewer !== undefined;
};

/** The program with probes, if VRL's compiler takes both for the same. What it refuses is told as an error of its profile. */
const probedOnce = async ({ vrl, watched, options }: Observing): Promise<ProbedProgram | undefined> => {
  const { program, branches, edits } = watched;
  const probed = withProbes({ source: program.source, edits, branches: new Set(branches.keys()) });
  const [{ verdict }, { verdict: other }] = await Promise.all([
    vrl.run(program, [], options),
    vrl.run({ ...program, source: probed.source }, [], options),
  ]);
  if (!verdict.ok) return undefined;
  if (isSameProgram(verdict, other)) return probed;
  watched.unmeasured = 'with probes in it VRL’s compiler takes it for another program';
  return undefined;
};
