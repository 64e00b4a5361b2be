import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import type { NvlError } from '../../lib/errors.ts';
import { compileSafe, type SafeSource } from '../../lib/render/safe/index.ts';

/** A value of a plain TOML option, so that what a template makes of its values shows. */
const line = (inside: string): string => `[sinks.a]\nauth.user = "${inside}"\n`;

const helpers = {
  upper: (value: unknown) => String(value).toUpperCase(),
  eq: (one: unknown, other: unknown) => one === other,
  join: (list: unknown, separator: unknown) => (list as string[]).join(String(separator)),
  concat: (...values: unknown[]) => values.slice(0, -1).join(''),
  named: (options: unknown) => (options as { hash: { x: unknown } }).hash.x,
  fails: () => {
    throw new Error('it broke');
  },
};

const render = (text: string, context: object, more: Partial<SafeSource> = {}): string => {
  const rendered = compileSafe({ name: 't.hbs', text, helpers, ...more }).render(context);
  return rendered.ok ? rendered.text : `refused: ${rendered.refusals.map(({ why }) => why).join('; ')}`;
};

// biome-ignore lint/suspicious/noTemplateCurlyInString: the variable is Vector's, which must stay text
test.each(['', 'a', '"', "'", '\\', '\n', ' a ', '#', '${HOME}', '$$', 'SECRET[a.b]', '\u0000', 'é😀'])(
  'a value that is the whole of a string: %j',
  (v) => {
    const table = parse(render('[sinks.a]\nauth.user = "{{v}}"\nuri = \'{{w}}\'\n', { v, w: 'b' }));
    expect(table).toEqual({ sinks: { a: { auth: { user: v }, uri: 'b' } } });
  },
);

const quote = {
  q: 'a"b',
  list: ['x"', 'y'],
  map: { 'k"': 'v"' },
  yes: true,
  empty: '',
  zero: 0,
  nested: { q: 'n"', list: [{ q: 'l"' }] },
};

describe('Handlebars works as its users know it, on raw values', () => {
  test.each([
    ['a value', '{{q}}', 'a\\"b'],
    ['three braces are two', '{{{q}}}', 'a\\"b'],
    ['an ampersand too', '{{&q}}', 'a\\"b'],
    ['a path', '{{nested.q}}', 'n\\"'],
    ['if', '{{#if yes}}{{q}}{{else}}no{{/if}}', 'a\\"b'],
    ['if is false for what is empty', '{{#if empty}}a{{else if zero}}b{{else}}c{{/if}}', 'c'],
    ['unless', '{{#unless zero}}{{q}}{{/unless}}', 'a\\"b'],
    ['each', '{{#each list}}{{@index}}{{this}}{{#if @last}}.{{/if}}{{/each}}', '0x\\"1y.'],
    ['each of an object', '{{#each map}}{{@key}}={{this}}{{/each}}', 'k\\"=v\\"'],
    ['each with names', '{{#each list as |item at|}}{{at}}{{item}}{{/each}}', '0x\\"1y'],
    ['each with a name that a helper has', '{{#each list as |upper|}}{{upper}}{{/each}}', 'x\\"y'],
    ['with', '{{#with nested}}{{q}}{{../q}}{{@root.q}}{{/with}}', 'n\\"a\\"ba\\"b'],
    ['with a name', '{{#with nested as |n|}}{{n.q}}{{/with}}', 'n\\"'],
    ['a section', '{{#nested}}{{q}}{{/nested}}', 'n\\"'],
    ['a section of a list', '{{#list}}{{.}}{{/list}}', 'x\\"y'],
    ['an inverted section', '{{^nope}}{{q}}{{/nope}}', 'a\\"b'],
    ['lookup', '{{lookup map "k\\""}}|{{lookup list 0}}', 'v\\"|x\\"'],
    ['a helper', '{{upper q}}', 'A\\"B'],
    ['a helper in a helper', '{{upper (concat q "-" (upper nested.q))}}', 'A\\"B-N\\"'],
    ['a helper as a condition', '{{#if (eq q "x")}}1{{else}}{{q}}{{/if}}', 'a\\"b'],
    ['a hash', '{{named x=q}}', 'a\\"b'],
    ['a name that is not there', '[{{nope}}{{nested.nope.deep}}]', '[]'],
    ['a comment', '{{! q }}{{!-- {{q}} --}}x', 'x'],
    ["Vector's own braces", '\\{{ field }}{{q}}', '{{ field }}a\\"b'],
    ['white space control', 'a {{~q~}} b', 'aa\\"bb'],
    ['numbers and booleans', '{{zero}}{{yes}}{{nested.list.length}}', '0true1'],
    [
      'the prototype stays shut',
      '[{{constructor}}{{q.constructor}}{{__proto__.x}}{{lookup this "constructor"}}]',
      '[]',
    ],
  ])('%s', (_name, template, inside) => {
    expect(render(line(template), quote)).toBe(line(inside));
  });

  const partials = {
    part: { name: 'partials/part.hbs', text: '{{q}}{{own}}' },
    frame: { name: 'partials/frame.hbs', text: '<{{> @partial-block}}>' },
    outer: { name: 'partials/outer.hbs', text: '{{> part own=q}}' },
    calls: { name: 'partials/calls.hbs', text: '{{> shared}}' },
    broken: { name: 'partials/broken.hbs', text: '{{#if}}' },
  };

  test.each([
    ['a partial', '{{> part}}', 'a\\"b'],
    ['with a context of its own', '{{> part nested}}', 'n\\"'],
    ['with a hash', '{{> part own="o"}}', 'a\\"bo'],
    ['in a partial', '{{> outer}}', 'a\\"ba\\"b'],
    ['chosen by a value', '{{> (concat "pa" "rt")}}', 'a\\"b'],
    ['a block', '{{#> frame}}{{q}}{{/frame}}', '<a\\"b>'],
    ['a block whose partial is missing', '{{#> missing}}{{q}}{{/missing}}', 'a\\"b'],
    ['an inline one', '{{#*inline "own"}}{{q}}!{{/inline}}{{> own}}{{> own nested}}', 'a\\"b!n\\"!'],
    ['an inline one that a partial calls', '{{#*inline "shared"}}{{q}}{{/inline}}{{> calls}}', 'a\\"b'],
  ])('partials: %s', (_name, template, inside) => {
    expect(render(line(template), quote, { partials })).toBe(line(inside));
  });

  test('a partial with a fault is no fault of a template that does not call it', () => {
    expect(render(line('{{q}}'), quote, { partials })).toBe(line('a\\"b'));
    expect(() => compileSafe({ name: 't.hbs', text: '{{> broken}}', partials })).toThrow();
  });

  test('raw puts text as it is, where it is allowed', () => {
    const text = '[sinks.a]\n{{raw more}}\n';
    expect(render(text, { more: 'x = 1 # "' }, { rawAllowed: true })).toBe('[sinks.a]\nx = 1 # "\n');
    expect(() => compileSafe({ name: 't.hbs', text })).toThrow('the helper raw is not allowed here');
  });
});

