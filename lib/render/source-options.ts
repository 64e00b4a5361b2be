import { isTable, type Table } from '../table.ts';

/** What one option of a source, or its absence, comes to: the option's name, and what it would do. */
export type SourceFinding = { verdict: 'refused' | 'risk'; option: string; why: string };

/** What the source may read: nvl's globs over the task's own files, and the allocation's id. */
export type OwnLogs = { include: readonly string[]; allocId: string };

/**
 * Each option of a source block, decided: it reads the task's own log and deletes nothing, or the block is refused; what can
 * lose or repeat lines is a risk, which nvl reports. What is not listed here is fine. Pure.
 */
export const sourceFindings = ({ table, own }: { table: Table; own: OwnLogs | undefined }): SourceFinding[] => {
  if (table.type !== 'file') return otherSource({ table, own });
  return [
    ...includeFindings({ include: table.include, own }),
    ...RULES.flatMap(({ names, decide }) => {
      const option = names.find((name) => table[name] !== undefined);
      const found = decide(option === undefined ? undefined : table[option]);
      return found === undefined ? [] : [{ ...found, option: option ?? names[0] ?? '' }];
    }),
    ...Object.keys(table)
      .filter((name) => !KNOWN.has(name))
      .map((name): SourceFinding => {
        const verdict = /remove|delete|truncate/.test(name) ? 'refused' : 'risk';
        return { verdict, option: name, why: 'is no option of the file source that nvl knows' };
      }),
  ];
};

type Ruling = Pick<SourceFinding, 'verdict' | 'why'> | undefined;

const refused = (why: string): Ruling => ({ verdict: 'refused', why });
const risk = (why: string): Ruling => ({ verdict: 'risk', why });

/** Names are the option's own, then its older ones. `decide` is asked of an option that is not there, too. */
type Rule = { names: readonly string[]; decide: (value: unknown) => Ruling };

const present =
  (decision: Ruling): Rule['decide'] =>
  (value) =>
    value === undefined ? undefined : decision;

/** What the file source and nvl write into an event: another of its fields must not take such a name. */
const TAKEN = ['message', 'file', 'timestamp', 'source_type', 'nomad', 'nvl'];

const keyRule = (name: string): Rule => ({
  names: [name],
  decide: (value) =>
    TAKEN.includes(firstPart(value)) ? refused(`= ${JSON.stringify(value)} would overwrite that field`) : undefined,
});

