import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tomlText } from '../../toml-text.ts';

/** Has a text name the table's stand-in; gives the file where that is another one. */
export const tableStandIn = async ({
  table,
  mirrorFolder,
}: {
  table: { file: string; text: string } | undefined;
  mirrorFolder: string;
}): Promise<(given: { name: string; text: string; file: string }) => Promise<string>> => {
  if (table === undefined) return async ({ file }) => file;
  const folder = join(mirrorFolder, 'table');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const standIn = join(folder, 'tasks.csv');
  await writeFile(standIn, table.text);
  return async ({ name, text, file }) => {
    const changed = text.replaceAll(tomlText(table.file), () => tomlText(standIn));
    if (changed === text) return file;
    const to = join(folder, name);
    await writeFile(to, changed);
    return to;
  };
};
