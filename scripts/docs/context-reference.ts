import { type Field, sinkSchema, taskSchema } from '../../lib/context/schema.ts';

/** docs/context.md, from the schema; a test holds the page to it. Pure. */
export const contextReference = (): string =>
  [
    '# What templates see',
    '',
    'Names are Nomad’s, in camelCase. `nvl context` prints the values of a node. This page is made from the schema:',
    '`npx vitest run test/context/reference.test.ts -u` writes it anew.',
    '',
    'A **volatile** field changes while a task runs. In a source, transform or labels template it is an error, since each change',
    'would restart what is rendered from it; sinks and `nvl context` have it. A meta key that a job lacks is empty; any other',
    'unknown name is an error. A key with a dot is written `{{meta.[a.b]}}`.',
    '',
    'Every map is in the order of its keys, whatever order Nomad writes them in: keys that are whole numbers first, by size, then the',
    'others by code unit (`Z` before `a`, `a` before `ä`). So `{{#each meta}}`, `{{json meta}}` and `{{meta}}` give the same text each time.',
    '',
    '## In source, transform and labels templates: one task',
    '',
    ...table(taskSchema),
    '',
    '## In sink templates: the node and its tasks',
    '',
    ...table({
      ...sinkSchema,
      fields: { ...sinkSchema.fields, tasks: { type: 'list', doc: 'Every collected task, each as above.' } },
    }),
    '',
  ].join('\n');

const table = (schema: Field): string[] => [
  '| name | type | what it is |',
  '|---|---|---|',
  ...Object.entries(schema.fields ?? {}).flatMap(([name, field]) => rows(name, field)),
];

const rows = (name: string, field: Field): string[] => {
  const doc = field.volatile === undefined ? field.doc : `${field.doc} (**volatile**: ${field.volatile})`;
  const own = `| \`${name}\` | ${typeOf(field)} | ${doc.replaceAll('|', '\\|')} |`;
  const below = field.type === 'object' ? field : field.of?.type === 'object' ? field.of : undefined;
  const prefix = field.type === 'list' ? `${name}[]` : field.type === 'map' ? `${name}.<key>` : name;
  return [own, ...Object.entries(below?.fields ?? {}).flatMap(([key, inner]) => rows(`${prefix}.${key}`, inner))];
};

const typeOf = (field: Field): string =>
  field.type === 'list'
    ? `list of ${field.of?.type ?? 'objects'}s`
    : field.type === 'map'
      ? `map of ${field.of?.type}s`
      : field.type;
