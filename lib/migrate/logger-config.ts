import { parseToml } from '../config/parse-toml.ts';
import { isTable, type Table } from '../table.ts';
import type { MigrationNote } from './note.ts';
import type { ConfigEntry } from './write/nvl-yaml.ts';

export type LoggerConfig = {
  entries: ConfigEntry[];
  /** The folder of the user's templates, as the file says it; undefined for none. */
  extraTemplatesDir: string | undefined;
  notes: MigrationNote[];
};

/**
 * What 0.4.1 is told by its TOML file, as nvl's keys. A file that cannot be read is a fault with its line. Pure.
 *
 * @source https://github.com/mr-karan/nomad-vector-logger/blob/v0.4.1/init.go (initOpts, initLogger)
 */
export const readLoggerConfig = ({
  file,
  text,
}: {
  file: string;
  text: string;
}): LoggerConfig | { fault: { line: number | undefined; text: string } } => {
  const { tree, faults, lineOf } = parseToml(text);
  const [fault] = faults;
  if (fault !== undefined) return { fault: { line: fault.line, text: faultText({ text, words: fault.text }) } };
  const app = isTable(tree) && isTable(tree.app) ? tree.app : {};
  const made: LoggerConfig = { entries: [], extraTemplatesDir: undefined, notes: [] };
  for (const [key, value] of Object.entries(app)) {
    const line = lineOf(['app', key]);
    const step = KEYS[key];
    const at = { file, line };
    if (step === undefined) made.notes.push(unknownKey({ name: `app.${key}`, at }));
    else step({ value, made, at });
  }
  for (const key of Object.keys(isTable(tree) ? (tree as Table) : {}))
    if (key !== 'app') made.notes.push(unknownKey({ name: key, at: { file, line: lineOf([key]) } }));
  return made;
};

/** Its own development set-up has this file as a template of Nomad's. */
const faultText = ({ text, words }: { text: string; words: string }): string =>
  text.includes('{{')
    ? `${words}; it holds {{ }}: give the file that Nomad made of it, which is in the task's folder local/`
    : words;

type At = { file: string; line: number | undefined };
type Step = (given: { value: unknown; made: LoggerConfig; at: At }) => void;

const unknownKey = ({ name, at }: { name: string; at: At }): MigrationNote => ({
  kind: 'todo',
  ...at,
  text: `${name}: 0.4.1 reads no such key${BEFORE[name] === undefined ? '' : ` (${BEFORE[name]})`}; leave it out`,
});

/** Keys of its older versions. */
const BEFORE: Readonly<Record<string, string>> = {
  'app.data_dir': 'an older version kept its place in the event stream there; nvl keeps what it remembers in root',
  'app.commit_index_interval': 'of an older version, which followed the event stream',
  'app.remove_alloc_delay': 'remove_alloc_interval took its place; in nvl it is collect.removalDelay',
  'app.max_reconnect_attempts': 'of an older version; nvl asks again for as long as it runs',
  'app.vector_remap_csv': 'of an older version; nvl writes its own table',
};

const noNeed =
  (text: string): Step =>
  ({ made, at }) =>
    void made.notes.push({ kind: 'noNeed', ...at, text });

const KEYS: Readonly<Record<string, Step>> = {
  log_level: ({ value, made, at }) => {
    made.entries.push({ path: ['log', 'level'], value: value === 'debug' ? 'debug' : 'info' });
    made.notes.push({ kind: 'noNeed', ...at, text: 'app.log_level is log.level' });
  },
  env: ({ value, made, at }) => {
    if (value === 'dev') made.entries.push({ path: ['log', 'format'], value: 'pretty' });
    made.notes.push({ kind: 'noNeed', ...at, text: 'app.env, which coloured the log, is log.format' });
  },
  refresh_interval: noNeed(
    'app.refresh_interval: nvl is told of each change as it happens; nomad.interval is how often it asks where nothing brings news, and keeps its default',
  ),
  remove_alloc_interval: ({ value, made, at }) => {
    const duration = goDuration(value);
    if (duration === undefined) {
      made.notes.push({
        kind: 'todo',
        ...at,
        text: 'app.remove_alloc_interval is no length of time; collect.removalDelay keeps its default',
      });
      return;
    }
    made.entries.push({
      path: ['collect', 'removalDelay'],
      value: duration,
      comment: 'At least so long; a finished task stays until all it wrote was read and delivered.',
    });
    made.notes.push({ kind: 'noNeed', ...at, text: 'app.remove_alloc_interval is collect.removalDelay' });
  },
  nomad_data_dir: ({ value, made, at }) => {
    if (typeof value === 'string' && value !== '')
      made.entries.push({ path: ['nomad', 'allocDir'], value: value.replace(/(?<=.)\/+$/, '') });
    made.notes.push({ kind: 'noNeed', ...at, text: 'app.nomad_data_dir is nomad.allocDir' });
  },
  vector_config_dir: noNeed(
    'app.vector_config_dir: nvl writes one file below root. Take the folder out of Vector’s arguments, --watch-config with it, and remove it',
  ),
  extra_templates_dir: ({ value, made }) => {
    if (typeof value === 'string' && value !== '') made.extraTemplatesDir = value;
  },
};

/** A duration of Go's as nvl takes it; koanf takes bare numbers as nanoseconds. */
const goDuration = (value: unknown): string | undefined => {
  if (typeof value !== 'string' || !/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(value)) return undefined;
  // Finer than a millisecond is nothing to wait for.
  const kept = value.replaceAll(/\d+(?:\.\d+)?(?:ns|us|µs)/g, '');
  return kept === '' ? '1ms' : kept;
};
