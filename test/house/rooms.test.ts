import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mermaidOf, roomArrows, withDiagram, withoutShortcuts } from '../../scripts/draw-rooms.ts';
import { findCircle, importsOf, readImports, roomOf, sourceFiles } from '../../scripts/imports.ts';

const LEAVES = [
  'aligned',
  'built-in',
  'comment-text',
  'component-kind',
  'context-version',
  'duration',
  'errors',
  'exact-json',
  'file-trouble',
  'glob',
  'grouped',
  'ids',
  'json',
  'link-name',
  'log',
  'nearest',
  'order',
  'own-user',
  'package-root',
  'plural',
  'table',
  'reported-faults',
  'toml-text',
];

/** Which rooms of `lib/` a room may import, beside the leaves: a folder with what lies below it, or a file of `lib/` itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  backoff: [],
  config: [],
  nomad: ['config'],
  vector: [],
  vrl: [],
  // Vector's pipelines, run in Node.
  engine: ['pipelines', 'vector', 'vrl'],
  // Pure, and knows of Vector only what it reads and in which form it reports.
  'vector-check': ['config', 'vector'],
  files: ['backoff'],
  // Pure: a job with one more task.
  sidecar: [],
  watch: ['backoff', 'nomad'],
  // Pure: they know nothing of disks, clocks, Nomad's client or Vector's process.
  context: ['config', 'nomad'],
  pipelines: ['context'],
  render: ['config', 'context', 'pipelines'],
  plan: ['pipelines', 'render'],
  state: ['vector'],
  collect: ['config', 'context', 'files', 'nomad', 'pipelines', 'render', 'state'],
  // The ports a cycle is handed: types alone.
  'cycle-deps': ['collect', 'config', 'files', 'nomad', 'pipelines', 'plan', 'render', 'state', 'vector'],
  quarantine: ['plan', 'render', 'state', 'vector', 'cycle-deps'],
  apply: ['config', 'files', 'pipelines', 'plan', 'quarantine', 'render', 'vector', 'cycle-deps'],
  memory: ['apply', 'collect', 'render', 'cycle-deps'],
  remember: ['pipelines', 'render', 'state', 'cycle-deps'],
  'remember-good': ['render', 'cycle-deps'],
  'cycle-result': ['remember', 'cycle-deps'],
  think: ['collect', 'context', 'pipelines', 'plan', 'quarantine', 'remember', 'render', 'cycle-deps'],
  cycle: [
    'apply',
    'collect',
    'files',
    'pipelines',
    'plan',
    'quarantine',
    'remember',
    'remember-good',
    'render',
    'think',
    'cycle-deps',
    'cycle-result',
  ],
  // A server that only tells, and who asks it.
  serve: ['nomad'],
  // Pure: what a daemon holds, for people and programs.
  status: ['collect', 'files', 'nomad', 'render', 'state', 'vector', 'cycle-deps'],
  metrics: ['status'],
  daemon: ['backoff', 'config', 'cycle', 'files', 'memory', 'nomad', 'render', 'vector', 'watch', 'cycle-deps'],
  // What one task's pipeline makes of lines, for people.
  preview: ['engine', 'render', 'vrl'],
  'profile-test': [
    'apply',
    'config',
    'context',
    'engine',
    'files',
    'nomad',
    'pipelines',
    'render',
    'vector',
    'vector-check',
    'vrl',
    'cycle-deps',
  ],
  // Logs over Nomad's API, from anywhere.
  tail: ['apply', 'backoff', 'config', 'context', 'engine', 'nomad', 'preview', 'render', 'vector', 'vrl'],
  capture: ['config', 'context', 'engine', 'nomad', 'profile-test', 'render', 'tail', 'vrl'],
  // Pure: what others ran before, as a folder of nvl's.
  migrate: ['config', 'vector'],
  // Lines of the running Vector, over its API.
  tap: ['context', 'engine', 'pipelines', 'preview', 'render', 'tail', 'vector', 'vrl'],
  // What jobs cost Vector, by its own counters. Pure.
  top: ['status', 'vector'],
  coverage: ['collect', 'config', 'context', 'pipelines', 'profile-test', 'render', 'vrl'],
  // What a change does to volumes and streams, by recordings and sample lines.
  cost: ['collect', 'context', 'engine', 'nomad', 'pipelines', 'plan', 'profile-test', 'render', 'vrl'],
  review: [
    'collect',
    'config',
    'context',
    'cost',
    'files',
    'nomad',
    'pipelines',
    'plan',
    'profile-test',
    'render',
    'vector',
    'vrl',
  ],
};

/** Which of its own folders a folder of a large room may import. */
const WITHIN: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  vector: { api: [], config: [], process: ['config'], proof: ['config', 'process'], reload: ['process'] },
};

