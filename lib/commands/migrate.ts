import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { readBounded } from '../config/read-bounded.ts';
import { hasCode, messageOf, NvlError } from '../errors.ts';
import { textsOf } from '../json.ts';
import { extraTemplatesOf, migrate } from '../migrate/choose.ts';
import type { Migration, SourceFile } from '../migrate/migrate.ts';
import type { MigrationNote } from '../migrate/note.ts';
import { migrationReport } from '../migrate/report.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import { type Flags, readFileIfThere, textFlag } from '../wiring/prepare.ts';
import { migratePositions } from './migrate-positions.ts';

/** `nvl migrate`: what somebody had before, as a folder of nvl's, and what to know of it. Writes over nothing without --force. */
export const migrateCommand = async ({
  io,
  flags,
  args,
  rest,
}: {
  io: Io;
  flags: Flags;
  args: string[];
  rest: string[];
}): Promise<number> => {
  const config = await readSource({ io, name: args[0] ?? '' });
  const { templates, notes } = await readTemplatesOf({ io, flags, config });
  const vectorFiles = await Promise.all(textsOf(flags.vector).map((name) => readSource({ io, name })));
  const made = migrate({ config, templates, vectorFiles });
  const migration: Migration = { ...made, notes: [...notes, ...made.notes] };
  const formerDataDir = textFlag(flags, 'positions');
  if (formerDataDir !== undefined) return migratePositions({ io, flags, rest, formerDataDir, migration });
  const report = migrationReport(migration);
  const files = new Map([['MIGRATION.md', report], ...migration.files]);
  if (flags.dryRun === true) {
    io.out(report);
    for (const [name, text] of migration.files) io.out(`\n==> ${name} <==\n${text}`);
    return EXIT.done;
  }
  const dir = resolve(io.cwd, textFlag(flags, 'out') ?? 'nvl');
  // A password in a sink stays as closed as it was.
  const mode = [config, ...(templates ?? []), ...vectorFiles].reduce((least, file) => least & file.mode, 0o666);
  await writeAll({ dir, files, mode, isForced: flags.force === true, shown: (file) => relative(io.cwd, file) });
  io.out(`${report}\n`);
  for (const name of files.keys()) io.out(`wrote ${relative(io.cwd, join(dir, name))}\n`);
  return EXIT.done;
};

/** Far more than any configuration has. */
const MOST_BYTES = 1_048_576;

type ReadFile = SourceFile & { mode: number };

const readSource = async ({ io, name }: { io: Io; name: string }): Promise<ReadFile> => {
  const unreadable = (said: string, cause?: unknown): NvlError =>
    new NvlError('migrateUnreadable', {
      message: `${name} cannot be read`,
      facts: { said },
      advice: 'name a file that is there',
      cause,
    });
  const file = resolve(io.cwd, name);
  const read = await readBounded({ file, mostBytes: MOST_BYTES }).catch((error: unknown) => {
    throw unreadable(messageOf(error), error);
  });
  if ('why' in read) throw unreadable(read.why);
  const text = read.bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n');
  return { name, text, mode: (await stat(file)).mode };
};

/** 0.4.1 looks for the folder from where it runs; on another machine it is where its owner says, or beside the configuration. */
const readTemplatesOf = async ({
  io,
  flags,
  config,
}: {
  io: Io;
  flags: Flags;
  config: SourceFile;
}): Promise<{ templates: ReadFile[] | undefined; notes: MigrationNote[] }> => {
  const said = textFlag(flags, 'extraTemplates');
  const named = extraTemplatesOf(config);
  if (said === undefined && named === undefined) return { templates: undefined, notes: [] };
  const places = said === undefined ? [named ?? '', join(dirname(config.name), named ?? '')] : [said];
  for (const place of places) {
    const names = await namesIn(resolve(io.cwd, place));
    if (names === undefined) continue;
    return {
      templates: await Promise.all(names.map((name) => readSource({ io, name: join(place, name) }))),
      notes: [],
    };
  }
  if (said !== undefined) await readSource({ io, name: said });
  return {
    templates: undefined,
    notes: [
      {
        kind: 'todo',
        file: config.name,
        text: `extra_templates_dir is ${named}, which is not here: bring the folder here, and name it with --extra-templates`,
      },
    ],
  };
};

/** The files of a folder, in the order in which Go lists them; undefined where it is none. */
const namesIn = async (dir: string): Promise<string[] | undefined> => {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
};

/** All or, where something else is in the way, none. */
const writeAll = async ({
  dir,
  files,
  mode,
  isForced,
  shown,
}: {
  dir: string;
  files: ReadonlyMap<string, string>;
  mode: number;
  isForced: boolean;
  shown: (file: string) => string;
}): Promise<void> => {
  const inTheWay: string[] = [];
  for (const [name, text] of files) {
    const there = await readFileIfThere(join(dir, name));
    if (there !== undefined && there !== text) inTheWay.push(shown(join(dir, name)));
  }
  if (inTheWay.length > 0 && !isForced)
    throw new NvlError('migrateInTheWay', {
      message: inTheWay.length === 1 ? 'a file is there already' : `${inTheWay.length} files are there already`,
      facts: { there: inTheWay.join('\n') },
      advice: 'give another folder with --out, look at it first with --dry-run, or write over them with --force',
    });
  for (const [name, text] of files) {
    const file = join(dir, name);
    await mkdir(dirname(file), { recursive: true });
    const beside = `${file}.${randomBytes(4).toString('hex')}`;
    await writeFile(beside, text, { flag: 'wx', mode });
    await rename(beside, file);
  }
};
