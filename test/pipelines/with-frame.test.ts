import { expect, test } from 'vitest';
import { columnName } from '../../lib/render/labels/columns.ts';
import { labelProgramIn, withFrame } from '../../lib/render/labels/with-frame.ts';
import { type Cell, compileSafe } from '../../lib/render/safe/index.ts';

const kinds = ['string', 'integer', 'float', 'boolean', 'json'] as const;
const cells = kinds.map((kind) => ({ text: '', kind, expression: `{{${kind}}}`, frame: '' }));
/** The row's paths with the places of the columns for their names, which are a digest's. */
const byPlace = (text: string): string =>
  cells.reduce((shown, cell, index) => shown.replaceAll(`row.${columnName(cell)}`, `row.#${index}`), text);

const put = (source: string, more = '') =>
  framed({ text: `[transforms.p_out]\ntype = "remap"\nsource = ${source}\n${more}`, cells });

const framed = ({ text, cells: own }: { text: string; cells: readonly Cell[] }) => {
  const found = labelProgramIn({ text, id: 'p' });
  const frame = (labels: string) => `stream = "x"\n${labels}\ndel(%nvl)`;
  return 'fault' in found ? found : { text: withFrame({ program: found, cells: own, frame }) };
};

const program = (lines: string): string => {
  const result = put(`'''\n${lines}\n'''`);
  return 'text' in result
    ? (/source = '''\nstream = "x"\n([\s\S]*)\ndel\(%nvl\)\n'''\n/.exec(result.text)?.[1] ?? result.text)
    : result.fault;
};

test.each([
  ['nothing is used', '.a = 1', '.a = 1'],
  ['a whole field', '.a = { "k": "{{ nvl_c0 }}" }', '.a = { "k": %nvl.row.#0 }'],
  ['a whole assignment', '.a = "{{ nvl_c0 }}"', '.a = %nvl.row.#0'],
  ['a bare text', '.a = nvl_c0', '.a = %nvl.row.#0'],
  ['amid text', '.a = "x {{ nvl_c0 }}"', 'nvl_c0 = string(%nvl.row.#0) ?? ""\n.a = "x {{ nvl_c0 }}"'],
  [
    'what is read later',
    '.a = "{{ nvl_c0 }}"\n.b = upcase(.a)',
    'nvl_c0 = string(%nvl.row.#0) ?? ""\n.a = "{{ nvl_c0 }}"\n.b = upcase(.a)',
  ],
  [
    'metadata that the program takes away',
    'del(%nvl)\n.a = "{{ nvl_c0 }}"',
    'nvl_c0 = string(%nvl.row.#0) ?? ""\ndel(%nvl)\n.a = "{{ nvl_c0 }}"',
  ],
  ['a variable', 'a = "{{ nvl_c0 }}"', 'nvl_c0 = string(%nvl.row.#0) ?? ""\na = "{{ nvl_c0 }}"'],
  ['an argument', '.a = f("{{ nvl_c0 }}")', 'nvl_c0 = string(%nvl.row.#0) ?? ""\n.a = f("{{ nvl_c0 }}")'],
  ['a whole number', '.a = nvl_c1', 'nvl_c1 = to_int(%nvl.row.#1) ?? 0\n.a = nvl_c1'],
  ['a fraction', '.a = nvl_c2', 'nvl_c2 = to_float(%nvl.row.#2) ?? 0.0\n.a = nvl_c2'],
  ['a yes or no', '.a = nvl_c3', 'nvl_c3 = to_bool(%nvl.row.#3) ?? false\n.a = nvl_c3'],
  ['data', '.a = nvl_c4', 'nvl_c4 = parse_json(string(%nvl.row.#4) ?? "") ?? null\n.a = nvl_c4'],
])('a program with columns: %s', (_, lines, wanted) => expect(byPlace(program(lines))).toBe(wanted));

test('in a string that knows escapes, what is put there is escaped', () => {
  const made = put('"""\n.a = \\"{{ nvl_c0 }}\\"\n"""');
  expect('text' in made && { text: byPlace(made.text) }).toEqual({
    text: '[transforms.p_out]\ntype = "remap"\nsource = """\nstream = \\"x\\"\nnvl_c0 = string(%nvl.row.#0) ?? \\"\\"\n.a = \\"{{ nvl_c0 }}\\"\ndel(%nvl)\n"""\n',
  });
});

test.each([
  ['a string of one line', "'.a = 1'"],
  ['a list', "['.a = 1']"],
])('no multi-line program: %s', (_, source) => {
  expect(put(source)).toMatchObject({
    advice: expect.stringContaining("write the labels' source as a multi-line string"),
  });
});

test('what is put behind the program is not joined with its last line', () => {
  expect(put('"""\n.a = 1 \\\n"""')).toMatchObject({ text: expect.stringContaining('\n.a = 1 \ndel(%nvl)\n') });
});

test('a column in another component is a fault', () => {
  const more = "[transforms.p_x_out]\nsource = '''\n.a = nvl_c0\n'''\n";
  expect(put("'''\n.a = 1\n'''", more)).toMatchObject({ fault: expect.stringContaining('another component') });
});

test('a value that has the name of a column stands in a comment as ever', () => {
  expect(put("'''\n.a = 1\n'''", '# nvl_c0\n')).toHaveProperty('text');
});

test('a program on the same line as its quotes is one, too', () => {
  expect(put("'''.a = 1'''")).toEqual({
    text: "[transforms.p_out]\ntype = \"remap\"\nsource = '''\nstream = \"x\"\n.a = 1\ndel(%nvl)\n'''\n",
  });
});

test('what compileSafe writes for a column is what is read here', () => {
  const text = "[transforms.{{id}}_out]\ntype = 'remap'\ninputs = ['x']\nsource = '''\n.a = \"{{v}}\"\n'''\n";
  const rendered = compileSafe({ name: 'labels', text }).render({ id: 'p', v: 'x' }, { hasColumns: true });
  if (!rendered.ok) throw new Error('refused');
  const result = framed(rendered);
  expect(result).toMatchObject({ text: expect.stringMatching(/\.a = %nvl\.row\.c_v_[0-9a-f]{8}\n/) });
});
