import { describe, expect, test } from 'vitest';
import { Glob } from '../../lib/glob.ts';
import { compileSafe, type Refusal, type SafeSource } from '../../lib/render/safe/index.ts';
import { createMarks } from '../../lib/render/safe/run/marks.ts';

const render = (text: string, context: object = {}, more: Partial<SafeSource> = {}) =>
  compileSafe({ name: 'vector/t.toml.hbs', text, ...more }).render(context);

const refusalsOf = (text: string, context: object = {}, more: Partial<SafeSource> = {}): Refusal[] => {
  const rendered = render(text, context, more);
  if (rendered.ok) throw new Error(`not refused: ${rendered.text}`);
  return rendered.refusals;
};

const textOf = (text: string, context: object = {}): string => {
  const rendered = render(text, context);
  if (!rendered.ok) throw new Error(rendered.refusals.map(({ why }) => why).join('; '));
  return rendered.text;
};

test('a refusal says where, what, why, and what to write instead', () => {
  const text = '[sinks.a]\ntype = "file"\n  path = "/x/{{task.name}}"\n';
  expect(refusalsOf(text, { task: { name: `50%\n${'x'.repeat(80)}` } })).toEqual([
    {
      site: { template: 'vector/t.toml.hbs', line: 3, column: 14, expression: '{{task.name}}' },
      place: 'Vector template',
      value: `50%\\n${'x'.repeat(56)}… (84 characters)`,
      why: 'Vector would read its % as a time format',
      instead: 'a field of the event that VRL sets from {{x}}, named in the option as \\{{ field }}',
    },
  ]);
});

test('every refusal of a template is told at once', () => {
  const text = '[sources.{{a}}]\ntype = "{{b}}"\n[sinks.x]\nlabels.c = "{{c}}"\n';
  expect(refusalsOf(text, { a: 'a.b', b: 'file', c: null }).map(({ site, place }) => [site.expression, place])).toEqual(
    [
      ['{{a}}', 'component id'],
      ['{{b}}', 'name of an option'],
      ['{{c}}', 'option'],
    ],
  );
});

test('a value in a partial is refused with the place in the partial', () => {
  const partials = { q: { name: 'partials/q.hbs', text: 'y = 1\nz = {{v}}' } };
  expect(refusalsOf('[sinks.a]\n{{> q}}\n', { v: null }, { partials })).toMatchObject([
    { site: { template: 'partials/q.hbs', line: 2, column: 5 }, place: 'TOML value' },
  ]);
});

test('who is to blame among thousands of values is soon found', () => {
  const list = Array.from({ length: 2_000 }, (_, index) => `value "${index}"`);
  const text = '[sinks.a]\ntype = "x"\nuri = "{{a}}[b.c]"\nlist = [{{#each list}}"{{this}}",{{/each}}]\n';
  expect(refusalsOf(text, { a: 'SECRET', list })).toMatchObject([
    { site: { expression: '{{a}}' }, why: expect.stringContaining('a reference to replace') },
  ]);
  const both = text.replace('list =', 'url = "{{b}}[d.e]"\nlist =');
  const found = refusalsOf(both, { a: 'SECRET', b: 'SECRET', list }).map(({ site }) => site.expression);
  // Neither alone is to blame: the first few that are not plain.
  expect(found).toHaveLength(10);
});

