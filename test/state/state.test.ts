import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isSameState } from '../../lib/state/same-state.ts';
import { openState, peekState, type State } from '../../lib/state/state.ts';
import { aSmallDisk, canMount } from '../support/small-disk.ts';

const aFolder = async (text?: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-state-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  if (text !== undefined) await writeFile(join(folder, 'state.json'), text);
  return folder;
};
const open = async (dir: string, now = 1_000) => {
  const aside: string[] = [];
  const store = await openState({ dir, now, onSetAside: (to, why) => aside.push(`${basename(to)}: ${why}`) });
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

const aLogFile = { name: 'app.stdout.0', dev: '1', ino: '2', size: '3' };

test('a new one begins now, and remembers when that was', async () => {
  const dir = await aFolder();
  expect((await open(dir, 1_000)).store.read()).toEqual(aState());
  expect((await open(dir, 2_000)).store.read()).toEqual(aState());
});

test('what is written is read again, by the next nvl too', async () => {
  const dir = await aFolder();
  const { store } = await open(dir);
  const state = aState({
    nodeId: 'n',
    tasks: { nvl_a: { ...aRecord, pipeline: 'nvl_p_1', former: [{ pipeline: 'nvl_p_2', leftAt: 3 }] } },
    loaded: { digest: 'd', table: 't', at: 5 },
    pipelines: { nvl_p_1: {}, nvl_p_2: { emptySince: 4 } },
  });
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
  const file = join(dir, 'state.json');
  store.write(aState({ nodeId: 'n' }));
  const before = (await stat(file)).mtimeMs;
  await sleep(20);
  store.write(aState({ nodeId: 'n' }));
  expect((await stat(file)).mtimeMs).toBe(before);
  store.write(aState({ nodeId: 'm' }));
  expect((await stat(file)).mtimeMs).not.toBe(before);
});

test('a write reads nothing of what the file says, and leaves JSON that people can read', async () => {
  const dir = await aFolder();
  const { store } = await open(dir);
  const parse = vi.spyOn(JSON, 'parse');
  onTestFinished(() => parse.mockRestore());
  for (const nodeId of ['n', 'm', 'o']) store.write(aState({ nodeId, tasks: { nvl_a: { ...aRecord } } }));
  expect(parse).not.toHaveBeenCalled();
  const text = await readFile(join(dir, 'state.json'), 'utf8');
  expect(text).toBe(JSON.stringify(store.read(), undefined, '\t'));
});

test('what was read cannot be changed: each cycle reads the same', async () => {
  const { store } = await open(await aFolder());
  const state = aState({ tasks: { nvl_a: { ...aRecord } } });
  store.write(state);
  expect(store.read()).toBe(store.read());
  expect(() => Object.assign(store.read().tasks, { nvl_b: aRecord })).toThrow(TypeError);
  expect(() => Object.assign(store.read().tasks.nvl_a ?? {}, { phase: 'drained' })).toThrow(TypeError);
});

test.each<[string, Partial<State>, boolean]>([
  ['the same', { nodeId: 'n', tasks: { nvl_a: { ...aRecord, files: [aLogFile] } } }, true],
  ['in another order', { tasks: { nvl_a: { files: [aLogFile], ...aRecord } }, nodeId: 'n' }, true],
  ['another phase', { nodeId: 'n', tasks: { nvl_a: { ...aRecord, phase: 'drained', files: [aLogFile] } } }, false],
  ['another file', { nodeId: 'n', tasks: { nvl_a: { ...aRecord, files: [{ ...aLogFile, ino: '3' }] } } }, false],
  ['a field less', { nodeId: 'n', tasks: { nvl_a: aRecord } }, false],
  ['another id', { nodeId: 'n', tasks: { nvl_b: { ...aRecord, files: [aLogFile] } } }, false],
  ['a task more', { nodeId: 'n', tasks: { nvl_a: { ...aRecord, files: [aLogFile] }, nvl_b: aRecord } }, false],
  ['no node', { tasks: { nvl_a: { ...aRecord, files: [aLogFile] } } }, false],
  [
    'a Vector',
    { nodeId: 'n', tasks: { nvl_a: { ...aRecord, files: [aLogFile] } }, loaded: { digest: 'd', at: 1 } },
    false,
  ],
])('whether two states say the same: %s', (_, other, expected) => {
  const one = aState({ nodeId: 'n', tasks: { nvl_a: { ...aRecord, files: [aLogFile] } } });
  expect(isSameState(one, aState(other))).toBe(expected);
  expect(isSameState(aState(other), one)).toBe(expected);
});

test('nobody else may read it, and nothing of it lies elsewhere', async () => {
  const dir = await aFolder();
  const { store } = await open(dir);
  store.write(aState({ nodeId: 'n' }));
  expect((await stat(join(dir, 'state.json'))).mode & 0o777).toBe(0o600);
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
  expect(await readFile(join(dir, 'state.json.aside-2000'), 'utf8')).toBe(text);
  expect(store.read()).toEqual(aState({ installedAt: 2_000 }));
});

test('a folder that cannot be written says what to do at the first write, and what has happened is remembered', async () => {
  const dir = join(await aFolder(''), 'state.json', 'below-a-file');
  const { store } = await open(dir);
  const refused = { code: 'stateUnreadable', advice: expect.stringContaining('root') };
  expect(() => store.write(aState({ nodeId: 'n' }))).toThrow(expect.objectContaining(refused));
  expect(store.read()).toEqual(aState());
  store.hold(aState({ nodeId: 'm' }));
  expect(store.read()).toEqual(aState({ nodeId: 'm' }));
  expect(() => store.write(aState({ nodeId: 'm' }))).toThrow(expect.objectContaining(refused));
});

test.runIf(canMount)('a full disk leaves the last state on it, however often nvl tries', async () => {
  const dir = join(await aFolder(), 'disk');
  const disk = await aSmallDisk({ folder: dir });
  const { store, aside } = await open(dir);
  store.write(aState({ nodeId: 'kept' }));
  await disk.fill();
  for (const nodeId of ['a', 'b', 'c']) {
    expect(() => store.write(aState({ nodeId }))).toThrow(expect.objectContaining({ code: 'stateUnreadable' }));
    store.hold(aState({ nodeId }));
  }
  const { store: next, aside: asideNext } = await open(dir);
  expect(next.read()).toEqual(aState({ nodeId: 'kept' }));
  await disk.empty();
  store.write(aState({ nodeId: 'd' }));
  expect((await open(dir)).store.read()).toEqual(aState({ nodeId: 'd' }));
  expect([...aside, ...asideNext]).toEqual([]);
});

test.each<[string, (file: string) => Promise<unknown>, string | undefined]>([
  ['is gone', (file) => rm(file), undefined],
  ['is half a file', (file) => writeFile(file, '{"schema":1,"tas'), 'it is not JSON'],
  ['is empty', (file) => writeFile(file, ''), 'it is not JSON'],
  ['has another schema', (file) => writeFile(file, '{"schema":99}'), 'it has schema 99, this nvl knows 1'],
  ['lists no tasks', (file) => writeFile(file, '{"schema":1}'), 'it lists no tasks'],
  ['is another one', (file) => writeFile(file, '{"schema":1,"tasks":{}}'), 'it is not what nvl wrote last'],
  ['is a folder', (file) => rm(file).then(() => mkdir(file)), 'it is no file'],
  ['is a link', (file) => rename(file, `${file}.x`).then(() => symlink(`${file}.x`, file)), 'it is no file'],
  ['is a pipe', (file) => rm(file).then(() => execFileSync('mkfifo', [file])), 'it is no file'],
  ['may not be read', (file) => chmod(file, 0), 'it is not what nvl wrote last'],
])('a state that %s under way is written again from memory, and what was there is kept', async (_, harm, why) => {
  const dir = await aFolder();
  const { store, aside } = await open(dir);
  const state = aState({ nodeId: 'n', tasks: { nvl_a: aRecord } });
  store.write(state);
  await harm(join(dir, 'state.json'));
  expect(store.read()).toEqual(state);
  store.write(state);
  expect(JSON.parse(await readFile(join(dir, 'state.json'), 'utf8'))).toEqual(state);
  expect(aside.map((text) => text.replace(/^.*?: /, ''))).toEqual(why === undefined ? [] : [why]);
  expect((await open(dir)).store.read()).toEqual(state);
});

test.each<[string, (file: string) => Promise<unknown>]>([
  ['a folder', (file) => mkdir(join(file, 'x'), { recursive: true })],
  [
    'a link to somebody’s file',
    async (file) => symlink(join(await aFolder('{"schema":1,"tasks":{}}'), 'state.json'), file),
  ],
])('%s in its place at the start is set aside', async (_, plant) => {
  const dir = await aFolder();
  await plant(join(dir, 'state.json'));
  const { store, aside } = await open(dir, 2_000);
  expect(aside).toEqual(['state.json.aside-2000: it is no file']);
  expect(store.read()).toEqual(aState({ installedAt: 2_000 }));
});

test('damage that comes again and again leaves no more than a few files', async () => {
  const dir = await aFolder();
  const { store } = await open(dir);
  for (let turn = 0; turn < 12; turn += 1) {
    await writeFile(join(dir, 'state.json'), `damage ${turn}`);
    store.write(aState({ nodeId: String(turn) }));
    await sleep(2);
  }
  expect(await readdir(dir)).toHaveLength(6);
});

test('to look at it makes none', async () => {
  const dir = await aFolder();
  expect(await peekState(dir)).toBeUndefined();
  expect(await readdir(dir)).toEqual([]);
});

const aFile = { name: 't.stdout.0', dev: '1', ino: '2', size: '3' };
const whole = {
  schema: 1,
  installedAt: 7,
  nodeId: 'n',
  tasks: { nvl_a: { ...aRecord, unread: [aFile], positions: { digest: 'd', since: 3 } } },
  loaded: { digest: 'd', at: 5 },
  refusedLoads: [{ digest: 'd', code: 'vectorRefused', message: 'm', said: 's' }],
  troubles: [{ component: 'c', kind: 'drops', since: 1, dropped: 2, said: 's' }],
  pipelines: { nvl_p: { emptySince: 4 } },
  vector: { pid: 77, startTime: '1', bootId: 'b', termSentAt: 4 },
};
const bad = (record: object) => ({ tasks: { ...whole.tasks, nvl_b: { ...aRecord, ...record } } });

// A file may be damaged, or edited, and still be JSON: a part that is not what nvl writes must not stop the cycles over the rest.
test.each<[string, object]>([
  ['tasks.nvl_b', { tasks: { ...whole.tasks, nvl_b: null } }],
  ['tasks.nvl_b', { tasks: { ...whole.tasks, nvl_b: 5 } }],
  ['tasks.nvl_b', { tasks: { ...whole.tasks, nvl_b: [] } }],
  ['tasks.nvl_b', { tasks: { ...whole.tasks, nvl_b: {} } }],
  ['tasks.nvl_b', bad({ allocId: 7 })],
  ['tasks.nvl_b', bad({ phase: 'gone' })],
  ['tasks.nvl_b', bad({ phase: ['collected'], logDir: null })],
  ['tasks.nvl_b', bad({ finishedAt: '5' })],
  ['tasks.nvl_b', bad({ unread: {} })],
  ['tasks.nvl_b', bad({ files: [null] })],
  ['tasks.nvl_b', bad({ files: [{ ...aFile, size: -1 }] })],
  ['tasks.nvl_b', bad({ files: [{ ...aFile, ino: 'x' }] })],
  ['tasks.nvl_b', bad({ positions: 'd' })],
  ['tasks.nvl_b', bad({ pipeline: 5 })],
  ['tasks.nvl_b', bad({ former: 'nvl_p' })],
  ['tasks.nvl_b', bad({ former: [{ pipeline: 'nvl_p' }] })],
  ['installedAt', { installedAt: 'yesterday' }],
  ['nodeId', { nodeId: {} }],
  ['loaded', { loaded: 'd' }],
  ['loaded', { loaded: { digest: 'd' } }],
  ['loaded', { loaded: { digest: 'd', at: 1, table: 7 } }],
  ['pipelines', { pipelines: [] }],
  ['pipelines', { pipelines: { nvl_p: 5 } }],
  ['pipelines', { pipelines: { nvl_p: { emptySince: 'long' } } }],
  ['refusedLoads', { refusedLoads: {} }],
  ['refusedLoads', { refusedLoads: [null] }],
  ['troubles', { troubles: 5 }],
  ['troubles', { troubles: [{ component: 'c' }] }],
  ['vector', { vector: 'x' }],
  ['vector', { vector: { pid: -1, startTime: '1', bootId: 'b' } }],
  ['vector', { vector: { pid: '77', startTime: '1', bootId: 'b' } }],
])('what is damaged in it is left out, kept aside, and the rest used: %s %#', async (name, damage) => {
  const dir = await aFolder(JSON.stringify({ ...whole, ...damage }));
  const { [name as 'nodeId']: _, ...others } = whole;
  const expected = name === 'installedAt' ? { ...whole, installedAt: 9 } : name.startsWith('tasks') ? whole : others;
  expect((await peekState(dir))?.tasks).toEqual(whole.tasks);
  const { store, aside } = await open(dir, 9);
  expect(store.read()).toEqual(expected);
  expect(aside).toEqual([expect.stringContaining(`this in it is damaged, and the rest is used: ${name}`)]);
  expect((await open(dir, 9)).aside).toEqual([]);
});

test('a list of tasks, and a name that is no name, are damage too', async () => {
  const list = await open(await aFolder(JSON.stringify({ ...whole, tasks: [aRecord] })));
  expect(list.store.read().tasks).toEqual({});
  const text = JSON.stringify({ ...whole, tasks: {} }).replace(
    '"tasks":{}',
    `"tasks":{"__proto__":${JSON.stringify(aRecord)}}`,
  );
  const proto = await open(await aFolder(text));
  expect(Object.keys(proto.store.read().tasks)).toEqual([]);
  expect(proto.aside[0]).toContain('tasks.__proto__');
});
