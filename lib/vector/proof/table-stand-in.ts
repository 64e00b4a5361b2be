import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { tomlText } from '../../toml-text.ts';

/** Has a text name stand-ins for tables; gives the file where that is another one. */
export const tableStandIns = async ({
  tables,
  mirrorFolder,
}: {
  /** By the files that a text names. */
  tables: ReadonlyMap<string, string>;
  mirrorFolder: string;
}): Promise<(given: { name: string; text: string; file: string }) => Promise<string>> => {
  if (tables.size === 0) return async ({ file }) => file;
  const folder = join(mirrorFolder, 'table');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const standIns: [string, string][] = [];
  for (const [file, text] of tables) {
    const standIn = join(folder, basename(file));
    await writeFile(standIn, text);
    standIns.push([tomlText(file), tomlText(standIn)]);
  }
  return async ({ name, text, file }) => {
    const changed = standIns.reduce((made, [named, instead]) => made.replaceAll(named, () => instead), text);
    if (changed === text) return file;
    const to = join(folder, name);
    await writeFile(to, changed);
    return to;
  };
};
