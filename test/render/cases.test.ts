import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { collectTasks } from '../../lib/collect/collect.ts';
import { contextsOf } from '../../lib/collect/contexts.ts';
import { NodeTasks } from '../../lib/collect/node-tasks.ts';
import { readTemplates } from '../../lib/config/read-templates.ts';
import { nodeContext } from '../../lib/context/context.ts';
import { describeError } from '../../lib/errors.ts';
import { NO_FILES } from '../../lib/files/log-access.ts';
import { recordingSource } from '../../lib/nomad/node-source.ts';
import { tableText } from '../../lib/pipelines/table.ts';
import { INSTEAD_WORDS } from '../../lib/render/refused.ts';
import { renderNode } from '../../lib/render/render.ts';
import { compileTemplates } from '../../lib/render/templates.ts';
import { aConfig, LINKS } from '../support/builders.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { componentsIn } from './support.ts';

// A folder a case: allocations.json as Nomad answers them, perhaps node.json, templates/ and rules.json; and what has to come
// out in expected/. Copy a folder to add a case; `vitest run -u test/render/cases.test.ts` writes what comes out.

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
const cases = readdirSync(FIXTURES).filter((name) => existsSync(join(FIXTURES, name, 'allocations.json')));

const renderCase = async (name: string) => {
  const at = (file: string) => join(FIXTURES, name, file);
  const ifThere = (file: string) => (existsSync(at(file)) ? at(file) : undefined);
  const rules = ifThere('rules.json');
  const config = aConfig({ rules: rules === undefined ? [] : JSON.parse(await readFile(rules, 'utf8')) });
  const nodeSource = await recordingSource({
    allocationsFile: at('allocations.json'),
    nodeFile: ifThere('node.json'),
    allocDir: '/opt/nomad/data/alloc',
  });
  const snapshot = await nodeSource.ask();
  const collectedTasks = await collectTasks({
    snapshot,
    tasks: new NodeTasks().of({ snapshot, config, ownAllocId: undefined }),
    nodeSource,
    state: { schema: 1, installedAt: 0, tasks: {} },
    config,
    logAccess: NO_FILES,
    positionsOf: async () => new Map(),
    isRecorded: true,
    now: 0,
    signal: new AbortController().signal,
  });
  const templates = compileTemplates(await readTemplates(ifThere('templates')));
  const { text, rows, refused } = renderNode({
    templates,
    tasks: contextsOf({ snapshot, collectedTasks, linksDir: LINKS }),
    node: nodeContext(snapshot.node),
    hasSinks: true,
    linksDir: LINKS,
    live: new Map(),
    seats: new Map(),
    carried: new Set(),
    quarantined: new Map(),
  });
  const said = refused.map(({ heading, instead, errors }) =>
    [`${INSTEAD_WORDS[instead]}: ${heading}`, ...errors.map(describeError)].join('\n'),
  );
  return { text, rows, table: tableText(rows), said: said.map((one) => `${one}\n`).join('\n') };
};

test('there are cases', () => {
  expect(cases).toContain('recorded-node');
});

test.each(cases)('%s renders what is expected', async (name) => {
  const { text, table, said } = await renderCase(name);
  await expect(text).toMatchFileSnapshot(join(FIXTURES, name, 'expected', 'nomad.toml'));
  await expect(table).toMatchFileSnapshot(join(FIXTURES, name, 'expected', 'tasks.csv'));
  if (said !== '' || existsSync(join(FIXTURES, name, 'expected', 'left-out.txt')))
    await expect(said).toMatchFileSnapshot(join(FIXTURES, name, 'expected', 'left-out.txt'));
});

test.each(cases)('%s is a configuration that the real Vector takes', needs(vector), async (name) => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-case-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'nomad.toml');
  await writeFile(file, (await renderCase(name)).text);
  const { stdout, stderr } = await execa(pathOf(vector), ['validate', '--no-environment', file], { reject: false });
  expect(`${stdout}${stderr}`).toContain('Validated');
  expect(`${stdout}${stderr}`).not.toContain('error');
});

test('the recorded node: a row for each task that writes logs, and none for the one that is quiet; a pipeline for each of their profiles', async () => {
  const { text, rows } = await renderCase('recorded-node');
  expect(rows.map(({ stem }) => stem.replace(/^nvl_([0-9a-f]{8})_(.*)_[0-9a-f]{8}$/, '$2 of $1')).sort()).toEqual([
    'agent of 0a173b0e',
    'crash of bf5315ab',
    'dump of e82d30e3',
    'quick of d2747b66',
    'server of 50d107cb',
    'server of d0917d7e',
    'server_proxy of 50d107cb',
    'server_proxy of d0917d7e',
    'w of dcf97c63',
  ]);
  const { nvl_none: _, ...sources } = componentsIn(text).sources;
  expect(Object.keys(sources).sort()).toEqual([...new Set(rows.map(({ pipeline }) => pipeline))].sort());
  expect(Object.entries(sources).map(([id, { include }]) => [id.slice(0, -9), include])).toEqual(
    ['default', 'logfmt'].map((profile) => [
      `nvl_${profile}`,
      [expect.stringMatching(new RegExp(`^${LINKS}/nvl_${profile}_[0-9a-f]{8}/\\*$`))],
    ]),
  );
});
