import { expect, test } from 'vitest';
import { refusedTemplate } from '../../lib/apply/refused-template.ts';

const key = 'nvl_aaaaaaaa_task_11111111';

const template = `{{! A comment
 over lines }}
{{#if job.isBatch}}
# not rendered
{{/if}}
[transforms.{{id}}_first]
type = "remap"
inputs = ["{{input}}"]
source = '''
.a = 1
'''

[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{id}}_first"]
source = '''
.job = "{{job.name}}"
.b = parse_json(.message)
'''

[transforms.{{id}}_filter]
type = "filter"
inputs = ["{{id}}_first"]
condition = '.a'
`;

const rendered = `[sources.${key}]
type = "file"
include = []

[transforms.${key}_stream]
type = "remap"
inputs = ["${key}"]
source = '''
%nvl.stream = "stdout"
'''

[transforms.${key}_first]
# A line that this program gives up on goes on as it came.
drop_on_abort = false
type = "remap"
inputs = ["${key}_stream"]
source = '''
.a = 1
'''

[transforms.${key}_parse]
type = "remap"
inputs = ["${key}_first"]
source = '''
.job = "web"
.b = parse_json(.message)
'''

[transforms.${key}_filter]
type = "filter"
inputs = ["${key}_first"]
condition = '.a'`;

const refuse = (refusals: Parameters<typeof refusedTemplate>[0]['refusals'], said?: string) =>
  refusedTemplate({
    block: { key, kind: 'pipeline', heading: 'default / web', text: rendered },
    refusals,
    said,
    templates: {
      source: 'vector/source.toml.hbs',
      transform: 'profiles/web/transform.toml.hbs',
      labels: 'vector/labels.toml.hbs',
      files: [{ path: 'profiles/web/transform.toml.hbs', text: template }],
    },
    shownPath: (path) => `/t/${path}`,
  }).map(({ facts }) => facts);

test.each([
  [
    'a program, by its line',
    { kind: 'transform', component: `${key}_parse`, vrlLine: 2 },
    '/t/profiles/web/transform.toml.hbs:18',
  ],
  [
    'its first line',
    { kind: 'transform', component: `${key}_parse`, vrlLine: 1 },
    '/t/profiles/web/transform.toml.hbs:17',
  ],
  [
    'a program behind lines that nvl added',
    { kind: 'transform', component: `${key}_first`, vrlLine: 1 },
    '/t/profiles/web/transform.toml.hbs:10',
  ],
  [
    'a component without a line',
    { kind: 'transform', component: `${key}_filter` },
    '/t/profiles/web/transform.toml.hbs:21',
  ],
  ['the labels', { kind: 'transform', component: `${key}_out` }, '/t/vector/labels.toml.hbs'],
  ['the source', { kind: 'source', component: key }, '/t/vector/source.toml.hbs'],
] as const)('Vector refuses %s', (_, refusal, at) => {
  expect(refuse([{ ...refusal, message: `x "${refusal.component}"` }])).toEqual([
    { at, said: `x "${refusal.component.replace(key, '{{id}}')}"` },
  ]);
});

test('what is said of other tasks is left to them', () => {
  const others = [{ kind: 'transform' as const, component: `${key}2_parse`, message: 'other' }];
  expect(refuse(others, `about ${key}`)).toEqual([{ at: '/t/profiles/web/transform.toml.hbs', said: 'about {{id}}' }]);
});
