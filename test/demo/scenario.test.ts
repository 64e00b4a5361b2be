import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nextLine } from '../../lib/demo/lines.ts';
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
  ['plain', /^row 4: \d+ entries, \d skipped$/],
] as const)('a line of style %s', (style, shape) => {
  expect(nextLine({ style, random: createRandom(1), now, step: 3 })).toMatch(shape);
  expect(nextLine({ style, random: createRandom(1), now, step: 3 })).toBe(
    nextLine({ style, random: createRandom(1), now, step: 3 }),
  );
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
    readFileSync(join(node.allocDir, id, 'alloc', 'logs', `${task}.stdout.0`), 'utf8');
  expect(logOf(report.ID, 'rows')).toMatch(/^row 1: /);
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
    expect.arrayContaining(['shop', 'mailer', 'checkout', 'checkout']),
  );
  expect(all.find(({ JobID, Job }) => JobID === 'checkout' && Job.Version > 0)?.Job.Meta).toEqual({
    team: 'payments',
    nvl_profile: 'logfmt',
  });
  await node.close();
  await rm(dataDir, { recursive: true, force: true });
});
