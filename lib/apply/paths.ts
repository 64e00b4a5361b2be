import { join } from 'node:path';
import { rowsFolder, TABLE_NAME } from '../render/tables.ts';

/** Where everything of an output root lies. One file system holds it all, and nothing of it is anybody else's. */
export type RootPaths = {
  root: string;
  /** The folder of the one file Vector loads; nothing else ever lies in it. */
  live: string;
  liveFile: string;
  stage: string;
  stagedFile: string;
  /** Stands in for Vector's own folders while a staged file is proven. */
  mirror: string;
  generations: string;
  /** The folder of tables of rows, which Vector reads. */
  rows: string;
  /** The table of all rows. */
  tableFile: string;
  links: string;
  /** Log files whose task is not known yet. */
  held: string;
  /** Log files that were delivered, until no position of Vector's names them. */
  pins: string;
  state: string;
  /** The templates that Vector took last. */
  templatesFile: string;
  /** What went without being read, by task. */
  unreadFile: string;
  /** Vector's global options, where nvl runs it and it has no configuration of its own. */
  globalsFile: string;
  /** That Vector's data folder. */
  dataDir: string;
  /** Copies of the team's own Vector files, a folder for each set of them. */
  own: string;
  /** A link to the set that Vector reads. */
  ownInUse: string;
  lockFile: string;
};

export const rootPaths = (root: string): RootPaths => ({
  root,
  live: join(root, 'live'),
  liveFile: join(root, 'live', FILE_NAME),
  stage: join(root, 'stage'),
  stagedFile: join(root, 'stage', FILE_NAME),
  mirror: join(root, 'stage', 'mirror'),
  generations: join(root, 'generations'),
  rows: rowsFolder(join(root, 'links')),
  tableFile: join(rowsFolder(join(root, 'links')), TABLE_NAME),
  links: join(root, 'links'),
  held: join(root, 'held'),
  pins: join(root, 'pins'),
  state: join(root, 'state'),
  templatesFile: join(root, 'state', 'templates.json'),
  unreadFile: join(root, 'state', 'unread.json'),
  globalsFile: join(root, 'state', 'vector.toml'),
  dataDir: join(root, 'state', 'vector'),
  own: join(root, 'own'),
  ownInUse: join(root, 'own', 'in-use'),
  lockFile: join(root, 'lock'),
});

/** The generated file has this name wherever it lies: Vector is pointed at it once and for all. */
export const FILE_NAME = 'nomad.toml';