const firstPart = (value: unknown): string => String(value).replaceAll(/["\s]/g, '').split('.').find(Boolean) ?? '';

const MOST_LINE_BYTES = 1_048_576;

const RULES: readonly Rule[] = [
  {
    names: ['data_dir'],
    decide: present(refused('of its own would hide the checkpoints from nvl, which tell it what was delivered')),
  },
  {
    names: ['remove_after_secs', 'remove_after'],
    decide: present(refused('would delete Nomad’s own files, through the link that nvl keeps to them')),
  },
  {
    names: ['file_key'],
    decide: (value) =>
      value === undefined || value === 'file' ? undefined : refused('has to be "file": nvl reads the stream from it'),
  },
  keyRule('host_key'),
  keyRule('offset_key'),
  {
    names: ['log_namespace'],
    decide: (value) =>
      value === true ? refused('= true makes events without fields, which profiles and labels need') : undefined,
  },
  {
    names: ['exclude'],
    decide: (value) =>
      Array.isArray(value) && value.length === 0
        ? undefined
        : present(risk('leaves out files of the task, whose lines are never delivered'))(value),
  },
  {
    names: ['read_from'],
    decide: (value) =>
      value === 'end' ? risk('= "end" skips what a task writes before Vector sees its file') : undefined,
  },
  {
    names: ['start_at_beginning'],
    decide: (value) =>
      value === false ? risk('= false skips what a task writes before Vector sees its file') : undefined,
  },
  {
    names: ['ignore_checkpoints'],
    decide: (value) =>
      value === true ? risk('= true delivers every line again after a restart of Vector') : undefined,
  },
  {
    names: ['ignore_older_secs', 'ignore_older'],
    decide: present(risk('skips files that were last written before nvl or Vector came back')),
  },
  {
    names: ['fingerprint', 'fingerprinting'],
    decide: (value) =>
      isTable(value) && value.strategy === 'device_and_inode'
        ? undefined
        : risk(
            'is not device_and_inode: rotated files that start with the same line are taken for one, and nvl cannot tell what was read',
          ),
  },
  {
    names: ['max_line_bytes'],
    decide: (value) => {
      if (value === undefined) return risk('is not set: Vector drops a line over 100 KiB without a word');
      return Number(value) < MOST_LINE_BYTES ? risk(`= ${value} drops a longer line without a word`) : undefined;
    },
  },
  {
    names: ['line_delimiter'],
    decide: (value) =>
      value === undefined || value === '\n'
        ? undefined
        : risk('is no line end: nvl waits for the last one to tell that a task was read to its end'),
  },
  {
    names: ['rotate_wait_secs'],
    decide: present(risk('gives a rotated file up after that time, read to its end or not')),
  },
  {
    names: ['acknowledgements'],
    decide: (value) =>
      value === false || (isTable(value) && value.enabled === false)
        ? risk('are off: lines in Vector’s memory die with it, whatever the sink says')
        : undefined,
  },
];

/** Options that are fine whatever they say. */
const FINE = [
  'type',
  'include',
  'encoding',
  'glob_minimum_cooldown',
  'glob_minimum_cooldown_ms',
  'graph',
  'ignore_not_found',
  'internal_metrics',
  'max_read_bytes',
  'message_start_indicator',
  'multi_line_timeout',
  'multiline',
  'oldest_first',
  'proxy',
];

const KNOWN: ReadonlySet<string> = new Set([...FINE, ...RULES.flatMap(({ names }) => names)]);

/** A path that is not one of nvl's own globs may find another task's files, or no log at all: `..`, a list with one more, a `*`. */
const includeFindings = ({ include, own }: { include: unknown; own: OwnLogs | undefined }): SourceFinding[] => {
  const paths = Array.isArray(include) ? include : [];
  if (paths.length === 0 || paths.includes(''))
    return [{ verdict: 'refused', option: 'include', why: 'has no path, or an empty one: Vector would end over it' }];
  if (own === undefined) return [];
  const strangers = paths.filter((path) => !own.include.includes(String(path)));
  return strangers.map((path) => ({
    verdict: 'refused',
    option: 'include',
    why: `has ${JSON.stringify(path)}, which is not of the task’s own files: those are {{logs.include}}`,
  }));
};

/** Two other sources can be told to read one allocation alone; any other would give its labels to lines that are not its own. */
const otherSource = ({ table, own }: { table: Table; own: OwnLogs | undefined }): SourceFinding[] => {
  const type = String(table.type);
  const filter = FILTERS[type];
  if (filter === undefined)
    return [
      {
        verdict: 'refused',
        option: 'type',
        why: `= ${JSON.stringify(type)} reads no task’s log, and its lines would get the task’s labels`,
      },
    ];
  const isOwn =
    own === undefined ||
    filter.of(table).some((texts) => texts.length > 0 && texts.every((text) => text.includes(own.allocId)));
  if (!isOwn)
    return [
      { verdict: 'refused', option: 'type', why: `= "${type}" needs ${filter.needed}, or it reads other tasks’ lines` },
    ];
  return [
    {
      verdict: 'risk',
      option: 'type',
      why: `= "${type}": nvl cannot tell what of it was delivered, and the label stream is always stdout`,
    },
  ];
};

type Filter = { needed: string; of: (table: Table) => readonly (readonly string[])[] };

/** Lists of which one has to name the allocation in each of its items. */
const FILTERS: Readonly<Record<string, Filter>> = {
  docker_logs: {
    needed: 'include_containers with {{alloc.id}} in each, as in "{{task.name}}-{{alloc.id}}"',
    of: ({ include_containers: names }) => [textsOf(names)],
  },
  journald: {
    needed: 'include_matches with {{alloc.id}} in it, as in CONTAINER_NAME = ["{{task.name}}-{{alloc.id}}"]',
    of: ({ include_matches: matches }) => (isTable(matches) ? Object.values(matches).map(textsOf) : []),
  },
};

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
