import { NvlError } from '../errors.ts';
import { type FoundComponent, foundAs } from './found.ts';
import { readGoTemplate } from './go/read-template.ts';
import { readLoggerConfig } from './logger-config.ts';
import type { Migration, MigrationSource } from './migrate.ts';
import type { MigrationNote } from './note.ts';
import { readVectorFile } from './vector/read-file.ts';
import { writeFolder } from './write/folder.ts';
import type { MigratedLabel } from './write/own-templates.ts';

/** From nomad-vector-logger 0.4.1: its configuration, its users' templates, and Vector files that ran beside it. Pure. */
export const fromLogger = ({ config, templates, vectorFiles }: MigrationSource): Migration => {
  const read = readLoggerConfig({ file: config.name, text: config.text });
  if ('fault' in read)
    throw new NvlError('migrateUnreadable', {
      message: `${config.name} cannot be read`,
      facts: {
        from: read.fault.line === undefined ? config.name : `${config.name}:${read.fault.line}`,
        said: read.fault.text,
      },
      advice: 'name the TOML file of nomad-vector-logger 0.4.1, or the YAML file of its successor',
    });
  const found: FoundComponent[] = [];
  const notes: MigrationNote[] = [...read.notes];
  for (const { name, text } of templates ?? []) {
    const one = readGoTemplate({ file: name, text });
    found.push(...one.found);
    notes.push(...one.notes);
  }
  for (const { name, text } of vectorFiles) {
    const one = readVectorFile({ file: name, text });
    found.push(...one.components.map(foundAs));
    notes.push(...one.notes);
  }
  const made = writeFolder({ found, taskOutputs: TASK_OUTPUTS, labels: LABELS, entries: read.entries });
  return {
    peer: 'nomad-vector-logger 0.4.1',
    files: made.files,
    notes: [...notes, ...made.notes],
    fingerprint: 'firstLine',
    sources: ['source_nomad_alloc_<allocation>_<task>'],
  };
};

/**
 * The components that it writes for each task: the labelled lines, and the bare ones.
 *
 * @source https://github.com/mr-karan/nomad-vector-logger/blob/v0.4.1/vector.toml.tmpl
 */
const TASK_OUTPUTS = ['transform_nomad_alloc_<ID>_<Task>', 'source_nomad_alloc_<ID>_<Task>'];

/** Beside those that nvl ships with. */
const LABELS: readonly MigratedLabel[] = [
  { name: 'job_type', value: '"{{job.type}}"' },
  { name: 'parent_job_name', value: '"{{job.parentId}}"' },
  { name: 'task_meta', value: '{{task.meta}}' },
  { name: 'group_meta', value: '{{group.meta}}' },
  { name: 'job_meta', value: '{{job.meta}}' },
];
