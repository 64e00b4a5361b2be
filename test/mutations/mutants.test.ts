import { expect, test } from 'vitest';
import { readTemplates } from '../../lib/config/read-templates.ts';
import { mutantsOf } from './mutants.ts';
import { UNMISSED } from './unmissed.ts';

const templates = readTemplates(undefined);

const TEMPLATE = `{{! What it does. }}
[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
drop_on_error = false
reroute_dropped = true
source = '''
# A comment with = in it.
text = string(.message) ?? ""
%line = object(get([
  parse_regex(text, r'^(?P<a>x)$') ??
    parse_regex(text, r'^(?P<b>y)$') ?? {},
], [0]) ?? null) ?? {}
{{> nvl/level}}
if exists(%line.a) && text != "{{params.word}}" { .a = 1 } else { .b = { "c": 2 } }
del(%line)
'''
`;

test('each rule is broken once, on its own line', () => {
  expect(mutantsOf(TEMPLATE).map(({ rule, line }) => [line, rule])).toEqual([
    [6, 'without reroute_dropped = true'],
    [9, 'without text = string(.message) ?? ""'],
    [10, "without %line = object(get([ parse_regex(text, r'^(?P<a>x)$') ?? parse_regex(text, r'^(?P<b>y)$…"],
    [11, "r'^(?P<a>x)$' fits nothing"],
    [12, "?? parse_regex(text, r'^(?P<b>y)$') is not tried"],
    [12, "r'^(?P<b>y)$' fits nothing"],
    [15, 'if exists(%line.a) && text != "null " is always true'],
    [15, 'if exists(%line.a) && text != "null " is always false'],
    [15, '&& text != "null " has no say'],
    [15, 'without .a = 1'],
    [15, 'without .b = { "c": 2 }'],
    [16, 'without del(%line)'],
  ]);
});

test('a broken rule differs from the template in that rule alone', () => {
  const deleted = mutantsOf(TEMPLATE).find(({ rule }) => rule === 'without .a = 1');
  expect(deleted?.text).toBe(TEMPLATE.replace('{ .a = 1 }', '{ null }'));
  const always = mutantsOf(TEMPLATE).find(({ rule }) => rule.endsWith('is always true'));
  expect(always?.text).toBe(TEMPLATE.replace('exists(%line.a) && text != "{{params.word}}"', 'true'));
});

test('a pattern that fits nothing as it is cannot be broken', () => {
  const template = TEMPLATE.replace('.a = 1', String.raw`.a = replace(text, r'\z.', "")`);
  const rules = mutantsOf(template).map(({ rule }) => rule);
  expect(rules).toContain(String.raw`without .a = replace(text, r'\z.', "")`);
  expect(rules.filter((rule) => rule.includes(String.raw`\z.' fits`))).toEqual([]);
});

test.each(UNMISSED)('a rule that is listed as one that no test can miss is there: $rule', async ({ file, rule }) => {
  const { files } = await templates;
  const rules = files.filter(({ path }) => path.endsWith(file)).flatMap(({ text }) => mutantsOf(text));
  expect(rules.filter((mutant) => mutant.rule.startsWith(rule))).not.toEqual([]);
});
