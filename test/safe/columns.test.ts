import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileSafe, type SafelyRendered, type Verdict } from '../../lib/render/safe/index.ts';
import { CONSTANT_ARGUMENTS } from '../../lib/render/safe/place/constants.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { CONSTANT_CALLS } from './support/constant-calls.ts';

const labels = (program: string, head = ''): string =>
  `${head}[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '''\n${program}\n'''\n`;

const OWN = { id: 'nvl_x', input: 'nvl_in', logs: { include: ['/logs/*'] } };

const rendered = (program: string, context: object) => {
  const template = compileSafe({ name: 'labels', text: labels(program), helpers: { eq: (a, b) => a === b } });
  return template.render({ ...OWN, ...context }, { hasColumns: true });
};

const programOf = (result: SafelyRendered<Verdict>): string =>
  result.ok ? (/'''\n([\s\S]*?)\n'''/.exec(result.text)?.[1] ?? result.text) : `refused: ${result.refusals[0]?.why}`;

const context = {
  a: 'x',
  b: 'y"',
  n: 5,
  big: 2 ** 60,
  f: -1.5,
  zero: -0,
  yes: true,
  no: null,
  list: [1, 'a'],
  deep: [1.5],
};

test.each([
  ['a whole string', '.a = "{{a}}"', '.a = "{{ nvl_c0 }}"', [['x', 'string']]],
  ['one amid text', '.a = "p {{a}} q"', '.a = "p {{ nvl_c0 }} q"', [['x', 'string']]],
  [
    'two side by side',
    '.a = "{{a}}{{b}}"',
    '.a = "{{ nvl_c0 }}{{ nvl_c1 }}"',
    [
      ['x', 'string'],
      ['y"', 'string'],
    ],
  ],
  [
    'the same expression twice',
    '.a = "{{a}}"\n.b = "{{a}}"',
    '.a = "{{ nvl_c0 }}"\n.b = "{{ nvl_c0 }}"',
    [['x', 'string']],
  ],
  [
    'the same as text and bare',
    '.a = "{{n}}"\n.b = {{n}}',
    '.a = "{{ nvl_c0 }}"\n.b = nvl_c1',
    [
      ['5', 'string'],
      ['5', 'integer'],
    ],
  ],
  ['a raw string', ".a = s'C:\\x {{a}}'", '.a = "C:\\\\x {{ nvl_c0 }}"', [['x', 'string']]],
  ['a bare text', '.a = {{a}}', '.a = nvl_c0', [['x', 'string']]],
  ['a whole number beyond 2^53', '.a = {{big}}', '.a = nvl_c0', [['1152921504606847000.0', 'float']]],
  ['a fraction', '.a = {{f}}', '.a = nvl_c0', [['-1.5', 'float']]],
  ['minus zero', '.a = {{zero}}', '.a = nvl_c0', [['0', 'integer']]],
  ['a yes', 'if {{yes}} { .a = 1 }', 'if nvl_c0 { .a = 1 }', [['true', 'boolean']]],
  ['null', '.a = {{no}}', '.a = nvl_c0', [['null', 'json']]],
  ['a list', '.a = {{list}}', '.a = nvl_c0', [['[1,"a"]', 'json']]],
  ['a list in an object', '.a = { "k": {{list}} }', '.a = { "k": nvl_c0 }', [['[1,"a"]', 'json']]],
  [
    'a round each',
    '{{#each list}}.a = "{{this}}"\n{{/each}}',
    '.a = "{{ nvl_c0 }}"\n.a = "{{ nvl_c1 }}"',
    [
      ['1', 'string'],
      ['a', 'string'],
    ],
  ],
] as const)('a column: %s', (_, program, text, cells) => {
  const result = rendered(`${program}\n.last = 1`, context);
  expect(programOf(result)).toBe(`${text}\n.last = 1`);
  expect(result.ok && result.cells.map((cell) => [cell.text, cell.kind])).toEqual(cells);
});

