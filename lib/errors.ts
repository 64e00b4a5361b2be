/**
 * Every error a person can meet: a stable code, what is wrong, the facts, and what to do about it.
 * Code branches on `code`, never on words. Only `bin/` turns one into an exit code.
 */
export type NvlErrorParts = {
  /** What is wrong, one sentence without a full stop at its end. */
  message: string;
  /** Facts worth a line each, in the order shown: `from`, `said`, … */
  facts?: Readonly<Record<string, string | undefined>>;
  /** What the reader can do about it. */
  advice?: string;
  cause?: unknown;
};

export type ErrorCode =
  | 'configInvalid'
  | 'usage'
  | 'nomadAway'
  | 'nomadRefused'
  | 'nomadAnswer'
  | 'logsMissing'
  | 'jobUnknown'
  | 'jobspecInvalid'
  | 'nodeUnknown'
  | 'recordingUnreadable'
  | 'allocDirUnreadable'
  | 'templateInvalid'
  | 'templateMisnamed'
  | 'valueRefused'
  | 'profileUnknown'
  | 'parameterInvalid'
  | 'metaUnclear'
  | 'notForContainers'
  | 'nameRefused'
  | 'blockRefused'
  | 'testInvalid'
  | 'testUnread'
  | 'ownedId'
  | 'ownFiles'
  | 'vectorMissing'
  | 'vectorUser'
  | 'vectorTooOld'
  | 'vectorHangs'
  | 'vectorRefused'
  | 'vectorDied'
  | 'vectorApiAway'
  | 'vectorApiAnswer'
  | 'vectorMetricsAway'
  | 'dataDirMissing'
  | 'reloadFailed'
  | 'rootLocked'
  | 'rootUnusable'
  | 'diskFailed'
  | 'demoStuck'
  | 'gitFailed'
  | 'stateUnreadable'
  | 'statusUnanswered'
  | 'notRunnable'
  | 'notifyFailed'
  | 'vrlRefused'
  | 'enginesDiffer'
  | 'captureRefused'
  | 'migrateUnreadable'
  | 'migrateInTheWay'
  | 'vrlModule'
  | 'vrlLate'
  | 'vrlMemory'
  | 'vrlPanicked';

export class NvlError extends Error {
  readonly code: ErrorCode;
  readonly facts: Readonly<Record<string, string>>;
  readonly advice: string | undefined;

  constructor(code: ErrorCode, { message, facts = {}, advice, cause }: NvlErrorParts) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'NvlError';
    this.code = code;
    this.facts = Object.fromEntries(
      Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== undefined),
    );
    this.advice = advice;
  }
}

/** The lines a person sees: the message, then each fact, then what to try, in one column. */
export const describeError = (error: unknown): string => {
  if (!(error instanceof NvlError)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const rows = Object.entries({ ...error.facts, ...(error.advice === undefined ? {} : { try: error.advice }) });
  const width = Math.max(4, ...rows.map(([name]) => name.length));
  const indent = ' '.repeat(width + 4);
  return [
    `nvl: ${error.message}`,
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text.replaceAll('\n', `\n${indent}`)}`),
  ].join('\n');
};

/** What an error says in its own words; whatever was thrown may be none. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** True for a network or file error with that `code` (`ENOENT`, `ECONNREFUSED`, …). */
export const hasCode = (error: unknown, ...codes: string[]): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
