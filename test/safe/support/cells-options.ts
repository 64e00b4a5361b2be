import { asText, at, but, type Cell, inTemplate, literalOf, nothing, type Parts, typed } from './cell.ts';

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

/** Options that Vector reads as a language of their own. */
export const optionCells: readonly Cell[] = [
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
];
