import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, nvl, put } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { WEB } from './support.ts';

// What a real Nomad 2.0.6 printed of one job: when it was new, with another profile and team, with an instance more, and as JSON.
const printed = (name: string): Promise<string> =>
  readFile(join(import.meta.dirname, `../fixtures/recorded-plans/${name}.json`), 'utf8');

/** A folder with templates, no Git, and the job's two allocations as they run. */
const aSite = async (files: Record<string, unknown> = {}): Promise<string> => {
  const folder = await aFolder();
  const running = {
    job: 'web',
    group: 'api',
    task: 'server',
    jobMeta: { team: 'a' },
    taskMeta: { nvl_profile: 'web' },
  };
  await put(folder, {
    'nvl.yaml': 'templates: templates\nroot: root\n',
    'templates/profiles/web/transform.toml.hbs': WEB.replace('"a"', '"{{meta.team}}"'),
    'templates/profiles/other/transform.toml.hbs': WEB,
    'recordings/node.json': [
      aRawAllocation({ id: idOf(1), ...running }),
      aRawAllocation({ id: idOf(2), index: 1, ...running }),
    ],
    ...files,
  });
  return folder;
};

const reviewed = async (name: string, files: Record<string, unknown> = {}, args: string[] = []) => {
  const { code, out, err } = await nvl(['review', '--plan', '-', ...args], {
    cwd: await aSite(files),
    input: [await printed(name)],
  });
  return { code, err, out: out.replaceAll(/nvl_(\w+?)_[0-9a-f]{8}/g, 'nvl_$1_ID') };
};

test('another profile: the new allocation is read anew by another pipeline, the old one to its end', async () => {
  const { code, out } = await reviewed('edit');
  expect(code).toBe(0);
  expect(out).toBe(`default / web / api / server
  profile     other, because nvl_profile says so in the task's meta
  labels      alloc_id=(the allocation's), group_name=api, job_name=web, namespace=default, node_name=(the node's), stream=stdout or stderr, task_name=server
  pipeline    nvl_other_ID, new: one more source; so far nvl_web_ID
  sinks       console (console)
  logs        1 allocation replaced: the new one is read from its first line, the old one to its end by nvl_web_ID
              1 allocation left as it is for now
`);
});

test('an instance more: what is updated in place is read on, and nothing twice', async () => {
  const { code, out } = await reviewed('count');
  expect(code).toBe(0);
  expect(out).toContain('nvl_web_ID, which reads 2 recorded tasks\n');
  expect(out).toContain('1 allocation new: read from the first line');
  expect(out).toContain(
    '2 allocations updated in place: each keeps its files, and is read on as it is: nothing is read again',
  );
});

test('a job that is new needs no recording, nor does one as JSON; without a plan both ways are told', async () => {
  const none = { 'recordings/node.json': [] };
  const fresh = await reviewed('new', none);
  expect(fresh).toMatchObject({ code: 0, err: '' });
  expect(fresh.out).toContain('pipeline    nvl_web_ID, new: one more source\n');
  expect(fresh.out).toContain('2 allocations new: read from the first line');
  expect((await reviewed('job', none)).out).toContain(
    'logs        an allocation that is new is read from its first line\n',
  );
  const known = await reviewed('job');
  expect(known.out).toContain('of the 2 tasks recorded, each that Nomad replaces is read to its end by nvl_web_ID');
  expect(known.out).toContain('which it does is in a plan');
});

test('a profile that is not there ends with 1, and is told as data too', async () => {
  const { code, out } = await reviewed('edit', { 'templates/profiles/other/transform.toml.hbs': '{{params.none}}' }, [
    '--format',
    'json',
  ]);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject([
    {
      job: 'web',
      task: 'server',
      profile: { name: 'other' },
      instead: { how: 'ships by default, unparsed and marked', errors: [{ message: 'params.none is not known' }] },
      labels: { job_name: 'web' },
    },
  ]);
});

test('a task that opts out is said to', async () => {
  const job = JSON.parse(await printed('job'));
  job.Job.Meta = { nvl_enabled: 'false' };
  const folder = await aSite({ 'job.json': job });
  const { code, out } = await nvl(['review', '--plan', 'job.json'], { cwd: folder });
  expect([code, out]).toEqual([0, 'default / web / api / server\n  collected   no: nvl_enabled in its meta says so\n']);
});

test('a plan of a job that no recording has, and what is no plan, are refused with what to do', async () => {
  expect(await reviewed('edit', { 'recordings/node.json': [] })).toMatchObject({
    code: 1,
    err: expect.stringContaining('nomad job run -output JOBSPEC'),
  });
  const hcl = await nvl(['review', '--plan', '-'], { cwd: await aSite(), input: ['job "web" {}'] });
  expect(hcl).toMatchObject({ code: 1, err: expect.stringContaining('nvl reads no HCL') });
  expect(await nvl(['review', '--plan', 'none.json'], { cwd: await aSite() })).toMatchObject({
    code: 1,
    err: expect.stringContaining('cannot be read'),
  });
});
