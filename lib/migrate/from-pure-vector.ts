import { NvlError } from '../errors.ts';
import { textsOf } from '../json.ts';
import { foundAs } from './found.ts';
import type { Migration, MigrationSource } from './migrate.ts';
import type { MigrationNote } from './note.ts';
import { type Collection, findCollection } from './pure-vector/collection.ts';
import { migratedLabels } from './pure-vector/labels.ts';
import { fileSourceNotes } from './pure-vector/source-options.ts';
import { withDefaults } from './pure-vector/variables.ts';
import type { WrittenComponent } from './vector/component.ts';
import { readVectorFile } from './vector/read-file.ts';
import { writeFolder } from './write/folder.ts';
import type { ConfigEntry } from './write/nvl-yaml.ts';

/**
 * From the Vector file that its author moved to: Vector asks Nomad itself, keeps the answer in a table, and looks each line's
 * allocation up. What does that goes; what reads its lines stays. Pure.
 *
 * @source https://github.com/mr-karan/nomad-vector-logger/blob/d3972d6/vector.yaml
 */
export const fromPureVector = ({ config, vectorFiles }: MigrationSource): Migration => {
  const notes: MigrationNote[] = [];
  const components = [config, ...vectorFiles].flatMap(({ name, text }) => {
    const read = readVectorFile({ file: name, text });
    notes.push(...read.notes);
    return read.components;
  });
  const collection = findCollection(components);
  if (collection.fileSources.length === 0)
    throw new NvlError('migrateUnreadable', {
      message: `${config.name} has no file source over Nomad's log folders`,
      facts: { from: config.name, looked: 'a source of type file whose include holds /alloc/logs/' },
      advice: 'name the file that has it, and further files with --vector',
    });
  const rest = components.filter((component) => !collection.all.includes(component));
  const found = rest.map((component) => foundAs(withoutVariables({ component, notes })));
  const labels = migratedLabels(collection);
  const made = writeFolder({
    found,
    taskOutputs: [...collection.labellers, ...collection.fileSources].map(({ id }) => id),
    labels: labels.labels,
    entries: entriesOf({ collection, notes }),
  });
  return {
    peer: 'pure Vector',
    files: made.files,
    notes: [
      ...replacedNotes(collection),
      ...notes,
      ...labels.notes,
      ...collection.fileSources.flatMap(fileSourceNotes),
      ...made.notes,
    ],
    fingerprint: collection.fileSources.every(isByInode) ? 'inode' : 'firstLine',
    sources: collection.fileSources.map(({ id }) => id),
  };
};

const isByInode = ({ options }: WrittenComponent): boolean =>
  (options.fingerprint as { strategy?: unknown } | undefined)?.strategy === 'device_and_inode';

/** Vector 0.57 takes `${NAME:-value}` as it stands; in a folder's name that is a folder of that name. */
const withoutVariables = ({
  component,
  notes,
}: {
  component: WrittenComponent;
  notes: MigrationNote[];
}): WrittenComponent => {
  if (component.section !== 'other' || component.id !== 'data_dir') return component;
  const text = component.write({});
  const { text: written, names } = withDefaults(text);
  for (const name of names)
    notes.push({
      kind: 'todo',
      file: component.file,
      line: component.line,
      text: `data_dir: the default of \${${name}} was taken; write what it was on your nodes, or Vector's positions are looked for elsewhere`,
    });
  return { ...component, write: () => written };
};

const entriesOf = ({ collection, notes }: { collection: Collection; notes: MigrationNote[] }): ConfigEntry[] => {
  const entries: ConfigEntry[] = [];
  const took = ({
    of,
    path,
    names,
    what,
  }: {
    of: WrittenComponent;
    path: readonly string[];
    names: readonly string[];
    what: string;
  }): void => {
    for (const name of names)
      notes.push({
        kind: 'todo',
        file: of.file,
        line: of.lineOf(path),
        text: `${what}: the default of \${${name}} was taken; write what it was on your nodes`,
      });
  };
  for (const source of collection.apiSources) {
    const { text, names } = withDefaults(String(source.options.endpoint ?? ''));
    const address = /^(https?:\/\/[^/]+)\//.exec(text)?.[1];
    // Nomad's own variable is nvl's, too, and so is its default.
    if (JSON.stringify(source.options.headers ?? {}).match(/x-nomad-token":\s*\[?"[^"$]/i) !== null)
      notes.push({
        kind: 'todo',
        file: source.file,
        line: source.lineOf(['headers']),
        text: 'a token is written out here, and was not brought along: nvl takes NOMAD_TOKEN, or a file that nomad.tokenFile names',
      });
    if (address !== undefined && !names.includes('NOMAD_ADDR') && !LOCAL.test(address))
      entries.push({ path: ['nomad', 'address'], value: address });
  }
  for (const source of collection.fileSources) {
    const include = textsOf(source.options.include).find((glob) => glob.includes('/alloc/logs/')) ?? '';
    const { text, names } = withDefaults(include);
    const folder = /^(.+?)\/\*\/alloc\/logs\//.exec(text)?.[1];
    if (folder === undefined || entries.some(({ path }) => path[1] === 'allocDir')) continue;
    entries.push({ path: ['nomad', 'allocDir'], value: folder });
    took({ of: source, path: ['include'], names, what: 'nomad.allocDir' });
    const seconds = source.options.ignore_older_secs ?? source.options.ignore_older;
    if (typeof seconds === 'number')
      entries.push({
        path: ['collect', 'backfill'],
        value: `since:${seconds}s`,
        comment: 'As ignore_older_secs was: finished tasks from before that are not read at the first start.',
      });
  }
  return entries;
};

const LOCAL = /^http:\/\/(?:localhost|127\.0\.0\.1):4646$/;

/** What goes, by name, so that nobody looks for it. */
const replacedNotes = (collection: Collection): MigrationNote[] =>
  collection.all.map(({ file, line, section, id }) => ({
    kind: 'noNeed',
    file,
    line,
    text: `${section}.${id}: nvl asks Nomad, finds the files and labels the lines itself`,
  }));
