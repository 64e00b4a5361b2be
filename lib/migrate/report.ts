import type { Migration } from './migrate.ts';
import type { MigrationNote } from './note.ts';

/** What is to be known of a migration, in Markdown: first of all what is read again. Pure. */
export const migrationReport = (migration: Migration): string =>
  `${[
    `# From ${migration.peer === 'pure Vector' ? 'a Vector that asks Nomad itself' : migration.peer} to nvl`,
    section('What is read again', READ_AGAIN[migration.fingerprint](migration.sources)),
    section('By hand', notesText(migration.notes, 'todo') || 'Nothing.'),
    section(
      'Otherwise from now on',
      [...OTHERWISE[migration.peer].map((text) => `- ${text}`), notesText(migration.notes, 'otherwise')].join('\n'),
    ),
    section('What nvl does by itself', notesText(migration.notes, 'noNeed') || 'Nothing.'),
    section('Next', nextSteps([...migration.files.keys()].filter((name) => name.startsWith('vector/')))),
  ].join('\n\n')}\n`;

const section = (title: string, text: string): string => `## ${title}\n\n${text.trimEnd()}`;

const notesText = (notes: readonly MigrationNote[], kind: MigrationNote['kind']): string =>
  notes
    .filter((note) => note.kind === kind)
    .map(({ file, line, text }) => `- \`${line === undefined ? file : `${file}:${line}`}\` ${text}`)
    .join('\n');

const ONCE =
  'Unless its positions are taken over, nvl reads all that Nomad still has of each log once more from its beginning, of tasks that have ended as well: up to ten files of 10 MB a stream as Nomad has it by default.';

const READ_AGAIN: Readonly<Record<Migration['fingerprint'], (sources: readonly string[]) => string>> = {
  firstLine: (sources) => `${ONCE}

Until now Vector knew a log file by its first line (\`fingerprint\` was not set), and kept how far it had read in \`<data_dir>/${sources[0] ?? ''}/\`.
nvl knows it by device and inode, in \`<data_dir>/nvl_<profile>_<hash>/\`. Neither reads what the other has, also in one data_dir.`,
  inode: (sources) => `${ONCE}

Until now Vector kept how far it had read in \`<data_dir>/${sources[0] ?? ''}/\`, by device and inode. nvl's sources have other folders in the data_dir
(\`nvl_<profile>_<hash>/\`), but know files in the same way: nvl's links are hard links, and have the same inode.`,
};

const OTHERWISE: Readonly<Record<Migration['peer'], readonly string[]>> = {
  'nomad-vector-logger 0.4.1': [
    'Tasks that have ended, and those that live for less than refresh_interval, are collected, too.',
    'A task’s files are those of its exact name: `app*` took those of `app-sidecar` as well, twice and under the wrong name.',
    '`file`, `host` and `source_type` are gone from events; `.nomad.stream` is new.',
    'One source and one labels transform for all tasks of a profile, in place of two components a task: their names are gone from Vector’s metrics.',
    'The node’s own empty list does not empty a folder: vector_config_dir is not written any more.',
  ],
  'pure Vector': [
    'Tasks in every state are collected, not running ones alone, and no line waits for a table: none is dropped or unlabelled since its allocation was not known yet.',
    'A task’s name may hold dots.',
    '`file`, `host` and `source_type` are gone from events; `.nomad.stream` is new.',
    'Comments of YAML are not brought along; those within programs are.',
  ],
};

const nextSteps = (own: readonly string[]): string => `\`\`\`sh
nvl context --record node.json                        # on a node: what it runs
nvl validate -c nvl.yaml --allocations node.json      # here: does Vector take it
nvl render -c nvl.yaml --allocations node.json        # what it would be given
nvl doctor -c nvl.yaml                                # on a node: what is missing
nvl run -c nvl.yaml -- vector${own.map((name) => ` -c ${name}`).join('')}
\`\`\``;
