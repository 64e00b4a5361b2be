import { decodeRegex, decodeVrlLiteral, decodeVrlString } from './check/decode.ts';
import type { Places } from './place/place.ts';
import { asId, asKey, asValue, inComment, inString, never } from './write/encode-toml.ts';
import { inGlob, inInputs, inRegexOption, inTemplate, inTemplateKey, inUnknownOption } from './write/encode-vector.ts';
import {
  asIndex,
  asObjectKey,
  asTimestamp,
  asVrlValue,
  inVrlComment,
  inVrlRegex,
  inVrlString,
} from './write/encode-vrl.ts';

const NO_TEXT = 'null, lists, objects';

/**
 * Every place where a value can stand, with its rule: the heart of nvl. A string's value passes its language's row (a
 * VRL string, a glob) and then the row of the TOML string that holds it; VRL's rows write nothing that `'…'` and
 * `'''…'''` could not hold as it is.
 */
export const places = {
  tomlString: {
    name: 'TOML string',
    description: 'in `"…"`: escaped',
    encode: inString,
    refuses: NO_TEXT,
    example: { template: 'a = "{{value}}"', value: 'say "$HOME"', result: 'a = "say \\"\\u0024HOME\\""' },
  },
  tomlLines: {
    name: 'TOML multi-line string',
    description: 'in `"""…"""`: escaped, its lines as `\\n`',
    encode: inString,
    refuses: NO_TEXT,
    example: { template: 'a = """x{{value}}"""', value: '"""\n', result: 'a = """x\\"\\"\\"\\n"""' },
  },
  tomlLiteral: {
    name: 'TOML literal string',
    description: 'in `\'…\'`: the string leaves as `"…"`, since it knows no escape',
    encode: inString,
    refuses: NO_TEXT,
    example: { template: "a = 'C:\\x {{value}}'", value: "it's", result: 'a = "C:\\\\x it\'s"' },
  },
  tomlLiteralLines: {
    name: 'TOML multi-line literal string',
    description: 'in `\'\'\'…\'\'\'`: the string leaves as `"""…"""`',
    encode: inString,
    refuses: NO_TEXT,
    example: { template: "a = '''x {{value}}'''", value: "'''", result: 'a = """\nx \'\'\'"""' },
  },
  tomlValue: {
    name: 'TOML value',
    description: 'bare behind `=` or in a list: a literal of its kind; a whole number beyond 2^53 as a float',
    encode: asValue,
    refuses: 'null, Infinity, objects where Vector decides the names, text that touches it (`1{{value}}`)',
    example: { template: 'a = {{value}}', value: ['x', 1, true], result: 'a = ["x", 1, true]' },
  },
  tomlKey: {
    name: 'TOML key',
    description: 'as a name that Vector leaves to you (labels, tags, routes): one quoted part, whatever dots it holds',
    encode: asKey,
    refuses: NO_TEXT,
    example: { template: 'tags.{{value}} = "x"', value: 'a.b', result: 'tags."a.b" = "x"' },
  },
  componentId: {
    name: 'component id',
    description: 'in `[sources.{{id}}]`',
    encode: asId,
    refuses: 'all but letters, digits, `_` and `-`',
    example: { template: '[sources.{{value}}]', value: 'nvl_web', result: '[sources.nvl_web]' },
  },
  tomlComment: {
    name: 'TOML comment',
    description: 'behind `#`: what is not plain is shown as its code',
    encode: inComment,
    refuses: NO_TEXT,
    example: { template: '# {{value}}', value: '$HOME', result: '# u+24HOME' },
  },
  optionName: {
    name: 'name of an option',
    description: 'what Vector decides: names of sections and options, the `type` of a component',
    encode: never,
    refuses: 'everything',
    example: { template: '[sources.x]\n{{value}} = 1', value: 'max_line_bytes', result: 'refused' },
  },
  template: {
    name: 'Vector template',
    description: 'in an option that takes `\\{{ field }}` and `%Y`: as text; beside a time format `%` is doubled',
    encode: inTemplate,
    refuses:
      'what Vector would take for `{{ }}`; `%` without a time format beside it; a value inside `\\{{ }}` or right behind `%`',
    example: { template: 'path = "/logs/%F/{{value}}"', value: '100%', result: 'path = "/logs/%F/100%%"' },
  },
  templateKey: {
    name: 'name that is a Vector template',
    description: 'a name of a label or tag',
    encode: inTemplateKey,
    refuses: 'as a Vector template, and `*`',
    example: { template: 'labels.{{value}} = "x"', value: 'team', result: 'labels."team" = "x"' },
  },
  unknownOption: {
    name: 'option',
    description: 'any other option: as text',
    encode: inUnknownOption,
    refuses: '`{{`, `%`: what Vector would interpret if the option were a template',
    example: { template: 'endpoint = "http://{{value}}"', value: 'loki:3100', result: 'endpoint = "http://loki:3100"' },
  },
  glob: {
    name: 'file glob',
    description: 'in `include` and `exclude`: its `*`, `?` and `[` match themselves; `logs.include` is put as it is',
    encode: inGlob,
    refuses: "a value inside the author's `[ ]`",
    example: { template: 'include = ["/logs/{{value}}.*"]', value: 'a*b', result: 'include = ["/logs/a[*]b.*"]' },
  },
  inputs: {
    name: 'inputs',
    description: 'the ids that feed a component',
    encode: inInputs,
    refuses: '`*`, `?`, `[` and `]`, which match other components',
    example: { template: 'inputs = ["{{value}}"]', value: 'nvl_web', result: 'inputs = ["nvl_web"]' },
  },
  regexOption: {
    name: 'regular expression in an option',
    description: 'in `multiline.start_pattern` and the like: matches itself, as one group',
    encode: inRegexOption,
    decode: decodeRegex,
    refuses: 'a value in `[ ]`, in `{ }`, in the name of a group or right behind a backslash',
    example: {
      template: "multiline.start_pattern = '^{{value}}+'",
      value: 'a.b',
      result: 'multiline.start_pattern = "^(?:a\\\\x{2e}b)+"',
    },
  },
  code: {
    name: 'code',
    description: 'Lua, commands of exec, Datadog searches: languages that nvl does not know',
    encode: never,
    refuses: 'everything',
    example: { template: "[transforms.x]\ntype = 'lua'\nsource = 'x = {{value}}'", value: 1, result: 'refused' },
  },
  vrlString: {
    name: 'VRL string',
    description: 'in `"…"`: escaped, `{` `}` `$` as `\\u{…}`',
    encode: inVrlString,
    decode: decodeVrlString,
    refuses: `${NO_TEXT}; a value inside the string's \`\\{{ }}\` or right behind a backslash`,
    example: { template: '.a = "{{value}}"', value: '{{ x }}', result: '.a = "\\u{7b}\\u{7b} x \\u{7d}\\u{7d}"' },
  },
  vrlRawString: {
    name: 'VRL raw string',
    description: 'in `s\'…\'`: it leaves as `"…"`, since it knows no escape',
    encode: inVrlString,
    decode: decodeVrlString,
    refuses: NO_TEXT,
    example: { template: ".a = s'C:\\x {{value}}'", value: "it's", result: '.a = "C:\\\\x it\\u{27}s"' },
  },
  vrlRegex: {
    name: 'VRL regular expression',
    description: "in `r'…'`: matches itself, as one group",
    encode: inVrlRegex,
    decode: decodeRegex,
    refuses: `${NO_TEXT}; a value in \`[ ]\`, in \`{ }\`, in the name of a group or right behind a backslash`,
    example: { template: ".a = match(.b, r'^{{value}}$')", value: 'a.b', result: ".a = match(.b, r'^(?:a\\x{2e}b)$')" },
  },
  vrlTimestamp: {
    name: 'VRL timestamp',
    description: "in `t'…'`",
    encode: asTimestamp,
    refuses: 'what does not make it a time as RFC 3339 writes it',
    example: { template: ".a = t'{{value}}'", value: '2024-05-06T07:08:09Z', result: ".a = t'2024-05-06T07:08:09Z'" },
  },
  vrlComment: {
    name: 'VRL comment',
    description: 'behind `#`: what is not plain is shown as its code',
    encode: inVrlComment,
    refuses: NO_TEXT,
    example: { template: '# {{value}}', value: 'a\n.b = 1', result: '# au+a.b = 1' },
  },
  vrlSegment: {
    name: 'VRL path segment',
    description: 'as a part of a path: quoted, one part whatever dots it holds',
    encode: inVrlString,
    decode: decodeVrlString,
    refuses: `${NO_TEXT}; before \`(\``,
    example: { template: '.tags.x_{{value}} = 1', value: 'a.b', result: '.tags."x_a.b" = 1' },
  },
  vrlIndex: {
    name: 'VRL index',
    description: 'in `.list[{{value}}]`',
    encode: asIndex,
    refuses: 'all but whole numbers',
    example: { template: '.a = .list[{{value}}]', value: 2, result: '.a = .list[2]' },
  },
  vrlValue: {
    name: 'VRL value',
    description:
      'bare: a literal of its kind; a whole `source` or `condition` that is one value is that literal, never code',
    encode: asVrlValue,
    refuses: 'Infinity, nesting over 32 levels, text that touches it (`{{value}}.b`, `{{value}}(`)',
    example: { template: '.a = {{value}}', value: { b: [null] }, result: '.a = { "b": [null] }' },
  },
  vrlObjectKey: {
    name: 'VRL object key',
    description: 'bare before `:` in an object: a string',
    encode: asObjectKey,
    decode: decodeVrlLiteral,
    refuses: NO_TEXT,
    example: { template: '.a = { {{value}}: 1 }', value: 'b', result: '.a = { "b": 1 }' },
  },
  vrlCode: {
    name: 'VRL code',
    description: "what is neither a literal nor a path: names of functions and variables, an assignment's target",
    encode: never,
    refuses: 'everything',
    example: { template: '.a = f{{value}}(1)', value: 'x', result: 'refused' },
  },
} satisfies Places;
