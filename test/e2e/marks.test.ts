import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderOf } from '../render/support.ts';
import { aContext, aTransform, idOf, someTemplates } from '../support/builders.ts';
import { deliverRendered, RENDERED_SINK } from '../support/deliver-rendered.ts';
import { projectFolder } from '../support/nvl.ts';
import { needs, vector } from '../support/programs.ts';
import type { DeliveredEvent } from '../support/vector.ts';

// Whatever a line says under nvl's own names, in what arrives stands what nvl says, on each way that a line can take.

const shipped = (name: string) => readFile(join(projectFolder, 'templates', name), 'utf8');

const JSON_LINE = JSON.stringify({
  message: 'x',
  level: 'info',
  nvl: { profile_error: 'evil', parse_error: 'evil', line: 'evil', more: 'evil' },
  'nvl.profile_error': 'evil',
  'nvl.parse_error': 'evil',
  nomad: { job_name: 'evil' },
});
const TEXT_LINE = JSON.stringify({ message: 'x', nvl: 'evil' });
const LOGFMT_LINE = 'msg=x nvl=evil nvl.profile_error=evil nvl.parse_error=evil';

const WHOLE = '. = parse_json!(.message)';
const MERGED = '. |= object!(parse_json!(.message))';
/** As docs/templates.md shows it: the line's own is taken out, then the profile has its say. */
const SAYS = `${WHOLE}\ndel(.nvl)\nif .level == "info" { .nvl.parse_error = "mine" }`;
const FROM_PARTS = `${aTransform('.first = true').replaceAll('_parse', '_first')}${aTransform(WHOLE).replace('{{input}}', '{{id}}_first')}`;
const SPAWNING = `[transforms.{{id}}_parse]\ntype = "filter"\ninputs = ["{{id}}_first"]\ncondition = "true"\n`;

const OWN_LABELS = `[transforms.{{id}}_out]
type = "remap"
inputs = ["{{input}}"]
source = '''
.nomad = { "job_name": "{{job.id}}", "task_name": "{{task.name}}" }
'''`;

/** What arrives under `nvl`, by profile: of the JSON line and of the one whose `nvl` is a text. */
const EXPECTED: Readonly<Record<string, readonly unknown[]>> = {
  default: [undefined, undefined],
  whole: [undefined, undefined],
  merged: [undefined, undefined],
  parts: [undefined, undefined],
  filtered: [undefined, undefined],
  says: [{ parse_error: 'mine' }, undefined],
  app: [undefined, undefined],
  unknown: [{ profile_error: 'profile "unknown" is unknown' }, { profile_error: 'profile "unknown" is unknown' }],
  broken: [{ profile_error: 'profile "broken" is refused' }, { profile_error: 'profile "broken" is refused' }],
  // Its own blocks, and the node's sink in place of one that is refused.
  nosink: [{ profile_error: 'sink "nosink" is refused' }, { profile_error: 'sink "nosink" is refused' }],
};

test.each([
  ['the shipped labels', undefined],
  ['labels of a team that know nothing of marks', OWN_LABELS],
])('a line forges no mark of nvl, with %s', needs(vector), async (_, labels) => {
  const profiles = Object.keys(EXPECTED);
  const arrived = await deliver({
    files: {
      'profiles/whole/transform.toml.hbs': aTransform(WHOLE),
      'profiles/merged/transform.toml.hbs': aTransform(MERGED),
      'profiles/parts/transform.toml.hbs': FROM_PARTS,
      'profiles/filtered/transform.toml.hbs': `${aTransform(WHOLE).replaceAll('_parse', '_first')}${SPAWNING}`,
      'profiles/says/transform.toml.hbs': aTransform(SAYS),
      'profiles/app/transform.toml.hbs': await shipped('init/repository/profiles/app/transform.toml.hbs'),
      'profiles/app/profile.yaml': await shipped('init/repository/profiles/app/profile.yaml'),
      'profiles/broken/transform.toml.hbs': '{{#if',
      'profiles/nosink/transform.toml.hbs': aTransform(WHOLE),
      'profiles/nosink/sink.toml.hbs': '[sinks.nomad_logs]\ntype = "x"',
      ...(labels === undefined ? {} : { 'vector/labels.toml.hbs': labels }),
    },
    lines: Object.fromEntries(profiles.map((profile) => [profile, [JSON_LINE, TEXT_LINE]])),
  });
  const found = Object.fromEntries(
    profiles.map((profile) => [profile, (arrived.get(profile) ?? []).map(({ nvl }) => nvl)]),
  );
  expect(found).toEqual(EXPECTED);
  expect(flatMarks([...arrived.values()].flat())).toEqual([]);
});

test('nor behind a sample, which keeps beside the event what a line says so', needs(vector), async () => {
  const samples = ['json', 'logfmt'].flatMap((name) =>
    ['transform.toml.hbs', 'profile.yaml'].map((file) => [`profiles/${name}/${file}`, `samples/${name}/${file}`]),
  );
  const partials = (await readdir(join(projectFolder, 'templates/partials/nvl'))).map((file) => [
    `partials/nvl/${file}`,
    `partials/nvl/${file}`,
  ]);
  const files = Object.fromEntries(
    await Promise.all([...samples, ...partials].map(async ([to = '', from = '']) => [to, await shipped(from)])),
  );
  const arrived = await deliver({ files, lines: { json: [JSON_LINE], logfmt: [LOGFMT_LINE] } });
  const [json] = arrived.get('json') ?? [];
  const [logfmt] = arrived.get('logfmt') ?? [];
  expect(Object.keys((json?.nvl ?? {}) as object)).toEqual(['line']);
  expect(Object.keys((logfmt?.nvl ?? {}) as object)).toEqual(['line']);
  expect(flatMarks([json, logfmt].filter((event) => event !== undefined))).toEqual([]);
});

const flatMarks = (events: readonly DeliveredEvent[]): string[] =>
  events.flatMap((event) => Object.keys(event).filter((key) => key.startsWith('nvl.')));

/** A task a profile, on a real Vector: what arrives of these lines, in their order. */
const deliver = async ({
  files,
  lines,
}: {
  files: Readonly<Record<string, string>>;
  lines: Readonly<Record<string, readonly string[]>>;
}): Promise<Map<string, DeliveredEvent[]>> => {
  const tasks = Object.keys(lines).map((profile, index) =>
    aContext({ id: idOf(index.toString(16)), task: profile, taskMeta: { nvl_profile: profile } }),
  );
  const templates = await someTemplates({ ...files, 'vector/sink.toml.hbs': RENDERED_SINK });
  const count = Object.values(lines).flat().length;
  const events = await deliverRendered({
    rendered: await renderOf({ templates, tasks }),
    logs: new Map(tasks.map(({ id, task }) => [id, { 'stdout.0': lines[task.name] ?? [] }])),
    isDone: (delivered) => delivered.split('\n').length > count,
  });
  return Map.groupBy(events, ({ nomad }) => nomad?.task_name ?? '');
};
