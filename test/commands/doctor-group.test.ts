import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { always, startFakeNomad } from '../nomad/fake-nomad.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { aFolder, put, startNvl } from './support.ts';

/** What `nvl doctor` says of an nvl that is the task `nvl` of a group, and all that it asked Nomad for. */
const look = async (answer: Parameters<typeof always>[0]) => {
  const folder = await aFolder();
  const { address, asked } = await startFakeNomad({ answer: always(answer) });
  const shared = join(folder, 'alloc');
  await mkdir(join(shared, 'logs'), { recursive: true });
  await writeFile(join(shared, 'logs', 'app.stdout.0'), 'a\n');
  await put(folder, { 'nvl.json': { root: join(shared, 'nvl'), nomad: { address }, collect: { groupOnly: true } } });
  const env = { NOMAD_ALLOC_ID: idOf(1), NOMAD_ALLOC_DIR: shared, NOMAD_TASK_NAME: 'nvl' };
  const { out } = await startNvl(['doctor', '--', 'no-such-vector'], { cwd: folder, env }).ended;
  return { out: out.replaceAll(shared, '/alloc').replaceAll(/ +/g, ' '), asked: new Set(asked.map(({ url }) => url)) };
};

test('doctor looks at the one allocation, and asks Nomad for nothing else', async () => {
  const { out, asked } = await look({ body: JSON.stringify(aRawAllocation({ tasks: ['app', 'db', 'nvl'] })) });
  expect(out).toContain('allocation shop.web[0], with 2 tasks to collect');
  expect(out).toContain('/alloc/logs, with 1 files');
  expect(out).toContain('hard links from /alloc/nvl to the logs');
  expect([...asked]).toEqual([`/v1/allocation/${idOf(1)}`]);
});

test('a token that may not read it is told the missing capability', async () => {
  const { out } = await look({ status: 500, body: 'rpc error: Unknown allocation "a1"' });
  expect(out).toMatch(/^fail .*needs the capability read-job in the allocation's namespace/m);
});
