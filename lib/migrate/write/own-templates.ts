/** A label: the field below `.nomad`, and what it holds in a template. */
export type MigratedLabel = { name: string; value: string };

/** The first are those that nvl ships with; the peers have the same. */
export const SHIPPED_LABELS: readonly MigratedLabel[] = [
  { name: 'namespace', value: '"{{namespace}}"' },
  { name: 'node_name', value: '"{{alloc.nodeName}}"' },
  { name: 'job_name', value: '"{{job.id}}"' },
  { name: 'group_name', value: '"{{group.name}}"' },
  { name: 'task_name', value: '"{{task.name}}"' },
  { name: 'alloc_id', value: '"{{alloc.id}}"' },
];

/** The labels template: what was below `.nomad` until now, and the stream. */
export const labelsTemplate = ({ labels, hasHost }: { labels: readonly MigratedLabel[]; hasHost: boolean }): string =>
  `{{! The last component of every pipeline. Until now the same fields stood below .nomad; \`stream\` is new. }}
[transforms.{{id}}_out]
type = "remap"
inputs = ["{{input}}"]
source = '''
.nomad = {
${labels.map(({ name, value }) => `  "${name}": ${value},\n`).join('')}  "stream": stream,
}
${hasHost ? '# Until now Vector wrote the name of its host here.\n.host = .nomad.node_name\n' : ''}'''
`;
