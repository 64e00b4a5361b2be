import { expect, test } from 'vitest';
import { nvl, put } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { aCheckout, review, WEB } from './support.ts';

// Which tasks share a pipeline is what a change of templates may cost most by: it is told, with the line that does it.

const TRANSFORM = 'templates/profiles/web/transform.toml.hbs';
const asking = (expression: string) => WEB.replace('"a"', `"${expression}"`);

/** Three tasks of one profile, of two teams. */
const tasks = (profile = 'web') =>
  ['a', 'a', 'b'].map((team, index) =>
    aRawAllocation({ id: idOf(index + 1), job: `job${index}`, jobMeta: { nvl_profile: profile, team } }),
  );

const aTeam = (files: Record<string, unknown> = {}) => aCheckout({ 'recordings/node.json': tasks(), ...files });

const regrouped = async (dir: string) => {
  const { found } = await review(dir, ['HEAD']);
  return {
    found,
    messages: found.risks.flatMap(({ kind, message }) =>
      kind === 'regrouped' ? [message.replaceAll(/nvl_(\w+?)_[0-9a-f]{8}/g, 'nvl_$1_ID')] : [],
    ),
  };
};
const MOVED = 'are read on by another source; at most what it read since its last checkpoint may come twice';

test('review: a value that a template begins to ask for splits a pipeline', async () => {
  const { dir } = await aTeam();
  await put(dir, { [TRANSFORM]: asking('{{meta.team}}') });
  const { found, messages } = await regrouped(dir);
  expect(messages).toEqual([
    'pipeline nvl_web_ID (3 tasks) is split into nvl_web_ID (2 tasks) and nvl_web_ID (1 task), by {{meta.team}} (profiles/web/transform.toml.hbs:4)',
    `3 tasks ${MOVED}`,
  ]);
  expect(found.report.counts).toEqual({ tasks: 3, pipelines: 2 });
  expect(found.report.regrouped).toMatchObject([{ kind: 'split', moved: 3 }]);
});

test('review: one that is no longer asked for joins them, and the line is that of the base', async () => {
  const { dir } = await aTeam({ [TRANSFORM]: `# A comment.\n${asking('{{meta.team}}')}` });
  await put(dir, { [TRANSFORM]: WEB });
  const { messages } = await regrouped(dir);
  expect(messages).toEqual([
    'pipelines nvl_web_ID (2 tasks) and nvl_web_ID (1 task) are joined to nvl_web_ID (3 tasks), no longer by {{meta.team}} (profiles/web/transform.toml.hbs:5 in the base)',
    `3 tasks ${MOVED}`,
  ]);
});

test('review: a rule that gives a task another profile moves it', async () => {
  const rule = (profile: string) => `rules: [{ match: { job: job2 }, profile: ${profile} }]\n`;
  const config = 'templates: templates\nroot: root\n';
  const unnamed = tasks().map((one) => ({ ...one, Job: { ...one.Job, Meta: {} } }));
  const { dir } = await aTeam({ 'recordings/node.json': unnamed, 'nvl.yaml': config + rule('default') });
  await put(dir, { 'nvl.yaml': config + rule('web') });
  const { messages } = await regrouped(dir);
  expect(messages).toEqual([
    'pipeline nvl_default_ID (3 tasks) is split into nvl_default_ID (2 tasks) and nvl_web_ID (1 task), by profile and no transform',
    '1 task is read on by another source; at most what it read since its last checkpoint may come twice',
  ]);
});

test('review: settings that put each task into a pipeline of its own', async () => {
  const { dir } = await aTeam();
  await put(dir, { 'templates/profiles/web/profile.yaml': 'pipeline: task\n' });
  const { messages } = await regrouped(dir);
  expect(messages[0]).toMatch(
    /^pipeline nvl_web_ID \(3 tasks\) is split into nvl_web_ID \(1 task\), nvl_web_ID \(1 task\) and nvl_web_ID \(1 task\)/,
  );
});

test('review: an edit that asks for nothing new moves nobody, and is one change for all tasks', async () => {
  const { dir } = await aTeam();
  await put(dir, { [TRANSFORM]: WEB.replace('"a"', '"b"') });
  const { found, messages } = await regrouped(dir);
  expect([messages, found.report.restarted, found.tableDiff]).toEqual([[], [], '']);
  expect(found.report.components.changed).toHaveLength(1);
});

test('review: a source that restarts is told with the number of its tasks', async () => {
  const { dir } = await aTeam({ 'templates/vector/source.toml.hbs': SOURCE });
  await put(dir, { 'templates/vector/source.toml.hbs': `${SOURCE}max_read_bytes = 4096\n` });
  const { found } = await review(dir, ['HEAD']);
  expect(found.report.restarted).toEqual([{ id: expect.stringMatching(/^nvl_web_/), tasks: 3 }]);
  expect(found.risks.map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/^source nvl_web_\w+, which reads 3 tasks, restarts; a few of their lines may come twice$/),
  );
});

const SOURCE = `[sources.{{id}}]
type = "file"
include = {{logs.include}}
fingerprint.strategy = "device_and_inode"
max_line_bytes = 1_048_576
`;

test('review: another value of the labels is a change of rows alone', async () => {
  const { dir } = await aTeam();
  await put(dir, { 'recordings/node.json': tasks() });
  const labels = (value: string) => `[transforms.{{id}}_out]
type = "remap"
inputs = ["{{input}}"]
source = '''
.nomad = { "job_name": "{{job.id}}", "stream": stream, "team": "${value}" }
'''
`;
  await put(dir, { 'templates/vector/labels.toml.hbs': labels('{{meta.team}}') });
  const { found } = await review(dir, ['HEAD']);
  // The program is another, and so is each row; which tasks share it is not.
  expect(found.report.regrouped).toEqual([]);
  expect(found.tableDiff.match(/^\+"nvl_/gm)).toHaveLength(3);
});

test('review: Markdown has the risk and the rows', async () => {
  const { dir } = await aTeam();
  await put(dir, { [TRANSFORM]: asking('{{meta.team}}') });
  const { out } = await nvl(['review', 'HEAD', '--vector-binary', '/none/vector'], { cwd: dir });
  expect(out).toContain('on 3 recorded tasks, which are in 2 pipelines now');
  expect(out).toMatch(
    /^- :warning: pipeline `nvl_web_\w+` \(3 tasks\) is split into .*, by `\{\{meta\.team\}\}` \(profiles\/web\/transform\.toml\.hbs:4\)$/m,
  );
  // In the summary, and folded below it.
  expect(out.match(/is split into/g)).toHaveLength(2);
  expect(out).toMatch(
    /\| `default \/ job0` \| `web 0 \/ app` \| `changed` \| `web` \| `from pipeline nvl_web_\w+ to nvl_web_\w+` \|/,
  );
  expect(out).toContain('<details><summary>The change of the table of rows</summary>');
});
