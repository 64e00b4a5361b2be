import { basename } from 'node:path';
import type { EngineEvent } from '../engine/event.ts';
import { NvlError } from '../errors.ts';
import { parseLinkName } from '../link-name.ts';
import { FILE_SECRET } from '../render/labels/lookup.ts';
import type { TappedOutput } from '../vector/api/tap-outputs.ts';
import type { LineOutcome, LineRunner, SourceLine } from './line-runner.ts';
import { createPairing, type Pairing, type TappedLine } from './pairing.ts';
import { readLogEvent, type VectorEvent } from './read-log-event.ts';
import type { TapCounts, TapDeps, WatchedTasks } from './tap.ts';
import type { TappedTask } from './tapped-task.ts';

/** What becomes of events between their coming and their being shown, a step at a time. */
export type TapSteps = {
  /** Who is watched now. */
  look(): Promise<void>;
  tasks(): readonly TappedTask[];
  /** The ids of their pipelines, sorted. */
  pipelines(): readonly string[];
  /** Calls back, once, when there are others. */
  onOthers(call: () => void): void;
  /** True: so much waits that a turn has to come first. */
  take(output: TappedOutput): boolean;
  /** Does what there is to do. One that is under way is waited for. */
  turn(): Promise<void>;
  /** After the turn that is under way; what waits still is not waited for. Throws what a turn has thrown. */
  finish(): Promise<TapCounts>;
};

type Deps = Pick<TapDeps, 'look' | 'where' | 'show' | 'onDropped' | 'most' | 'say'> & {
  now?: (() => number) | undefined;
  runner: { live: LineRunner | undefined; edited: LineRunner | undefined };
  /** Enough was shown. */
  end: () => void;
};

export const createTapSteps = ({ now = Date.now, ...deps }: Deps): TapSteps => {
  const pairing = createPairing();
  const counts: TapCounts = { shown: 0, dropped: 0, missing: 0 };
  const watching = createWatching({ look: deps.look, say: deps.say });
  let inbox: TappedOutput[] = [];
  let ranAt: number | undefined;
  let busy: Promise<void> | undefined;
  let failed: { error: unknown } | undefined;
  const clock = createClock(now);

  const runEdited = async (lines: readonly SourceLine[], atMs: number): Promise<void> => {
    const { edited } = deps.runner;
    if (edited === undefined) return;
    const isQuiet = lines.length === 0 && ranAt !== undefined && atMs - ranAt >= QUIET_MS;
    const outcomes = lines.length > 0 ? await edited.run(lines) : isQuiet ? await edited.release() : [];
    if (lines.length > 0) ranAt = atMs;
    else if (isQuiet) ranAt = undefined;
    for (const { id, task, outcomes: of } of outcomes) pairing.edited({ id, task, outcomes: of, atMs });
  };
  const step = async (atMs: number): Promise<void> => {
    const outputs = inbox.map(readOutput);
    inbox = [];
    await watching.lookAgain({ outputs, atMs });
    await runEdited(sortIn({ outputs, watching, pairing, atMs }), atMs);
    const { lines, unknown } = pairing.ready(atMs);
    counts.missing += unknown;
    await showAll({ lines, deps, counts });
  };
  const turn = async (): Promise<void> => {
    if (busy !== undefined) return busy;
    if (failed !== undefined) throw failed.error;
    busy = step(clock())
      .catch((error: unknown) => {
        failed ??= { error };
        throw error;
      })
      .finally(() => {
        busy = undefined;
      });
    return busy;
  };
  return {
    ...watching,
    take: (output) => inbox.push(output) >= MOST_WAITING,
    turn,
    finish: async () => {
      await busy?.catch(() => {});
      if (failed !== undefined) throw failed.error;
      return counts;
    },
  };
};

/**
 * A clock for what is waited for: where this process got no time itself, what came meanwhile has not been read yet, and nothing is late. So it goes on
 * only a little from one step to the next.
 */
const createClock = (now: () => number): (() => number) => {
  let [last, passed] = [now(), 0];
  return () => {
    const at = now();
    passed += Math.min(Math.max(at - last, 0), MOST_STEP_MS);
    last = at;
    return passed;
  };
};

const MOST_STEP_MS = 250;

const MOST_WAITING = 2_000;
/** After so long without new lines, what waits for more of them is let go. */
const QUIET_MS = 1_000;

type Watching = Pick<TapSteps, 'look' | 'tasks' | 'pipelines' | 'onOthers'> & {
  /** Where a task is that nobody knows yet, and every now and then. */
  lookAgain(of: { outputs: readonly ReadOutput[]; atMs: number }): Promise<void>;
  taskOf(stem: string | undefined): TappedTask | undefined;
};

const LOOK_MS = 2_000;

