import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createStandInNode } from '../../bench/support/stand-in-node.ts';
import { shippedTemplatesDir } from '../../lib/config/read-templates.ts';
import { aTransform } from '../support/builders.ts';
import { vectorPidOf } from '../support/node-status.ts';
import { nvlProgram, startNvl } from '../support/nvl.ts';
import { needs, vector } from '../support/programs.ts';
import { waitForEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// `npm install -g` of the next version takes the files of the one that runs away: until it is restarted, nvl goes on with what it
// has in memory.

/** A node of the stand-in agent, and nvl's own package in a folder that can go. */
const aNode = async ({ hasTemplates }: { hasTemplates: boolean }) => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-upgrade-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const home = join(folder, 'package');
  await cp(dirname(dirname(nvlProgram)), home, { recursive: true, verbatimSymlinks: true });
  const templates = join(folder, 'templates');
  if (hasTemplates) await cp(join(shippedTemplatesDir(), 'vector'), join(templates, 'vector'), { recursive: true });
  const node = await createStandInNode({ folder: join(folder, 'nomad') });
  onTestFinished(() => node.close());
  const { address, allocDir, nodeId } = node;
  const config = { nomad: { address, allocDir, nodeId, interval: '1s' }, collect: { removalDelay: '1s' } };
  const nvl = await startNvl({
    folder,
    config: { ...config, ...(hasTemplates && { templates }) },
    program: join(home, 'bin', 'nvl.js'),
  });
  onTestFinished(() => nvl.end().then(() => undefined), 120_000);
  /** A task of a new job, which writes so many lines. */
  const add = (jobId: string, lines: number, meta: Record<string, string> = {}) => {
    const task = node.add({ jobId, meta });
    node.run(task);
    task.stdout.write(`a line of ${jobId}\n`.repeat(lines));
    return task;
  };
  return {
    ...{ node, nvl, templates, add },
    upgrade: () => rm(home, { recursive: true }),
    events: (count: number) => waitForEvents({ file: nvl.delivered, count }),
    killVector: async () => process.kill(await vectorPidOf(nvl), 'SIGKILL'),
  };
};

test(
  'nvl whose own files are gone ships new tasks, takes edits, starts Vector anew, tells its status, and ends as it is told',
  needs(vector),
  async () => {
    const { node, nvl, templates, add, upgrade, events, killVector } = await aNode({ hasTemplates: true });
    add('before', 10);
    await events(10);
    await upgrade();
    const finished = add('after', 10);
    await events(20);
    const reloads = async () => (await nvl.said()).split('Vector has reloaded').length;
    const before = await reloads();
    await writeFile(join(templates, 'vector', 'transform.toml.hbs'), aTransform('.edited = true'));
    await waitUntil('the edit', async () => (await reloads()) > before, { timeoutMs: 60_000, seen: nvl.said });
    add('edited', 10);
    const edited = (await events(30)).filter((event) => event.edited === true);
    expect(edited.length).toBeGreaterThanOrEqual(10);
    node.finish(finished);
    await killVector();
    add('last', 10);
    await events(40);
    expect(await nvl.end({ graceMs: 30_000 })).toBe(0);
    expect(await nvl.said()).not.toMatch(/ENOENT|Cannot find/);
  },
);

test(
  'without templates of a team’s: jobs go on by the samples that they had, and others ship unparsed',
  needs(vector),
  async () => {
    const { nvl, add, upgrade, events } = await aNode({ hasTemplates: false });
    add('before', 10, { nvl_profile: 'logfmt' });
    await events(10);
    await upgrade();
    add('same', 10, { nvl_profile: 'logfmt' });
    add('another', 10, { nvl_profile: 'nginx' });
    const jobs = Map.groupBy(await events(30), (event) => (event.nomad as { job_name: string }).job_name);
    expect([...jobs].map(([job, { length }]) => [job, length]).toSorted()).toEqual([
      ['another', 10],
      ['before', 10],
      ['same', 10],
    ]);
    expect(jobs.get('another')?.[0]?.nvl).toMatchObject({ profile_error: 'profile "nginx" is refused' });
    expect(jobs.get('same')?.[0]?.nvl).not.toHaveProperty('profile_error');
    expect(await nvl.said()).toContain('nvl was upgraded, and has to be restarted');
    expect(await nvl.end({ graceMs: 30_000 })).toBe(0);
  },
);
