import type { Answer, Question } from './ask.ts';
import { type Draft, type DraftTable, emptyTable, KINDS, type Kind } from './draft.ts';
import { sampleOf, sampleTable } from './sample.ts';

/** A place of a configuration: what stands there, and a whole configuration with a value there. */
export type Place = ValuePlace | TablePlace;
type ValuePlace = { name: string; draft: Draft; wrap: (value: unknown) => Question };
type TablePlace = {
  name: string;
  table: DraftTable;
  /** Options that the table has beside those of its own: of what it is a branch of. */
  outer: readonly string[];
  wrap: (value: Record<string, unknown>) => Question;
};

type Ask = (questions: readonly Question[]) => Promise<Answer[]>;

/** What a question is asked for, and what its answer changes. */
type Probe = { question: Question; learn: (answer: Answer) => void };

/** `unproven`: places of which Vector took no sample. `loosened`: what it takes although its schema refuses it. */
export type Findings = { asked: number; unproven: string[]; loosened: string[] };

/**
 * Holds a draft to a Vector: of each thing that the draft refuses, the Vector is asked whether it refuses it, and the draft gives way.
 * What cannot be asked, since Vector takes no sample of what stands there, is no longer checked. Changes the draft.
 */
export const confirm = async ({ places, ask }: { places: readonly Place[]; ask: Ask }): Promise<Findings> => {
  const findings: Findings = { asked: 0, unproven: [], loosened: [] };
  const run = async (probes: readonly Probe[]): Promise<void> => {
    findings.asked += probes.length;
    const answers = await ask(probes.map(({ question }) => question));
    for (const [at, { learn }] of probes.entries()) learn(answers[at]);
  };
  let level = [...places];
  while (level.length > 0) {
    const proven = await withSamples({ level, run, findings });
    await run(
      proven.flatMap((place) => (isTable(place) ? tableProbes(place, findings) : valueProbes(place, findings))),
    );
    await run(proven.flatMap((place) => (isTable(place) ? aliasProbes(place) : formProbes(place))));
    level = proven.flatMap((place) => (isTable(place) ? withinTable(place) : withinValue(place)));
  }
  return findings;
};

const isTable = (place: Place): place is TablePlace => 'table' in place;

/** Those whose samples Vector takes, with what it says is missing from them. */
const withSamples = async ({
  level,
  run,
  findings,
}: {
  level: readonly Place[];
  run: (probes: readonly Probe[]) => Promise<void>;
  findings: Findings;
}): Promise<Place[]> => {
  const proven: Place[] = [];
  let open = [...level];
  while (open.length > 0) {
    const again: Place[] = [];
    await run(
      open.map((place) => ({
        question: sampleAt(place),
        learn: (answer) => {
          if (answer === undefined) proven.push(place);
          else if (addMissing(isTable(place) ? place.table : tableIn(place.draft), answer)) again.push(place);
          else {
            findings.unproven.push(`${place.name}: ${answer.split('\n')[0]}`);
            giveUp(place);
          }
        },
      })),
    );
    open = again;
  }
  return proven;
};

const sampleAt = (place: Place): Question =>
  isTable(place) ? place.wrap(sampleTable(place.table)) : place.wrap(sampleOf(place.draft));

/** Where the option that is missing can only be in a table that the sample has, it is needed there. */
const addMissing = (table: DraftTable | undefined, answer: string): boolean => {
  const name = /^missing field `(\w+)`/.exec(answer)?.[1];
  if (name === undefined || table === undefined) return false;
  const open = [table];
  for (const one of open) {
    if (one.options.has(name) && !one.required.has(name)) {
      one.required.add(name);
      return true;
    }
    open.push(...[...one.required].flatMap((option) => tableIn(one.options.get(option)) ?? []));
    open.push(...one.tags.flatMap(({ tables }) => [...tables.values()].slice(0, 1)));
  }
  return false;
};