describe('a template that its author has to mend', () => {
  const faultOf = (text: string): { message: string; at: string | undefined; advice: string | undefined } => {
    try {
      compileSafe({ name: 'a/t.hbs', text, helpers, partials: { part: { name: 'p.hbs', text: 'x' } } });
    } catch (error) {
      const { code, message, facts, advice } = error as NvlError;
      expect(code).toBe('templateInvalid');
      return { message, at: facts.at, advice };
    }
    throw new Error('no fault');
  };

  test.each([
    [
      'a block that stays open',
      'a\n  {{#if x}}\n{{#each y}}{{/each}}\n',
      'a/t.hbs:2:3',
      'the block {{#if}} is never closed',
      'write {{/if}}',
    ],
    [
      'a block closed by another',
      'a\n{{#if x}}\n {{/each}}',
      'a/t.hbs:3:2',
      '{{/each}} stands where {{/if}} should',
      'write {{/if}}',
    ],
    [
      'a block that was never opened',
      'a\n {{/if}}',
      'a/t.hbs:2:2',
      '{{/if}} closes a block that was never opened',
      'write {{#if …}}',
    ],
    ['braces that stay open', 'a\n {{foo', 'a/t.hbs:2:2', 'a {{ is never closed', 'close each {{'],
    ['one brace too many', 'a\n x{ {{foo}}}', 'a/t.hbs:2:5', '}}} closes what {{ opened', 'a space'],
    ['what Handlebars cannot read', '{{foo bar=}}', 'a/t.hbs:1', 'Handlebars cannot read', 'close each {{'],
    ['an unknown helper', 'a\n {{uper x}}', 'a/t.hbs:2:2', 'no helper is named uper', 'did you mean upper?'],
    [
      'an unknown helper in brackets',
      '{{#if (eg x 1)}}{{/if}}',
      'a/t.hbs:1:7',
      'no helper is named eg',
      'did you mean eq?',
    ],
    ['an unknown block', '{{#eech x}}{{/eech}}', 'a/t.hbs:1:1', 'no helper is named eech', 'did you mean each?'],
    ['an unknown partial', '{{> parts}}', 'a/t.hbs:1:1', 'no partial is named parts', 'did you mean part?'],
    ['the helper log', '{{log x}}', 'a/t.hbs:1:1', 'no helper is named log', 'known: '],
    ['a decorator', '{{* foo}}', 'a/t.hbs:1:1', 'no decorator is named foo', 'inline'],
    ["the engine's own helper", '{{[put a value] x 1}}', 'a/t.hbs:1:1', 'no helper is named', ''],
  ])('%s', (_name, text, at, message, advice) => {
    const fault = faultOf(text);
    expect(fault.at).toBe(at);
    expect(fault.message).toContain(message);
    expect(fault.advice).toContain(advice);
  });

  test('a helper that fails is told with the place of its call', () => {
    const rendered = compileSafe({ name: 't.hbs', text: 'a\n {{fails}}', helpers }).render({});
    expect(rendered).toMatchObject({
      ok: false,
      refusals: [{ site: { template: 't.hbs', line: 2, column: 2 }, why: 'it broke' }],
    });
  });

  test('a partial that calls itself for ever ends in a refusal', () => {
    const partials = { self: { name: 'self.hbs', text: '{{> self}}' } };
    expect(render('{{> self}}', {}, { partials })).toContain('refused: ');
  });
});
