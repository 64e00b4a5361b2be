import { execFileSync } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { createTokenSource } from '../../lib/nomad/token.ts';
import { aClient, always, metaHeaders, startFakeNomad } from './fake-nomad.ts';

const NODE = '8f6b2a2e-0000-4000-8000-000000000001';
let file: string;

beforeEach(async () => {
  const folder = await mkdtemp(join(os.tmpdir(), 'nvl-'));
  file = join(folder, 'nomad_token');
  return () => rm(folder, { recursive: true });
});

const rotateTo = async (token: string) => {
  await writeFile(`${file}.new`, token);
  await rename(`${file}.new`, file);
};

test('a token file that is renewed is used from the next request on', async () => {
  const nomad = await startFakeNomad({ answer: always({}) });
  const client = aClient({ address: nomad.address, tokenFile: file });
  await rotateTo('first\n');
  await client.nodeAllocations(NODE);
  await rotateTo('other\n');
  await client.nodeAllocations(NODE);
  await writeFile(file, 'third');
  await client.nodeAllocations(NODE);
  expect(nomad.asked.map(({ headers }) => headers['x-nomad-token'])).toEqual(['first', 'other', 'third']);
});

test('a refusal is tried again, once, when the file was renewed meanwhile', async () => {
  await rotateTo('old');
  const nomad = await startFakeNomad({
    answer: async (request, response) => {
      await rotateTo('new');
      const isNew = request.headers['x-nomad-token'] === 'new';
      response.writeHead(isNew ? 200 : 403, metaHeaders).end(isNew ? '[1]' : 'Permission denied');
    },
  });
  expect((await aClient({ address: nomad.address, tokenFile: file }).nodeAllocations(NODE)).allocations).toEqual([1]);
  expect(nomad.asked.map(({ headers }) => headers['x-nomad-token'])).toEqual(['old', 'new']);
});

test('a refusal that stays is one error, however often the file is renewed', async () => {
  await rotateTo('0');
  let count = 0;
  const nomad = await startFakeNomad({
    answer: async (_request, response) => {
      await rotateTo(String(++count));
      response.writeHead(403).end('Permission denied');
    },
  });
  await expect(aClient({ address: nomad.address, tokenFile: file }).nodeAllocations(NODE)).rejects.toMatchObject({
    code: 'nomadRefused',
    facts: { token: `the file ${file}` },
  });
  expect(nomad.asked).toHaveLength(2);
});

test('a refusal is not tried again with the same token', async () => {
  await rotateTo('same');
  const nomad = await startFakeNomad({ answer: always({ status: 403, body: 'Permission denied' }) });
  await expect(aClient({ address: nomad.address, tokenFile: file }).nodeAllocations(NODE)).rejects.toMatchObject({
    code: 'nomadRefused',
  });
  expect(nomad.asked).toHaveLength(1);
});

test('while a file is gone or empty, its last token counts', async () => {
  const source = createTokenSource({ tokenFile: file });
  await writeFile(file, 'kept');
  expect(await source.read()).toBe('kept');
  await writeFile(file, '');
  expect(await source.read()).toBe('kept');
  await rm(file);
  expect(await source.read()).toBe('kept');
});

test.each([
  ['missing', undefined, /cannot be read/],
  ['empty', '\n', /is empty/],
  ['two lines', 'a\nb', /is none/],
])('a token file: %s', async (_, content, message) => {
  if (content !== undefined) await writeFile(file, content);
  await expect(createTokenSource({ tokenFile: file }).read()).rejects.toMatchObject({
    code: 'nomadRefused',
    message: expect.stringMatching(message),
  });
});

test('the file wins over a token, and an empty token is none', async () => {
  await writeFile(file, 'from-the-file');
  expect(await createTokenSource({ token: 'fixed', tokenFile: file }).read()).toBe('from-the-file');
  expect(await createTokenSource({ token: 'fixed' }).read()).toBe('fixed');
  expect(await createTokenSource({ token: '' }).read()).toBeUndefined();
});

test('a FIFO in its place is said to be no file, and not waited on; a token that was read before it is used', async () => {
  execFileSync('mkfifo', [file]);
  await expect(createTokenSource({ tokenFile: file }).read()).rejects.toMatchObject({
    facts: { said: 'it is no file' },
  });
  await rm(file);
  await writeFile(file, 'good');
  const source = createTokenSource({ tokenFile: file });
  expect(await source.read()).toBe('good');
  await rm(file);
  execFileSync('mkfifo', [file]);
  expect(await source.read()).toBe('good');
});
