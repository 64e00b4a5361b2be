import { stat } from 'node:fs/promises';
import { NvlError } from '../../errors.ts';
import type { VectorCommand } from '../config/command.ts';
import { findBinary, runVector } from './run.ts';

/**
 * The lowest version nvl works with: only from 0.57 on does `vector validate --no-environment` compile VRL, which is the
 * proof a configuration needs before it goes live. Older ones also interpolate the environment unasked.
 */
export const OLDEST_VERSION = '0.57.0';

export type FoundVector = {
  /** The absolute path of the binary. */
  file: string;
  /** Three numbers, and what a nightly or own build adds: `0.57.0`, `0.58.0-nightly`. */
  version: string;
};

/**
 * Finds vector and its version, which is asked again only when the file is another. Throws `vectorMissing` (with the PATH
 * that was searched), `vectorTooOld`, `vectorHangs` after `timeoutMs` (10 s), `vectorDied`.
 */
export const findVector = async ({
  command,
  timeoutMs = 10_000,
  signal,
}: {
  command: Pick<VectorCommand, 'binary' | 'env' | 'cwd'>;
  timeoutMs?: number;
  signal?: AbortSignal;
}): Promise<FoundVector> => {
  const file = await findBinary(command);
  const identity = await identityOf(file);
  const known = VERSIONS.get(identity);
  const version =
    known ?? (await askVersion({ command: { ...command, binary: file }, timeoutMs, ...(signal && { signal }) }));
  VERSIONS.set(identity, version);
  if (isOlder(version, OLDEST_VERSION)) {
    throw new NvlError('vectorTooOld', {
      message: `Vector ${version} is too old`,
      facts: { binary: file, needed: `${OLDEST_VERSION} or newer: older ones do not compile VRL when they validate` },
      advice: 'upgrade Vector, or name a newer binary in vector.binary',
    });
  }
  return { file, version };
};

/** By file identity, so that an upgrade in place is seen. */
const VERSIONS = new Map<string, string>();

export const identityOf = async (file: string): Promise<string> => {
  const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true });
  return [file, dev, ino, size, mtimeNs].join(' ');
};

const askVersion = async ({
  command,
  timeoutMs,
  signal,
}: {
  command: Pick<VectorCommand, 'binary' | 'env' | 'cwd'>;
  timeoutMs: number;
  signal?: AbortSignal;
}): Promise<string> => {
  const { exitCode, stdout, stderr } = await runVector({
    command,
    args: ['--version'],
    timeoutMs,
    ...(signal && { signal }),
  });
  const version = /^vector (\d+\.\d+\.\d+\S*)/m.exec(stdout)?.[1];
  if (exitCode === 0 && version !== undefined) return version;
  throw new NvlError('vectorMissing', {
    message: `${command.binary} does not say its version as Vector does`,
    facts: { 'exit code': String(exitCode), said: `${stdout}${stderr}`.trim().slice(0, 500) || undefined },
    advice: 'name the binary of Vector in vector.binary',
  });
};

const isOlder = (version: string, than: string): boolean => {
  const [a, b] = [version, than].map((text) => text.split(/[.+-]/, 3).map(Number));
  for (let part = 0; part < 3; part += 1) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
};
