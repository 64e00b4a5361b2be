import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nextLines } from '../../lib/demo/lines.ts';
import { firstLogFile } from '../../lib/demo/log-files.ts';
import { createDemoNode } from '../../lib/demo/node.ts';
import { createRandom } from '../../lib/demo/random.ts';
import { startScenario } from '../../lib/demo/scenario.ts';
import { waitFor } from '../support/wait.ts';

const now = new Date('2026-09-04T11:48:26.120Z');

test.each([
  [
    'access',
    /^192\.0\.2\.\d+ - - \[04\/Sep\/2026:11:48:26 \+0000\] "(GET|POST) \S+ HTTP\/1\.1" \d{3} \d+ "-" "[^"]+"$/,
  ],
  [
    'logfmt',
    /^ts=2026-09-04T11:48:26\.120Z level=(info|warn) msg="[a-z ]+" method=\S+ path=\S+ status=\d+ duration=\d+ms$/,
  ],
  ['json', /^\{"time":"2026-09-04T11:48:26\.120Z","level":"\w+","msg":.*\}$/],
  ['java', /^2026-09-04 11:48:26,120 \[http-\d\] INFO {2}shop\.catalog\.Search - /],
  ['postgres', /^2026-09-04 11:48:26\.120 UTC \[\d+\] shop@orders (ERROR|LOG|WARNING): {2}\S/],
  ['plain', /^row 4: \d+ entries, \d skipped$/],
] as const)('a line of style %s', (style, shape) => {
  const [line, ...others] = nextLines({ style, random: createRandom(1), now, step: 3 });
  expect(line).toMatch(shape);
  expect(others).toEqual([]);
  expect(nextLines({ style, random: createRandom(1), now, step: 3 })).toEqual([line]);
});

test('an error of the program in Java has its stack trace on the lines below', () => {
  const random = createRandom(1);
  const said = Array.from({ length: 50 }, (_, step) => nextLines({ style: 'java', random, now, step }));
  const [first = [], ...others] = said.filter(({ length }) => length > 1);
  expect(others.length).toBeGreaterThan(2);
  expect(first[0]).toMatch(/^2026-09-04 11:48:26,120 \[http-\d\] ERROR /);
  expect(first.slice(1).every((line) => /^(?:\t|java\.|Caused by: )/.test(line))).toBe(true);
});

test('jobs come, write, are deployed anew and go', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'nvl-demo-'));
  const node = await createDemoNode({ dataDir, seed: 1, pause: async () => {} });
  const scenario = await startScenario({ node, seed: 1, stepMs: 1, profiles: { logfmt: 'logfmt' } });
  type Entry = { ID: string; JobID: string; ClientStatus: string; Job: { Version: number; Meta: unknown } };
  const entries = async () =>
    (await (await fetch(`${node.address}/v1/node/${node.nodeId}/allocations`)).json()) as Entry[];

  const report = await waitFor('a report to be done', async () =>
    (await entries()).find(({ JobID, ClientStatus }) => JobID === 'nightly/report' && ClientStatus === 'complete'),
  );
  const logOf = (id: string, task: string) =>
    readFileSync(firstLogFile({ ...node, id, task, stream: 'stdout' }), 'utf8');
  expect(logOf(report.ID, 'rows')).toMatch(/^row 1: /);
  const database = (await entries()).find(({ JobID }) => JobID === 'orders-db');
  expect(
    readFileSync(firstLogFile({ ...node, id: String(database?.ID), task: 'postgres', stream: 'stderr' }), 'utf8'),
  ).toMatch(/ shop@orders /);
  const old = await waitFor('a deploy', async () =>
    (await entries()).find(({ JobID, ClientStatus }) => JobID === 'checkout' && ClientStatus === 'complete'),
  );
  expect(logOf(old.ID, 'server')).toMatch(/msg="shutting down"\nlevel=info msg=bye$/);
  await waitFor(
    'the report to be collected',
    async () => (await entries()).every(({ ID }) => ID !== report.ID) || undefined,
  );
  await scenario.stop();
  const all = await entries();
  expect(all.filter(({ ClientStatus }) => ClientStatus === 'running').map(({ JobID }) => JobID)).toEqual(
    expect.arrayContaining(['shop', 'mailer', 'checkout', 'checkout', 'catalog', 'orders-db']),
  );
  expect(all.find(({ JobID, Job }) => JobID === 'checkout' && Job.Version > 0)?.Job.Meta).toEqual({
    team: 'payments',
    nvl_profile: 'logfmt',
  });
  await node.close();
  await rm(dataDir, { recursive: true, force: true });
});
