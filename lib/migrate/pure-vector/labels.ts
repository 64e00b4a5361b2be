import type { MigrationNote } from '../note.ts';
import type { WrittenComponent } from '../vector/component.ts';
import type { MigratedLabel } from '../write/own-templates.ts';
import type { Collection } from './collection.ts';

/**
 * The labels that its programs write beyond nvl's own, each from the field of Nomad's answer that it comes of; what else they do to
 * a line is listed. Programs are read line by line, for what its author's say and for what users add in the same way. Pure.
 */
export const migratedLabels = ({
  builders,
  labellers,
}: Pick<Collection, 'builders' | 'labellers'>): { labels: MigratedLabel[]; notes: MigrationNote[] } => {
  const rows = new Map(builders.flatMap((builder) => rowFields(programOf(builder))));
  const labels: MigratedLabel[] = [];
  const notes: MigrationNote[] = [];
  for (const labeller of labellers) {
    const lines = programOf(labeller).split('\n');
    const first = labeller.lineOf(['source']) + (lines.length > 1 ? 1 : 0);
    for (const [index, line] of lines.entries()) {
      const at = { file: labeller.file, line: first + index };
      const label = /^\s*\.nomad\.(\w+)\s*=\s*(.+)$/.exec(line);
      if (label !== null) {
        const [, name = '', value = ''] = label;
        if (SHIPPED.has(name)) continue;
        const context = contextOf({ value, rows });
        if (context === undefined)
          notes.push({
            kind: 'todo',
            ...at,
            text: `.nomad.${name}: nvl does not see what it comes of; write it in templates/vector/labels.toml.hbs (docs/context.md)`,
          });
        else if (!labels.some((one) => one.name === name)) labels.push({ name, value: context });
      } else if (OTHER_WORK.test(line))
        notes.push({
          kind: 'todo',
          ...at,
          text: `${labeller.id} does more than label, as here: move it into templates/vector/transform.toml.hbs, whose last transform is {{id}}_parse`,
        });
    }
  }
  return { labels, notes };
};

/** nvl's own labels have the same names, and hold the same. */
const SHIPPED = new Set(['namespace', 'node_name', 'job_name', 'group_name', 'task_name', 'alloc_id', 'stream']);

const programOf = ({ options }: WrittenComponent): string => (typeof options.source === 'string' ? options.source : '');

/** Something else is written than labels and variables. */
const OTHER_WORK = /^\s*(?:\.(?!nomad\b)[\w"@]*\s*(?:,\s*\w+\s*)?\??=(?!=)|\.\s*=(?!=)|del\(|abort\b|\.nomad\s*=)/;

/** `"group": to_string(.TaskGroup) ?? ""` of what builds the rows: their key, with the field of Nomad's. */
const rowFields = (program: string): [key: string, field: string][] =>
  [...program.matchAll(/"(\w+)"\s*:\s*([^\n]+)/g)].flatMap(([, key = '', value = '']) => {
    const paths = [...value.matchAll(/(?<![\w"])((?:\.[A-Za-z]\w*)+)|\}(\.[A-Za-z]\w*)/g)].map(
      ([, path, behind]) => path ?? behind ?? '',
    );
    return paths.length === 0 ? [] : [[key, paths.join('').slice(1)] as [string, string]];
  });

const contextOf = ({ value, rows }: { value: string; rows: ReadonlyMap<string, string> }): string | undefined => {
  const key = /\w\.(\w+)/.exec(value)?.[1];
  const field = key === undefined ? undefined : rows.get(key);
  if (field === undefined) return undefined;
  const meta = /^Job\.Meta\.(\w+)$/.exec(field)?.[1];
  return meta === undefined ? CONTEXTS[field] : `"{{job.meta.${meta}}}"`;
};

/** Fields of Nomad's answer that do not change while a task runs. */
const CONTEXTS: Readonly<Record<string, string>> = {
  ID: '"{{alloc.id}}"',
  Name: '"{{alloc.name}}"',
  Namespace: '"{{namespace}}"',
  NodeID: '"{{alloc.nodeId}}"',
  NodeName: '"{{alloc.nodeName}}"',
  JobID: '"{{job.id}}"',
  TaskGroup: '"{{group.name}}"',
  'Job.ID': '"{{job.id}}"',
  'Job.Name': '"{{job.name}}"',
  'Job.Type': '"{{job.type}}"',
  'Job.ParentID': '"{{job.parentId}}"',
  'Job.Region': '"{{job.region}}"',
  'Job.NodePool': '"{{job.nodePool}}"',
  'Job.Meta': '{{job.meta}}',
};
