import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { stemOf } from '../../lib/context/id.ts';
import { rowsOf } from '../../lib/pipelines/table.ts';
import { VrlTimestamp } from '../../lib/vrl/values.ts';
import { aRawAllocation, aTransform, idOf } from '../support/builders.ts';
import { freePort } from '../support/servers.ts';
import { aLog, startVectorApi } from '../support/vector-api.ts';
import { waitUntil } from '../support/wait.ts';
import { aFolder, nvl, put, startNvl, textOf } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const STEM = stemOf({ allocId: idOf(1), task: 'app' });

/** A node as `nvl run` leaves it: two jobs share a pipeline, whose profile takes lines of JSON and no others. */
const aNode = async ({ vectorFile }: { vectorFile?: string } = {}) => {
  const folder = await aFolder();
  const taskMeta = { nvl_profile: 'web' };
  const strict = aTransform('. = object!(parse_json!(.message))').replace('source =', 'drop_on_error = true\nsource =');
  await put(folder, {
    'nvl.yaml': `templates: templates\nroot: root\n${vectorFile === undefined ? '' : `vector: { args: ['-c', '${vectorFile}'] }\n`}`,
    'templates/profiles/web/transform.toml.hbs': strict,
    'edited/profiles/web/transform.toml.hbs': strict.replace('object!(', '{ "team": "a" } | object!('),
    'broken/profiles/web/transform.toml.hbs': aTransform('. = parse_json(.message)'),
    'joining/profiles/web/transform.toml.hbs': strict,
    'joining/profiles/web/source.toml.hbs':
      '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nread_from = "beginning"\nmax_line_bytes = 99\n',
    'node.json': [
      aRawAllocation({ id: idOf(1), job: 'shop', taskMeta }),
      aRawAllocation({ id: idOf(2), job: 'other', taskMeta }),
    ],
  });
  const render = (args: string[]) => nvl(['render', '--allocations', 'node.json', ...args], { cwd: folder });
  const { out, err } = await render([]);
  expect(err).toBe('');
  await render(['--out', 'plain']);
  const table = (await textOf(folder, 'plain', 'tasks.csv')) ?? '';
  await put(folder, { 'root/live/nomad.toml': out, 'root/rows/tasks.csv': table });
  const pipeline = rowsOf(table)[0]?.pipeline ?? '';
  const before = (message: string, stem = STEM) => ({
    file: join(folder, 'root', 'links', pipeline, `${stem}.stdout.000000000`),
    message,
    nvl_offset: 0n,
    source_type: 'file',
    timestamp: new VrlTimestamp('2026-01-02T03:04:05Z'),
  });
  return { folder, pipeline, before };
};