describe('text that touches a value', () => {
  test.each([
    ['[sinks.a]\nx = 1{{v}}', 'would become part of it'],
    ['[sinks.a]\nx = {{v}}{{v}}', 'would become part of it'],
    ['[sinks.a]\nx = -{{v}}', 'would become part of it'],
    ['[sinks.a]\nx = {{v}}.5', 'would become part of it'],
    ['[sinks.a]\nx = {{v}}-01-01', 'not TOML'],
    ['[sinks.a]\nx = "\\u00{{v}}"', 'part of an escape'],
    ['[sinks.a]\nx = "\\\\{{v}}"', 'not TOML'],
    ['[sinks.a]\n"a\\x{{v}}" = 1', 'part of an escape'],
    ['[sinks.a]\n{{v}}\n', 'not TOML'],
    ['{{v}} = 1\n', 'Vector decides the names'],
    ['[sinks.{{v}}.x.y]\n{{v}} = 1', 'Vector decides the names'],
    ...[
      ['.a = x{{v}}', 'would become part of it'],
      ['.a = {{v}}x', 'would become part of it'],
      ['.a = 1{{v}}', 'would become part of it'],
      ['.a = -{{v}}', 'would become part of it'],
      ['.a = {{v}}.b', 'would become part of it'],
      ['.a = {{v}}(1)', 'would make it a name'],
      ['.a = {{v}}"b"', 'would make it a name'],
      ['.a = {{v}}[0]', 'would make it a name'],
      ['.a.{{v}}(1)', 'the name of a function'],
      ['.a = f({{v}}: 1)', 'the name of an argument'],
      ['{{v}} = 1', 'cannot be assigned to'],
      ['.a, {{v}} = f()', 'cannot be assigned to'],
      ['for_each(.a) -> |{{v}}, x| { x }', 'the name of a variable'],
      ['.a = "\\\\{{v}}"', 'part of an escape'],
      ['.a = "\\u{0{{v}} }"', 'part of an escape'],
      ['.a = "\\{{ {{v}} }}"', 'inside {{ }}'],
      [".a = r'[{{v}}]'", 'inside [ ]'],
      [".a = r'[^]{{v}}]'", 'inside [ ]'],
      [".a = r'x{ {{v}} }'", undefined],
      [".a = r'x{1,{{v}} }'", 'part of the syntax'],
      [".a = r'(?P<{{v}}>x)'", 'part of the syntax'],
      [".a = r'\\p{ {{v}} }'", 'part of an escape'],
      ['.a = "x', 'does not end'],
    ].map(([program, why]) => [`[transforms.a]\ntype = "remap"\nsource = '''\n# {{v}}\n${program}\n'''`, why]),
  ] as [string, string | undefined][])('%s', (text, why) => {
    const rendered = render(text, { v: 'b' });
    if (why === undefined) expect(rendered.ok).toBe(true);
    else expect(rendered.ok ? rendered.text : rendered.refusals.map((refusal) => refusal.why).join()).toContain(why);
  });
});

describe('what Vector replaces in the raw text', () => {
  test.each([
    ['$\u007b{v}}', 'environment variable'],
    ['$A{{v}}', 'environment variable'],
    ['$\u007bA:{{v}}', 'environment variable'],
    ['$\u007bA:-{{v}} }', 'environment variable'],
    ['{{v}}$\u007bA:-x', 'environment variable'],
    ['SECRET[{{v}}]', 'secret reference'],
    ['SECRET[a.{{v}}]', 'secret reference'],
    ['$SECRET[a.{{v}}]', 'secret reference'],
  ])('%s', (inside, place) => {
    expect(refusalsOf(`[sinks.a]\nauth.user = "${inside}"`, { v: 'x' })[0]).toMatchObject({ place });
  });

  test('plain values cannot complete a reference with characters of the author', () => {
    const template = compileSafe({ name: 't', text: '[sinks.a]\nauth.user = "{{a}}[{{b}}]"' });
    expect(template.render({ a: 'plain', b: 'plain' })).toMatchObject({ ok: true });
    expect(template.render({ a: 'SECRET', b: 'file.token' })).toMatchObject({
      ok: false,
      refusals: [
        { site: { expression: '{{a}}' }, why: expect.stringContaining('reference to replace') },
        { site: { expression: '{{b}}' } },
      ],
    });
    expect(template.render({ a: 'plain', b: 'file.token' })).toMatchObject({ ok: true });
  });

  test("an author's own reference stays", () => {
    expect(textOf("[sinks.a]\nauth.user = '$USER-{{v}}'", { v: '$USER' })).toBe(
      '[sinks.a]\nauth.user = "$USER-\\u0024USER"',
    );
  });
});

