import { execa } from 'execa';
import type { VectorCommand } from '../vector/config/command.ts';
import { parseLogLine } from '../vector/process/log-line.ts';

/** A Vector that lives no longer than this process, and what it logged. */
export type VectorProcess = {
  /** Whether all its components run. */
  hasStarted: () => boolean;
  hasEnded: () => boolean;
  /** Whether a source has found this file. */
  hasFound: (file: string) => boolean;
  /** Its warnings and errors so far, a line each. */
  said: () => string[];
  /** One SIGTERM, after which it delivers what it holds; SIGKILL when it has not ended 10 s later. */
  end: () => Promise<{ exitCode: number | undefined }>;
};

/** Starts Vector on these files alone, whatever configuration the variables around it name. */
export const startVectorProcess = ({
  file,
  configs,
  command,
  signal,
}: {
  /** The binary's absolute path. */
  file: string;
  configs: readonly string[];
  command: Pick<VectorCommand, 'env' | 'cwd'>;
  signal: AbortSignal;
}): VectorProcess => {
  const lines: string[] = [];
  const found = new Set<string>();
  let hasStarted = false;
  const args = ['--color=never', ...EVERY_LOG, ...configs.flatMap((config) => ['--config-toml', config])];
  const child = execa(file, args, {
    cwd: command.cwd,
    env: command.env,
    stdin: 'ignore',
    stdout: 'ignore',
    buffer: false,
    reject: false,
    lines: true,
    cancelSignal: signal,
    forceKillAfterDelay: END_MS,
  });
  const bare = child.nodeChildProcess;
  const reading = (async () => {
    for await (const line of child.iterable({ from: 'stderr' })) {
      const file = FOUND.exec(String(line))?.[1];
      if (file !== undefined) found.add(file);
      else if (parseLogLine(String(line))?.kind === 'started') hasStarted = true;
      else if (lines.length < MOST_LINES && /^\S+ +(?:WARN|ERROR) /.test(String(line))) lines.push(String(line));
    }
  })().catch(() => {});
  return {
    hasStarted: () => hasStarted,
    hasEnded: () => bare.exitCode !== null || bare.signalCode !== null,
    hasFound: (file) => found.has(file),
    said: () => lines,
    end: async () => {
      child.kill('SIGTERM');
      const { exitCode } = await child;
      await reading;
      return { exitCode };
    },
  };
};

/** `src/internal_events/file.rs`, Vector 0.57. */
const FOUND = / Found new file to watch\. file=(\S+)$/;
/** Vector says the same only once in ten seconds, and that of another file is the same to it. */
const EVERY_LOG = ['--internal-log-rate-limit', '0'];
const END_MS = 10_000;
const MOST_LINES = 10_000;

/**
 * The variables to start Vector with: `vector.env` of the configuration, and none of the variables that would add
 * configurations or change how it logs. A variable that is undefined is taken away.
 */
export const hermeticEnv = ({
  env,
  around,
}: {
  env: Readonly<Record<string, string | undefined>>;
  around: Readonly<Record<string, string | undefined>>;
}): Record<string, string | undefined> => {
  const removed = Object.keys(around).filter((name) => name.startsWith('VECTOR_') || name === 'LOG');
  return { ...Object.fromEntries(removed.map((name) => [name, undefined])), ...env };
};
