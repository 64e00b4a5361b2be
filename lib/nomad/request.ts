import { asAnswerError, type RequestFacts, readJson, unexpected } from './answer-error.ts';
import type { Answer, HttpRequest } from './connection.ts';

/** What is asked of Nomad. `needs`: the ACL rules that the answer takes. */
export type NomadRequest = {
  path: string;
  query?: Readonly<Record<string, string>>;
  /** What is sent as JSON, which makes it a POST. */
  body?: unknown;
  needs: string;
  /** How long a blocking query may wait. */
  waitMs?: number;
  signal: AbortSignal | undefined;
  /** Unset: as the settings have it. */
  mayBeStale?: boolean;
  onPiece?: (piece: Buffer) => void;
  /** Of an answer that goes on: see `HttpRequest`. */
  silence?: HttpRequest['silence'];
};

/** An answer, and what it answers, for messages. */
export type Exchange = { answer: Answer; request: RequestFacts };

/** The parameters of a blocking query. No wait, or one of 0, would mean 300 s to Nomad, which is also its limit. Pure. */
export const blocking = ({ index, waitMs = 60_000 }: { index: number; waitMs?: number | undefined }) => {
  const bounded = Math.round(Math.min(Math.max(waitMs, 1), 300_000));
  return { query: { index: String(index), wait: `${bounded}ms` }, waitMs: bounded };
};

/** How new an answer is; 0 is none that could be waited on. Pure. */
export const indexOf = ({ headers }: Pick<Answer, 'headers'>): number => {
  const index = Number(headers['x-nomad-index'] ?? 0);
  return Number.isSafeInteger(index) && index > 0 ? index : 0;
};

/** The object of a 200. Throws what any other answer stands for. */
export const readObject = ({ answer, request }: Exchange): unknown => {
  const { status, text } = answer;
  if (status !== 200) throw asAnswerError(answer, request);
  const value = readJson(answer, request);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw unexpected({ message: "Nomad's answer is not an object", status, text, request });
};