describe('names', () => {
  test('one value in several names is one name', () => {
    const text =
      '[transforms.{{a}}]\ntype = "x"\n[transforms.{{b}}.graph]\ny = "{{b}}"\n[[transforms.{{a}}.list]]\nz = 1\n';
    expect(textOf(text, { a: 'same', b: 'same' })).toContain('[transforms.same.graph]');
    expect(textOf(text, { a: 'one', b: 'two' })).toContain('[transforms.two.graph]');
  });

  test.each([
    ['[sinks.a]\ntype = "loki"\nlabels.{{a}} = "1"\nlabels.{{b}} = "2"', { a: 'x', b: 'x' }],
    ['[sinks.a]\ntype = "loki"\nlabels.{{a}} = "1"\nlabels.x = "2"', { a: 'x' }],
    ['[sinks.a]\ntype = "loki"\nlabels.{{a}}_x = "1"\nlabels.{{b}} = "2"', { a: 'y', b: 'y_x' }],
    ['[transforms.{{a}}.graph]\nx = 1\n[transforms.b]\ntype = "x"', { a: 'b' }],
  ])('a name that is there already is refused: %s', (text, context) => {
    const template = compileSafe({ name: 't', text });
    const other = Object.fromEntries(Object.keys(context).map((key) => [key, `other_${key}`]));
    expect(template.render(other)).toMatchObject({ ok: true });
    expect(template.render(context)).toMatchObject({ ok: false });
  });

  test('an equal name in another table is fine', () => {
    const text = '[sinks.a]\ntype = "loki"\nlabels.{{a}} = "1"\nstructured_metadata.x = "2"';
    expect(textOf(text, { a: 'x' })).toContain('labels."x"');
  });
});

describe('text that is not TOML is told where it stands in the template', () => {
  test.each([
    ['beside a value', '[sinks.a]\nx = "{{v}}" y\n', { template: 'vector/t.toml.hbs', line: 2 }],
    [
      'on a line of its own',
      '[sinks.a]\n{{#if v}}\nx = "{{v}}"\n{{/if}}\nbad line\n',
      { template: 'vector/t.toml.hbs', line: 5, expression: 'bad line' },
    ],
    [
      'of two equal lines the one behind the last value',
      '{{#if w}}\nbad line\n{{/if}}\n[sinks.{{v}}]\nbad line\n',
      { line: 5 },
    ],
    ['in a partial', '[sinks.a]\n{{> p}}\n', { template: 'p.hbs', line: 1 }],
  ])('%s', (_name, text, site) => {
    const partials = { p: { name: 'p.hbs', text: 'bad text' } };
    const [refusal] = refusalsOf(text, { v: 'x' }, { partials });
    expect(refusal?.why).toContain('not TOML');
    expect(refusal?.site).toMatchObject(site);
  });
});

describe('globs', () => {
  const text = '[sources.a]\ntype = "file"\ninclude = {{logs}}\nexclude = ["/x/{{one}}/*", {{one}}]\n';

  test("nvl's own are put as they are, a value's characters match themselves", () => {
    const glob = new Glob('/a/[*]b.stdout.[0-9]*');
    expect(textOf(text, { logs: [glob, 'c*'], one: '[x]?' })).toBe(
      '[sources.a]\ntype = "file"\ninclude = ["/a/[*]b.stdout.[0-9]*", "c[*]"]\nexclude = ["/x/\\u005b[]x][?]/*", "\\u005b[]x][?]"]\n',
    );
    expect(textOf(text, { logs: [], one: glob })).toContain('"/x//a/[*]b.stdout.[0-9]*/*"');
  });

  test('anywhere else it is its text', () => {
    expect(textOf('[transforms.a]\ntype = "remap"\nsource = ".a = {{g}}"', { g: new Glob('/x/*.log') })).toContain(
      '.a = \\"/x/*.log\\"',
    );
    expect(JSON.stringify({ g: new Glob('/x/*') })).toBe('{"g":"/x/*"}');
  });

  test("a value inside an author's [ ] is refused", () => {
    expect(refusalsOf('[sources.a]\ntype = "file"\ninclude = ["/x/[!{{v}}]"]', { v: 'a' })[0]?.why).toContain(
      'inside [ ]',
    );
  });
});

