import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contextsOf } from '../../lib/collect/contexts.ts';
import { planCycle } from '../../lib/cycle.ts';
import type { CycleDeps } from '../../lib/cycle-deps.ts';
import { createRandom } from '../../lib/demo/random.ts';
import { shuffleKeys } from '../../lib/demo/shuffle.ts';
import { NO_FILES } from '../../lib/files/log-access.ts';
import { readNode } from '../../lib/nomad/node.ts';
import { recordingSource } from '../../lib/nomad/node-source.ts';
import { readAllocation } from '../../lib/nomad/read-allocation.ts';
import { recordingOf } from '../../lib/nomad/recording.ts';
import { tableText } from '../../lib/pipelines/table.ts';
import { aFolder, aNomad, nvl, put } from '../commands/support.ts';
import { aNode } from '../cycle/support.ts';
import { recorded } from '../nomad/fake-nomad.ts';
import { aRawAllocation, LINKS, someTemplates } from '../support/builders.ts';

const meta = {
  z: '1',
  a: '2',
  10: 'ten',
  9: 'nine',
  'b.c': '3',
  ü: '4',
  Z: '5',
  ...JSON.parse('{ "__proto__": "6" }'),
};

/** Each map that Nomad may answer with, with several keys. */
const fullAllocation = () => {
  const raw = aRawAllocation({
    jobMeta: meta,
    groupMeta: { a: 'group', y: 'group' },
    taskMeta: { x: 'task', a: 'task' },
    groupServices: [{ Name: 's', Meta: meta, Tags: ['b', 'a'] }],
    taskServices: [{ Name: 't', Meta: meta }],
    tasks: ['app', 'zoo', 'bar'],
  });
  const [group] = raw.Job.TaskGroups;
  const volumes = { data: { Type: 'host', Source: 'd' }, cache: { Type: 'csi', Source: 'c', ReadOnly: true } };
  return {
    ...raw,
    Job: { ...raw.Job, TaskGroups: [{ ...group, Volumes: volumes }] },
    AllocatedResources: {
      Shared: {
        Ports: [
          { Label: 'http', Value: 1 },
          { Label: 'admin', Value: 2 },
        ],
      },
      Tasks: { app: { Memory: { MemoryMB: 1 } }, bar: { Memory: { MemoryMB: 2 } } },
    },
  };
};
const answers = [...(JSON.parse(recorded('node-allocations')) as object[]), fullAllocation()];
const answeredNode = {
  ...JSON.parse(recorded('node')),
  Meta: meta,
  HostVolumes: { z: { Path: '/z' }, a: { Path: '/a' } },
  Links: { z: '1', a: '2' },
};

/** Writes all that a template can see, in each of the ways that walk a map. */
const everything = {
  'vector/transform.toml.hbs': `[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
source = """
.all = {{json this}}
.meta = {{meta}}
.levels = [{{job.meta}}, {{group.meta}}, {{task.meta}}, {{node.meta}}, {{ports}}, {{group.volumes}}, {{node.hostVolumes}}]
{{#each meta}}
.each."{{@key}}" = "{{this}}"
{{/each}}
{{#each node.hostVolumes as |volume name|}}
.volumes."{{name}}" = {{volume}}
{{/each}}
"""
`,
  'vector/sink.toml.hbs':
    '[sinks.console]\ntype = "console"\ninputs = ["{{input}}"]\nencoding.codec = "json"\n# {{json this}}\n',
};

/** What comes of the answers: the context, the recording, the whole generated file and its table. */
const madeOf = async ({ allocations, node, deps }: { allocations: unknown[]; node: unknown; deps: CycleDeps }) => {
  const snapshot = {
    node: readNode(node),
    allocations: allocations.map(readAllocation).filter((allocation) => allocation !== undefined),
    allocDir: '/alloc',
    hasLeader: true,
  };
  const { rendered, looked } = await planCycle({
    ...deps,
    isRecorded: true,
    linksDir: LINKS,
    logAccess: {
      ...NO_FILES,
      findLost: () => {},
      open: () => {},
      close: () => {},
      settle: () => {},
      linkedOf: () => [],
      owns: () => false,
      gaveUp: () => {},
    },
    nodeSource: { ...deps.nodeSource, ask: async () => snapshot },
  });
  expect(rendered.refused).toEqual([]);
  const contexts = contextsOf({ snapshot, collectedTasks: looked.collectedTasks, linksDir: LINKS });
  return {
    text: rendered.text,
    table: tableText(rendered.rows),
    context: JSON.stringify(contexts),
    recording: JSON.stringify(recordingOf(snapshot)),
  };
};

