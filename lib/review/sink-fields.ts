import { nearest } from '../nearest.ts';
import { compare } from '../order.ts';
import type { Row } from '../pipelines/row.ts';
import { componentsOf } from '../render/components.ts';
import { type Block, namesOfPipeline, sinkKey } from '../render/file.ts';
import type { Template, Templates } from '../render/templates.ts';
import { labelsIn, labelsOf } from './labels.ts';
import type { BlockRisk } from './node-risks.ts';

/**
 * What a sink's own templates (`{{ field }}`) name: a field of `.nomad` that the labels never set, over which Vector drops
 * every line; and where Vector's own guard is turned off, a field by which a line itself decides where it goes. Pure.
 */
export const sinkFieldRisks = ({
  blocks,
  rows,
  templates,
}: {
  blocks: readonly Block[];
  rows: readonly Pick<Row, 'pipeline'>[];
  templates: Templates;
}): BlockRisk[] =>
  blocks.flatMap((block): BlockRisk[] => {
    const template = sinkTemplate({ block, templates });
    if (template === undefined) return [];
    const components = [...componentsOf(block.text).values()];
    const programs = components.flatMap(({ component, table }) =>
      component.kind === 'transform' ? JSON.stringify(table) : [],
    );
    const known = labelsOfTasks({ pipelines: pipelinesOf({ sink: block, blocks }), rows, templates });
    return components
      .filter(({ component }) => component.kind === 'sink')
      .flatMap(({ component: { id }, table }) =>
        fieldsIn(table).flatMap(({ field, option }) => {
          const risk = {
            template,
            shownBy: new RegExp(`\\{\\{\\s*${escaped(field)}\\s*\\}\\}`),
          };
          const where = `sink ${id}: ${option} takes {{ ${field} }}`;
          return [
            ...unknownField({ field, known, programs, table, option }).map((why) => ({
              ...risk,
              kind: 'unknownField' as const,
              message: `${where}, ${why}`,
            })),
            ...(isUnconfined({ field, option, table })
              ? [
                  {
                    ...risk,
                    kind: 'unconfined' as const,
                    message: `${where}, and dangerously_allow_unconfined_template_resolution is on: a line that holds that field decides where it goes`,
                  },
                ]
              : []),
          ];
        }),
      );
  });

const sinkTemplate = ({ block, templates }: { block: Block; templates: Templates }): Template | undefined => {
  if (block.kind !== 'sink') return undefined;
  if (block.key === sinkKey(undefined)) return templates.sink;
  return [...templates.profiles.values()].find(({ name }) => sinkKey(name) === block.key)?.sink;
};

const pipelinesOf = ({ sink, blocks }: { sink: Block; blocks: readonly Block[] }): Block[] =>
  blocks.filter(({ kind, heading }) => kind === 'pipeline' && sinkKey(namesOfPipeline(heading)?.sink) === sink.key);

/** How many tasks there are, and which fields each label set of theirs has. */
type Known = { tasks: number; counts: ReadonlyMap<string, number> } | undefined;

const labelsOfTasks = ({
  pipelines,
  rows,
  templates,
}: {
  pipelines: readonly Block[];
  rows: readonly Pick<Row, 'pipeline'>[];
  templates: Templates;
}): Known => {
  const sizes = Map.groupBy(rows, ({ pipeline }) => pipeline);
  const sets = pipelines.map((block) => ({ fields: labelsOf(block), tasks: sizes.get(block.key)?.length ?? 0 }));
  if (sets.length === 0) sets.push({ fields: labelsIn(templates.labels.text), tasks: 1 });
  const counts = new Map<string, number>();
  for (const { fields, tasks } of sets) {
    if (fields === undefined) return undefined;
    for (const name of fields) counts.set(name, (counts.get(name) ?? 0) + tasks);
  }
  return { tasks: sets.reduce((sum, { tasks }) => sum + tasks, 0), counts };
};

type Found = { field: string; option: string };

/** Each `{{ field }}` below a sink's table, in names too. */
const fieldsIn = (value: unknown, path: readonly string[] = []): Found[] => {
  if (typeof value === 'string') return fieldsOfText(value).map((field) => ({ field, option: path.join('.') }));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...fieldsOfText(name).map((field) => ({ field, option: path.join('.') })),
    ...fieldsIn(inner, [...path, name]),
  ]);
};

const fieldsOfText = (text: string): string[] =>
  [...text.matchAll(/\{\{([^}]+)\}\}/g)].map(([, field = '']) => field.trim());

const unknownField = ({
  field,
  known,
  programs,
  table,
  option,
}: Found & { known: Known; programs: readonly string[]; table: unknown }): string[] => {
  const [first, name, ...deeper] = field.replace(/^\./, '').replaceAll('"', '').split('.');
  if (first !== 'nomad' || name === undefined || known === undefined) return [];
  // A transform of the block may have set it.
  if (programs.some((program) => /\.nomad\s*=/.test(program) || program.includes(`.nomad.${name}`))) return [];
  const count = deeper.length > 0 ? 0 : (known.counts.get(name) ?? 0);
  if (count === known.tasks) return [];
  const names = [...known.counts.keys()].sort(compare);
  const meant = nearest(name, names);
  const who =
    count === 0
      ? 'which the labels never set'
      : `which the labels of ${known.tasks - count} of ${known.tasks} tasks do not set`;
  const { type } = table as { type?: unknown };
  const isLabel = type === 'loki' && /^(?:labels|structured_metadata)(?:\.|$)/.test(option);
  const then = isLabel ? 'lines go without it, and Vector logs an error for each' : 'Vector drops such a line';
  return [`${who}: ${then}; ${meant === undefined ? `they set ${names.join(', ')}` : `did you mean nomad.${meant}?`}`];
};

/** Of Loki's labels and metadata a line may say what it likes: they are data, and lead nowhere. */
const isUnconfined = ({ field, option, table }: Found & { table: unknown }): boolean => {
  const { type, dangerously_allow_unconfined_template_resolution: isOff } = table as Record<string, unknown>;
  const isData = type === 'loki' && /^(?:labels|structured_metadata)(?:\.|$)/.test(option);
  return isOff === true && !isData && !/^\.?"?nomad"?\./.test(field) && !field.startsWith('%');
};

/** As a template may write it: a quote in a TOML string has a backslash before it. */
const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('"', '\\\\?"');
