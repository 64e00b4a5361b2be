import { compare } from '../order.ts';
import { isTable } from '../table.ts';
import { type LastGood, noLastGood } from './last-good.ts';
import {
  type BlockKind,
  DEFAULT_PROFILE,
  type Profile,
  settingsFrom,
  type Template,
  type TextFile,
  templateFrom,
} from './templates.ts';

/** All that is kept comes to no more than this. */
const MOST_CHARACTERS = 8_388_608;

const SCHEMA = 1;

/** Files by their paths, and the numbers of their texts: many templates call one partial. */
type KeptFiles = readonly (readonly [path: string, text: number])[];

type Kept = {
  schema: number;
  texts: string[];
  labels?: KeptFiles;
  sinks: [name: string, files: KeptFiles][];
  profiles: [name: string, files: { settings?: KeptFiles; source: KeptFiles; transform?: KeptFiles }][];
};

/**
 * What Vector took last as a text, for an nvl that is started later: of each template all files that it is compiled from. Equal
 * templates give equal bytes. `left`: what there is no room for; the labels, the node's sink and the default profile come first.
 * Pure.
 */
export const keptTemplatesText = (
  { profiles, labels, sinks }: LastGood,
  mostCharacters = MOST_CHARACTERS,
): { text: string; left: string[] } => {
  const kept: Kept = { schema: SCHEMA, texts: [], sinks: [], profiles: [] };
  const left: string[] = [];
  const numbers = new Map<string, number>();
  let length = 0;
  /** Adds all of them, or none. */
  const hasRoomFor = (files: readonly TextFile[]): boolean => {
    const texts = [...new Set(files.map(({ text }) => text))].filter((text) => !numbers.has(text));
    const more = texts.reduce((sum, text) => sum + text.length, 0);
    if (length + more > mostCharacters) return false;
    length += more;
    for (const text of texts) numbers.set(text, kept.texts.push(text) - 1);
    return true;
  };
  const filesOf = (files: readonly TextFile[]): KeptFiles =>
    files.map(({ path, text }) => [path, numbers.get(text) ?? 0]);

  if (labels !== undefined) {
    if (hasRoomFor(labels.from)) kept.labels = filesOf(labels.from);
    else left.push(labels.path);
  }
  for (const [name, { path, from }] of defaultFirst(sinks)) {
    if (hasRoomFor(from)) kept.sinks.push([name, filesOf(from)]);
    else left.push(path);
  }
  for (const [name, { settingsFile, source, transform }] of defaultFirst(profiles)) {
    const settings = settingsFile === undefined ? [] : [settingsFile];
    if (!hasRoomFor([...settings, ...source.from, ...(transform?.from ?? [])])) {
      left.push(`profiles/${name}`);
      continue;
    }
    kept.profiles.push([
      name,
      {
        ...(settingsFile !== undefined && { settings: filesOf(settings) }),
        source: filesOf(source.from),
        ...(transform !== undefined && { transform: filesOf(transform.from) }),
      },
    ]);
  }
  return { text: JSON.stringify(kept), left };
};

const defaultFirst = <T>(all: ReadonlyMap<string, T>): [string, T][] =>
  [...all].sort(([a], [b]) => Number(b === DEFAULT_PROFILE) - Number(a === DEFAULT_PROFILE) || compare(a, b));

/**
 * The templates out of such a text, each compiled when it is first looked at; undefined where nvl can't have written it. One that
 * this nvl does not compile any more is as good as none. Pure.
 */
export const keptTemplates = (text: string): LastGood | undefined => {
  try {
    return readKept(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
};

/** Throws TypeError for what is no such text. */
const readKept = (read: unknown): LastGood => {
  const { schema, texts, labels, sinks, profiles } = tableOf(read);
  if (schema !== SCHEMA) throw new TypeError('another schema');
  const all = listIn(texts);
  const templateOf = (value: unknown, kind: BlockKind): Template => {
    const [first, ...others] = filesIn({ value, texts: all });
    if (first === undefined) throw new TypeError('no file');
    return templateFrom({ from: [first, ...others], kind });
  };
  const sinkOf = new Map(entriesIn(sinks).map(([name, files]) => [name, templateOf(files, 'sink')]));
  const profileOf = ([name, value]: readonly [string, unknown]): [string, Profile] => {
    const { settings, source, transform } = tableOf(value);
    const [settingsFile] = settings === undefined ? [] : filesIn({ value: settings, texts: all });
    return [
      name,
      {
        name,
        settings: settingsFrom(settingsFile),
        settingsFile,
        source: templateOf(source, 'source'),
        transform: transform === undefined ? undefined : templateOf(transform, 'transform'),
        sink: name === DEFAULT_PROFILE ? undefined : sinkOf.get(name),
        faults: [],
      },
    ];
  };
  return {
    ...noLastGood,
    profiles: new Map(entriesIn(profiles).map(profileOf)),
    labels: labels === undefined ? undefined : templateOf(labels, 'labels'),
    sinks: sinkOf,
  };
};

const tableOf = (value: unknown): Readonly<Record<string, unknown>> => {
  if (!isTable(value)) throw new TypeError('no table');
  return value;
};

const listIn = (value: unknown): readonly unknown[] => {
  if (!Array.isArray(value)) throw new TypeError('no list');
  return value;
};

const entriesIn = (value: unknown): (readonly [string, unknown])[] =>
  listIn(value).map((entry) => {
    const [name, files] = listIn(entry);
    return [textIn(name), files];
  });

const filesIn = ({ value, texts }: { value: unknown; texts: readonly unknown[] }): TextFile[] =>
  listIn(value).map((entry) => {
    const [path, number] = listIn(entry);
    return { path: textIn(path), text: textIn(typeof number === 'number' ? texts[number] : undefined) };
  });

const textIn = (value: unknown): string => {
  if (typeof value !== 'string') throw new TypeError('no text');
  return value;
};