test('before, after and what an edited folder would make of the same line, and of one that is dropped now', async () => {
  const { folder, pipeline, before } = await aNode();
  const api = await startVectorApi({ components: [pipeline] });
  const args = ['shop', '--with', 'edited', '--allocations', 'node.json', '--url', api.url, '--dropped'];
  const run = startNvl(['tap', ...args, '--format', 'json', '-n', '1'], { cwd: folder });
  await waitUntil('the tap', async () => api.taps.length > 0);
  const other = stemOf({ allocId: idOf(2), task: 'app' });
  api.send(pipeline, aLog({ id: 'c', event: before('{"secret":1}', other) }));
  api.send(`${pipeline}_out`, aLog({ id: 'c', event: { secret: 1n } }));
  api.send(pipeline, aLog({ id: 'b', event: before('no json') }));
  await waitUntil('what was dropped', async () => run.said().includes('dropped by'));
  api.send(pipeline, aLog({ id: 'a', event: before('{"a":1}') }));
  api.send(`${pipeline}_out`, aLog({ id: 'a', event: { a: 1n, nomad: { job_name: 'shop' } } }));
  const { code, out, err } = await run.ended;
  expect(code).toBe(0);
  expect(out.split('\n').map((line) => (line === '' ? line : JSON.parse(line)))).toEqual([
    {
      job: 'shop',
      task: 'app',
      alloc: '11111111',
      before: expect.objectContaining({ message: '{"a":1}' }),
      after: [{ a: 1, nomad: { job_name: 'shop' } }],
      with: [{ a: 1, team: 'a', nomad: expect.objectContaining({ job_name: 'shop', stream: 'stdout' }) }],
    },
    '',
  ]);
  expect(err.split('\n').slice(0, 2)).toEqual([
    `nvl: watches ${pipeline} (1 task, which shares it with 1 of others) of the Vector at ${api.url}`,
    expect.stringMatching(/at most 5000 events each 100 ms.*this is no count$/),
  ]);
  expect(err).toMatch(/app\/11111111 dropped by parse: .*unable to parse json.*\n {2}\{.*"message":"no json"/);
  expect(err + out).not.toContain('secret');
});

test('for people, the fields that changed are marked; an edited source is told', async () => {
  const { folder, pipeline, before } = await aNode();
  const api = await startVectorApi({ components: [pipeline] });
  const args = ['shop/app', '--with', 'joining', '--allocations', 'node.json', '--url', api.url, '-n', '1'];
  const run = startNvl(['tap', ...args], { cwd: folder });
  await waitUntil('the tap', async () => api.taps.length > 0);
  api.send(pipeline, aLog({ id: 'a', event: before('{"a":1}') }));
  api.send(`${pipeline}_out`, aLog({ id: 'a', event: { a: 1n } }));
  const { out, err } = await run.ended;
  expect(out).toMatch(
    /^app\/11111111\n {2}before {2}2026\S+ "?\{.*\n {2}after {3}a=1\n {4}\+ \.a 1\n {4}- \.message\n {4}- \.timestamp\n {2}with {4}a=1\n {4}\+ \.nomad/,
  );
  expect(err).toContain('the source differs between what is live and --with');
});

test('an API that is off: the lines that turn it on; one that a file turns on: that file', async () => {
  const { folder } = await aNode();
  const port = await freePort();
  const off = await nvl(['tap', 'shop', '--url', `http://127.0.0.1:${port}`], { cwd: folder });
  expect({ code: off.code, out: off.out }).toEqual({ code: 1, out: '' });
  expect(off.err).toMatch(
    /Vector's API does not answer at http:\/\/127\.0\.0\.1:\d+\n[\s\S]* {2}try {3}write into a Vector file of your own, [\s\S]*\[api\]\n +enabled = true\n +address = "127\.0\.0\.1:8686"\n/,
  );
  const other = await aNode({ vectorFile: 'team.toml' });
  await put(other.folder, { 'team.toml': `[api]\nenabled = true\naddress = "127.0.0.1:${port}"\n` });
  const on = await nvl(['tap', 'shop'], { cwd: other.folder });
  expect(on.err).toMatch(new RegExp(`at http://127\\.0\\.0\\.1:${port}\\n[\\s\\S]*/team\\.toml turns it on`));
});

test.each([
  ['an unknown job', ['shops'], 'no task that is collected here belongs to shops; did you mean "shop"?'],
  ['an unknown task', ['shop/db'], 'belongs to shop/db'],
  ['a node where nvl never ran', ['shop', '--root', 'empty'], '/empty nothing is collected'],
  ['a condition that does not compile', ['shop', '--where', '.a ='], 'The condition of --where does not compile'],
  ['a count that is none', ['shop', '-n', 'x'], '--count takes a whole number'],
  ['an address that is none', ['shop', '--url', 'x'], '"x" is no address of Vector\'s API'],
  [
    'edited templates that do not compile',
    ['shop', '--with', 'broken', '--allocations', 'node.json'],
    'error[E103]: unhandled fallible assignment',
  ],
])('%s is an error', async (_, args, said) => {
  const { folder } = await aNode();
  const { code, out, err } = await nvl(['tap', ...args], { cwd: folder });
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain(said);
});