const createWatching = ({ look: read, say }: Pick<Deps, 'look' | 'say'>): Watching => {
  let watch: WatchedTasks = { tasks: [], stems: new Set() };
  let byStem = new Map<string, TappedTask>();
  let lookedAt = 0;
  /** Whom the last look did not know either. */
  let inVain = new Set<string>();
  let onOthers = (): void => {};
  const pipelines = (): string[] => [...new Set(watch.tasks.map(({ pipeline }) => pipeline))].sort();
  const look = async (): Promise<void> => {
    const before = new Set(pipelines());
    watch = await read();
    byStem = new Map(watch.tasks.map((task) => [task.stem, task]));
    const added = pipelines().filter((id) => !before.has(id));
    if (added.length === 0 || before.size === 0) return;
    say(`watches ${added.join(', ')} too`);
    onOthers();
  };
  return {
    look,
    tasks: () => watch.tasks,
    pipelines,
    onOthers: (call) => {
      onOthers = call;
    },
    taskOf: (stem) => byStem.get(stem ?? ''),
    lookAgain: async ({ outputs, atMs }) => {
      const stems = outputs.flatMap(({ stem }) => stem ?? []);
      const strange = stems.filter((stem) => !watch.stems.has(stem) && !inVain.has(stem));
      const isTime = atMs - lookedAt >= LOOK_MS;
      if (strange.length === 0 && !isTime) return;
      if (isTime) [lookedAt, inVain] = [atMs, new Set()];
      await look();
      for (const stem of strange) inVain.add(stem);
    },
  };
};

/** An event, the task that it is from, as far as it says so, and whether it is one of *after*. */
type ReadOutput = VectorEvent & { stem: string | undefined; isOut: boolean };

/** Whose an event of a source is: the file that it was read from says so, before any label is set. */
const readOutput = ({ component, log }: TappedOutput): ReadOutput => {
  const read = readLog(log);
  const { event, secrets } = read.event;
  const isOut = component.endsWith('_out');
  // Where `reduce` made a new event, nvl has it keep the name of the file.
  const file = isOut ? secrets[FILE_SECRET] : event.file;
  return { ...read, isOut, stem: typeof file === 'string' ? parseLinkName(basename(file))?.stem : undefined };
};

const readLog = (log: Buffer): VectorEvent => {
  try {
    return readLogEvent(log);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const said = cause.message;
    throw new NvlError('vectorApiAnswer', {
      message: 'Vector sends events that nvl cannot read',
      facts: { said },
      cause,
    });
  }
};

/** Puts what came beside the lines it belongs to, and gives those that are new. */
const sortIn = ({
  outputs,
  watching,
  pairing,
  atMs,
}: {
  outputs: readonly ReadOutput[];
  watching: Watching;
  pairing: Pairing;
  atMs: number;
}): SourceLine[] => {
  const lines: SourceLine[] = [];
  for (const { id, event, stem, isOut } of outputs) {
    const task = watching.taskOf(stem);
    // It says itself that it is another job's.
    if (isOut && stem !== undefined && task === undefined) continue;
    if (isOut) pairing.after({ id, event, task, atMs });
    else pairing.before({ id, event, task, atMs });
    if (!isOut && task !== undefined) lines.push({ id, task, event });
  }
  return lines;
};

const showAll = async ({
  lines,
  deps: { where, show, onDropped, most, end, runner },
  counts,
}: {
  lines: readonly TappedLine[];
  deps: Deps;
  counts: TapCounts;
}): Promise<void> => {
  const judged: TappedLine[] = [];
  for (const line of lines) {
    const found = await judge({ line, live: runner.live });
    if (found === undefined) counts.missing += 1;
    else judged.push(found);
  }
  const events = judged.flatMap(eventsOf);
  const meant = new Set(events.length === 0 ? [] : await where(events));
  for (const line of judged) {
    if (most !== undefined && counts.shown >= most) return;
    const own = eventsOf(line);
    if (own.length === 0) {
      counts.dropped += 1;
      onDropped(line);
    } else if (own.some((event) => meant.has(event))) {
      await show(line);
      counts.shown += 1;
      if (counts.shown === most) end();
    }
  }
};

const eventsOf = ({ after, edited }: TappedLine): EngineEvent[] => [...after, ...(edited?.events ?? [])];

/**
 * A line of which Vector showed nothing more: nvl's own engine says whether that let it go, and why. Undefined for one that it would not drop: of it
 * not all was seen. Where it cannot say, each counts as dropped.
 */
const judge = async ({
  line,
  live,
}: {
  line: TappedLine;
  live: LineRunner | undefined;
}): Promise<TappedLine | undefined> => {
  const { id, task, before, after } = line;
  if (live === undefined || before === undefined || after.length > 0) return line;
  const found: readonly LineOutcome[] = await live.run([{ id, task, event: before }]).catch((error: unknown) => {
    if (!(error instanceof NvlError)) throw error;
    return [{ id, task, outcomes: { events: [], dropped: [] } }];
  });
  const outcomes = found.find((one) => one.id === id)?.outcomes;
  if (outcomes === undefined || outcomes.events.length > 0) return undefined;
  const [why] = outcomes.dropped;
  return { ...line, ...(why === undefined ? {} : { why }) };
};
