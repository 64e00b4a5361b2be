import { distance } from 'fastest-levenshtein';
import { NvlError } from '../errors.ts';
import type { Allocation, Task } from '../nomad/allocation.ts';
import { metaLevels } from './meta-levels.ts';

export const ENABLED_KEY = 'nvl_enabled';

/** Whether a task is collected. `fault`: what its meta says can't be read for certain, so that it counts as an opt-out. */
export type Switch = { isOn: boolean; fault?: NvlError };

/**
 * What a job says of being collected, by `nvl_enabled` at task, group or job level, the nearest first. An opt-out must
 * not fail open: a value that is no yes and no no counts as no, and so does a key that is nearly right, unless it says
 * yes. Pure.
 */
export const readSwitch = ({ allocation, task }: { allocation: Allocation; task: Task }): Switch => {
  for (const [level, meta] of metaLevels({ allocation, task })) {
    const found = readLevel({ level, meta });
    if (found !== undefined) return found;
  }
  return { isOn: true };
};

/** True for a key that was meant to be `nvl_enabled`, or its opposite, in whatever spelling. */
export const isSwitchKey = (key: string): boolean => meaningOf(key) !== undefined;

const YES: ReadonlySet<string> = new Set(['true', 't', 'yes', 'y', 'on', '1', 'enabled', 'enable']);
const NO: ReadonlySet<string> = new Set(['false', 'f', 'no', 'n', 'off', '0', 'disabled', 'disable']);

const readLevel = ({ level, meta }: { level: string; meta: Readonly<Record<string, string>> }): Switch | undefined => {
  // Most tasks have no such key, and this runs for each of them in each cycle.
  const keys = Object.keys(meta).filter(isSwitchKey).sort();
  const exact = keys.includes(ENABLED_KEY) ? readWord(meta[ENABLED_KEY] ?? '') : undefined;
  if (exact === false) return { isOn: false };
  for (const key of keys) {
    const value = meta[key] ?? '';
    const said = key === ENABLED_KEY ? exact : readNear({ key, value });
    if (said !== true)
      return { isOn: false, fault: key === ENABLED_KEY ? unclear(level, value) : near(level, key, value) };
  }
  return exact === true ? { isOn: true } : undefined;
};

/** Undefined for a word that says neither. */
const readWord = (value: string): boolean | undefined => {
  const word = value.trim().toLowerCase();
  return YES.has(word) ? true : NO.has(word) ? false : undefined;
};

const readNear = ({ key, value }: { key: string; value: string }): boolean | undefined => {
  const word = readWord(value);
  return word === undefined || meaningOf(key) === 'enabled' ? word : !word;
};

const MOST_SLIPS = 2;

/** Other words for the same, which can mean nothing else. */
const SAME_WORDS: ReadonlyMap<string, 'enabled' | 'disabled'> = new Map([
  ['optin', 'enabled'],
  ['collect', 'enabled'],
  ['collected', 'enabled'],
  ['optout', 'disabled'],
  ['optedout', 'disabled'],
  ['donotcollect', 'disabled'],
  ['nocollect', 'disabled'],
]);

/**
 * Case, blanks and what stands between the words don't count; the word after `nvl` may have slips of its own. Behind a name that
 * is nearly `nvl` it may not, as other tools have keys of their own.
 */
const meaningOf = (key: string): 'enabled' | 'disabled' | undefined => {
  if (!/^[\W_]*[nvl]{2}/i.test(key)) return undefined;
  const letters = key.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const nearly = /^(?:nlv|vnl|lnv|vln|nnvl|nvvl|nvll)(enabled?|disabled?)$/.exec(letters)?.[1];
  if (nearly !== undefined) return nearly.startsWith('enable') ? 'enabled' : 'disabled';
  if (!letters.startsWith('nvl')) return undefined;
  const word = letters.slice('nvl'.length);
  if (SAME_WORDS.has(word)) return SAME_WORDS.get(word);
  const [on, off] = [distance(word, 'enabled'), distance(word, 'disabled')];
  if (Math.min(on, off) > MOST_SLIPS) return undefined;
  return on <= off ? 'enabled' : 'disabled';
};

const unclear = (level: string, value: string): NvlError =>
  new NvlError('metaUnclear', {
    message: `${ENABLED_KEY} = ${shown(value)} in the ${level}'s meta is neither yes nor no: the task is not collected`,
    advice: `write ${ENABLED_KEY} = "true" or "false"`,
  });

const near = (level: string, key: string, value: string): NvlError =>
  new NvlError('metaUnclear', {
    message: `${shown(key)} = ${shown(value)} in the ${level}'s meta reads as an opt-out: the task is not collected`,
    advice: `write ${ENABLED_KEY} = "false" if that is meant, else remove the key`,
  });

const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
