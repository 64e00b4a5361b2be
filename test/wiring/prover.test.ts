import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rootPaths } from '../../lib/apply/paths.ts';
import { newProofMemory } from '../../lib/apply/prove-memory.ts';
import { stage } from '../../lib/apply/stage.ts';
import { runCycle } from '../../lib/cycle.ts';
import { proverOf } from '../../lib/wiring/prover.ts';
import { readRunningVector } from '../../lib/wiring/running-vector.ts';
import { aNode, useTemplates } from '../cycle/support.ts';
import { anAllocation, aTransform, idOf } from '../support/builders.ts';

/** Notes which proof it is asked for, and hangs, or refuses to build a sink, over words that the configuration holds. */
const tiny = `#!/bin/sh
case " $* " in *" --version "*) echo "vector 0.57.0 (tiny)"; exit 0;; esac
here=$(dirname "$0")
echo "$3" >> "$here/proofs"
for file in "$@"; do
  [ -f "$file" ] || continue
  if grep -q HANGS_IN_VRL "$file"; then exec sleep 600; fi
  if [ "$3" = --skip-healthchecks ]; then
    case "$file" in *nomad.toml)
      cat "$file" > "$here/built"; grep -c '^\\[sources.nvl_[a-z]*_[0-9a-f]' "$file" >> "$here/sizes"
      if [ -e "$here/needs-first" ] && ! grep -q _default_ "$file"; then printf 'Component errors\\n----------------\\nx Input "nvl_x_out" for sink "own" is not there\\n'; exit 78; fi;;
    esac
    if grep -q HANGS_TO_BUILD "$file" || { [ -e "$here/silent" ] && grep -q 'type = "console"' "$file"; }; then exec sleep 600; fi
    if grep -q NEVER_BUILT "$file"; then printf 'Component errors\\n----------------\\nx Sink "stdout": no literal string prefix\\n'; exit 78; fi
    if [ -e "$here/away" ] && grep -q 'type = "console"' "$file"; then printf 'Component errors\\n----------------\\nx Sink "stdout": Connection refused (os error 111)\\n'; exit 78; fi
  fi
done
exit 0
`;

const allocation = (number: number, task: string, profile?: string) =>
  anAllocation({ id: idOf(number), task, ...(profile !== undefined && { taskMeta: { nvl_profile: profile } }) });

const setUp = async () => {
  const node = await aNode({ allocations: [allocation(1, 'first')] });
  node.memory.proofs = newProofMemory({ pace: { floorMs: 2_000, firstMs: 4_000 } });
  const binary = join(node.folder, 'vector');
  await writeFile(binary, tiny, { mode: 0o755 });
  const config = { ...node.config, root: join(node.folder, 'root'), vector: { ...node.config.vector, binary } };
  const paths = rootPaths(config.root);
  await mkdir(paths.stage, { recursive: true });
  const cycle = async () => {
    const deps = node.deps();
    const runningVector = await readRunningVector({ config, cwd: node.folder, paths, vectorArgs: [], isDry: true });
    const { templates, signal, memory } = deps;
    return runCycle({
      ...deps,
      disk: {
        ...deps.disk,
        stage: async (text) => {
          await deps.disk.stage(text);
          await stage({ paths, text });
        },
      },
      prove: proverOf({ config, paths, runningVector, templates, memory: memory.proofs, signal }),
    });
  };
  const proofs = async () => (await readFile(join(node.folder, 'proofs'), 'utf8').catch(() => '')).trim().split('\n');
  const built = () => readFile(join(node.folder, 'built'), 'utf8');
  const sizes = async () => (await readFile(join(node.folder, 'sizes'), 'utf8')).trim().split('\n').map(Number);
  const note = (name: string) => writeFile(join(node.folder, name), '');
  const tasks = () =>
    node
      .rows()
      .map((id) => id.split('_')[2])
      .sort();
  return { node, cycle, proofs, built, sizes, note, tasks };
};

const profile = (name: string, program: string) => ({ [`profiles/${name}/transform.toml.hbs`]: aTransform(program) });
const aSink = (comment: string) => ({
  'vector/sink.toml.hbs': `# ${comment}\n[sinks.stdout]\ntype = "console"\ninputs = ["{{input}}"]\nencoding.codec = "json"\nacknowledgements.enabled = true\n`,
});
const BOTH = ['--no-environment', '--skip-healthchecks'];
const long = { timeout: 60_000 };

test('a set goes live only after both proofs', long, async () => {
  const { cycle, proofs } = await setUp();
  expect((await cycle()).outcome).toBe('reloaded');
  expect(await proofs()).toEqual(['--no-environment', '--skip-healthchecks']);
});