test.each([
  ['a list with a fraction, which JSON would round', '.a = {{deep}}'],
  ['a list that a function takes', '.a = join!({{list}}, ",")'],
  ['a list of a variable', 'x = {{list}}'],
  ['a divisor', '.a = 1 / {{n}}'],
  ['a regular expression', ".a = match(.b, r'{{a}}')"],
  ['a timestamp', ".a = t'2024-05-06T07:08:0{{n}}Z'"],
  ['a path', '.a.{{a}} = 1'],
  ['a path in quotes', '.a."x {{a}}" = 1'],
  ['an index', '.a = .b[{{n}}]'],
  ['a bare key', '.a = { {{a}}: 1 }'],
  ['a key in quotes', '.a = { "{{a}}": 1 }'],
  ['a comment', '# {{a}}'],
  ['right behind a brace', '.a = "\\u\u007b7b}{{a}}"'],
  ['right before a brace', '.a = "{{a}}{{! }}}"'],
  ['behind the joint of two lines', '.a = "x \\\n  {{a}}"'],
  ['what the compiler must know', '.a = parse_grok!(string!(.m), "{{a}}")'],
  ['the same by its name', '.a = parse_grok!(value: string!(.m), pattern: "{{a}}")'],
  ['within it', '.a = parse_groks!(string!(.m), patterns: ["{{a}}"])'],
  ['by way of a variable', 'x = "{{a}}"\n.a = parse_grok!(string!(.m), x)'],
  ['beside a name of nvl itself', 'nvl_c0 = 1\n.a = "{{a}}"'],
])('no column, but the literal as ever: %s', (_, program) => {
  const template = compileSafe({ name: 'labels', text: labels(`${program}\n.last = 1`) });
  const plain = template.render({ ...OWN, ...context });
  const result = template.render({ ...OWN, ...context }, { hasColumns: true });
  expect(result).toMatchObject({ ok: true, cells: [], text: plain.ok && plain.text });
});

test.each([
  ['a condition', '[transforms.{{id}}_out]\ntype = "filter"\ninputs = ["x"]\ncondition = \'.a == "{{a}}"\'\n'],
  ['a program that is one value', '[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["x"]\nsource = "{{a}}"\n'],
  ['a bare program', '[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["x"]\nsource = {{a}}\n'],
  [
    "another component's program",
    '[transforms.{{id}}_more]\ntype = "remap"\ninputs = ["x"]\nsource = \'.a = "{{a}}"\'\n',
  ],
  ['an option', '[transforms.{{id}}_out]\ntype = "remap"\ninputs = ["x"]\nmetric_tag_values = "{{a}}"\n'],
])('no column outside of the labels program: %s', (_, text) => {
  const result = compileSafe({ name: 'labels', text }).render({ ...OWN, ...context }, { hasColumns: true });
  expect(result).toMatchObject({ ok: true, cells: [] });
});

test('other arguments of a function that asks for a constant are columns', () => {
  const result = rendered('.a = get_enrichment_table_record!("{{a}}", { "k": "{{b}}" })', context);
  expect(programOf(result)).toBe('.a = get_enrichment_table_record!("x", { "k": "{{ nvl_c0 }}" })');
});

test('without columns nothing changes, and a value that is refused stays refused with the same words', () => {
  const template = compileSafe({ name: 'labels', text: labels('.a = "{{a}}"\n.b = {{b}}') });
  const bad = { ...OWN, a: null, b: Number.POSITIVE_INFINITY };
  const [plain, columned] = [template.render(bad), template.render(bad, { hasColumns: true })];
  expect(plain.ok).toBe(false);
  expect(columned).toEqual(plain);
});

test('a verdict is asked once for texts that differ in their columns alone', () => {
  let asked = 0;
  const template = compileSafe(
    { name: 'labels', text: labels('.a = "{{a}}"\n.b = 1') },
    {
      judge: () => {
        asked += 1;
        return { isSound: true };
      },
    },
  );
  for (const a of ['x', 'y"', "z'''", '{{ q }}']) template.render({ ...OWN, a }, { hasColumns: true });
  expect(asked).toBe(1);
});