describe('values that are no data, or too much of it', () => {
  const text = '[transforms.a]\ntype = "remap"\nsource = """.a = {{v}}"""';
  const circle: unknown[] = [];
  circle.push(circle);
  test.each([
    ['a function', () => 1, 'a function is not data'],
    ['a date', new Date(0), 'an object has no text'],
    ['a map', new Map(), 'an object has no text'],
    ['a big integer', 1n, 'a bigint is not data'],
    ['a circle', circle, 'nested over 32 levels'],
    ['a wide one', Array.from({ length: 20_000 }, () => 0), 'over 10,000 parts'],
    ['a long one', ['x'.repeat(2_000_000)], 'over 1 MiB'],
  ])('%s', (_name, v, why) => {
    expect(refusalsOf(text, { v })[0]?.why).toContain(why);
  });
});

test("a value that holds nvl's own placeholders comes out exactly", () => {
  const text = '[sinks.a]\nauth.user = "{{a}}{{b}}"\nauth.password = "{{c}}"\n';
  // They follow from the template's text alone, so whoever knows it can guess them.
  const marks = createMarks([text], 0);
  const own = marks.placeholder(0);
  expect(textOf(text, { a: own, b: `${marks.placeholder(1)}${marks.nonce}`, c: Number(marks.nonce) })).toBe(
    `[sinks.a]\nauth.user = "${own}${marks.placeholder(1)}${marks.nonce}"\nauth.password = "${marks.nonce}"\n`,
  );
  expect(textOf('[sinks.a]\nlabels.a = {{a}}', { a: [[own]] })).toContain(own);
});

test('equal input gives equal bytes, whatever was rendered before', () => {
  const text = '[sinks.a]\nauth.user = "{{a}}"\nlabels = {{map}}';
  const context = { a: '"$', map: {} };
  const template = compileSafe({ name: 't', text: text.replace('\nlabels = {{map}}', '') });
  const first = template.render(context);
  for (const a of ['x', '', '"""', 'y'.repeat(300)]) template.render({ a });
  expect(template.render(context)).toEqual(first);
});

describe('the judge', () => {
  const text = '[transforms.{{id}}_{{step}}]\ninputs = ["{{input}}"]\nx = {{flag}}\ny = "{{v}}"\n';
  const usual = { id: 'a', input: 'in', step: 's', flag: true, v: 'v' };

  /** How often a judge is asked when these contexts are rendered one after the other. */
  const askedFor = (contexts: readonly object[], isSound = true): number => {
    let asked = 0;
    const judge = () => {
      asked += 1;
      return { isSound, asked };
    };
    const template = compileSafe({ name: 't', text }, { judge });
    for (const context of contexts) {
      const rendered = template.render({ ...usual, ...context });
      expect(rendered.ok && rendered.verdict.asked).toBe(asked);
    }
    return asked;
  };

  test('is asked once for texts that differ in plain values', () => {
    expect(askedFor([{}, { v: 'w' }, { v: 5 }, { id: 'b', input: 'c' }])).toBe(1);
  });

  test.each([
    ['an id', { step: 'out' }],
    ['an input', { input: 'a', id: 'b', step: 'a' }],
    ['a yes or no', { flag: false }],
    ['the kind of a bare value', { flag: ['x'] }],
    ['what is empty', { v: '' }],
  ])('is asked again where %s differs', (_name, context) => {
    expect(askedFor([{}, context])).toBe(2);
  });

  test('is asked each time where a value is not plain, and where its verdict was not sound', () => {
    expect(askedFor([{}, { v: '"' }, { v: '"' }])).toBe(3);
    expect(askedFor([{}, {}, {}], false)).toBe(3);
  });

  test('is asked about the very text, and for the context it was rendered for', () => {
    const seen: object[] = [];
    const judge = (rendered: { text: string; context: object }) => {
      seen.push(rendered);
      return { isSound: true };
    };
    compileSafe({ name: 't', text: 'a = {{v}}' }, { judge }).render(usual);
    expect(seen).toEqual([{ text: 'a = "v"', context: usual }]);
  });
});