test('the second proof builds what a reload would: not the pipelines that Vector runs already', long, async () => {
  const { node, cycle, built, sizes } = await setUp();
  await useTemplates(node, profile('own', '.a = 1'));
  await cycle();
  node.allocations = [...node.allocations, allocation(2, 'fresh', 'own')];
  expect((await cycle()).outcome).toBe('reloaded');
  expect(await sizes()).toEqual([1, 1]);
  expect(await built()).toMatch(/_own_[\s\S]*\[sinks\./);
  expect(await built()).not.toContain('_default_');
  expect(node.live).toContain('_default_');
});

test('one more task of a pipeline that runs needs no proof at all, another source needs both', long, async () => {
  const { node, cycle, proofs, tasks } = await setUp();
  await cycle();
  node.allocations = [...node.allocations, allocation(2, 'fresh')];
  expect((await cycle()).outcome).toBe('reloaded');
  expect(await proofs()).toEqual(BOTH);
  expect(tasks()).toEqual(['first', 'fresh']);
  const source = '[sources.{{id}}]\ntype = "file"\ninclude = {{logs.include}}\nmultiline.mode = "halt_with"\n';
  await useTemplates(node, { 'profiles/lines/source.toml.hbs': source });
  node.allocations = [...node.allocations, allocation(3, 'lines', 'lines')];
  expect((await cycle()).outcome).toBe('reloaded');
  expect((await proofs()).slice(2)).toEqual(BOTH);
});

test('where a file of the team names a pipeline that was left out, all of it has the last word', long, async () => {
  const { node, cycle, sizes, note } = await setUp();
  await useTemplates(node, profile('own', '.a = 1'));
  await cycle();
  await note('needs-first');
  node.allocations = [...node.allocations, allocation(2, 'fresh', 'own')];
  expect(await cycle()).toMatchObject({ outcome: 'reloaded', refused: [] });
  expect(await sizes()).toEqual([1, 1, 2]);
});

test(
  'an edited sink that Vector cannot build is set aside: the live one stays, and a new task ships',
  long,
  async () => {
    const { node, cycle, tasks } = await setUp();
    await useTemplates(node, aSink('good'));
    await cycle();
    await useTemplates(node, aSink('NEVER_BUILT'));
    node.allocations = [...node.allocations, allocation(2, 'fresh')];
    const { outcome, refused } = await cycle();
    expect([outcome, tasks()]).toEqual(['reloaded', ['first', 'fresh']]);
    expect(refused).toMatchObject([{ key: 'sink:default', instead: 'live', errors: [{ code: 'vectorRefused' }] }]);
    expect(node.live).toContain('# good');
  },
);

test(
  'a sink that runs unchanged is not built: that its server is away is no reason against a new task',
  long,
  async () => {
    const { node, cycle, note, tasks } = await setUp();
    await useTemplates(node, { ...aSink('good'), ...profile('own', '.a = 1') });
    await cycle();
    await note('away');
    node.allocations = [...node.allocations, allocation(2, 'fresh', 'own')];
    expect(await cycle()).toMatchObject({ outcome: 'reloaded', refused: [] });
    expect(tasks()).toEqual(['first', 'fresh']);
    expect(node.logged).not.toContainEqual(expect.stringContaining('cannot be proven now'));
  },
);

test('a profile that hangs Vector costs a new task seconds, and in the end itself alone', long, async () => {
  const { node, cycle, tasks } = await setUp();
  await useTemplates(node, { ...profile('good', '.a = 1'), ...profile('bad', '.b = 1') });
  await cycle();
  await useTemplates(node, { ...profile('good', '.other = "x"'), ...profile('bad', '# HANGS_IN_VRL\n.b = 1') });
  node.allocations = [
    ...node.allocations,
    allocation(2, 'fresh'),
    allocation(3, 'g', 'good'),
    allocation(4, 'b', 'bad'),
  ];
  const before = Date.now();
  const first = await cycle();
  expect(first.outcome).toBe('reloaded');
  expect(tasks()).toContain('fresh');
  expect(Date.now() - before).toBeLessThan(20_000);
  expect(tasks()).toEqual(['b', 'first', 'fresh', 'g']);
  let { refused } = first;
  for (let times = 0; times < 8 && refused.length > 1; times += 1) ({ refused } = await cycle());
  expect(refused).toMatchObject([{ heading: expect.stringContaining('(profile bad)'), instead: 'default' }]);
  expect(refused[0]?.errors[0]?.code).toBe('vectorHangs');
});

test('nor does a server that is silent hold a new task up', long, async () => {
  const { node, cycle, proofs, note, tasks } = await setUp();
  await useTemplates(node, profile('own', '.a = 1'));
  await cycle();
  await note('silent');
  node.allocations = [...node.allocations, allocation(2, 'fresh', 'own')];
  expect(await cycle()).toMatchObject({ outcome: 'reloaded', refused: [] });
  expect(tasks()).toEqual(['first', 'fresh']);
  expect(await proofs()).toEqual([...BOTH, ...BOTH]);
});

test('meanwhile a new sink still has to be built', long, async () => {
  const { node, cycle, note } = await setUp();
  await useTemplates(node, aSink('good'));
  await cycle();
  await note('silent');
  await useTemplates(node, aSink('edited'));
  const { refused } = await cycle();
  expect(refused).toMatchObject([{ key: 'sink:default', instead: 'live', errors: [{ code: 'vectorHangs' }] }]);
  expect(node.live).toContain('# good');
});
