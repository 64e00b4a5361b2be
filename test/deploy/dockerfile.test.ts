import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { OLDEST_VERSION } from '../../lib/vector/process/find.ts';
import { isSent, readCopy, readDockerfile } from '../support/dockerfile.ts';
import { projectFolder } from '../support/nvl.ts';

// No image is built here: what can be held without an engine is held.

const read = (name: string): string => readFileSync(join(projectFolder, name), 'utf8');
const stages = readDockerfile(read('Dockerfile'));
const last = stages.at(-1);
if (last === undefined) throw new Error('no stage');
const wordsOf = (name: string): string[] => last.instructions.flatMap((one) => (one.name === name ? [one.words] : []));
const copies = stages.flatMap(({ as, instructions }) =>
  instructions.filter(({ name }) => name === 'COPY').map((one) => ({ ...readCopy(one), stage: as })),
);
const packageJson = JSON.parse(read('package.json')) as { files: string[]; engines: { node: string } };

test('each image is one version of it, without the name of a registry', () => {
  const images = stages.map(({ image }) => image);
  for (const image of images) expect(image).toMatch(/^[a-z]+(?:\/[a-z]+)?:\d+\.\d+\.\d+-[a-z-]+$/);
});

test('Node and Vector are those that nvl is made with', () => {
  const versionsOf = (name: string) =>
    stages.flatMap(({ image }) => (image.startsWith(`${name}:`) ? [/:([\d.]+)/.exec(image)?.[1]] : []));
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { version: string } | undefined> };
  expect(new Set(versionsOf('node'))).toEqual(new Set([lock.packages['node_modules/node']?.version]));
  expect(versionsOf('node')[0]?.split('.')[0]).toBe(read('.nvmrc').trim());
  expect(versionsOf('timberio/vector')).toEqual([OLDEST_VERSION]);
});

test('what is copied from the checkout is there, is in git, and is sent to the build', () => {
  const ignore = read('.dockerignore');
  const sources = copies.filter(({ from }) => from === undefined).flatMap(({ sources }) => sources);
  expect(sources.length).toBeGreaterThan(8);
  const known = execFileSync('git', ['ls-files'], { cwd: projectFolder, encoding: 'utf8' }).split('\n');
  for (const path of sources) {
    expect(
      known.filter((file) => file === path || file.startsWith(`${path}/`)),
      path,
    ).not.toEqual([]);
    expect(isSent({ ignore, path }), path).toBe(true);
  }
  for (const path of ['.git/config', 'node_modules/zod/package.json', 'test/house/docs.test.ts', '.env', 'nvl.yaml'])
    expect(isSent({ ignore, path }), path).toBe(false);
});

test('what is copied from another stage is of one before it', () => {
  const names = stages.map(({ as }) => as);
  for (const { from, stage } of copies.filter(({ from }) => from !== undefined)) {
    expect(names).toContain(from);
    expect(names.indexOf(from)).toBeLessThan(names.indexOf(stage));
  }
});

test('what runs is no root, and takes its arguments as they are', () => {
  expect(wordsOf('USER').at(-1)).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/);
  for (const name of ['ENTRYPOINT', 'CMD']) expect(() => JSON.parse(wordsOf(name)[0] ?? '')).not.toThrow();
  expect(
    stages.flatMap(({ instructions }) => instructions).filter(({ name }) => /^(?:ADD|ENV|ARG|VOLUME)$/.test(name)),
  ).toEqual([]);
});

test.each([
  ['it answers', 200, 0],
  ['it answers with an error', 503, 1],
  ['nobody answers', undefined, 1],
])('the container is well as long as nvl answers at its address: %s', async (_, status, code) => {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ url }, answer) => {
    asked.push(url);
    answer.writeHead(status ?? 500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  if (status === undefined) await new Promise((resolve) => server.close(resolve));
  else onTestFinished(() => void server.close());
  const check = wordsOf('HEALTHCHECK')[0] ?? '';
  const [program, ...args] = JSON.parse(check.slice(check.indexOf('CMD ') + 4)) as string[];
  expect(program).toBe('node');
  const env = { ...process.env, NVL_METRICS_ADDRESS: `127.0.0.1:${port}` };
  const ended = await new Promise((resolve) => spawn(process.execPath, args, { env }).once('exit', resolve));
  expect(ended).toBe(code);
  expect(asked).toEqual(status === undefined ? [] : ['/healthz']);
});

test('the rights that the daemon needs are those of the unit for systemd', () => {
  const added = [...read('Dockerfile').matchAll(/--cap-add (\w+)/g)].map(([, name]) => `CAP_${name}`);
  const named = [...read('systemd/nvl.service').matchAll(/^CapabilityBoundingSet=(.*)$/gm)].flatMap(([, names = '']) =>
    names.split(' '),
  );
  expect(added.sort()).toEqual(named.sort());
});

test('what lies in the image at the end is a whole nvl: it runs from there', { timeout: 180_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-image-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const home = join(folder, 'opt/nvl');
  for (const { from, sources, target } of copies.filter(({ stage }) => stage === undefined)) {
    for (const source of sources) {
      if (target.startsWith('/')) continue;
      const to = target.endsWith('/')
        ? join(home, target, source.slice(source.lastIndexOf('/') + 1))
        : join(home, target);
      mkdirSync(dirname(to), { recursive: true });
      if (from === undefined) cpSync(join(projectFolder, source), to, { recursive: true });
      else if (source === '/src/node_modules') symlinkSync(join(projectFolder, 'node_modules'), to);
      else if (source === '/src/dist')
        execFileSync(process.execPath, ['scripts/bundle.ts', to], { cwd: projectFolder });
      else throw new Error(`what is ${source}?`);
    }
  }
  // All that is published and that a command reads.
  const needed = packageJson.files.filter(
    (name) => !/^(?:docs|jobspecs|monitoring|systemd|packs)\/$|CHANGELOG/.test(name),
  );
  expect(needed.filter((name) => !existsSync(join(home, name)))).toEqual([]);
  const said = (...args: string[]) =>
    execFileSync(process.execPath, [join(home, 'bin/nvl.js'), ...args], { cwd: folder, encoding: 'utf8' });
  expect(said('--version')).toMatch(/^nvl \d/);
  const recording = join(projectFolder, 'test/fixtures/recorded/node-allocations.json');
  expect(said('render', '--allocations', recording, '--root', '/nvl')).toContain('[sinks.');
});

test.each([
  ['an unknown instruction', 'FROM a\nRUNS x'],
  ['an instruction before the first image', 'RUN x\nFROM a'],
  ['a FROM with a flag', 'FROM --platform=x a'],
])('a Dockerfile with %s is refused', (_, text) => {
  expect(() => readDockerfile(text)).toThrow();
});

test('lines that go on are one instruction', () => {
  expect(readDockerfile('# a\nFROM a AS b\n\nRUN x \\\n  && y\n')).toEqual([
    { image: 'a', as: 'b', instructions: [{ name: 'RUN', words: 'x && y' }] },
  ]);
});