/** They know everything that is not above them. */
const ABOVE = ['wiring', 'doctor', 'demo', 'commands'];

const imports = readImports().filter(({ from, to }) => from.startsWith('lib/') && to.startsWith('lib/'));
const outOfRoom = imports.filter(({ from, to }) => roomOf(from) !== roomOf(to));

test('a room imports only what it may', () => {
  const faults = outOfRoom.flatMap(({ from, to }) => {
    const [room, other] = [roomOf(from), roomOf(to)];
    const at = ABOVE.indexOf(room);
    const may = at === -1 ? [...(LEAVES.includes(room) ? [] : (MAY_IMPORT[room] ?? [])), ...LEAVES] : undefined;
    const isAllowed = may === undefined ? !ABOVE.slice(at + 1).includes(other) : may.includes(other);
    return isAllowed ? [] : [`${from} imports ${to}; ${room} may import ${may?.join(', ') ?? 'what is not above it'}`];
  });
  expect(faults).toEqual([]);
});

test('within a large room a folder imports only what it may, and no file lies beside the folders', () => {
  const faults = Object.entries(WITHIN).flatMap(([room, may]) => {
    const folderOf = (file: string): string => file.split('/').slice(2, -1).join('/');
    const within = imports.filter(({ from, to }) => [from, to].every((file) => roomOf(file) === room));
    const strangers = within
      .flatMap(({ from, to }) => [from, to])
      .filter((file) => may[folderOf(file)] === undefined)
      .map((file) => `${file} is in no folder of ${room}`);
    const wrong = within
      .map(({ from, to }) => ({ from, to, of: folderOf(from), other: folderOf(to) }))
      .filter(({ of, other }) => of !== other && !may[of]?.includes(other))
      .map(({ from, to, of }) => `${from} imports ${to}; ${of} may import ${may[of]?.join(', ')}`);
    return [...new Set([...strangers, ...wrong])];
  });
  expect(faults).toEqual([]);
});

test('every room is known, and none is known that is gone', () => {
  const rooms = new Set(
    readImports().flatMap(({ from, to }) => [from, to].filter((file) => file.startsWith('lib/')).map(roomOf)),
  );
  expect([...rooms].sort()).toEqual([...LEAVES, ...Object.keys(MAY_IMPORT), ...ABOVE].sort());
});

test('every file of the package is one that nvl runs: what only writes docs, or serves tests, lies elsewhere', () => {
  const targets = Map.groupBy(readImports(), ({ from }) => from);
  // A thread is a program of its own.
  const reached = new Set(['bin/main.ts', 'bin/quick.ts', 'lib/files/grab-thread.ts', 'lib/vrl/vrl-thread.ts']);
  // A set grows while it is walked.
  for (const file of reached) for (const { to } of targets.get(file) ?? []) reached.add(to);
  expect(sourceFiles().filter((file) => !reached.has(file))).toEqual([]);
});

test('a folder of tests has the name of the room it tests, or says what kind of tests it holds', () => {
  const rooms = [...Object.keys(MAY_IMPORT), ...ABOVE];
  const kinds = ['bench', 'bin', 'deploy', 'docs', 'e2e', 'house', 'mutations', 'support', 'fixtures'];
  // Git knows no empty folder.
  const folders = readdirSync(new URL('..', import.meta.url), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && readdirSync(new URL(`../${entry.name}`, import.meta.url)).length > 0,
  );
  // `safe` is a room within render, with more tests than all the rest of it.
  const known = [...rooms, ...kinds, 'safe'];
  expect(folders.map(({ name }) => name).filter((name) => !known.includes(name))).toEqual([]);
});

