import { expect, test } from 'vitest';
import type { Row } from '../../lib/pipelines/row.ts';
import { columnName } from '../../lib/render/labels/columns.ts';
import { labelObjectIn } from '../../lib/render/labels/label-object.ts';
import { labelTable } from '../../lib/render/labels/label-tables.ts';
import { type Lookup, lookupProgram, NO_ROW } from '../../lib/render/labels/lookup.ts';
import { inComponent, loneFrame, profileFrame } from '../../lib/render/labels/shapes.ts';
import { labelProgramIn, withFrame } from '../../lib/render/labels/with-frame.ts';
import { type Cell, compileSafe } from '../../lib/render/safe/index.ts';
import { isSame, normal } from '../safe/support/check.ts';
import { numbers, strings, structures } from '../safe/support/values.ts';
import { needs, vector } from '../support/programs.ts';
import { LABELS } from './labels.ts';
import { type Chain, type Event, runChains } from './run-chain.ts';

const stemOf = (number: number): string => `nvl_${String(number).padStart(8, '0')}_web_app_0a1b2c3d`;
const LINKS = '/var/lib/nvl.d/links';
const fileOf = (stem: string, stream = 'stdout'): string => `${LINKS}/p/${stem}.${stream}.000000007`;

const TASK = {
  namespace: 'default',
  alloc: { id: '50d107cb-87fc-1e41-b012-44a4e538f777', nodeName: 'node "1"' },
  job: { id: "we'''b {{ x }}" },
  group: { name: 'si\nte' },
  task: { name: 'web$HOME' },
};

const labelled = (id: string, input: string, template = LABELS) => {
  const rendered = compileSafe({ name: 'labels', text: template }).render({ ...TASK, id, input }, { hasColumns: true });
  if (!rendered.ok) throw new Error(rendered.refusals[0]?.why);
  return rendered;
};

type Given = { text: string; cells: readonly Cell[] };

/** The labels as one object, where they are. */
const objectOf = ({ text, cells }: Given, id: string): Pick<Lookup, 'object'> => {
  const labels = labelObjectIn({ program: programOf(text, id).text, cells });
  return labels === undefined ? {} : { object: { labels, linksDir: LINKS } };
};

const programOf = (text: string, id: string) => {
  const program = labelProgramIn({ text, id });
  if ('fault' in program) throw new Error(program.fault);
  return program;
};

const finished = ({ text, cells }: Given, id: string, frame: (labels: string) => string): string =>
  withFrame({ program: programOf(text, id), cells, frame });

/** Both shapes with the labels template: no profile, and one that replaces all of the event. */
const lone = (id: string, events: readonly Event[], stem?: string): Chain => {
  const labels = labelled(id, `${id}_first`);
  const lookup = { ...lookupOf(labels.cells, 'p'), ...(stem === undefined ? objectOf(labels, id) : { stem }) };
  return {
    events,
    first: `${id}_first`,
    blocks: finished(labels, id, loneFrame(lookup)),
    tables: tablesOf(lookup),
    last: `${id}_out`,
  };
};

const behindProfile = (
  id: string,
  events: readonly Event[],
  { program = '. = parse_json!(.message)', namesMarks = false } = {},
): Chain => {
  const labels = labelled(id, `${id}_parse`);
  const lookup = { ...lookupOf(labels.cells, 'p'), ...objectOf(labels, id) };
  const parse = `[transforms.${id}_parse]\ntype = "remap"\ninputs = ["${id}_in"]\nsource = '''\n${program}\n'''\n`;
  return {
    events,
    first: `${id}_first`,
    blocks: `${inComponent({ ...lookup, keepsState: false, input: 'p' })
      .replaceAll('transforms.p_in', `transforms.${id}_in`)
      .replace(
        '"p"]',
        `"${id}_first"]`,
      )}\n${parse}${finished(labels, id, profileFrame({ ...lookup, namesMarks, keepsState: false }))}`,
    tables: tablesOf(lookup),
    last: `${id}_out`,
  };
};

const tablesOf = ({ object }: Lookup): Chain['tables'] =>
  object === undefined ? [] : [labelTable(object.labels.columns)];

/** The rows of all chains here are those of one pipeline. */
const lookupOf = (cells: readonly Cell[], pipeline: string): Lookup => ({
  cells,
  pipeline,
  offset: undefined,
  hasHost: true,
  usesStream: true,
});