/** The table that a value is, or that is in a list. */
const tableIn = (draft: Draft | undefined): DraftTable | undefined =>
  draft?.table ?? (draft?.list && tableIn(draft.list));

const giveUp = (place: Place): void => {
  if (isTable(place)) Object.assign(place.table, anyTable());
  else becomeAny(place.draft);
};

const becomeAny = (draft: Draft): void => {
  for (const key of Object.keys(draft)) delete draft[key as keyof Draft];
  draft.any = true;
};

const anyTable = (): DraftTable => ({ ...emptyTable(), other: { any: true }, isSingle: false });

const isAnyTable = ({ other, options, tags }: DraftTable): boolean =>
  typeof other !== 'string' && other.any === true && options.size === 0 && tags.length === 0;

const KIND_VALUES: Readonly<Record<Kind, readonly unknown[]>> = {
  text: ['x', '', '1', 'true'],
  int: [1, 0, 7],
  num: [1.5],
  bool: [true, false],
  list: [[], ['x'], [1], [true], [{}]],
  table: [{}, { x: 1 }, { enabled: true }],
};

const valueProbes = ({ name, draft, wrap }: ValuePlace, findings: Findings): Probe[] => {
  if (draft.any) return [];
  const refuses = (value: unknown, loosen: () => void): Probe => ({
    question: wrap(value),
    learn: (answer) => {
      if (answer !== undefined) return;
      findings.loosened.push(`${name}: takes ${JSON.stringify(value)}`);
      loosen();
    },
  });
  const kinds = KINDS.filter((kind) => draft[kind] === undefined).flatMap((kind) =>
    [...KIND_VALUES[kind], ...(kind === 'table' ? asTables(draft) : [])].map((value) =>
      refuses(value, () => {
        draft.lax = (draft.lax ?? new Set()).add(kind);
      }),
    ),
  );
  return [
    ...kinds,
    ...textProbes({ draft, wrap, refuses }),
    ...strictProbes({ draft, wrap }),
    ...limitProbes(draft, refuses),
  ];
};

/** A variant of an enumeration may also stand as a table with its name. */
const asTables = ({ text }: Draft): object[] =>
  text instanceof Set ? [...text].slice(0, 1).map((one) => ({ [one]: {} })) : [];

type Refuses = (value: unknown, loosen: () => void) => Probe;

const textProbes = ({
  draft,
  wrap,
  refuses,
}: {
  draft: Draft;
  wrap: ValuePlace['wrap'];
  refuses: Refuses;
}): Probe[] => {
  const { text } = draft;
  if (!(text instanceof Set)) return [];
  const strangers = [...text].flatMap((one) => [
    one.toUpperCase(),
    one.toLowerCase(),
    capital(one),
    one.replaceAll('_', '-'),
  ]);
  const further: Probe = {
    question: wrap('nvl_unknown'),
    learn: (answer) => {
      for (const variant of expectedIn(answer, 'unknown variant')) text.add(variant);
    },
  };
  const probes = ['nvl_unknown', '', '1', 'true', ...strangers]
    .filter((one) => !text.has(one))
    .map((one) =>
      refuses(one, () => {
        draft.text = true;
      }),
    );
  return [further, ...probes];
};

/** Whether not every text will do. */
const strictProbes = ({ draft, wrap }: Pick<ValuePlace, 'draft' | 'wrap'>): Probe[] =>
  draft.text === true
    ? [
        {
          question: wrap('nvl unknown'),
          learn: (answer) => {
            draft.isStrict = answer !== undefined;
          },
        },
      ]
    : [];

/** Whether all texts but those of a certain form are refused. */
const formProbes = ({ draft, wrap }: Pick<ValuePlace, 'draft' | 'wrap'>): Probe[] =>
  draft.isStrict
    ? FORMS.flatMap(({ form, good, bad }) => {
        const told = { good: 0, bad: 0 };
        const count = (kind: 'good' | 'bad') => (answer: Answer) => {
          told[kind] += (answer === undefined) === (kind === 'good') ? 1 : 0;
          if (told.good === good.length && told.bad === bad.length) draft.form = form;
        };
        return [
          ...good.map((text) => ({ question: wrap(text), learn: count('good') })),
          ...bad.map((text) => ({ question: wrap(text), learn: count('bad') })),
        ];
      })
    : [];

