import { parse } from 'smol-toml';
import { commentText } from '../../../lib/render/safe/escape.ts';
import type { PlaceId } from '../../../lib/render/safe/places.ts';
import type { Trait } from './values.ts';
import { type Assignment, readLiteral, readProgram } from './vrl-reader.ts';

/** What the rules expect of each kind of value: that it comes out exactly, or that it is refused. */
export type Expectation = { takes: readonly Trait[]; refuses: readonly Trait[] };

/** A place under test: a template with `{{v}}` in it, and what reads the value back, apart from nvl. */
export type Cell = Expectation & {
  place: PlaceId;
  name: string;
  template: string;
  /** The value that a reader of TOML and VRL finds in the rendered text. */
  read: (text: string) => unknown;
  /** What it must find; the value's text unless said otherwise. */
  want?: (value: unknown) => unknown;
  /** How a real Vector shows it: by an event, or only by accepting it. Where neither is possible: why. */
  real: Real;
};

export type Real =
  | {
      event: (event: Record<string, unknown>) => unknown;
      want?: (value: unknown) => unknown;
      except?: (value: unknown) => boolean;
    }
  | { validate: true; except?: (value: unknown) => boolean }
  | { none: string };

const asText: Expectation = {
  takes: [
    'text',
    'empty',
    'wholeNumber',
    'fraction',
    'boolean',
    'fieldBraces',
    'percent',
    'star',
    'wildcard',
    'noSlug',
    'noTime',
    'endsInBrace',
  ],
  refuses: [
    'halfPair',
    'noNumber',
    'null',
    'list',
    'object',
    'nullInside',
    'objectInside',
    'tooDeep',
    'tooMany',
    'fieldBracesInside',
    'percentInside',
    'wildcardInside',
  ],
};

/** The same rule, but for some kinds of value. */
const but = ({ takes, refuses }: Expectation, more: { takes?: Trait[]; refuses?: Trait[] }): Expectation => ({
  takes: [...takes.filter((trait) => !more.refuses?.includes(trait)), ...(more.takes ?? [])],
  refuses: [...refuses.filter((trait) => !more.takes?.includes(trait)), ...(more.refuses ?? [])],
});

const nothing: Expectation = { takes: [], refuses: [...asText.takes, ...asText.refuses] };
const inTemplate = but(asText, { refuses: ['fieldBraces', 'percent'] });
const anyLiteral = but(asText, {
  takes: [
    'null',
    'list',
    'object',
    'nullInside',
    'objectInside',
    'fieldBracesInside',
    'percentInside',
    'wildcardInside',
  ],
});
const tomlLiteral = but(anyLiteral, {
  refuses: ['null', 'nullInside', 'object', 'objectInside', 'fieldBracesInside', 'percentInside'],
});

