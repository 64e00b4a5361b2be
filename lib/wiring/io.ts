import type { Writable } from 'node:stream';
import pc from 'picocolors';
import { EX_CONFIG } from '../vector/process/run.ts';

/** The streams and facts of the terminal that a command is handed; only `bin/` has the real ones. */
export type Io = {
  /** Data, for pipes. */
  out(text: string): void;
  /** Resolves when `out` takes more: at once, where nobody has to wait for whoever reads it. Only who writes without end has to ask. */
  outTakesMore?(): Promise<void>;
  /** Everything else. */
  err(text: string): void;
  /** What `err` writes to, for a child's output to pass through byte for byte. It never makes the writer wait. */
  stderr: Writable;
  /** Calls back when `stderr` is read again after some of it was let go, to say so in the log's own format. */
  onLogGap?(told: (gap: { lines: number; bytes: number; ms: number }) => void): void;
  /** What comes on stdin, to its end. */
  readInput(): AsyncIterable<Buffer>;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Where the system's configuration is looked for, when it is not /etc/nvl. */
  systemDir?: string;
  /** Whether stdout is a terminal; `isErrTty`: whether stderr is. */
  isTty: boolean;
  isErrTty: boolean;
  /** Aborts when the process is told to end. */
  signal: AbortSignal;
  /** Calls back at each SIGHUP; returns what ends that. Without anyone listening a SIGHUP ends the process. */
  onHangup(hangup: () => void): () => void;
};

/** Shows a text in place of the one before where a person looks (`isScreen`), else behind it. Resolves when more is taken. */
export const showAnew = async ({
  io,
  text,
  isScreen,
}: {
  io: Pick<Io, 'out' | 'outTakesMore' | 'isTty'>;
  text: string;
  isScreen: boolean;
}): Promise<void> => {
  io.out(io.isTty && isScreen ? `${CLEAR}${text}` : text);
  await io.outTakesMore?.();
};

/** The cursor goes to the top of a screen that is empty then. */
const CLEAR = '\u001b[2J\u001b[3J\u001b[H';

/** Colours where a person looks: `NO_COLOR`, `NOMAD_CLI_NO_COLOR`, `NOMAD_CLI_FORCE_COLOR` and a dumb terminal are heeded. */
export const colorsOf = ({
  io,
  wanted,
}: {
  io: Pick<Io, 'env' | 'isTty'>;
  wanted: boolean | undefined;
}): ReturnType<typeof pc.createColors> => {
  const { env } = io;
  const isOff = wanted === false || Boolean(env.NO_COLOR) || Boolean(env.NOMAD_CLI_NO_COLOR) || env.TERM === 'dumb';
  const isForced = wanted === true || Boolean(env.NOMAD_CLI_FORCE_COLOR);
  return pc.createColors(isForced || (!isOff && io.isTty));
};

/** How nvl ends; where Vector refuses the configuration, as Vector itself does. `overLimit`: a change costs more than was allowed. */
export const EXIT = { done: 0, error: 1, changes: 2, overLimit: 3, refused: EX_CONFIG } as const;
