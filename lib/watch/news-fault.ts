import { messageOf, NvlError } from '../errors.ts';

/** What to say when Nomad can't be asked for news. */
export const newsFault = (error: unknown): string => `no news from Nomad: ${messageOf(error)}`;

/** An error as the fields of a log entry. */
export const asFields = (error: unknown) =>
  error instanceof NvlError ? { code: error.code, ...error.facts, advice: error.advice } : { err: error };