test('reads are the literals by their expressions, but the context’s own; decisions are what blocks decided', () => {
  const text = labels(
    '# {{job.id}} {{ id }}\n.a = "{{job.id}}"\n{{#if (eq job.id "web")}}.b = 1{{else}}.b = 2{{/if}}\n{{#each list}}.c = 1\n{{/each}}{{#with job}}.d.{{id}} = 1{{/with}}{{#each tags}}{{/each}}{{#unless no}}.e = 1{{/unless}}',
  );
  const template = compileSafe({ name: 'labels', text, helpers: { eq: (a, b) => a === b } });
  const given = { ...OWN, job: { id: 'web' }, list: [1, 2], tags: { z: 1, a: 2 }, no: false };
  const decisions = [
    ['#if (eq job.id "web")', true],
    ['#each list', 2],
    ['#with job', true],
    ['#each tags', ['z', 'a']],
    ['#unless no', true],
  ];
  expect(template.render(given, { hasColumns: true })).toMatchObject({
    ok: true,
    reads: [
      ['{{job.id}}', 'web'],
      ['{{id}}', 'web'],
    ],
    decisions,
  });
  expect(template.render(given)).toMatchObject({
    reads: [
      ['{{job.id}}', 'web'],
      ['{{job.id}}', 'web'],
      ['{{id}}', 'web'],
    ],
    decisions,
  });
});

test('a partial that a value chooses is a decision; what is refused has reads and decisions too', () => {
  const template = compileSafe({
    name: 'labels',
    text: labels('{{> (lookup this "which")}}\n.a = "{{gone}}"'),
    partials: { one: { name: 'one', text: '.p = "{{a}}"' }, two: { name: 'two', text: '.q = 1' } },
  });
  expect(template.render({ ...OWN, which: 'one', a: 'x', gone: null })).toMatchObject({
    ok: false,
    reads: [
      ['{{a}}', 'x'],
      ['{{gone}}', null],
    ],
    decisions: [['>', 'one']],
  });
});

/** Pieces of labels programs, which read what `contexts` may hold. */
const pieces = fc.constantFrom(
  '.a = "{{a}}"',
  '.b = {{b}}',
  '# {{a}}',
  '.c = "x {{b}} {{a}}"',
  '.{{a}} = 1',
  '{{#if a}}.d = 1{{/if}}',
  '{{#if b}}.e = "{{b}}"{{else if a}}.e = {{a}}{{else}}.e = 0{{/if}}',
  '{{#each list}}.f = {{this}}{{/each}}',
  '{{#each list}}.g = { "k": {{this}} }\n# {{@index}} {{id}}{{/each}}',
  '{{#with o}}.h = "{{id}}"\n.i.{{id}} = 1{{/with}}',
  '{{#each o}}.j.{{@key}} = "{{this}}"{{/each}}',
  '{{#list}}.k = "{{this}}"{{/list}}',
  '{{^list}}.l = 1{{/list}}',
  '{{> p x=a}}',
  '{{> p x=b}}',
  '{{> (lookup this "which")}}',
  '{{#unless (eq a b)}}.m = 1{{/unless}}',
  '.n = {{raw a}}',
  '{{#each list as |id|}}# {{id}}\n.o = "{{id}}"{{/each}}',
  '{{#with this as |id|}}# {{id.a}}{{/with}}',
  '{{#eq a b}}{{/eq}}',
  '.q = "{{id}}{{input}}"',
);
const scalar = fc.constantFrom<unknown>('x', 'y', 'nvl_x', '', 0, 1, 1.5, true, false, null, [1], [1.5], { id: 'x' });
const text = fc.constantFrom('x', 'y', 'nvl_x');
const contexts = fc.record({
  a: text,
  b: scalar,
  list: fc.array(scalar, { maxLength: 3 }),
  o: fc.constantFrom<unknown>({ id: 'x' }, { id: 'nvl_x' }, { id: 'y', more: 'x' }, {}, null),
  which: fc.constantFrom('p', 'q'),
});

