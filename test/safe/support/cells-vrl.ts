import { anyLiteral, asText, at, but, type Cell, nothing, type Parts, toComment, typed } from './cell.ts';
import { type Assignment, readLiteral, readProgram } from './vrl-reader.ts';

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
const regexMatches = (text: string): unknown => {
  const { call, args } = got(text).value as { call: string; args: [string, { regex: string }] };
  const [subject, { regex }] = args;
  const pattern = new RegExp(regex.replace(/\\x\{/g, '\\u{'), 'u');
  if (call !== 'match' || !pattern.test(subject) || pattern.test(`x${subject}`) || pattern.test(subject.slice(1)))
    throw new Error(`${regex} is not exactly ${subject}`);
  return subject.slice(0, -1);
};
const isTrue = { event: (event: Record<string, unknown>) => event.got, want: () => true };

/** VRL, in every kind of TOML string. */
export const vrlCells: readonly Cell[] = [
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
