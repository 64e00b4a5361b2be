import type { EngineEvent } from '../engine/event.ts';
import type { PipelineStep } from '../preview/task-pipeline.ts';
import type { TappedTask } from './tapped-task.ts';

/** What a pipeline that nvl runs itself made of one line. */
export type Outcomes = Pick<PipelineStep, 'events' | 'dropped'>;

/** A line as the source gave it, and what came of it. */
export type TappedLine = {
  /** What Vector knows it by. */
  id: string;
  task: TappedTask;
  /** Undefined where it was not seen. */
  before: EngineEvent | undefined;
  after: readonly EngineEvent[];
  /** By the edited templates; undefined where there are none, or it waits for more lines. */
  edited: Outcomes | undefined;
  /** Of one that gave nothing: why, as nvl's own engine says. */
  why?: { component: string; why: string };
};

/** One event, at a time in ms. `task`: undefined for one of another job, or where that is not known. */
export type SeenEvent = { id: string; event: EngineEvent; task: TappedTask | undefined; atMs: number };

/** Puts together what is of one line, in whatever order it comes. */
export type Pairing = {
  before(seen: SeenEvent): void;
  after(seen: SeenEvent): void;
  edited(line: { id: string; task: TappedTask; outcomes: Outcomes; atMs: number }): void;
  /**
   * The lines that are whole by then, and those that have waited long enough, in the order in which they began. `unknown`: how many events came whose
   * beginning was not seen, so that nobody knows whose they are.
   */
  ready(atMs: number): { lines: TappedLine[]; unknown: number };
  /** How many lines it waits for. */
  size(): number;
};

/** `settleMs`: a line may give several events, which do not come at once. `waitMs`: for what has not come by then, nobody waits. */
export const createPairing = ({
  settleMs = 300,
  waitMs = 5_000,
  most = 20_000,
}: {
  settleMs?: number;
  waitMs?: number;
  /** So many lines are waited for; of more, no longer for the oldest. */
  most?: number;
} = {}): Pairing => {
  const parts = new Map<string, Parts>();
  const partsOf = (id: string, atMs: number): Parts => {
    const known = parts.get(id);
    if (known !== undefined) return known;
    const made: Parts = { atMs, isForeign: false, isLate: false, task: undefined, before: undefined, after: [] };
    parts.set(id, made);
    return made;
  };
  return {
    before: ({ id, event, task, atMs }) => {
      const line = partsOf(id, atMs);
      if (task === undefined) Object.assign(line, { isForeign: true, after: [] });
      else Object.assign(line, { before: event, task });
    },
    after: ({ id, event, task, atMs }) => {
      const line = partsOf(id, atMs);
      if (line.isForeign) return;
      line.task ??= task;
      line.after.push(event);
    },
    edited: ({ id, task, outcomes, atMs }) => {
      const isLate = !parts.has(id);
      const line = partsOf(id, atMs);
      const { events = [], dropped = [] } = line.edited ?? {};
      line.task ??= task;
      line.isLate ||= isLate;
      line.edited = { events: [...events, ...outcomes.events], dropped: [...dropped, ...outcomes.dropped] };
    },
    ready: (atMs) => {
      const lines: TappedLine[] = [];
      let unknown = 0;
      for (const [id, line] of parts) {
        const ageMs = atMs - line.atMs;
        const isWhole = line.isLate || (line.before !== undefined && line.after.length > 0 && ageMs >= settleMs);
        if (!isWhole && ageMs < waitMs && parts.size <= most) continue;
        parts.delete(id);
        if (line.isForeign) continue;
        const { task, before, after, edited } = line;
        if (task === undefined) unknown += after.length;
        else lines.push({ id, task, before, after, edited });
      }
      return { lines, unknown };
    },
    size: () => parts.size,
  };
};

type Parts = {
  /** When the first of it was seen. */
  atMs: number;
  /** Its line is another job's. */
  isForeign: boolean;
  /** What is known of it came after it was shown. */
  isLate: boolean;
  task: TappedTask | undefined;
  before: EngineEvent | undefined;
  after: EngineEvent[];
  edited?: Outcomes;
};