const someDeps = async (): Promise<CycleDeps> => ({
  ...(await aNode()).deps(),
  templates: await someTemplates(everything),
});

test('whatever order Nomad writes its maps in, context, recording, rendered text and table are the same bytes', async () => {
  const deps = await someDeps();
  const plain = await madeOf({ allocations: answers, node: answeredNode, deps });
  expect(plain.text).toContain('.each."b.c"');
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const random = createRandom(seed);
      const shuffled = shuffleKeys({ allocations: answers, node: answeredNode }, random);
      expect(await madeOf({ ...shuffled, deps })).toEqual(plain);
    }),
    { numRuns: 15 },
  );
}, 60_000);

test('a recording that another program has put in another order renders the same bytes', async () => {
  const snapshot = {
    node: readNode(answeredNode),
    allocations: answers.map(readAllocation).filter((allocation) => allocation !== undefined),
    allocDir: '/alloc',
  };
  const recording = recordingOf(snapshot);
  const file = join(await aFolder(), 'recording.json');
  for (const seed of [1, 2, 3]) {
    await writeFile(file, JSON.stringify(shuffleKeys(recording, createRandom(seed))));
    const nodeSource = await recordingSource({ allocationsFile: file, nodeFile: undefined, allocDir: undefined });
    expect(JSON.stringify(recordingOf(await nodeSource.ask()))).toBe(JSON.stringify(recording));
  }
});

test('keys stand by code unit, whole numbers before them by size', async () => {
  const { context } = await madeOf({ allocations: [fullAllocation()], node: answeredNode, deps: await someDeps() });
  const [first] = JSON.parse(context);
  expect(Object.keys(first.job.meta)).toEqual(['9', '10', 'Z', '__proto__', 'a', 'b.c', 'z', 'ü']);
  expect(Object.entries(first.meta).slice(3)).toEqual([
    ['__proto__', '6'],
    ['a', 'task'],
    ['b.c', '3'],
    ['x', 'task'],
    ['y', 'group'],
    ['z', '1'],
    ['ü', '4'],
  ]);
  expect(Object.keys(first.ports)).toEqual(['admin', 'http']);
});

test('parameters are in the order of their names, whatever order the profile or a rule has them in', async () => {
  const folder = await aFolder();
  const profile = 'parameters: { zeta: { type: string, default: a }, alpha: { type: string, default: b } }';
  await put(folder, {
    'templates/profiles/p/profile.yaml': profile,
    'templates/profiles/p/transform.toml.hbs': `${everything['vector/transform.toml.hbs']}# {{json params}}\n`,
    a: [aRawAllocation({ jobMeta: { nvl_profile: 'p' } })],
  });
  const { out } = await nvl(['render', '--allocations', 'a', '--templates', 'templates', '--root', '/nvl'], {
    cwd: folder,
  });
  expect(out).toMatch(/alpha.*zeta/);
});

test('an idle node gives one text, and one recording, at each call', async () => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, answers);
  await put(folder, Object.fromEntries(Object.entries(everything).map(([name, text]) => [`templates/${name}`, text])));
  for (const args of [['context', '--record', '-'], ['context'], ['render', '--templates', 'templates']]) {
    const texts = new Set<string>();
    for (let call = 0; call < 4; call += 1) {
      texts.add((await nvl([...args, '--address', nomad.address, '--root', '/nvl'], { cwd: folder })).out);
    }
    expect([args, texts.size]).toEqual([args, 1]);
  }
});
