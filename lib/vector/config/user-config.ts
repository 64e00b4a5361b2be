import { createHash } from 'node:crypto';
import { basename, extname, resolve } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { messageOf, NvlError } from '../../errors.ts';
import { isOwnedId } from '../../ids.ts';
import { isTable } from '../../table.ts';
import { isAcknowledged } from './acknowledged.ts';
import { type ConfigFormat, environmentOf, readArgs, type VectorCommand } from './command.ts';
import { interpolate } from './interpolate.ts';
import { type LoadedFile, loadedFiles, readLoaded } from './loaded-files.ts';
import { findConfigPaths, formatOf, trueFilePath } from './paths.ts';

export type UserComponent = {
  kind: 'source' | 'transform' | 'sink';
  id: string;
  file: string;
  type?: string;
  inputs?: string[];
};

export type UserConfig = {
  /** Vector's global `data_dir`, absolute, where a file sets it. */
  dataDir?: string;
  components: UserComponent[];
  /** `acknowledged`: by the sink's own setting, else by the global one, as Vector takes them. */
  sinks: { id: string; file: string; type: string; inputs: string[]; acknowledged: boolean }[];
  globalAcknowledgements: boolean;
  /** Vector's own API, where a file turns it on; `address`: undefined for Vector's default. */
  api?: { address: string | undefined; file: string };
  /** Where its own metrics are for whoever asks, by the sinks of kind `prometheus_exporter` that read them. */
  exporters: { address: string | undefined; isTls: boolean; file: string }[];
  /** Of all that the files say: equal as long as none of them says anything else. */
  digest: string;
  /** Files that could not be read or understood. */
  faults: { file: string; message: string }[];
};

/**
 * What the user's own Vector files say, those that the command names and their folders hold: every file Vector loads but
 * nvl's live one. A file that nobody can parse is a fault in the answer, not an error.
 */
export const readUserConfig = async ({
  command,
  liveFile,
}: {
  command: VectorCommand;
  liveFile: string;
}): Promise<UserConfig> => {
  const env = environmentOf(command);
  const named = readArgs({ args: command.args, env });
  const paths = await findConfigPaths({ named, cwd: command.cwd, liveFile });
  const live = await trueFilePath(liveFile);
  const files = await Promise.all(
    (await loadedFiles(paths)).map(async (place) => ({ ...place, trueFile: await trueFilePath(place.file) })),
  );
  const parts = await Promise.all(
    files
      .filter(({ trueFile }) => trueFile !== live)
      .map((place) => readPart({ place, env: named.interpolates ? env : undefined })),
  );
  return merge({ parts, cwd: command.cwd, isDefault: named.isDefault });
};

/** `ownedId`, naming every component of the user's that has such an id; undefined when there is none. */
export const findOwnedIds = ({ components }: Pick<UserConfig, 'components'>): NvlError | undefined => {
  const owned = components.filter(({ id }) => isOwnedId(id));
  if (owned.length === 0) return undefined;
  return new NvlError('ownedId', {
    message: 'a Vector file of your own has an id that nvl keeps for itself',
    facts: { found: owned.map(({ kind, id, file }) => `${kind} ${id} in ${file}`).join('\n') },
    advice: 'rename it: nomad_logs and all that begins with nvl_ are written by nvl',
  });
};

type Part = { file: string; tables: Record<string, unknown>; fault?: string; isMissing?: boolean };

