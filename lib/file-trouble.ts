import { NvlError } from './errors.ts';

/** What a disk says that is full, read-only or ill; it may be well again later. */
const DISK_CODES: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ESTALE',
]);

type SystemError = Error & { code: string; syscall: string; path?: string };

const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;

/** Of an error, or of what caused it. */
export const isDiskTrouble = (error: unknown): boolean =>
  isSystemError(error)
    ? DISK_CODES.has(error.code)
    : error instanceof Error && error.cause !== undefined && isDiskTrouble(error.cause);

/** A file that can't be read or written is the world's trouble and no bug of nvl's; anything else stays what it is. */
export const asFileTrouble = (error: unknown): unknown => {
  if (!isSystemError(error) || !(DISK_CODES.has(error.code) || error.path !== undefined)) return error;
  return new NvlError('diskFailed', {
    message: `${WORDS[error.code] ?? 'nvl cannot use one of its files'}; Vector runs what is live`,
    facts: { path: error.path, reason: error.message },
    advice: 'make room or make it writable; nvl tries again with growing pauses',
    cause: error,
  });
};

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full, so nvl can write nothing',
  EDQUOT: 'the disk quota is used up, so nvl can write nothing',
  EROFS: 'the disk is read-only, so nvl can write nothing',
};
