import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { aFolder, nvl, put, textOf } from '../commands/support.ts';
import { aTransform, idOf } from '../support/builders.ts';
import { anAllocationWithLogs, type GivenLogs, startLogNomad } from '../tail/stand-in.ts';

// The whole command, against a Nomad that has logs; what it wrote is run by nvl test.

const [A, B] = [idOf(1), idOf(2)];

const LOGFMT = aTransform(`. = merge(., parse_key_value!(.message))\n.took = now()`);

const aSite = async (given: GivenLogs[], files: Readonly<Record<string, unknown>> = {}) => {
  const folder = await aFolder();
  const nomad = await startLogNomad();
  nomad.setAllocations(given.map(anAllocationWithLogs));
  await put(folder, {
    'nvl.json': { nomad: { address: nomad.address, timeout: '2s' }, templates: 'templates' },
    'templates/profiles/logfmt/transform.toml.hbs': LOGFMT,
    ...files,
  });
  for (const { id = A } of given) for (const stream of ['stdout', 'stderr'] as const) nomad.write(id, '', { stream });
  return { folder, nomad, capture: (...args: string[]) => nvl(['capture', ...args], { cwd: folder }) };
};

const LOGFMT_TASK = { id: A, taskMeta: { nvl_profile: 'logfmt', owner: 'me' } };

test('the last lines become a case with their events, redacted, which nvl test passes', async () => {
  const { folder, nomad, capture } = await aSite([LOGFMT_TASK]);
  nomad.write(
    A,
    'level=info msg="too old"\nlevel=info msg="a b" n=1\nlevel=error password=hunter2 mail=bob@example.org\nlevel=half',
  );
  nomad.write(A, 'level=warn msg=é\r\n', { stream: 'stderr' });
  const { code, out, err } = await capture('shop', '-n', '2');
  expect([code, out]).toEqual([0, '']);
  expect(err).toBe(`wrote templates/profiles/logfmt/tests/captured-shop.yaml: 2 cases
taken out: [redacted], 1 time
taken out: [email], 1 time
`);
  expect(
    await textOf(folder, 'templates/profiles/logfmt/tests/captured-shop.yaml'),
  ).toBe(`# Lines of shop, by nvl capture.
# What looks like a secret or personal data was taken out; read them all the same before you commit them.

- name: shop, app, stdout
  task:
    job: shop
    group: web
    task: app
    namespace: default
    driver: raw_exec
    node: node-1
  lines:
    - "level=info msg=\\"a b\\" n=1"
    - "level=error password=[redacted] mail=[email]"
  events:
    - level: info
      message: level=info msg="a b" n=1
      msg: a b
      n: "1"
      took: !any
    - level: error
      mail: "[email]"
      message: level=error password=[redacted] mail=[email]
      password: "[redacted]"
      took: !any

- name: shop, app, stderr
  task:
    job: shop
    group: web
    task: app
    namespace: default
    driver: raw_exec
    node: node-1
  stream: stderr
  lines:
    - "level=warn msg=é\\r"
  events:
    - level: warn
      message: "level=warn msg=é\\r"
      msg: é
      took: !any
`);
  const tested = await nvl(['test'], { cwd: folder });
  expect([tested.code, tested.out]).toEqual([0, expect.stringContaining('2 cases: all passed')]);
});

test('a second capture has a file of its own', async () => {
  const { folder, nomad, capture } = await aSite([LOGFMT_TASK]);
  nomad.write(A, 'a=1\n');
  for (let count = 0; count < 2; count += 1) expect((await capture('shop/app', '--stdout')).code).toBe(0);
  expect((await readdir(`${folder}/templates/profiles/logfmt/tests`)).sort()).toEqual([
    'captured-shop-app-2.yaml',
    'captured-shop-app.yaml',
  ]);
});

test('from the newest allocation that has lines, the living first', async () => {
  const { nomad, capture } = await aSite([
    { ...LOGFMT_TASK, id: A, createIndex: 1 },
    { ...LOGFMT_TASK, id: B, createIndex: 2, status: 'complete' },
  ]);
  nomad.write(B, 'who=b\n');
  expect((await capture('shop', '--out', '-')).out).toContain('who=b');
  nomad.write(A, 'who=a\n');
  const { out } = await capture('shop', '--out', '-');
  expect([out.includes('who=a'), out.includes('who=b')]).toEqual([true, false]);
});

test('a secret that the profile decodes is refused, and nothing is written; --no-redact writes all as it is', async () => {
  const { folder, nomad, capture } = await aSite([{ id: A, taskMeta: { nvl_profile: 'json' } }], {
    'templates/profiles/json/transform.toml.hbs': aTransform('. = merge(., object!(parse_json!(.message)))'),
  });
  nomad.write(A, '{"pass\\u0077ord":"hunter2"}\n');
  const refused = await capture('shop');
  expect([refused.code, refused.err]).toEqual([
    1,
    `nvl: events hold what looks like a secret or personal data, so nothing was written
  case    shop, app, stdout
  fields  password
  try     take it out of the lines with a rule of your own (--redact FILE), or write all as it is with --no-redact
`,
  ]);
  expect(await textOf(folder, 'templates/profiles/json/tests/captured-shop.yaml')).toBeUndefined();
  await put(folder, { 'rules.yaml': "- pattern: 'hunter\\d'\n  with: gone\n" });
  const ruled = await capture('shop', '--redact', 'rules.yaml', '--out', '-');
  expect([ruled.code, ruled.err]).toEqual([1, expect.stringContaining('fields  password')]);
  const raw = await capture('shop', '--no-redact', '--out', '-');
  expect([raw.code, raw.out]).toEqual([0, expect.stringContaining('password: hunter2')]);
  expect(raw.out).toContain('# Nothing was taken out');
});