const FORMS = [
  {
    form: 'address',
    good: ['127.0.0.1:9999', '0.0.0.0:1', '[::1]:80'],
    bad: [
      '',
      'x',
      'localhost:9999',
      '127.0.0.1',
      ':9999',
      '9999',
      'http://127.0.0.1:9999',
      '127.0.0.1:x',
      'example.com:80',
    ],
  },
  { form: 'character', good: [',', '|', '\n'], bad: ['', 'ab', ',,', 'true'] },
] as const;

const capital = (text: string): string => text.replace(/^./, (first) => first.toUpperCase());

const limitProbes = ({ int, num }: Draft, refuses: Refuses): Probe[] => {
  if (int === undefined || num) return [];
  return [
    ...(int.min === undefined ? [] : [refuses(int.min - 1, () => delete int.min)]),
    ...(int.max === undefined ? [] : [refuses(int.max + 1, () => delete int.max)]),
  ];
};

/** Names that a refusal says were possible. */
const expectedIn = (answer: Answer, what: 'unknown field' | 'unknown variant'): string[] => {
  const listed = new RegExp(`^${what} \`[^\`]*\`, expected (?:one of )?(.*)`).exec(answer ?? '')?.[1] ?? '';
  return [...listed.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
};

const tableProbes = ({ name, table, outer, wrap }: TablePlace, findings: Findings): Probe[] => {
  if (isAnyTable(table)) return [];
  const sample = sampleTable(table);
  const refuses = (value: Record<string, unknown>, how: string, loosen: () => void): Probe => ({
    question: wrap(value),
    learn: (answer) => {
      if (answer !== undefined) return;
      findings.loosened.push(`${name}: ${how}`);
      loosen();
    },
  });
  const missing = [...table.required].map((option) =>
    refuses(without(sample, option), `does not need ${option}`, () => table.required.delete(option)),
  );
  const strangers =
    table.other === 'refused'
      ? [true, 'x', {}].map((value) =>
          refuses(
            table.isSingle ? { nvl_unknown: value } : { ...sample, nvl_unknown: value },
            'ignores other options',
            () => {
              table.other = 'ignored';
            },
          ),
        )
      : [];
  const names: Probe = {
    question: wrap({ ...sample, nvl_unknown: true }),
    learn: (answer) => {
      // What it names is of the table that the sample chose, which learns it by itself.
      if (table.tags.length > 0) return;
      for (const option of expectedIn(answer, 'unknown field'))
        if (!outer.includes(option) && !namesIn(table).includes(option)) table.options.set(option, { any: true });
    },
  };
  return [
    ...missing,
    ...strangers,
    names,
    ...tagProbes({ table, sample, wrap, refuses }),
    ...singleProbes({ table, refuses }),
  ];
};

const without = (sample: Record<string, unknown>, option: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(sample).filter(([name]) => name !== option));

const namesIn = ({ options, tags, aliases }: DraftTable): string[] => [
  ...options.keys(),
  ...aliases.keys(),
  ...tags.map(({ name }) => name),
];

const NO_TEXTS: readonly unknown[] = [0, 1, true, 1.5, [], {}];

type RefusesTable = (value: Record<string, unknown>, how: string, loosen: () => void) => Probe;

const tagProbes = ({
  table,
  sample,
  wrap,
  refuses,
}: {
  table: DraftTable;
  sample: Record<string, unknown>;
  wrap: TablePlace['wrap'];
  refuses: RefusesTable;
}): Probe[] =>
  table.tags.flatMap((tag) => {
    const texts = ['nvl_unknown', '', ...[...tag.tables.keys()].flatMap((one) => [one.toUpperCase(), capital(one)])];
    const further: Probe = {
      question: wrap({ ...sample, [tag.name]: 'nvl_unknown' }),
      learn: (answer) => {
        for (const variant of expectedIn(answer, 'unknown variant'))
          if (!tag.tables.has(variant)) tag.tables.set(variant, anyTable());
      },
    };
    const probes = [...texts.filter((text) => !tag.tables.has(text)), ...NO_TEXTS].map((text) =>
      refuses({ ...sample, [tag.name]: text }, `takes ${tag.name} = ${JSON.stringify(text)}`, () => {
        tag.isOpen = true;
      }),
    );
    const missing = refuses(without(sample, tag.name), `does not need ${tag.name}`, () => {
      tag.isRequired = false;
    });
    return [further, ...probes, ...(tag.isRequired ? [missing] : [])];
  });

const singleProbes = ({ table, refuses }: { table: DraftTable; refuses: RefusesTable }): Probe[] => {
  if (table.isSingle !== true) return [];
  const two = Object.fromEntries([...table.options].slice(0, 2).map(([name, option]) => [name, sampleOf(option)]));
  const loosen = () => {
    table.isSingle = false;
  };
  return [
    refuses({}, 'needs none of its options', loosen),
    ...(table.options.size < 2 ? [] : [refuses(two, 'takes two of its options', loosen)]),
  ];
};

/** Whether an option that the schema does not have is another name of one that it has: Vector does not take both. */
const aliasProbes = ({ table, wrap }: TablePlace): Probe[] => {
  const nameless = [...table.options].filter(([, { any }]) => any).map(([name]) => name);
  const named = [...table.options].filter(([, { any }]) => !any);
  return nameless.flatMap((alias) =>
    named.map(([name, draft]) => ({
      question: wrap({ ...sampleTable(table), [name]: sampleOf(draft), [alias]: sampleOf(draft) }),
      learn: (answer: Answer) => {
        if (answer === undefined || !answer.startsWith(`duplicate field \`${name}\``)) return;
        table.aliases.set(alias, name);
        table.options.delete(alias);
      },
    })),
  );
};

const withinTable = ({ name, table, outer, wrap }: TablePlace): Place[] => {
  const withSample = (value: Record<string, unknown>): Question =>
    wrap(table.isSingle ? value : { ...sampleTable(table), ...value });
  const options = [...table.options].map(([option, draft]) => ({
    name: `${name}.${option}`,
    draft,
    wrap: (value: unknown) => withSample({ [option]: value }),
  }));
  const { other } = table;
  const values =
    typeof other === 'string'
      ? []
      : [{ name: `${name}.*`, draft: other, wrap: (value: unknown) => withSample({ nvl_key: value }) }];
  const branches = table.tags.flatMap((tag) =>
    [...tag.tables].map(([text, branch]) => {
      // What another branch needs is not needed here.
      const rest = { ...table, tags: table.tags.filter((one) => one !== tag) };
      return {
        name: `${name}(${tag.name}=${text})`,
        table: branch,
        outer: [...outer, ...namesIn(table)],
        wrap: (value: Record<string, unknown>) => wrap({ ...sampleTable(rest), [tag.name]: text, ...value }),
      };
    }),
  );
  return [...options, ...values, ...branches].filter((place) =>
    'draft' in place ? place.draft.any !== true : !isAnyTable(place.table),
  );
};

const withinValue = ({ name, draft, wrap }: ValuePlace): Place[] => {
  const { list, table, example } = draft;
  return [
    ...(list === undefined || list.any
      ? []
      : [
          {
            name: `${name}[]`,
            draft: example === undefined ? list : Object.assign(list, { example, ...list }),
            wrap: (value: unknown) => wrap([value]),
          },
        ]),
    ...(table === undefined || isAnyTable(table) ? [] : [{ name, table, outer: [], wrap }]),
  ];
};
