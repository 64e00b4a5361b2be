/** What nobody read and was let go: lines and bytes, and for how long it went on. */
export type LogGap = { lines: number; bytes: number; ms: number };

/** What is kept for the reader of a log, what is on its way to it, and what was let go. It writes nothing and waits for nothing. */
export type LogQueue = {
  /** Keeps it, unless there is no room; once something was let go, so is all that follows, until that is told. Says whether it is kept. */
  add(chunk: Buffer): boolean;
  /** All that is kept, to be written now; undefined when there is nothing, or what was taken before is still on its way. */
  take(): Buffer | undefined;
  /** So many bytes of what is on its way arrived: the rest of it, undefined when that was all. */
  arrived(bytes: number): Buffer | undefined;
  /** Nothing can be written: all of it is let go, and a gap that was about to be told is one again. */
  drop(): void;
  /** Tells of a gap, if there is one. What `tell` adds always has room, and stands on lines of its own. */
  tellGap(tell: (gap: LogGap) => void): void;
  readonly isOnItsWay: boolean;
};

export const createLogQueue = ({ maxBytes, now = Date.now }: { maxBytes: number; now?: () => number }): LogQueue => {
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let onItsWay: Buffer | undefined;
  let isMidLine = false;
  let lost: Lost | undefined;
  /** The gap that what is on its way, the first behind it, tells of. */
  let told: Lost | undefined;
  let isTelling = false;

  const letGo = (chunk: Buffer): void => {
    lost = withLost({ lost: lost ?? { lines: 0, bytes: 0, since: now() }, chunk });
  };

  return {
    get isOnItsWay() {
      return onItsWay !== undefined;
    },
    add: (chunk) => {
      const isFull = !isTelling && keptBytes + chunk.length > maxBytes;
      if (lost !== undefined || isFull) {
        letGo(chunk);
        return false;
      }
      const whole = isTelling && isMidLine ? Buffer.concat([LINE_END, chunk]) : chunk;
      kept.push(whole);
      keptBytes += whole.length;
      isMidLine = chunk.at(-1) !== LINE_END[0];
      return true;
    },
    take: () => {
      if (onItsWay !== undefined || kept.length === 0) return undefined;
      onItsWay = Buffer.concat(kept);
      kept = [];
      return onItsWay;
    },
    arrived: (bytes) => {
      keptBytes -= bytes;
      const rest = onItsWay?.subarray(bytes);
      onItsWay = rest !== undefined && rest.length > 0 ? rest : undefined;
      if (onItsWay === undefined) told = undefined;
      return onItsWay;
    },
    drop: () => {
      if (told !== undefined) lost = told;
      else if (onItsWay !== undefined) letGo(onItsWay);
      for (const chunk of kept) letGo(chunk);
      [kept, keptBytes, onItsWay, told, isMidLine] = [[], 0, undefined, undefined, false];
    },
    tellGap: (tell) => {
      if (lost === undefined) return;
      const { lines, bytes, since } = lost;
      [told, lost, isTelling] = [lost, undefined, true];
      tell({ lines, bytes, ms: now() - since });
      isTelling = false;
      if (onItsWay === undefined && kept.length === 0) told = undefined;
    },
  };
};

type Lost = { lines: number; bytes: number; since: number };

const withLost = ({ lost: { lines, bytes, since }, chunk }: { lost: Lost; chunk: Buffer }): Lost => ({
  lines: lines + countLines(chunk),
  bytes: bytes + chunk.length,
  since,
});

const LINE_END = Buffer.from('\n');

const countLines = (chunk: Buffer): number => {
  let count = 0;
  for (let at = chunk.indexOf(LINE_END); at !== -1; at = chunk.indexOf(LINE_END, at + 1)) count += 1;
  return count;
};
