import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { rootPaths } from '../apply/paths.ts';
import { planCycle } from '../cycle.ts';
import type { CycleDeps } from '../cycle-deps.ts';
import { NvlError } from '../errors.ts';
import { formerPositions, logFolderOf } from '../files/former-positions.ts';
import { writePositions } from '../files/hand-positions.ts';
import type { JsonObject } from '../json.ts';
import type { Migration } from '../migrate/migrate.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import { type Flags, readOnlyDeps } from '../wiring/prepare.ts';
import { readRunningVector } from '../wiring/running-vector.ts';
import { withNode } from '../wiring/with-node.ts';

/**
 * `nvl migrate --positions`: on a node, before nvl runs there for the first time and while no Vector does, what the sources
 * of before had read becomes what nvl's sources have read.
 */
export const migratePositions = ({
  io,
  flags,
  rest,
  formerDataDir,
  migration: { sources },
}: {
  io: Io;
  flags: Flags;
  /** The Vector that nvl will run, as it stands behind `--`. */
  rest: string[];
  formerDataDir: string;
  migration: Migration;
}): Promise<number> =>
  withNode({ io, flags }, async (node) => {
    const from = resolve(io.cwd, formerDataDir);
    const paths = rootPaths(node.config.root);
    const { dataDir } = await readRunningVector({
      config: node.config,
      cwd: io.cwd,
      paths,
      vectorArgs: rest,
      isDry: true,
    });
    for (const folder of [from, dataDir]) refuseNoFolder(folder);
    const deps = await readOnlyDeps(node);
    if ((await deps.disk.readLive()) !== undefined) throw alreadyRan(node.config.root);
    const taken = await takePositions({ deps, from, sources });
    if (flags.dryRun !== true)
      for (const [source, entries] of taken.entries)
        if (entries.length > 0) writePositions({ dataDir, source, entries });
    io.out(takenText({ taken, dataDir, isDry: flags.dryRun === true }));
    return EXIT.done;
  });

type Taken = { entries: Map<string, JsonObject[]>; files: number; again: string[] };

const takePositions = async ({
  deps,
  from,
  sources,
}: {
  deps: CycleDeps;
  from: string;
  /** With `<allocation>` and `<task>` in the names, where each task had one. */
  sources: readonly string[];
}): Promise<Taken> => {
  const { rendered, looked } = await planCycle(deps);
  const pipelineOf = new Map(rendered.rows.map(({ stem, pipeline }) => [stem, pipeline]));
  const taken: Taken = { entries: new Map(), files: 0, again: [] };
  for (const { id, decision } of looked.collectedTasks) {
    const pipeline = pipelineOf.get(id);
    if (decision.record === undefined || pipeline === undefined) continue;
    const { allocId, task } = decision.record;
    const names = { allocId, task, id, allocDir: looked.snapshot.allocDir };
    const files = (await deps.logAccess.filesOf(names)) ?? [];
    const known = new Map<string, JsonObject>();
    for (const source of sources) {
      const folder = source.replace('<allocation>', allocId).replace('<task>', task);
      // One that all tasks share knows files of others as well, of which nothing is known here.
      const only = source.includes('<task>') ? {} : { byInodeOnly: true };
      const found = await formerPositions({
        files,
        dataDir: from,
        source: folder,
        folder: logFolderOf(names),
        task,
        ...only,
      });
      for (const { name, entry } of found) if (entry !== undefined) known.set(name, entry);
    }
    taken.files += known.size;
    taken.again.push(
      ...files.filter(({ name, size }) => size > 0n && !known.has(name)).map(({ name }) => `${allocId}/${name}`),
    );
    taken.entries.set(pipeline, [...(taken.entries.get(pipeline) ?? []), ...known.values()]);
  }
  return taken;
};

const MOST_NAMED = 20;

const takenText = ({
  taken: { entries, files, again },
  dataDir,
  isDry,
}: {
  taken: Taken;
  dataDir: string;
  isDry: boolean;
}): string => {
  const more = again.length > MOST_NAMED ? [`  and ${again.length - MOST_NAMED} more`] : [];
  return [
    `${isDry ? 'would take' : 'took'} over the positions of ${files} files, for ${entries.size} sources in ${dataDir}`,
    ...(again.length === 0 ? ['no file is read again'] : [`read from their beginning: ${again.length}`]),
    ...again.slice(0, MOST_NAMED).map((file) => `  ${file}`),
    ...more,
    '',
  ].join('\n');
};

const refuseNoFolder = (folder: string): void => {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new NvlError('dataDirMissing', {
    message: `Vector's data folder ${folder} is not there`,
    advice:
      'name the data_dir of before with --positions, and behind -- the Vector that nvl will run, whose data_dir has to be there',
  });
};

const alreadyRan = (root: string): NvlError =>
  new NvlError('migrateInTheWay', {
    message: 'nvl has run here before, and has positions of its own',
    facts: { root },
    advice:
      'take positions over before the first start; to begin anew, end nvl and Vector and remove that folder, and the nvl_… folders in data_dir',
  });