test('secrets in meta and parameters are taken out too, and meta that no template reads is left out', async () => {
  const { nomad, capture } = await aSite(
    [{ id: A, taskMeta: { nvl_profile: 'keyed', nvl_api_key: 'hunter2', nvl_mode: 'fast', team: 'blue' } }],
    {
      'templates/profiles/keyed/transform.toml.hbs': aTransform('.mode = "{{params.mode}}"'),
      'templates/profiles/keyed/profile.yaml': 'parameters: { mode: { type: string }, api_key: { type: string } }',
    },
  );
  nomad.write(A, 'a line\n');
  const { code, out } = await capture('shop', '--out', '-');
  expect(code).toBe(0);
  expect(out).toContain('nvl_api_key: "[redacted]"');
  expect(out).toContain('nvl_mode: fast');
  expect(out).toContain('mode: fast');
  expect(out).not.toMatch(/hunter2|blue/);
});

test('lines that hold anything come back as they were', async () => {
  const { folder, nomad, capture } = await aSite([{ id: A }], { 'templates/vector/.keep': '' });
  const lines = [
    '',
    ' blanks ',
    '# no comment',
    '- "x": \'y\'',
    'tab\tnul\u0000 esc\u001b[31m',
    '\ufeff\u0085\u2028 bom',
    '{{curly}}',
    'x'.repeat(3_000),
  ];
  nomad.write(
    A,
    Buffer.concat([Buffer.from(lines.map((line) => `${line}\n`).join('')), Buffer.from([0x68, 0xff, 0x0a])]),
  );
  const { code, err } = await capture('shop', '--stdout', '--out', 'templates/vector/tests/odd.yaml');
  expect([code, err]).toEqual([0, expect.stringContaining('bytes that are no UTF-8 are written as U+FFFD')]);
  const tested = await nvl(['test', 'default'], { cwd: folder });
  expect([tested.code, tested.out]).toEqual([0, expect.stringContaining('1 case: all passed')]);
});

test.each<[string, GivenLogs[], string[], string]>([
  ['no such job', [], ['nope'], 'Nomad knows no job nope'],
  ['no lines', [{ id: A }], ['shop'], 'there are no lines of shop to capture'],
  ['a profile that is unknown', [{ id: A, taskMeta: { nvl_profile: 'nope' } }], ['shop'], 'no profile is named nope'],
  ['a profile that does not compile', [{ id: A, taskMeta: { nvl_profile: 'broken' } }], ['shop'], 'error[E105]'],
  [
    'two profiles for one file',
    [{ id: A }, { ...LOGFMT_TASK, id: B, group: 'other' }],
    ['shop', '--out', 'x.yaml'],
    'one file holds the cases of one profile',
  ],
  [
    'a file that is there',
    [{ id: A, taskMeta: { nvl_profile: 'logfmt' } }],
    ['shop', '--out', 'nvl.json'],
    'nvl.json is there already',
  ],
  ['rules that are none', [{ id: A }], ['shop', '--redact', 'nvl.json'], 'the rules of --redact cannot be used'],
  [
    'lines that draw lots',
    [{ id: A, taskMeta: { nvl_profile: 'lots' } }],
    ['shop'],
    'the same lines give other events each time',
  ],
])('nothing is written: %s', async (what, given, args, said) => {
  const { folder, nomad, capture } = await aSite(given, {
    'templates/profiles/broken/transform.toml.hbs': aTransform('.a = no_such(.message)'),
    'templates/profiles/lots/transform.toml.hbs': aTransform('if random_bool() { . = [., .] }'),
  });
  if (what !== 'no lines')
    for (const { id = A } of given) nomad.write(id, Array.from({ length: 50 }, () => 'a=1\n').join(''));
  const { code, err } = await capture(...args);
  // As Vector refuses a configuration.
  expect([code, err]).toEqual([said.startsWith('error[') ? 78 : 1, expect.stringContaining(said)]);
  expect(await textOf(folder, 'x.yaml')).toBeUndefined();
  expect(await readdir(`${folder}/templates/profiles`)).not.toContain('default');
});

test('beside the templates that come with nvl nothing is written', async () => {
  const { folder, nomad } = await aSite([{ id: A }]);
  nomad.write(A, 'a line\n');
  await put(folder, { 'nvl.json': { nomad: { address: nomad.address } } });
  const { code, err } = await nvl(['capture', 'shop'], { cwd: folder });
  expect([code, err]).toEqual([1, expect.stringContaining('--templates')]);
});
