import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTemplates, shippedTemplatesDir } from '../../lib/config/read-templates.ts';
import { compileTemplates, type Templates } from '../../lib/render/templates.ts';
import { renderOf } from '../render/support.ts';
import { aContext } from './builders.ts';
import { deliverRendered, RENDERED_SINK } from './deliver-rendered.ts';
import type { DeliveredEvent } from './vector.ts';

/** A sample's file of real-looking lines, good and bad. */
export type RealFile = { name: string; bytes: Buffer };

/** What a sample makes of a file. */
export type Pair = {
  profile: string;
  file: string;
  events: readonly DeliveredEvent[];
};

export const sampleNames = (): string[] => readdirSync(samplesDir()).sort();

export const realFiles = (): RealFile[] =>
  sampleNames().flatMap((name) => {
    const file = join(samplesDir(), name, 'tests', 'real.log');
    return existsSync(file) ? [{ name, bytes: ended(readFileSync(file)) }] : [];
  });

/** What ships with nvl, its samples as profiles, and this sink template. */
export const samplesWith = async (sink: string): Promise<Templates> => {
  const read = await readTemplates(undefined);
  const files = read.files.map((file) => (file.path === 'vector/sink.toml.hbs' ? { ...file, text: sink } : file));
  return compileTemplates({ ...read, files });
};

/** The lines of a file as Vector makes texts of them. */
export const linesIn = ({ bytes }: RealFile): string[] => {
  const lines = bytes.toString('utf8').split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
};

/**
 * Each of these samples over each of these files, on one real Vector: a task for each pair, so that all tasks of a sample share
 * its pipeline. It has ended when for so long nothing more has come.
 */
export const crossSamples = async ({
  profiles,
  files,
  quietMs = 5_000,
}: {
  profiles: readonly string[];
  files: readonly RealFile[];
  quietMs?: number;
}): Promise<Pair[]> => {
  const templates = await samplesWith(RENDERED_SINK);
  const pairs = profiles.flatMap((profile) => files.map((file) => ({ profile, file })));
  const tasks = pairs.map(({ profile, file }, index) =>
    aContext({ id: idOfPair(index), job: profile, group: file.name, taskMeta: { nvl_profile: profile } }),
  );
  const logs = new Map(tasks.map(({ id }, index) => [id, { 'stdout.0': pairs[index]?.file.bytes ?? Buffer.alloc(0) }]));
  const rendered = await renderOf({ templates, tasks });
  let seen = { length: 0, at: Date.now() };
  const isDone = (delivered: string): boolean => {
    if (delivered.length !== seen.length) seen = { length: delivered.length, at: Date.now() };
    return delivered.length > 0 && Date.now() - seen.at > quietMs;
  };
  const events = await deliverRendered({ rendered, logs, isDone, timeoutMs: 240_000, everyMs: 1_000 });
  const found = Map.groupBy(events, ({ nomad }) => `${nomad?.job_name} ${nomad?.group_name}`);
  return pairs.map(({ profile, file }) => ({
    profile,
    file: file.name,
    events: found.get(`${profile} ${file.name}`) ?? [],
  }));
};

export const isMarked = ({ nvl }: DeliveredEvent): boolean =>
  typeof (nvl as { parse_error?: unknown } | undefined)?.parse_error === 'string';

/**
 * Which marked events are not some lines of the file as they came, in their order. What was understood may be any line, or several;
 * each line is in one event. Pure.
 */
export const mangled = ({
  lines,
  events,
}: {
  lines: readonly string[];
  events: readonly DeliveredEvent[];
}): string[] => {
  let at = 0;
  /** Events since the last one that is surely found. */
  let understood = 0;
  const wrong: string[] = [];
  for (const event of events) {
    const text = String(event.message);
    // Behind lines that were understood, however many they were, no blank line tells where it stood.
    if (!isMarked(event) || (understood > 0 && text.trim() === '')) {
      understood += 1;
      continue;
    }
    const own = text.split('\n');
    const from = lines.findIndex(
      (_, index) => index >= at + understood && own.every((line, offset) => lines[index + offset] === line),
    );
    // Lines before it that no event was made of are lost.
    if (from === -1 || (understood === 0 && from !== at)) wrong.push(text);
    if (from !== -1) [at, understood] = [from + own.length, 0];
  }
  if (understood === 0 && at !== lines.length) wrong.push(...lines.slice(at));
  return wrong;
};

/** A last line without its end comes only when its file goes. */
const ended = (bytes: Buffer): Buffer => (bytes.at(-1) === 10 ? bytes : Buffer.concat([bytes, Buffer.from('\n')]));

const samplesDir = (): string => join(shippedTemplatesDir(), 'samples');

const idOfPair = (index: number): string => `${index.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
