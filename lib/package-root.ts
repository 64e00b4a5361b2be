import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of nvl's own package.json, from the sources as from the compiled files under `dist/`. It is looked for once: an nvl that
 * is upgraded while it runs has none for a while.
 */
export const packageRoot = (): string => ROOT;

const folderAbove = (file: string): string => {
  for (let dir = dirname(file); ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json'))) return dir;
    if (dir === dirname(dir)) throw new Error(`no folder above ${file} has a package.json`);
  }
};

const ROOT = folderAbove(fileURLToPath(import.meta.url));
