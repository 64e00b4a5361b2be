import { open } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { messageOf, NvlError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import type { SampleLines } from './sample.ts';

/**
 * The samples of jobs that a person gave as `JOB=FILE`, by their jobs. Throws `usage` for a text of another form, a job that nothing was recorded
 * of, and a file that cannot be read.
 */
export const readGivenLines = async ({
  given,
  cwd,
  jobs,
}: {
  given: readonly string[];
  cwd: string;
  /** Those that are recorded. */
  jobs: ReadonlySet<string>;
}): Promise<Map<string, SampleLines>> => {
  const samples = new Map<string, SampleLines>();
  for (const text of given) {
    const at = text.indexOf('=');
    const [job, file] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
    if (job === '' || file === '')
      throw new NvlError('usage', { message: `--lines ${text} names no job and file: write --lines JOB=FILE` });
    if (!jobs.has(job))
      throw new NvlError('usage', {
        message: `no recorded job is named ${job}${didYouMean(job, [...jobs].sort())}`,
        facts: { jobs: [...jobs].sort().slice(0, 20).join(', ') || undefined },
      });
    const bytes = await firstBytes(resolve(cwd, file)).catch((error: unknown) => {
      throw new NvlError('usage', {
        message: `--lines: ${file} cannot be read`,
        facts: { said: messageOf(error) },
        cause: error,
      });
    });
    const before = samples.get(job)?.logs ?? [];
    samples.set(job, { about: basename(file), logs: [...before, { stream: 'stdout', bytes }] });
  }
  return samples;
};

/** Enough to tell a share by; a line that is cut is left out. */
const MOST_BYTES = 4_000_000;

const firstBytes = async (path: string): Promise<Buffer> => {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(MOST_BYTES);
    let size = 0;
    for (let more = 1; more > 0 && size < MOST_BYTES; size += more)
      more = (await file.read(bytes, size, MOST_BYTES - size)).bytesRead;
    const read = bytes.subarray(0, size);
    return size < MOST_BYTES ? read : read.subarray(0, read.lastIndexOf(0x0a) + 1);
  } finally {
    await file.close();
  }
};
