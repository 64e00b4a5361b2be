import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { execa } from 'execa';
import { hasCode, messageOf, NvlError } from '../../errors.ts';
import { environmentOf, type VectorCommand } from '../config/command.ts';
import { asksEnv } from './mark.ts';

/** `EX_CONFIG` of sysexits.h: how Vector ends over a configuration. */
export const EX_CONFIG = 78;

export type Finished = { exitCode: number; stdout: string; stderr: string };

/**
 * Runs the vector binary once, to its end. What it writes beyond `maxOutputBytes` (4 MiB each way) is let go, never held.
 * Throws `vectorMissing`, `vectorHangs` after `timeoutMs`, `vectorDied` by a signal, and the signal's reason on an abort.
 */
export const runVector = async ({
  command,
  args,
  timeoutMs,
  signal,
  maxOutputBytes = 4 * 1024 * 1024,
}: {
  command: Pick<VectorCommand, 'binary' | 'env' | 'cwd'>;
  args: string[];
  timeoutMs: number;
  signal?: AbortSignal;
  maxOutputBytes?: number;
}): Promise<Finished> => {
  signal?.throwIfAborted();
  const file = await findBinary(command);
  const child = execa(file, args, {
    cwd: command.cwd,
    env: { ...command.env, ...asksEnv(command.env) },
    stdin: 'ignore',
    buffer: false,
    reject: false,
    timeout: timeoutMs,
    // Nothing is lost with it: a short-lived vector holds no events.
    killSignal: 'SIGKILL',
    // Its own process group too: a Ctrl-C for nvl is no answer of Vector's.
    killDescendants: true,
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  const output = { stdout: collect(child.stdout, maxOutputBytes), stderr: collect(child.stderr, maxOutputBytes) };
  const result = await child;
  if (result.isCanceled) signal?.throwIfAborted();
  const facts = { command: [file, ...args].join(' '), said: lastWords(output.stderr()) };
  if (result.timedOut) {
    throw new NvlError('vectorHangs', {
      message: `Vector gave no answer within ${timeoutMs / 1000} s`,
      facts,
      advice: 'run the command by hand; a slow disk or a busy machine may need a longer reload.timeout',
    });
  }
  if (result.exitCode === undefined) {
    throw new NvlError(result.signal === undefined ? 'vectorMissing' : 'vectorDied', {
      message: result.signal === undefined ? 'Vector cannot be run' : `Vector was ended by ${result.signal}`,
      facts: { ...facts, reason: result.signal === undefined ? result.originalMessage : undefined },
      advice: 'run the command by hand to see what is wrong with it',
      cause: result.cause,
    });
  }
  return { exitCode: result.exitCode, stdout: output.stdout(), stderr: output.stderr() };
};

/** The absolute path of the binary, looked up as the system does. Throws `vectorMissing` with what was searched. */
export const findBinary = async ({
  binary,
  env,
  cwd,
}: Pick<VectorCommand, 'binary' | 'env' | 'cwd'>): Promise<string> => {
  const searched = environmentOf({ env }).PATH ?? '';
  const isPath = binary.includes('/');
  const places = isPath
    ? [resolve(cwd, binary)]
    : searched.split(delimiter).map((folder) => join(resolve(cwd, folder), binary));
  let refused: { file: string; reason: string } | undefined;
  for (const file of places) {
    try {
      if (!(await stat(file)).isFile()) continue;
      await access(file, constants.X_OK);
      return file;
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'ENOTDIR')) refused ??= { file, reason: messageOf(error) };
    }
  }
  throw new NvlError('vectorMissing', {
    message: refused === undefined ? `no ${binary} was found` : `${refused.file} may not be run`,
    facts: {
      searched: isPath ? places[0] : searched === '' ? 'an empty PATH' : searched,
      reason: refused?.reason,
    },
    advice: 'install Vector (https://vector.dev/docs/setup/installation/) or name its binary in vector.binary',
  });
};

const collect = (stream: NodeJS.ReadableStream | undefined, maxBytes: number): (() => string) => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (bytes < maxBytes) chunks.push(chunk.subarray(0, maxBytes - bytes));
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
};

const lastWords = (text: string): string | undefined => {
  const lines = text.trimEnd().split('\n').slice(-5).join('\n');
  return lines === '' ? undefined : lines;
};
