import type { MigrationNote } from './note.ts';

/** What somebody who moves to nvl has, as it was read: nothing else of the world is asked. */
export type MigrationSource = {
  /** The configuration that was named. */
  config: SourceFile;
  /** The files of the folder of templates; undefined where that is not there. */
  templates: readonly SourceFile[] | undefined;
  /** Vector files that ran beside it. */
  vectorFiles: readonly SourceFile[];
};

/** `name` is how its owner knows it. */
export type SourceFile = { name: string; text: string };

export type Migration = {
  peer: 'nomad-vector-logger 0.4.1' | 'pure Vector';
  /** By their paths below the folder. */
  files: ReadonlyMap<string, string>;
  notes: readonly MigrationNote[];
  /** What Vector knew the log files by. */
  fingerprint: 'firstLine' | 'inode';
  /** Its file sources, whose folders in the data folder hold the positions. */
  sources: readonly string[];
};