test('no loop between rooms, and none between files but of types', () => {
  const rooms = outOfRoom.map(({ from, to }) => ({ from: roomOf(from), to: roomOf(to) }));
  const values = imports.filter(({ isType }) => !isType);
  expect({ rooms: findCircle(rooms), files: findCircle(values) }).toEqual({ rooms: undefined, files: undefined });
});

/** The folders of safe values in the order a text passes them; each may import from those before it alone. */
const SAFE_FOLDERS = ['run', 'place', 'write', 'check'];

test('in render/safe each folder imports only from those before it', () => {
  const folderOf = (file: string): string => /^lib\/render\/safe\/(\w+)\//.exec(file)?.[1] ?? '';
  const within = imports.filter(({ from }) => folderOf(from) !== '');
  expect([...new Set(within.map(({ from }) => folderOf(from)))].sort()).toEqual([...SAFE_FOLDERS].sort());
  const faults = within.filter(({ from, to }) => {
    // Of the rest of render a folder knows nothing, not even the files above it.
    if (folderOf(to) === '') return roomOf(to) === 'render';
    return SAFE_FOLDERS.indexOf(folderOf(to)) > SAFE_FOLDERS.indexOf(folderOf(from));
  });
  expect(faults.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
});

test('imports are read in each of their forms', () => {
  const text = [
    "import a, { b } from './a.ts';",
    "import type { C } from '../c.ts';",
    "import { type D, type E } from './d.ts';",
    "import {\n  type F,\n  g,\n} from './f.ts';",
    "export { h } from './h.ts';",
    "const i = await import('./i.ts');",
    "import {  } from 'node:path';",
  ].join('\n');
  expect(importsOf(text).map(({ specifier, isType }) => `${specifier}${isType ? ' type' : ''}`)).toEqual([
    './a.ts',
    '../c.ts type',
    './d.ts type',
    './f.ts',
    './h.ts',
    './i.ts',
  ]);
});

test('a circle is found, wherever it begins', () => {
  const edges = ['a b', 'b c', 'c d', 'd b', 'a d'].map((edge) => ({ from: edge.slice(0, 1), to: edge.slice(2) }));
  expect(findCircle(edges)).toEqual(['b', 'c', 'd', 'b']);
  expect(findCircle(edges.slice(0, 3))).toBeUndefined();
});

const project = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

test('CONTRIBUTING lists every room and every script', () => {
  const page = project('CONTRIBUTING.md');
  const rooms = [...Object.keys(MAY_IMPORT), ...ABOVE].filter((room) => room !== 'backoff');
  const scripts = Object.keys((JSON.parse(project('package.json')) as { scripts: object }).scripts);
  const missing = [
    ...rooms.filter((room) => !page.includes(`lib/${room}/`) && !page.includes(`lib/${room}.ts`)),
    ...Object.entries(WITHIN)
      .flatMap(([room, folders]) => Object.keys(folders).map((folder) => `lib/${room}/${folder}/`))
      .filter((folder) => !page.includes(folder)),
    ...scripts.filter(
      (name) =>
        !page.includes(`\`npm run ${name}\``) && !page.includes(`\`npm ${name}\``) && !page.includes(`\`${name}\``),
    ),
  ];
  expect(missing).toEqual([]);
});

test('the page on the architecture shows the rooms as they are, and every file it names is there', () => {
  const page = project('docs/architecture.md');
  const diagram = mermaidOf(withoutShortcuts(roomArrows()));
  // `npm run draw:rooms` draws it anew.
  expect(page).toBe(withDiagram({ page, diagram }));
  const named = [...page.matchAll(/`((?:lib|templates|test)\/[\w./-]+)`/g)].map(([, name = '']) => name);
  expect(named.filter((name) => !existsSync(new URL(`../../${name}`, import.meta.url)))).toEqual([]);
  expect(page.split('\n').length).toBeLessThanOrEqual(130);
});

test('an arrow that a longer way says as well is not drawn', () => {
  const arrows = ['a b', 'b c', 'a c', 'a d'].map((edge) => ({ from: edge.slice(0, 1), to: edge.slice(2) }));
  expect(mermaidOf(withoutShortcuts(arrows))).toBe('flowchart TD\n  a --> b\n  a --> d\n  b --> c\n');
});
