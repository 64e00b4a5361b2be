/**
 * What came of asking Vector to load its configuration again. `unconfirmed`: it was asked, and nothing tells what it did;
 * `failed`: it could not be asked, or did not read the file; `refused`: it read these bytes, does not take them, and goes on
 * with what it had; `died`: it ended over them; `needsRestart`: the change is one that no reload can make.
 */
export type ReloadResult =
  | { kind: 'reloaded' }
  | { kind: 'unconfirmed'; why: string }
  | { kind: 'failed'; why: string }
  | { kind: 'refused'; why: string }
  | { kind: 'died'; why: string }
  | { kind: 'needsRestart'; why: string };

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
