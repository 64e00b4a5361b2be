import type { FoundComponent } from './found.ts';
import { type Expression, expressionOf } from './go/expression.ts';
import type { Guard } from './go/parts.ts';
import { conditionOf } from './go/skeleton.ts';
import type { MigrationNote } from './note.ts';
import type { VectorSection } from './vector/component.ts';

/** Transforms that a `range` wrote for each task under the same conditions: they become a profile's. */
export type TaskChain = {
  profile: string;
  /** What a rule matches to choose it, each apart; none for `default`. */
  matches: readonly Readonly<Record<string, string>>[];
  /** A condition of Handlebars around it, for what no rule can say. */
  condition?: string;
  /** In the order in which they read each other; the last is the one whose lines go on. */
  transforms: readonly { found: FoundComponent; name: string; inputs: readonly string[] }[];
};

/** What of the components of tasks becomes profiles. Pure. */
export const taskChains = ({
  found,
  taskOutputs,
}: {
  found: readonly FoundComponent[];
  taskOutputs: readonly string[];
}): { chains: TaskChain[]; notes: MigrationNote[] } => {
  const perTask = found.filter(({ ofTask }) => ofTask);
  const notes = perTask.flatMap(({ component: { file, line, section } }): MigrationNote[] =>
    section === 'transforms' ? [] : [{ kind: 'todo', file, line, text: WITHOUT[section] }],
  );
  const transforms = perTask.filter(({ component }) => component.section === 'transforms');
  const groups = [...Map.groupBy(transforms, ({ guards }) => guardKey(guards)).values()];
  const chains: TaskChain[] = [];
  for (const group of groups) {
    const made = chainOf({ group, taskOutputs, taken: chains.map(({ profile }) => profile) });
    notes.push(...made.notes);
    if (made.chain !== undefined) chains.push(made.chain);
  }
  return { chains, notes };
};

const WITHOUT: Readonly<Record<Exclude<VectorSection, 'transforms'>, string>> = {
  sources:
    'a source of each task: nvl has one for the log files of all of them. If it read other files, keep it in a Vector file of your own, with globs in place of the task',
  sinks:
    'a sink of each task: write one sink in templates/vector/sink.toml.hbs, with Vector’s own \\{{ nomad.job_name }} where the task stood, or a profile’s sink (docs/templates.md)',
  enrichment_tables: 'a table of each task has no counterpart',
  other: 'a global option of each task has no counterpart',
};

const guardKey = (guards: readonly Guard[]): string =>
  JSON.stringify(guards.map(({ line, isNegated }) => [line, isNegated]));

const chainOf = ({
  group,
  taskOutputs,
  taken,
}: {
  group: readonly FoundComponent[];
  taskOutputs: readonly string[];
  taken: readonly string[];
}): { chain?: TaskChain; notes: MigrationNote[] } => {
  const [first] = group;
  if (first === undefined) return { notes: [] };
  const at = { file: first.component.file, line: first.component.line };
  const todo = (text: string): { notes: MigrationNote[] } => ({ notes: [{ kind: 'todo', ...at, text }] });
  const chosen = choiceOf({ guards: first.guards, taken });
  if ('fault' in chosen) return todo(`what stands under this condition was not brought along: ${chosen.fault}`);
  if (taken.includes(chosen.profile))
    return todo('other tasks’ transforms are there already under this name of a profile; bring this one along by hand');
  const { ordered, left } = orderOf({ group, taskOutputs });
  const notes = left.map(
    ({ component }): MigrationNote => ({
      kind: 'todo',
      file: component.file,
      line: component.line,
      text: `${component.section} beside each other over the same lines, or over what another condition wrote: in nvl the transforms of a profile stand one behind the other, so this one was not brought along`,
    }),
  );
  if (ordered.length === 0) return { notes };
  notes.push(...ordered.flatMap(({ found }) => splitNote(found)));
  return { chain: { ...chosen, transforms: ordered }, notes };
};

/** A name of the context in braces, and none of those that are the pipeline's. */
const VALUE = /^[ \\]*\{\{(?!else|id\}|input\})[a-z]/;

/** A value in a transform makes a pipeline for each that it has. */
const splitNote = ({ component, words }: FoundComponent): MigrationNote[] => {
  const text = component.write({ id: '', inputs: [] });
  const values = [...words].flatMap(([name, { handlebars }]) =>
    text.includes(name) && VALUE.test(handlebars) ? [handlebars] : [],
  );
  if (values.length === 0) return [];
  return [
    {
      kind: 'otherwise',
      file: component.file,
      line: component.line,
      text: `${[...new Set(values)].join(', ')} in a transform: tasks share a pipeline where these are the same. What only goes into the event is cheaper as a label, in templates/vector/labels.toml.hbs`,
    },
  ];
};

