import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openState, peekState, type State } from '../../lib/drain/state.ts';

const aFolder = async (text?: string): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'nvl-state-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  if (text !== undefined) await writeFile(path.join(folder, 'state.json'), text);
  return folder;
};
const open = async (dir: string, now = 1_000) => {
  const aside: string[] = [];
  const store = await openState({ dir, now, onSetAside: (to, why) => aside.push(`${path.basename(to)}: ${why}`) });
  return { store, aside };
};
const aState = (given: Partial<State> = {}): State => ({ schema: 1, installedAt: 1_000, tasks: {}, ...given });
const aRecord = {
  allocId: 'a',
  task: 't',
  namespace: 'n',
  job: 'j',
  profile: 'p',
  logDir: '/l',
  phase: 'collected' as const,
};

test('a new one begins now, and remembers when that was', async () => {
  const dir = await aFolder();
  expect((await open(dir, 1_000)).store.read()).toEqual(aState());
  expect((await open(dir, 2_000)).store.read()).toEqual(aState());
});

test('what is written is read again, by the next nvl too', async () => {
  const dir = await aFolder();
  const { store } = await open(dir);
  const state = aState({ nodeId: 'n', tasks: { nvl_a: aRecord }, loaded: { digest: 'd', at: 5 } });
  store.write(state);
  expect(store.read()).toEqual(state);
  expect((await open(dir)).store.read()).toEqual(state);
  expect(await peekState(dir)).toEqual(state);
});

test('a dot in a name is a dot', async () => {
  const { store } = await open(await aFolder());
  store.write(aState({ tasks: { 'a.b': aRecord } }));
  expect(Object.keys(store.read().tasks)).toEqual(['a.b']);
});

test('an equal state is not written again', async () => {
  const dir = await aFolder();
  const { store } = await open(dir);
  const file = path.join(dir, 'state.json');
  store.write(aState({ nodeId: 'n' }));
  await utimes(file, 1, 1);
  store.write(aState({ nodeId: 'n' }));
  expect((await stat(file)).mtimeMs).toBe(1_000);
  store.write(aState({ nodeId: 'm' }));
  expect((await stat(file)).mtimeMs).not.toBe(1_000);
});

test('nobody else may read it, and nothing of it lies elsewhere', async () => {
  const dir = await aFolder();
  const { store } = await open(dir);
  store.write(aState({ nodeId: 'n' }));
  expect((await stat(path.join(dir, 'state.json'))).mode & 0o777).toBe(0o600);
  expect(await readdir(dir)).toEqual(['state.json']);
});

test.each([
  ['an unknown schema', '{"schema":99,"tasks":{"x":{}}}', 'it has schema 99, this nvl knows 1'],
  ['no schema', '{}', 'it has schema undefined, this nvl knows 1'],
  ['no object', '[]', 'it has schema undefined, this nvl knows 1'],
  ['half a file', '{"schema":1,"tas', 'it is not JSON'],
  ['an empty file', '', 'it is not JSON'],
])('%s is set aside, not fatal, and kept', async (_, text, why) => {
  const dir = await aFolder(text);
  expect(await peekState(dir)).toBeUndefined();
  const { store, aside } = await open(dir, 2_000);
  expect(aside).toEqual([`state.json.aside-2000: ${why}`]);
  expect(await readFile(path.join(dir, 'state.json.aside-2000'), 'utf8')).toBe(text);
  expect(store.read()).toEqual(aState({ installedAt: 2_000 }));
});

test('a folder that cannot be written says what to do', async () => {
  const dir = path.join(await aFolder(''), 'state.json', 'below-a-file');
  await expect(openState({ dir, now: 0, onSetAside: () => {} })).rejects.toMatchObject({
    code: 'stateUnreadable',
    advice: expect.stringContaining('root'),
  });
});

test('to look at it makes none', async () => {
  const dir = await aFolder();
  expect(await peekState(dir)).toBeUndefined();
  expect(await readdir(dir)).toEqual([]);
});