test('equal reads, decisions and columns of one template mean equal text', { timeout: 120_000 }, () => {
  const partials = { p: { name: 'p', text: '.p = "{{x}}" # {{id}}' }, q: { name: 'q', text: '.q = 1' } };
  let [pairs, equal] = [0, 0];
  fc.assert(
    fc.property(
      fc.array(pieces, { minLength: 1, maxLength: 4 }),
      fc.array(contexts, { minLength: 8, maxLength: 8 }),
      fc.boolean(),
      (program, given, hasColumns) => {
        const template = compileSafe({
          name: 'labels',
          text: labels(`${program.join('\n')}\n.last = 1`),
          partials,
          helpers: { eq: (a, b) => a === b },
          rawAllowed: true,
        });
        const seen = new Map<string, string>();
        for (const one of given) {
          const result = template.render({ ...OWN, ...one }, { hasColumns });
          if (!result.ok) continue;
          const { reads, decisions, cells } = result;
          const key = JSON.stringify([reads, decisions, cells.map(({ kind, expression }) => [kind, expression])]);
          const other = seen.get(key);
          pairs += 1;
          if (other !== undefined && other !== undefined) equal += 1;
          if (other !== undefined) expect(result.text).toBe(other);
          seen.set(key, result.text);
        }
      },
    ),
    { numRuns: 1_500, seed: 7 },
  );
  expect(pairs).toBeGreaterThan(3_000);
  expect(equal).toBeGreaterThan(300);
});

const VARIABLES = {
  string: 'string(.v) ?? ""',
  number: 'to_int(.v) ?? 0',
  float: 'to_float(.v) ?? 0.0',
  yes: 'to_bool(.v) ?? false',
  list: 'array(.v) ?? []',
};
const kindOf = (literal: string): keyof typeof VARIABLES => {
  if (literal.startsWith('"')) return 'string';
  if (literal.startsWith('[')) return 'list';
  if (literal === 'true') return 'yes';
  return literal.includes('.') ? 'float' : 'number';
};

/** Which of the calls Vector's compiler refuses, and which it does not know, by their numbers. */
const compiled = (write: (literal: string) => string): { refused: Set<number>; unknown: Set<number> } => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-constants-'));
  try {
    writeFileSync(join(folder, 'table.csv'), 'task,c0\n');
    const head = `data_dir = "${folder}"\n[enrichment_tables.table]\ntype = "file"\nfile.path = "${folder}/table.csv"\nfile.encoding.type = "csv"\n[sources.in]\ntype = "demo_logs"\nformat = "shuffle"\nlines = ["x"]\n[sinks.out]\ntype = "blackhole"\ninputs = ["t*"]\n`;
    const blocks = CONSTANT_CALLS.map(
      ([, call, literal], index) =>
        `[transforms.t${index}]\ntype = "remap"\ninputs = ["in"]\nsource = '''\nv = ${VARIABLES[kindOf(literal)]}\n.v = v\n${/^(?:log|set_)/.test(call) ? '' : '.r = '}${call.replace('§', write(literal))}\n'''\n`,
    );
    writeFileSync(join(folder, 'vector.toml'), head + blocks.join(''));
    const { stdout, stderr } = spawnSync(
      pathOf(vector),
      ['validate', '--no-environment', join(folder, 'vector.toml')],
      { encoding: 'utf8' },
    );
    const parts = `${stdout}${stderr}`.split(/Transform "t(?=\d+")/).slice(1);
    const numbers = (found: string[]) => new Set(found.map((part) => Number.parseInt(part, 10)));
    return {
      refused: numbers(parts.filter((part) => !part.includes('undefined function'))),
      unknown: numbers(parts.filter((part) => part.includes('undefined function'))),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

test('Vector takes a literal and refuses a variable in each argument that the table lists', needs(vector), () => {
  const [literals, variables] = [compiled((literal) => literal), compiled(() => 'v')];
  const wrong = CONSTANT_CALLS.filter(
    (_, index) => !literals.unknown.has(index) && (literals.refused.has(index) || !variables.refused.has(index)),
  );
  expect(wrong).toEqual([]);
  // What this build of Vector lacks can't be tried.
  expect(CONSTANT_CALLS.length - literals.unknown.size).toBeGreaterThan(35);
});

test('each argument of the table that needs no file is tried', () => {
  const tried = new Set(CONSTANT_CALLS.map(([argument]) => argument));
  const untried = CONSTANT_ARGUMENTS.map(([name, argument]) => `${name} ${argument}`).filter((one) => !tried.has(one));
  expect(untried).toEqual([
    'encode_proto desc_file',
    'encode_proto message_type',
    'http_request http_proxy',
    'http_request https_proxy',
    'match_any patterns',
    'parse_etld psl',
    'parse_groks alias_sources',
    'parse_proto desc_file',
    'parse_proto message_type',
    'validate_json_schema schema_definition',
  ]);
});
