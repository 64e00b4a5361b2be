import type { Migration } from './migrate.ts';
import type { MigrationNote } from './note.ts';

/** What is to be known of a migration, in Markdown: first of all what is read again. Pure. */
export const migrationReport = (migration: Migration): string =>
  `${[
    `# From ${migration.peer === 'pure Vector' ? 'a Vector that asks Nomad itself' : migration.peer} to nvl`,
    section('What is read again', readAgain(migration)),
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

/** What the old and the new Vector share, and how nothing comes twice. */
const readAgain = ({ fingerprint, sources }: Migration): string => {
  const folder = `\`<data_dir>/${sources[0] ?? ''}/\``;
  const isOfTask = sources.every((source) => source.includes('<task>'));
  const [known, taken] =
    fingerprint === 'inode'
      ? ['by device and inode', 'They are the same files for nvl, whose links are hard links.']
      : isOfTask
        ? [
            'by its first line (nobody set `fingerprint`)',
            'A file whose first line another file of its task has is still read again: the position may be the other’s.',
          ]
        : ['by its first line (nobody set `fingerprint`), for all tasks in one', ''];
  const how =
    fingerprint === 'inode' || isOfTask
      ? `**So that nothing comes twice**, take them over: on each node, once, after the old Vector has ended by SIGTERM and before nvl's first start. ${taken}

\`\`\`sh
nvl migrate <this file> --positions <data_dir of before> -c nvl.yaml -- vector -c <the file with data_dir>
\`\`\``
      : 'They cannot be taken over: one task’s first line may be another’s, too. `collect.backfill: none` leaves out what has ended before.';
  return `Unless its positions are taken over, nvl reads **all that Nomad still has of each log once more from its beginning**, of tasks that have ended as well:
by default up to ten files of 10 MB a stream.

Until now Vector knew a log file ${known}, and kept how far it had read in ${folder}. nvl's sources know it by device and inode, and
have folders of their own, \`<data_dir>/nvl_<profile>_<hash>/\`: the same data_dir changes nothing.

${how}`;
};

const GONE =
  '`file` and `source_type` are gone from events, and `host` where nothing that was given reads it (else it is the node’s name); `.nomad.stream` is new.';

const OTHERWISE: Readonly<Record<Migration['peer'], readonly string[]>> = {
  'nomad-vector-logger 0.4.1': [
    'Tasks that have ended, and those that live for less than refresh_interval, are collected, too.',
    'A task’s files are those of its exact name: `app*` took those of `app-sidecar` as well, twice and under the wrong name.',
    GONE,
    'One source and one labels transform for all tasks of a profile, in place of two components a task: their names are gone from Vector’s metrics.',
    'The node’s own empty list does not empty a folder: vector_config_dir is not written any more.',
  ],
  'pure Vector': [
    'Tasks in every state are collected, not running ones alone, and no line waits for a table: none is dropped or unlabelled since its allocation was not known yet.',
    'A task’s name may hold dots.',
    GONE,
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
