import type { FoundComponent } from '../found.ts';
import type { MigrationNote } from '../note.ts';
import { placeComponents } from '../place.ts';
import { taskChains } from '../profiles.ts';
import { readNotes, readsHost } from '../reads.ts';
import { nodeFiles } from './node-files.ts';
import { type ConfigEntry, nvlYaml } from './nvl-yaml.ts';
import { labelsTemplate, type MigratedLabel, SHIPPED_LABELS } from './own-templates.ts';
import { profileFiles } from './profile-files.ts';

/** The whole folder: configuration, templates, and the Vector files that stay the team's own. Pure. */
export const writeFolder = ({
  found: all,
  taskOutputs,
  labels,
  entries,
}: {
  found: readonly FoundComponent[];
  /** The names under which every task's lines came until now. */
  taskOutputs: readonly string[];
  /** Beside those that nvl ships with. */
  labels: readonly MigratedLabel[];
  entries: readonly ConfigEntry[];
}): { files: Map<string, string>; notes: MigrationNote[] } => {
  const { found, notes: twice } = withoutRepeats(all);
  const placed = placeComponents({ found, taskOutputs });
  const { chains, notes } = taskChains({ found, taskOutputs });
  const hasSink = placed.sink.some(({ found: { component } }) => component.section === 'sinks');
  const node = nodeFiles(hasSink ? placed : { sink: [], own: [...placed.sink, ...placed.own] });
  const profiles = profileFiles(chains);
  const config: ConfigEntry[] = [
    { path: ['templates'], value: 'templates' },
    ...(hasSink
      ? []
      : [{ path: ['sinks'], value: 'none', comment: 'Sinks are in Vector files of your own; they read nomad_logs.' }]),
    ...entries,
    ...(profiles.rules.length === 0
      ? []
      : [
          {
            path: ['rules'],
            value: profiles.rules,
            comment: 'A job may choose its profile itself, too: nvl_profile in its meta.',
          },
        ]),
  ];
  const hasHost = readsHost(found);
  return {
    files: new Map([
      ['nvl.yaml', nvlYaml(config)],
      ['templates/vector/labels.toml.hbs', labelsTemplate({ labels: [...SHIPPED_LABELS, ...labels], hasHost })],
      ...profiles.files,
      ...node.files,
    ]),
    notes: [
      ...twice,
      ...placed.notes,
      ...notes,
      ...node.notes,
      ...readNotes(found),
      ...(hasSink
        ? []
        : [noSink({ hasOwn: placed.own.some(({ found: { component } }) => component.section === 'sinks') })]),
    ],
  };
};

/** Of two components of one name Vector took one without a word where both lay in a `--config-dir`; nvl refuses two. */
const withoutRepeats = (all: readonly FoundComponent[]): { found: FoundComponent[]; notes: MigrationNote[] } => {
  const first = new Map<string, FoundComponent>();
  const notes: MigrationNote[] = [];
  const found = all.filter((one) => {
    const { section, id, file, line } = one.component;
    const before = one.ofTask || section === 'other' ? undefined : first.get(id);
    if (!one.ofTask && before === undefined) first.set(id, one);
    if (before === undefined) return true;
    const { component } = before;
    notes.push({
      kind: 'todo',
      file,
      line,
      text: `${id} is defined in ${component.file}:${component.line}, too, which was taken; merge the two, or give this one another name`,
    });
    return false;
  });
  return { found, notes };
};

const noSink = ({ hasOwn }: { hasOwn: boolean }): MigrationNote => ({
  kind: hasOwn ? 'otherwise' : 'todo',
  file: 'nvl.yaml',
  text: hasOwn
    ? 'no sink reads the lines of tasks alone: nvl writes none (sinks: none), and yours read nomad_logs'
    : 'no sink reads the lines of tasks in what was given: name the Vector files that have it with --vector, or write templates/vector/sink.toml.hbs and take sinks: none out',
});
