import { readFile, realpath, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { hasCode } from '../errors.ts';
import { parseToml } from './parse-toml.ts';
import { parseYaml } from './parse-yaml.ts';
import type { Parsed } from './parsed.ts';

/** The formats by the end of a file's name; without an end it is YAML, and so JSON too. Data only, never code. */
export const FORMATS: Readonly<Record<string, (text: string) => Parsed>> = {
  '.yaml': parseYaml,
  '.yml': parseYaml,
  '.toml': parseToml,
  '.json': (text) => parseYaml(text, { isJson: true }),
  '': parseYaml,
};

/** Reads one configuration file. Whatever is wrong with it is a fault, never thrown. */
export const readConfigFile = async (file: string): Promise<Parsed> => {
  const parse = FORMATS[extname(file).toLowerCase()];
  if (parse === undefined) return faulty('is not a format that nvl reads; name it .yaml, .yml, .toml or .json');
  try {
    if (!(await endsByItself(file))) return faulty('is no file');
    const bytes = await readFile(file);
    return isUtf8(bytes)
      ? parse(new TextDecoder().decode(bytes))
      : faulty('is not UTF-8; save it as such', badLine(bytes));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return faulty('does not exist');
    if (hasCode(error, 'EISDIR')) return faulty('is a folder, not a file');
    if (hasCode(error, 'EACCES', 'EPERM')) return faulty('cannot be read: permission denied');
    if (error instanceof Error && 'syscall' in error) return faulty(`cannot be read: ${error.message}`);
    throw error;
  }
};

/**
 * A FIFO, or a device, would be read for ever, and the end of nvl would wait for it, too. What a shell hands over (`-c <(…)`) is
 * meant to be read, and `/dev/null` is how a file is put out of use.
 */
export const endsByItself = async (file: string): Promise<boolean> => {
  const found = await stat(file);
  if (found.isFile() || found.isDirectory() || /^\/(?:dev|proc\/self)\/(?:fd\/|stdin$)/.test(file)) return true;
  return (await realpath(file)) === '/dev/null';
};

const faulty = (text: string, line?: number): Parsed => ({
  tree: undefined,
  lineOf: () => undefined,
  faults: [{ line, text }],
});

const isUtf8 = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
};

/** The first line that is not UTF-8. A newline is never part of a longer character. */
const badLine = (bytes: Buffer): number | undefined => {
  let start = 0;
  for (let line = 1; start <= bytes.length; line += 1) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    if (!isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
  return undefined;
};
