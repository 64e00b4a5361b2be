import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { tomlText } from '../../toml-text.ts';
import type { ConfigFormat } from '../config/command.ts';
import { type LoadedFile, readLoaded } from '../config/loaded-files.ts';
import { formatOf, trueFilePath } from '../config/paths.ts';

/**
 * What a Vector that only looks must read to keep its hands off the running one's data folder: for each file that sets
 * `data_dir` a copy that names `dataDir` in its place, by the file's true path, or one file more where none sets it.
 * Vector builds components only where that folder exists and may be written, and puts a folder of its own into it, which
 * the first of two that look would take away from the other. Where the setting cannot be told for sure (it is interpolated,
 * or two files contradict each other), all is left as it is.
 */
export const ownDataDir = async ({
  files,
  dataDir,
  folder,
}: {
  files: readonly LoadedFile[];
  dataDir: string;
  /** Where the copies go. */
  folder: string;
}): Promise<{ standIns: Map<string, string>; added: string[] }> => {
  await mkdir(dataDir, { recursive: true });
  await mkdir(folder, { recursive: true });
  const texts = await Promise.all(
    files.map(async ({ file, format, folder: of }) => ({
      file,
      format: format ?? formatOf(file) ?? 'toml',
      // One in a sub-folder is a component.
      text: of === undefined ? await readLoaded(file).catch(() => '') : '',
    })),
  );
  const settings = texts.filter(({ text }) => text.includes('data_dir')).filter((one) => !isUnset(one));
  const copies = settings.map((one) => ({ ...one, copy: withDataDir({ ...one, dataDir }) }));
  const isSure = new Set(settings.map((one) => treeOf(one)?.data_dir)).size <= 1;
  const standIns = new Map<string, string>();
  if (!isSure || copies.some(({ copy }) => copy === undefined)) return { standIns, added: [] };
  for (const [index, { file, copy = '' }] of copies.entries()) {
    const place = join(folder, `${index}-${basename(file)}`);
    await writeFile(place, copy, { mode: 0o600 });
    standIns.set(await trueFilePath(file), place);
  }
  if (copies.length > 0) return { standIns, added: [] };
  const added = join(folder, 'data-dir.toml');
  await writeFile(added, `data_dir = ${tomlText(dataDir)}\n`);
  return { standIns, added: [added] };
};

/** The text with that folder, and nothing else changed; undefined where it is not sure to be so. */
export const withDataDir = ({
  text,
  format,
  dataDir,
}: {
  text: string;
  format: ConfigFormat;
  dataDir: string;
}): string | undefined => {
  const setting = { toml: /^data_dir[ \t]*=.*$/m, yaml: /^(?:data_dir|"data_dir")[ \t]*:.*$/m, json: undefined }[
    format
  ];
  const named = JSON.stringify(dataDir);
  const before = treeOf({ text, format });
  if (before?.data_dir === undefined) return undefined;
  const changed =
    setting === undefined
      ? JSON.stringify({ ...before, data_dir: dataDir })
      : text.replace(setting, () => (format === 'toml' ? `data_dir = ${named}` : `data_dir: ${named}`));
  return isDeepStrictEqual(treeOf({ text: changed, format }), { ...before, data_dir: dataDir }) ? changed : undefined;
};

const isUnset = ({ text, format }: { text: string; format: ConfigFormat }): boolean => {
  const tree = treeOf({ text, format });
  return tree !== undefined && tree.data_dir === undefined;
};

const treeOf = ({ text, format }: { text: string; format: ConfigFormat }): Record<string, unknown> | undefined => {
  try {
    const tree: unknown = parsers[format](text);
    return typeof tree === 'object' && tree !== null ? { ...tree } : undefined;
  } catch {
    return undefined;
  }
};

const parsers: Readonly<Record<ConfigFormat, (text: string) => unknown>> = {
  toml: (text) => parseToml(text, { integersAsBigInt: 'asNeeded' }),
  yaml: (text) => parseYaml(text, { merge: true, logLevel: 'error' }),
  json: (text) => JSON.parse(text),
};