const at = (text: string, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((inner, part) => (inner as Record<string | number, unknown>)[part], parse(text));
const typed = (value: unknown): unknown => value;

type Parts = Pick<Cell, 'place' | 'template'> & Partial<Cell> & Expectation;

/** A line of a source whose lines become events. */
const line = (name: string, { place, template, ...more }: Parts): Cell => ({
  place,
  name,
  template: `[sources.c{{i}}]\ntype = "demo_logs"\nformat = "shuffle"\ncount = 1\ninterval = 0\n${template}\n`,
  read: (text) => at(text, 'sources', 'c7', 'lines', 0),
  real: { event: ({ message }) => message },
  ...more,
});

/** A remap with a program, whose field `got` shows the value. */
const remap = (
  name: string,
  { place, template: program, quotes = "'''", ...more }: Parts & { quotes?: string; read?: (text: string) => unknown },
): Cell => ({
  place,
  name,
  template: `[transforms.c{{i}}]\ntype = "remap"\ninputs = ["in"]\nsource = ${inQuotes(quotes, program)}\n`,
  read: (text) => got(text).value,
  real: { event: (event) => event.got },
  ...more,
});

const programIn = (text: string): string => String(at(text, 'transforms', 'c7', 'source'));
const got = (text: string): Assignment => {
  const [assignment, ...more] = readProgram(programIn(text));
  if (!assignment || more.length > 0) throw new Error(`not one assignment: ${text}`);
  return assignment;
};

const inQuotes = (quotes: string, program: string): string => {
  if (quotes === "'") return `'${program}'`;
  if (quotes === "'''") return `'''\n${program}\n'''`;
  const escaped = JSON.stringify(program).slice(1, -1);
  return quotes === '"' ? `"${escaped}"` : `"""\n${escaped.replaceAll('\\n', '\n').replaceAll('\\"', '"')}\n"""`;
};

const metric = (name: string, { place, template, ...more }: Parts): Cell => ({
  place,
  name,
  template: `[transforms.c{{i}}]\ntype = "log_to_metric"\ninputs = ["in"]\n[[transforms.c{{i}}.metrics]]\ntype = "counter"\nfield = "message"\nname = "m"\n${template}\n`,
  read: (text) => at(text, 'transforms', 'c7', 'metrics', 0, 'tags', 'tag'),
  real: { event: ({ tags }) => (tags as Record<string, unknown> | undefined)?.tag },
  ...more,
});

const sink = (name: string, { place, template, ...more }: Parts & { read: (text: string) => unknown }): Cell => ({
  place,
  name,
  template: `[sinks.c{{i}}]\ntype = "loki"\ninputs = ["in"]\nendpoint = "http://127.0.0.1:1"\nencoding.codec = "json"\n${template}\n`,
  real: { validate: true },
  ...more,
});

const toComment = (value: unknown): string => commentText(String(value));
const regexMatches = (text: string): unknown => {
  const { call, args } = got(text).value as { call: string; args: [string, { regex: string }] };
  const [subject, { regex }] = args;
  const pattern = new RegExp(regex.replace(/\\x\{/g, '\\u{'), 'u');
  if (call !== 'match' || !pattern.test(subject) || pattern.test(`x${subject}`) || pattern.test(subject.slice(1)))
    throw new Error(`${regex} is not exactly ${subject}`);
  return subject.slice(0, -1);
};
const isTrue = { event: (event: Record<string, unknown>) => event.got, want: () => true };

export const cells: readonly Cell[] = [
  line('a string', { place: 'tomlString', template: 'lines = ["{{v}}"]', ...asText }),
  line('between text', {
    place: 'tomlString',
    template: 'lines = ["a\\t\\"{{v}}\\\\ é"]',
    want: (value) => `a\t"${value}\\ é`,
    real: { event: ({ message }) => message, want: (value) => `a\t"${value}\\ é` },
    ...asText,
  }),
  line('a multi-line string', { place: 'tomlLines', template: 'lines = ["""{{v}}"""]', ...asText }),
  line('first in a multi-line string', {
    place: 'tomlLines',
    template: 'lines = ["""{{v}}\n"b"""]',
    want: (value) => `${value}\n"b`,
    real: { event: ({ message }) => message, want: (value) => `${value}\n"b` },
    ...asText,
  }),
  line('behind a joined line', {
    place: 'tomlLines',
    template: 'lines = ["""a \\\n   {{v}}b"""]',
    want: (value) => `a ${value}b`,
    real: { event: ({ message }) => message, want: (value) => `a ${value}b` },
    ...asText,
  }),
  line('a literal string', { place: 'tomlLiteral', template: "lines = ['{{v}}']", ...asText }),
  line('in a literal string', {
    place: 'tomlLiteral',
    template: "lines = ['a\\\"{{v}}\\n']",
    want: (value) => `a\\"${value}\\n`,
    real: { event: ({ message }) => message, want: (value) => `a\\"${value}\\n` },
    ...asText,
  }),
  line('a multi-line literal string', {
    place: 'tomlLiteralLines',
    template: "lines = ['''\n\"\"\"\\a\n{{v}}''']",
    want: (value) => `"""\\a\n${value}`,
    real: { event: ({ message }) => message, want: (value) => `"""\\a\n${value}` },
    ...asText,
  }),
  line('bare in a list', {
    place: 'tomlValue',
    template: 'lines = [{{v}}]',
    want: typed,
    real: { none: 'not every value is a line; see bare text' },
    ...tomlLiteral,
  }),
  line('bare text', { place: 'tomlValue', template: 'lines = [{{text}}]', ...asText, refuses: asText.refuses }),
  line('a comment', {
    place: 'tomlComment',
    template: '# {{v}}\nlines = ["b"] # {{v}}\n',
    read: (text) => `${at(text, 'sources', 'c7', 'lines', 0)}${/# (.*)$/m.exec(text)?.[1]}`,
    want: (value) => `b${toComment(value)}`,
    real: { event: ({ message }) => message, want: () => 'b' },
    ...asText,
  }),
  {
    ...asText,
    place: 'tomlKey',
    name: 'a name of a tag',
    template:
      '[sources.c{{i}}]\ntype = "static_metrics"\ninterval_secs = 1\n[[sources.c{{i}}.metrics]]\nname = "m"\nkind = "absolute"\nvalue.gauge.value = 1\ntags.{{v}} = "x"\ntags."pre-{{v}}.b" = "y"\n',
    read: (text) => Object.keys(at(text, 'sources', 'c7', 'metrics', 0, 'tags') as object),
    want: (value) => [String(value), `pre-${value}.b`],
    real: { validate: true },
  },
  ...['{{v}}', '"{{v}}"', "'{{v}}'"].map(
    (id): Cell => ({
      ...but(asText, { refuses: ['noSlug'] }),
      place: 'componentId',
      name: `an id, ${id}`,
      template: `[transforms.${id}]\ntype = "filter"\ninputs = ["in"]\ncondition = "true"\n[transforms.${id}.graph]\n`,
      read: (text) => Object.keys(at(text, 'transforms') as object)[0],
      real: { validate: true, except: (value) => typeof value !== 'string' },
    }),
  ),
  {
    ...nothing,
    place: 'optionName',
    name: 'an option',
    template: '[sources.c{{i}}]\ntype = "demo_logs"\n{{v}} = 1\n',
    read: String,
    real: { none: 'nothing is taken' },
  },
  {
    ...nothing,
    place: 'optionName',
    name: 'a type',
    template: '[sources.c{{i}}]\ntype = "{{v}}"\n',
    read: String,
    real: { none: 'nothing is taken' },
  },
  {
    ...nothing,
    place: 'optionName',
    name: 'a section',
    template: '[{{v}}.c{{i}}]\ntype = "file"\n',
    read: String,
    real: { none: 'nothing is taken' },
  },

  metric('a template', { place: 'template', template: 'tags.tag = "{{v}}"', ...inTemplate }),
  metric('a template beside a field', {
    place: 'template',
    template: 'tags.tag = "\\{{ message }}{{v}}\\{{ message }}"',
    want: (value) => `{{ message }}${value}{{ message }}`,
    real: { event: ({ tags }) => (tags as Record<string, unknown>).tag, want: (value) => `hello${value}hello` },
    ...but(inTemplate, { refuses: ['endsInBrace'] }),
  }),
  metric('a template beside a time format', {
    place: 'template',
    template: 'tags.tag = "%%{{v}}%%%n%C"',
    want: (value) => `%%${String(value).replaceAll('%', '%%')}%%%n%C`,
    real: { event: ({ tags }) => (tags as Record<string, unknown>).tag, want: (value) => `%${value}%\n20` },
    ...but(inTemplate, { takes: ['percent'] }),
  }),
  metric('bare in a template', { place: 'template', template: 'tags.tag = {{text}}', ...inTemplate }),
  metric('a name that is a template', {
    place: 'templateKey',
    template: 'tags.{{v}} = "x"',
    read: (text) => Object.keys(at(text, 'transforms', 'c7', 'metrics', 0, 'tags') as object)[0],
    real: { event: ({ tags }) => Object.keys((tags ?? {}) as object)[0] },
    ...but(inTemplate, { refuses: ['star'] }),
  }),
  sink('a label', {
    place: 'template',
    template: 'labels.a = "{{v}}"',
    read: (text) => at(text, 'sinks', 'c7', 'labels', 'a'),
    ...inTemplate,
  }),
  sink('a name of a label', {
    place: 'templateKey',
    template: 'labels.{{v}} = "x"',
    read: (text) => Object.keys(at(text, 'sinks', 'c7', 'labels') as object)[0],
    ...but(inTemplate, { refuses: ['star'] }),
  }),
  sink('labels as a table', {
    place: 'tomlValue',
    template: 'labels = {{v}}',
    read: (text) => at(text, 'sinks', 'c7', 'labels'),
    want: typed,
    real: { none: 'Vector takes only tables of text' },
    ...but(inTemplate, {
      takes: ['list', 'object'],
      refuses: ['fieldBracesInside', 'percentInside', 'objectInside', 'nullInside'],
    }),
  }),
  sink('an option', {
    place: 'unknownOption',
    template: 'labels.a = "b"\nremove_timestamp = false\nhealthcheck.uri = "http://127.0.0.1/{{v}}"',
    read: (text) => (at(text, 'sinks', 'c7', 'healthcheck', 'uri') as string).replace('http://127.0.0.1/', ''),
    real: { none: 'a URL takes less than text' },
    ...inTemplate,
  }),

  {
    ...asText,
    place: 'glob',
    name: 'a file glob',
    template: '[sources.c{{i}}]\ntype = "file"\ninclude = ["/dir/{{v}}.log"]\nexclude = [{{text}}]\n',
    read: (text) => [at(text, 'sources', 'c7', 'include', 0), at(text, 'sources', 'c7', 'exclude', 0)],
    want: (value) => [`/dir/${String(value).replace(/[*?[]/g, '[$&]')}.log`, String(value).replace(/[*?[]/g, '[$&]')],
    real: { none: 'test/e2e/safe-values.test.ts reads files of these names' },
  },
  {
    ...but(asText, { refuses: ['wildcard', 'star'] }),
    place: 'inputs',
    name: 'inputs',
    template: '[transforms.c{{i}}]\ntype = "filter"\ncondition = "true"\ninputs = ["{{v}}", {{text}}]\n',
    read: (text) => at(text, 'transforms', 'c7', 'inputs'),
    want: (value) => [String(value), String(value)],
    real: { none: 'they must name a component' },
  },
  {
    ...asText,
    place: 'regexOption',
    name: 'a regular expression',
    template:
      '[sources.c{{i}}]\ntype = "file"\ninclude = ["/nowhere"]\nmultiline.mode = "halt_before"\nmultiline.timeout_ms = 1000\nmultiline.start_pattern = \'^{{v}}!\'\nmultiline.condition_pattern = {{text}}\n',
    read: (text) =>
      ['start_pattern', 'condition_pattern'].map((option) =>
        literalOf(String(at(text, 'sources', 'c7', 'multiline', option)).replace(/^\^|!$/g, '')),
      ),
    want: (value) => [String(value), String(value)],
    real: { validate: true },
  },
  {
    ...nothing,
    place: 'code',
    name: 'Lua',
    template:
      '[transforms.c{{i}}]\ntype = "lua"\nversion = "2"\ninputs = ["in"]\nsource = """\nx = "{{v}}"\n"""\nhooks.process = "process"\n',
    read: String,
    real: { none: 'nothing is taken' },
  },
  {
    ...nothing,
    place: 'code',
    name: 'a command',
    template: '[sources.c{{i}}]\ntype = "exec"\nmode = "streaming"\ncommand = ["echo", "{{v}}"]\n',
    read: String,
    real: { none: 'nothing is taken' },
  },
  {
    ...nothing,
    place: 'code',
    name: 'a search',
    template:
      '[transforms.c{{i}}]\ntype = "filter"\ninputs = ["in"]\ncondition.type = "datadog_search"\ncondition.source = "{{v}}"\n',
    read: String,
    real: { none: 'nothing is taken' },
  },

  ...["'''", '"""', '"', "'"].flatMap((quotes) => [
    remap(`a VRL string in ${quotes}`, { place: 'vrlString', quotes, template: '.got = "{{v}}"', ...asText }),
    remap(`a VRL value in ${quotes}`, {
      place: 'vrlValue',
      quotes,
      template: '.got = {{v}}',
      want: typed,
      ...anyLiteral,
    }),
  ]),
  remap('a VRL string beside templates', {
    place: 'vrlString',
    template: '.got = "a\\\\\\{{v}}\\{ {{v}}\\n"',
    want: (value) => `a\\${value}{ ${value}\n`,
    real: { event: (event) => event.got, want: (value) => `a\\${value}{ ${value}\n` },
    ...asText,
  }),
  remap('a VRL string behind a joined line', {
    place: 'vrlString',
    template: '.got = "a \\\n  {{v}}b"',
    want: (value) => `a ${value}b`,
    real: { event: (event) => event.got, want: (value) => `a ${value}b` },
    ...asText,
  }),
  remap('a VRL string as an argument', {
    place: 'vrlString',
    template: '.got = upcase("{{v}}")',
    read: (text) => (got(text).value as { args: unknown[] }).args[0],
    real: {
      event: (event) => event.got,
      want: (value) => upcase(String(value)),
      except: (value) => typeof value === 'string' && /[^\0-\x7f]/.test(value),
    },
    ...asText,
  }),
  remap('a raw string', {
    place: 'vrlRawString',
    template: ".got = s'\"\\\\{ {{v}}\\\\'",
    want: (value) => `"\\\\{ ${value}\\\\`,
    real: { event: (event) => event.got, want: (value) => `"\\\\{ ${value}\\\\` },
    ...asText,
  }),
  remap('a regular expression', {
    place: 'vrlRegex',
    template: '.got = match("{{v}}!", r\'^{{v}}!\')',
    read: regexMatches,
    real: isTrue,
    ...asText,
  }),
  remap('a timestamp', {
    place: 'vrlTimestamp',
    template: ".got = t'{{v}}'",
    read: (text) => (got(text).value as { timestamp: string }).timestamp,
    real: { event: (event) => Date.parse(String(event.got)), want: (value) => Date.parse(String(value)) },
    ...but(asText, { refuses: ['noTime'] }),
  }),
  remap('a comment', {
    place: 'vrlComment',
    template: '# {{v}}\n.got = "b" # {{v}}',
    read: (text) => `${got(text).value}${/# (.*)$/m.exec(programIn(text))?.[1]}`,
    want: (value) => `b${toComment(value)}`,
    real: { event: (event) => event.got, want: () => 'b' },
    ...asText,
  }),
  remap('a path segment', {
    place: 'vrlSegment',
    template: '.got.{{v}} = 1',
    read: (text) => got(text).path[1],
    real: { event: (event) => Object.keys(event.got as object)[0] },
    ...asText,
  }),
  remap('a part of a path segment', {
    place: 'vrlSegment',
    template: '.got.pre_{{v}}_x.b = 1',
    read: (text) => got(text).path[1],
    want: (value) => `pre_${value}_x`,
    real: { event: (event) => Object.keys(event.got as object)[0], want: (value) => `pre_${value}_x` },
    ...asText,
  }),
  remap('a quoted path segment', {
    place: 'vrlString',
    template: '.got."{{v}}" = 1',
    read: (text) => got(text).path[1],
    real: { event: (event) => Object.keys(event.got as object)[0] },
    ...asText,
  }),
  remap('an index', {
    place: 'vrlIndex',
    template: '.got[{{v}}] = 1',
    read: (text) => got(text).path[1],
    want: typed,
    real: {
      event: (event) => (event.got as unknown[]).length - 1,
      except: (value) => typeof value === 'number' && (value > 100 || value < 0),
    },
    ...but(nothing, { takes: ['wholeNumber'] }),
    refuses: nothing.refuses.filter((trait) => !['wholeNumber', 'noSlug', 'noTime'].includes(trait)),
    takes: ['wholeNumber', 'noSlug', 'noTime'],
  }),
  remap('an object key', {
    place: 'vrlObjectKey',
    template: '.got = { {{v}}: 1, "b": 2 }',
    read: (text) => Object.keys(got(text).value as object)[0],
    real: { event: (event) => Object.keys(event.got as object).filter((key) => key !== 'b')[0] ?? 'b' },
    ...asText,
  }),
  remap('a whole program', {
    place: 'vrlValue',
    template: '{{v}}',
    quotes: '"',
    read: (text) => readLiteral(programIn(text)),
    want: typed,
    real: { event: (event) => event.message, want: () => 'hello' },
    ...anyLiteral,
  }),
  {
    ...but(anyLiteral, { refuses: ['null'] }),
    place: 'tomlValue',
    name: 'a bare program',
    template: '[transforms.c{{i}}]\ntype = "remap"\ninputs = ["in"]\nsource = {{v}}\n',
    read: (text) => readLiteral(programIn(text)),
    want: typed,
    real: { event: (event) => event.message, want: () => 'hello' },
  },
  remap('an item of a list', {
    place: 'vrlValue',
    template: '.got = [1, {{v}},\n{{v}}]',
    read: (text) => (got(text).value as unknown[])[2],
    want: typed,
    real: { event: (event) => (event.got as unknown[])[2] },
    ...anyLiteral,
  }),
  remap('a value of an object', {
    place: 'vrlValue',
    template: '.got = { "a": {{v}}, "b": 1 }',
    read: (text) => (got(text).value as { a: unknown }).a,
    want: typed,
    real: { event: (event) => (event.got as { a: unknown }).a },
    ...anyLiteral,
  }),
  {
    ...nothing,
    place: 'vrlCode',
    name: 'a function',
    template: "[transforms.c{{i}}]\ntype = 'remap'\ninputs = ['in']\nsource = '.got = {{v}}(1)'\n",
    read: String,
    real: { none: 'nothing is taken' },
  },
  {
    ...nothing,
    place: 'vrlCode',
    name: 'a part of a name',
    template: "[transforms.c{{i}}]\ntype = 'remap'\ninputs = ['in']\nsource = '.got = x{{v}}'\n",
    read: String,
    real: { none: 'nothing is taken' },
  },
  {
    ...asText,
    place: 'vrlString',
    name: 'a condition',
    template:
      '[transforms.set{{i}}]\ntype = "remap"\ninputs = ["in"]\nsource = \'.got = "{{v}}"\'\n[transforms.c{{i}}]\ntype = "filter"\ninputs = ["set{{i}}"]\ncondition = ".got == \\"{{v}}\\""\n',
    read: (text) => readProgram(String(at(text, 'transforms', 'c7', 'condition')).replace('==', '='))[0]?.value,
    real: { event: (event) => event.got },
  },
];

const upcase = (text: string): string => text.toUpperCase();

const literalOf = (regex: string): string =>
  regex
    .replace(/^\(\?:|\)$/g, '')
    .replace(/\\x\{([0-9a-f]+)\}/g, (_all, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
