import type { BenchTask } from './stand-in-node.ts';

/** Lines of one length, their newlines counted, ready to be written to many tasks. */
export type Lines = { block: Buffer; inBlock: number; lineBytes: number };

const BLOCK_BYTES = 8_192;

/** Pairs of logfmt as a web server might write them, filled up to the length; the same for all contenders. */
export const makeLines = ({ lineBytes }: { lineBytes: number }): Lines => {
  const inBlock = Math.max(1, Math.floor(BLOCK_BYTES / lineBytes));
  const start =
    'time=2026-11-26T17:00:00.123456Z level=info msg="request served" method=GET status=200 took_ms=12 path=/';
  const line = `${start}${'a'.repeat(Math.max(0, lineBytes - 1 - start.length))}\n`;
  return { block: Buffer.from(line.repeat(inBlock)), inBlock, lineBytes: line.length };
};

/** Writes at least so many bytes over all tasks, block by block in turn; gives the number of lines. */
export const writeBytes = ({
  tasks,
  lines,
  bytes,
}: {
  tasks: readonly BenchTask[];
  lines: Lines;
  bytes: number;
}): number => {
  let written = 0;
  for (let turn = 0; written * lines.lineBytes < bytes; turn += 1) {
    tasks[turn % tasks.length]?.stdout.write(lines.block);
    written += lines.inBlock;
  }
  return written;
};

/** Writes on, at a rate that may change, until it is stopped. */
export type Writer = {
  setRate: (bytesASecond: number) => void;
  /** How many lines were written until that moment, in ms since the epoch. */
  writtenAt: (atMs: number) => number;
  stop: () => number;
};

const EVERY_MS = 10;

export const startWriter = ({ tasks, lines }: { tasks: readonly BenchTask[]; lines: Lines }): Writer => {
  const history: { atMs: number; lines: number }[] = [{ atMs: Date.now(), lines: 0 }];
  let [rate, due, turn, written] = [0, 0, 0, 0];
  let last = performance.now();
  const step = () => {
    const now = performance.now();
    // After a pause of the machine's own it does not make up for more than a tenth of a second.
    due = Math.min(due + (rate * (now - last)) / 1_000, rate / 10 + lines.block.length);
    last = now;
    for (; due >= lines.block.length; due -= lines.block.length) {
      tasks[turn % tasks.length]?.stdout.write(lines.block);
      turn += 1;
      written += lines.inBlock;
    }
    history.push({ atMs: Date.now(), lines: written });
  };
  const timer = setInterval(step, EVERY_MS);
  return {
    setRate: (bytesASecond) => {
      rate = bytesASecond;
    },
    writtenAt: (atMs) => history.findLast((one) => one.atMs <= atMs)?.lines ?? 0,
    stop: () => {
      clearInterval(timer);
      return written;
    },
  };
};