const cellsOf = (cells: readonly Cell[]): Row['cells'] =>
  Object.fromEntries(cells.map((cell) => [columnName(cell), cell.text]));

const rowOf = (stem: string, { mark = '' } = {}): Row => ({
  stem,
  pipeline: 'p',
  about: 'a task',
  mark,
  cells: cellsOf(labelled('p', 'x').cells),
});

const LABELLED = {
  namespace: 'default',
  node_name: 'node "1"',
  job_name: "we'''b {{ x }}",
  group_name: 'si\nte',
  task_name: 'web$HOME',
  alloc_id: '50d107cb-87fc-1e41-b012-44a4e538f777',
};
const FROM_STEM = {
  namespace: '',
  node_name: '',
  job_name: '',
  group_name: '',
  task_name: 'web_app',
  alloc_id: '00000099',
};
const fromSource = { host: 'h', source_type: 'file' };

const forged = JSON.stringify({
  number: 7,
  nomad: { job_name: 'evil' },
  'nomad.job_name': 'evil',
  nvl: { profile_error: 'evil', mine: 1 },
  'nvl.profile_error': 'evil',
});

test('each line gets the labels of its row, in both shapes, whatever it says itself', needs(vector), () => {
  const events = [
    { number: 1, message: 'm', file: fileOf(stemOf(1)), ...fromSource },
    { number: 2, message: 'm', file: fileOf(stemOf(2), 'stderr'), ...fromSource },
    { number: 3, message: 'm', file: fileOf(stemOf(99)), ...fromSource },
    { number: 4, message: 'm', file: 'no path', ...fromSource },
    { number: 5, message: 'm', ...fromSource },
  ];
  const found = runChains(
    [
      lone('a', events),
      lone('b', [{ number: 6, message: 'm', file: fileOf('other', 'stderr'), ...fromSource }], stemOf(1)),
      behindProfile('c', [{ message: forged, file: fileOf(stemOf(1), 'stderr'), ...fromSource }]),
      behindProfile('d', [{ message: forged.replace('7', '8'), file: fileOf(stemOf(2)), ...fromSource }], {
        namesMarks: true,
      }),
      behindProfile('e', [{ number: 9, message: 'no JSON', file: fileOf(stemOf(99)), ...fromSource }], {
        program: '.level = "x"',
      }),
    ],
    [rowOf(stemOf(1)), rowOf(stemOf(2), { mark: 'a "mark"' })],
  );
  const plain = { message: 'm' };
  const without = ({ timestamp: _timestamp, service: _service, ...event }: Event) => event;
  const nomad = (stream: string, labels: object = LABELLED) => ({ ...labels, stream });
  const marked = (mark: string) => ({ nvl: { profile_error: mark } });
  expect(Object.fromEntries([...found].map(([number, event]) => [number, without(event)]))).toEqual({
    1: { number: 1, ...plain, nomad: nomad('stdout') },
    2: { number: 2, ...plain, nomad: nomad('stderr'), ...marked('a "mark"') },
    3: { number: 3, ...plain, nomad: nomad('stdout', FROM_STEM), ...marked(NO_ROW) },
    4: {
      number: 4,
      ...plain,
      nomad: nomad('stdout', { ...FROM_STEM, task_name: '', alloc_id: '' }),
      ...marked(NO_ROW),
    },
    5: {
      number: 5,
      ...plain,
      nomad: nomad('stdout', { ...FROM_STEM, task_name: '', alloc_id: '' }),
      ...marked(NO_ROW),
    },
    6: { number: 6, ...plain, nomad: nomad('stderr') },
    7: { number: 7, nomad: nomad('stderr') },
    8: { number: 8, nomad: nomad('stdout'), nvl: { mine: 1, profile_error: 'a "mark"' } },
    9: { number: 9, message: 'no JSON', level: 'x', nomad: nomad('stdout', FROM_STEM), ...marked(NO_ROW) },
  });
});

