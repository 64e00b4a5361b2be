import { asText, at, but, type Cell, nothing, type Parts, toComment, tomlLiteral, typed } from './cell.ts';

/** A line of a source whose lines become events. */
const line = (name: string, { place, template, ...more }: Parts): Cell => ({
  place,
  name,
  template: `[sources.c{{i}}]\ntype = "demo_logs"\nformat = "shuffle"\ncount = 1\ninterval = 0\n${template}\n`,
  read: (text) => at(text, 'sources', 'c7', 'lines', 0),
  real: { event: ({ message }) => message },
  ...more,
});

/** Strings, values, names and comments of TOML. */
export const tomlCells: readonly Cell[] = [
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
];