const readPart = async ({
  place: { file, format, folder },
  env,
}: {
  place: LoadedFile;
  env: Readonly<Record<string, string | undefined>> | undefined;
}): Promise<Part> => {
  let text: string;
  try {
    text = await readLoaded(file);
  } catch (error) {
    const fault = `cannot be read: ${messageOf(error)}`;
    return { file, tables: {}, fault, isMissing: true };
  }
  const { text: whole, missing } = env === undefined ? { text, missing: [] } : interpolate({ text, env });
  if (missing.length > 0) return { file, tables: {}, fault: `needs variables that are not set: ${missing.join(', ')}` };
  try {
    const tables = parsers[format ?? formatOf(file) ?? 'toml'](whole);
    if (!isTable(tables)) return { file, tables: {} };
    return { file, tables: folder === undefined ? tables : { [folder]: { [basename(file, extname(file))]: tables } } };
  } catch (error) {
    const hint =
      env === undefined && /\$\{?\w/.test(text) ? ' (it has $VARIABLES, which this Vector leaves as they are)' : '';
    return { file, tables: {}, fault: `cannot be parsed${hint}: ${syntaxPlaceOf(error)}` };
  }
};

/** A parser's words quote the line, which may hold a token, or a variable's value: its place says enough. */
const syntaxPlaceOf = (error: unknown): string => {
  const { line, linePos } = error as { line?: number; linePos?: [{ line: number }] };
  const at = linePos?.[0].line ?? line;
  return typeof at === 'number' ? `see line ${at}` : 'its syntax is wrong';
};

const parsers: Readonly<Record<ConfigFormat, (text: string) => unknown>> = {
  toml: (text) => parseToml(text, { integersAsBigInt: 'asNeeded' }),
  // Vector applies `<<` merge keys.
  yaml: (text) => parseYaml(text, { merge: true, logLevel: 'error' }),
  json: (text) => JSON.parse(text),
};

const merge = ({ parts, cwd, isDefault }: { parts: Part[]; cwd: string; isDefault: boolean }): UserConfig => {
  const globals = parts.map(({ tables }) => tables);
  const dataDir = globals.map(({ data_dir }) => data_dir).find((value) => typeof value === 'string');
  const globalAcknowledgements = globals.some(({ acknowledgements }) => isAcknowledged(acknowledgements) === true);
  const all = parts.flatMap(({ file, tables }) =>
    KINDS.flatMap(({ kind, key }) => entriesOf(tables[key]).map(([id, table]) => ({ kind, id, file, table }))),
  );
  return {
    ...(dataDir === undefined ? {} : { dataDir: resolve(cwd, dataDir) }),
    components: all.map(({ kind, id, file, table }) => ({ kind, id, file, ...typeOf(table), ...inputsOf(table) })),
    sinks: all
      .filter(({ kind }) => kind === 'sink')
      .map(({ id, file, table }) => ({
        id,
        file,
        type: typeOf(table).type ?? '',
        inputs: inputsOf(table).inputs ?? [],
        acknowledged: isAcknowledged(table.acknowledgements) ?? globalAcknowledgements,
      })),
    globalAcknowledgements,
    ...apiIn(parts),
    exporters: exportersIn(all),
    digest: digestOfParts(parts),
    // Vector's default file is nobody's choice: it may well be absent.
    faults: parts.flatMap(({ file, fault, isMissing }) =>
      fault === undefined || (isDefault && isMissing === true) ? [] : [{ file, message: fault }],
    ),
  };
};

/**
 * One file may turn it on, and another one say where.
 *
 * @source vector 0.57.0: `Options::merge` in src/config/api.rs
 */
const apiIn = (parts: readonly Part[]): Pick<UserConfig, 'api'> => {
  const apis = parts.flatMap(({ file, tables: { api } }) => (isTable(api) ? [{ file, ...api }] : []));
  const on = apis.find((one) => 'enabled' in one && one.enabled === true);
  const addresses = apis.flatMap((one) => ('address' in one && typeof one.address === 'string' ? [one.address] : []));
  const address = addresses.find((one) => one !== DEFAULT_API_ADDRESS) ?? addresses[0];
  return on === undefined ? {} : { api: { address, file: on.file } };
};

const exportersIn = (
  all: readonly { kind: UserComponent['kind']; id: string; file: string; table: Record<string, unknown> }[],
): UserConfig['exporters'] => {
  const own = new Set(
    all.flatMap(({ kind, id, table: { type } }) => (kind === 'source' && type === 'internal_metrics' ? [id] : [])),
  );
  return all
    .filter(({ kind, table }) => kind === 'sink' && table.type === 'prometheus_exporter')
    .filter(({ table }) => inputsOf(table).inputs?.some((input) => own.has(input)) === true)
    .map(({ file, table: { address, tls } }) => ({
      address: typeof address === 'string' ? address : undefined,
      isTls: isTable(tls) && tls.enabled === true,
      file,
    }));
};

/** Where a `prometheus_exporter` answers unless its configuration says otherwise. */
export const DEFAULT_EXPORTER_ADDRESS = '0.0.0.0:9598';

/** Where Vector's API answers unless its configuration says otherwise. */
export const DEFAULT_API_ADDRESS = '127.0.0.1:8686';

const digestOfParts = (parts: readonly Part[]): string =>
  createHash('sha256')
    .update(JSON.stringify(parts, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
    .digest('hex');

const KINDS = [
  { kind: 'source', key: 'sources' },
  { kind: 'transform', key: 'transforms' },
  { kind: 'sink', key: 'sinks' },
] as const;

const entriesOf = (value: unknown): [string, Record<string, unknown>][] =>
  isTable(value) ? Object.entries(value).map(([id, table]) => [id, isTable(table) ? table : {}]) : [];

const typeOf = ({ type }: Record<string, unknown>): { type?: string } => (typeof type === 'string' ? { type } : {});

const inputsOf = ({ inputs }: Record<string, unknown>): { inputs?: string[] } =>
  Array.isArray(inputs) ? { inputs: inputs.filter((input) => typeof input === 'string') } : {};