/** Rules can say that namespace, job, group and task are a text. */
const choiceOf = ({
  guards,
  taken,
}: {
  guards: readonly Guard[];
  taken: readonly string[];
}): Pick<TaskChain, 'profile' | 'matches' | 'condition'> | { fault: string } => {
  const positive = guards.filter(({ isNegated }) => !isNegated);
  const negated = guards.filter(({ isNegated }) => isNegated);
  const matches = positive.map(matchesOf);
  // An `else` is what the rules before it leave over: the rest ships by the default profile, if those are rules.
  if (matches.every((match) => match !== undefined) && negated.every((guard) => matchesOf(guard) !== undefined)) {
    const all = matches.reduce<Record<string, string>[]>(
      (before, match) => before.flatMap((one) => (match ?? []).map((other) => ({ ...one, ...other }))),
      [{}],
    );
    return positive.length === 0
      ? { profile: 'default', matches: [] }
      : { profile: nameFor({ matches: all, taken }), matches: all };
  }
  if (guards.length !== 1 || positive.length !== 1) return { fault: 'no rule can say it' };
  const [guard] = guards;
  const condition = guard === undefined ? undefined : conditionOf(guard);
  if (typeof condition !== 'string') return condition ?? { fault: 'no rule can say it' };
  return { profile: 'default', matches: [], condition };
};

/** The matches of a condition, any of which has to hold; undefined for one that no rule can say. */
const matchesOf = ({ condition, scope }: Guard): Record<string, string>[] | undefined => {
  const expression = expressionOf({ action: condition, scope });
  return 'fault' in expression ? undefined : matchesOfExpression(expression);
};

const matchesOfExpression = (expression: Expression): Record<string, string>[] | undefined => {
  if (expression.kind !== 'call') return undefined;
  const { helper, args } = expression;
  const inner = args.map((arg) => matchesOfExpression(arg));
  if (helper === 'or') return inner.every((one) => one !== undefined) ? inner.flatMap((one) => one ?? []) : undefined;
  if (helper === 'and')
    return inner.reduce<Record<string, string>[] | undefined>(
      (all, one) =>
        all === undefined || one === undefined ? undefined : all.flatMap((a) => one.map((b) => ({ ...a, ...b }))),
      [{}],
    );
  if (helper !== 'eq' || args.length !== 2) return undefined;
  const field = args.find((arg) => arg.kind === 'field');
  const literal = args.find((arg) => arg.kind === 'literal');
  const name = field?.kind === 'field' ? field.field.match : undefined;
  const value = literal?.kind === 'literal' ? literal.value : undefined;
  // What a rule takes is a glob.
  return name === undefined || typeof value !== 'string' || value === '' || /[*?[\]{}!\\]/.test(value)
    ? undefined
    : [{ [name]: value }];
};

const nameFor = ({
  matches,
  taken,
}: {
  matches: readonly Readonly<Record<string, string>>[];
  taken: readonly string[];
}): string => {
  const [first = {}] = matches;
  const text = first.job ?? first.task ?? first.group ?? first.namespace ?? 'profile';
  const slug =
    text
      .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 40) || 'profile';
  const base = slug === 'default' ? 'default-job' : slug;
  let name = base;
  for (let count = 2; taken.includes(name); count += 1) name = `${base}-${count}`;
  return name;
};

/** One behind the other, from what reads the lines of tasks to the first that nothing reads; what is beside that is left. */
const orderOf = ({
  group,
  taskOutputs,
}: {
  group: readonly FoundComponent[];
  taskOutputs: readonly string[];
}): { ordered: TaskChain['transforms']; left: FoundComponent[] } => {
  const byShape = new Map(group.map((one) => [one.shape, one]));
  const base = (input: string): string => input.split('.')[0] ?? '';
  const isRead = (one: FoundComponent): boolean =>
    group.some(({ inputs }) => inputs.some((input) => base(input) === one.shape));
  const names = new Map<string, string>();
  const ordered: FoundComponent[] = [];
  const isSound = (one: FoundComponent, above: readonly FoundComponent[] = []): boolean =>
    !above.includes(one) &&
    one.inputs.length > 0 &&
    one.inputs.every((input) => {
      const other = byShape.get(base(input));
      return taskOutputs.includes(input) || (other !== undefined && isSound(other, [...above, one]));
    });
  const add = (one: FoundComponent): void => {
    for (const input of one.inputs) {
      const other = byShape.get(base(input));
      if (other !== undefined && !ordered.includes(other)) add(other);
    }
    ordered.push(one);
  };
  const last = group.find((one) => !isRead(one) && isSound(one));
  if (last !== undefined) add(last);
  for (const one of ordered) names.set(one.shape, one === last ? 'parse' : nameOf({ one, taken: [...names.values()] }));
  return {
    ordered: ordered.map((found) => ({
      found,
      name: names.get(found.shape) ?? 'parse',
      inputs: found.inputs.map((input) => {
        const name = names.get(base(input));
        return name === undefined ? '{{input}}' : `{{id}}_${name}${input.slice(base(input).length)}`;
      }),
    })),
    left: group.filter((one) => !ordered.includes(one)),
  };
};

/** Of a name such as `parse_nomad_alloc_<ID>_<Task>` what is its own. */
const nameOf = ({ one, taken }: { one: FoundComponent; taken: readonly string[] }): string => {
  const own = one.shape
    .replaceAll(/nomad_alloc_<ID>_<Task>|<[^>]*>/g, '')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  const base = own === '' || ['parse', 'out', 'in', 'lines'].includes(own) ? `${own === '' ? 'step' : own}_first` : own;
  let name = base;
  for (let count = 2; taken.includes(name); count += 1) name = `${base}_${count}`;
  return name;
};