/** Ways in which a value stands in labels, and what the event then holds under `got`. */
const WAYS: readonly (readonly [
  way: string,
  program: string,
  want: (value: unknown) => unknown,
  takes: (value: unknown) => boolean,
])[] = [
  ['a string', '.got = "{{v}}"', String, (value) => typeof value !== 'object'],
  ['amid text', '.got = "é {{v}} {{v}}!"', (value) => `é ${value} ${value}!`, (value) => typeof value !== 'object'],
  ['read later', '.got = "{{v}}"\n.got = .got + ""', String, (value) => typeof value !== 'object'],
  ['bare', '.got = {{v}}', (value) => value, () => true],
  ['a field', '.got = { "k": {{v}} }', (value) => ({ k: value }), () => true],
  [
    'a condition',
    'if "{{v}}" == (string(.none) ?? "{{v}}") { .got = {{v}} }',
    (value) => value,
    (value) => typeof value !== 'object',
  ],
];

test('every hostile value comes back out of the table as it went in', { ...needs(vector), timeout: 120_000 }, () => {
  const values = [...strings, ...numbers, true, false, null, ...structures];
  const rows: Row[] = [];
  const wanted = new Map<number, { name: string; want: unknown }>();
  /** By the text of their labels: those of one kind share a pipeline. */
  const pipelines = new Map<string, { id: string; labels: string; cells: readonly Cell[]; events: Event[] }>();
  let columns = 0;
  for (const [way, program, want, takes] of WAYS) {
    const template = compileSafe({
      name: way,
      text: `[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["{{id}}_first"]\nsource = '''\n${program}\n'''\n`,
    });
    for (const value of values) {
      const rendered = takes(value) ? template.render({ id: 'p', v: value }, { hasColumns: true }) : undefined;
      if (!rendered?.ok || rendered.cells.length === 0) continue;
      columns += 1;
      const number = rows.length;
      rows.push({
        stem: stemOf(number),
        pipeline: 'p',
        about: '',
        mark: '',
        cells: cellsOf(rendered.cells),
      });
      wanted.set(number, { name: `${way}: ${JSON.stringify(value)}`, want: want(value) });
      const key = JSON.stringify([rendered.text, rendered.cells.map(({ kind }) => kind)]);
      const pipeline = pipelines.get(key) ?? {
        id: `p${pipelines.size}`,
        labels: rendered.text,
        cells: rendered.cells,
        events: [],
      };
      pipeline.events.push({ number, file: fileOf(stemOf(number)) });
      pipelines.set(key, pipeline);
    }
  }
  const chains = [...pipelines.values()].map(({ id, labels, cells, events }): Chain => {
    const text = labels.replaceAll('transforms.p_', `transforms.${id}_`).replaceAll('"p_first"', `"${id}_first"`);
    const lookup = { ...lookupOf(cells, 'p'), ...objectOf({ text, cells }, id), usesStream: false };
    return {
      events,
      first: `${id}_first`,
      blocks: finished({ text, cells }, id, loneFrame(lookup)),
      last: `${id}_out`,
      tables: tablesOf(lookup),
    };
  });
  expect(chains.some(({ tables }) => tables.length > 0)).toBe(true);
  const found = runChains(chains, rows);
  const wrong = [...wanted].flatMap(([number, { name, want }]) => {
    const event = found.get(number);
    return event !== undefined && isSame(normal(event.got), normal(want)) && event.nvl === undefined
      ? []
      : [`${name}: ${JSON.stringify(event)}`];
  });
  expect(wrong).toEqual([]);
  // Texts in each of their ways, and all but the few structures that stay literals.
  expect(columns).toBeGreaterThan(strings.length * 5);
});

test('a row is looked up by the name of the file, or by a stem that is given', () => {
  const cells = ['{{alloc.id}}', '{{ task.name }}', '{{job.id}}'].map((expression) => ({
    expression,
    frame: '',
    kind: 'string' as const,
  }));
  const [alloc, task, job] = cells.map(columnName);
  const given = { cells, pipeline: 'nvl_web_0a1b2c3d', offset: undefined, hasHost: true, usesStream: true };
  expect(lookupProgram(given)).toContain('{ "task": slice(nvl_name, 0, -17) ?? "", "pipeline": "nvl_web_0a1b2c3d" }');
  expect(lookupProgram(given)).toContain(
    `"${alloc}": slice(nvl_stem, 4, 12) ?? "", "${task}": slice(nvl_stem, 13, -9) ?? "", "${job}": ""`,
  );
  expect(lookupProgram({ ...given, stem: 'nvl_1_web_2' })).toContain('{ "task": "nvl_1_web_2", "pipeline"');
  expect(() => lookupProgram({ ...given, stem: 'a"' })).toThrow('no stem');
});
