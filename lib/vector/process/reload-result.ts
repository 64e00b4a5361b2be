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
