import type { ReloadResult } from '../process/reload-result.ts';

/** A way to make Vector load what is live. `added`: the ids of sources that are new; an abort ends the wait, unconfirmed. */
export type Reloader = {
  name: string;
  reload(o: { added: string[]; timeoutMs: number; signal?: AbortSignal }): Promise<ReloadResult>;
};

/**
 * A way to see that Vector has reloaded. `begin` is called before Vector is asked and notes how things are; `look` then
 * says what has changed since, undefined as long as nothing has.
 */
export type Confirmer = {
  name: string;
  begin(o: { added: string[] }): Promise<{ look(): Promise<ReloadResult | undefined> }>;
};
