import { expect, test } from 'vitest';
import { withPrelude } from '../../lib/pipelines/with-prelude.ts';
import { compileSafe } from '../../lib/render/safe/index.ts';

const kinds = ['string', 'integer', 'float', 'boolean', 'json'] as const;
const cells = kinds.map((kind) => ({ text: '', kind, expression: `{{${kind}}}` }));

const put = (source: string, more = '') =>
  withPrelude({
    text: `[transforms.p_out]\ntype = "remap"\nsource = ${source}\n${more}`,
    id: 'p',
    cells,
    prelude: 'nvl_row = "x"',
  });

const program = (lines: string): string => {
  const result = put(`'''\n${lines}\n'''`);
  return 'text' in result
    ? (/source = '''\nnvl_row = "x"\n([\s\S]*)\n'''\n/.exec(result.text)?.[1] ?? result.text)
    : result.fault;
};

test.each([
  ['nothing is used', '.a = 1', '.a = 1'],
  ['a whole field', '.a = { "k": "{{ nvl_c0 }}" }', '.a = { "k": nvl_row.c0 }'],
  ['a whole assignment', '.a = "{{ nvl_c0 }}"', '.a = nvl_row.c0'],
  ['a bare text', '.a = nvl_c0', '.a = nvl_row.c0'],
  ['amid text', '.a = "x {{ nvl_c0 }}"', 'nvl_c0 = string(nvl_row.c0) ?? ""\n.a = "x {{ nvl_c0 }}"'],
  [
    'what is read later',
    '.a = "{{ nvl_c0 }}"\n.b = upcase(.a)',
    'nvl_c0 = string(nvl_row.c0) ?? ""\n.a = "{{ nvl_c0 }}"\n.b = upcase(.a)',
  ],
  ['a variable', 'a = "{{ nvl_c0 }}"', 'nvl_c0 = string(nvl_row.c0) ?? ""\na = "{{ nvl_c0 }}"'],
  ['an argument', '.a = f("{{ nvl_c0 }}")', 'nvl_c0 = string(nvl_row.c0) ?? ""\n.a = f("{{ nvl_c0 }}")'],
  ['a whole number', '.a = nvl_c1', 'nvl_c1 = to_int(nvl_row.c1) ?? 0\n.a = nvl_c1'],
  ['a fraction', '.a = nvl_c2', 'nvl_c2 = to_float(nvl_row.c2) ?? 0.0\n.a = nvl_c2'],
  ['a yes or no', '.a = nvl_c3', 'nvl_c3 = to_bool(nvl_row.c3) ?? false\n.a = nvl_c3'],
  ['data', '.a = nvl_c4', 'nvl_c4 = parse_json(string(nvl_row.c4) ?? "") ?? null\n.a = nvl_c4'],
])('a program with columns: %s', (_, lines, wanted) => expect(program(lines)).toBe(wanted));

test('in a string that knows escapes, what is put there is escaped', () => {
  expect(put('"""\n.a = \\"{{ nvl_c0 }}\\"\n"""')).toEqual({
    text: '[transforms.p_out]\ntype = "remap"\nsource = """\nnvl_row = \\"x\\"\nnvl_c0 = string(nvl_row.c0) ?? \\"\\"\n.a = \\"{{ nvl_c0 }}\\"\n"""\n',
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

test('a column in another component is a fault', () => {
  const more = "[transforms.p_x_out]\nsource = '''\n.a = nvl_c0\n'''\n";
  expect(put("'''\n.a = 1\n'''", more)).toMatchObject({ fault: expect.stringContaining('another component') });
});

test('a program on the same line as its quotes is one, too', () => {
  expect(put("'''.a = 1'''")).toEqual({
    text: "[transforms.p_out]\ntype = \"remap\"\nsource = '''\nnvl_row = \"x\"\n.a = 1'''\n",
  });
});

test('what compileSafe writes for a column is what is read here', () => {
  const text = "[transforms.{{id}}_out]\ntype = 'remap'\ninputs = ['x']\nsource = '''\n.a = \"{{v}}\"\n'''\n";
  const rendered = compileSafe({ name: 'labels', text }).render({ id: 'p', v: 'x' }, { hasColumns: true });
  if (!rendered.ok) throw new Error('refused');
  const result = withPrelude({ ...rendered, id: 'p', prelude: '' });
  expect(result).toMatchObject({ text: expect.stringContaining('.a = nvl_row.c0\n') });
});
