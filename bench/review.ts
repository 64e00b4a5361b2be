/**
 * `npm run bench:review [-- --allocations 500 --rounds 5]`: prints how long `nvl review` takes of a change to one profile of four, on so many
 * recorded allocations with the sizes of their logs, where no Vector is: by the clock, and by the processor's time of all its threads.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { readNode } from '../lib/nomad/node.ts';
import { readAllocation } from '../lib/nomad/read-allocation.ts';
import { recordingOf } from '../lib/nomad/recording.ts';
import { packageRoot } from '../lib/package-root.ts';
import { writePackage } from '../test/support/package.ts';
import { medians } from './support/statistics.ts';
import { timeNvl } from './support/time-nvl.ts';

const { values } = parseArgs({
  options: { allocations: { type: 'string', default: '500' }, rounds: { type: 'string', default: '5' } },
});

const PROFILES = ['json', 'nginx', 'logfmt', 'java'];
const DAY_MS = 86_400_000;
const AT = Date.UTC(2026, 0, 2);

const recording = (count: number) => {
  const allocations = Array.from({ length: count }, (_, index) => {
    const digits = index.toString(16).padStart(8, '0');
    const job = `job-${index % 100}`;
    const profile = PROFILES[(index % 100) % (PROFILES.length + 1)];
    return readAllocation({
      ID: `${digits}-0000-4000-8000-00000000${digits.slice(4)}`,
      Name: `${job}.web[${Math.floor(index / 100)}]`,
      Namespace: 'default',
      JobID: job,
      TaskGroup: 'web',
      ClientStatus: 'running',
      CreateTime: (AT - DAY_MS) * 1e6,
      Job: {
        ID: job,
        Type: 'service',
        Meta: profile === undefined ? {} : { nvl_profile: profile },
        TaskGroups: [{ Name: 'web', Tasks: [{ Name: 'app', Driver: 'exec' }] }],
      },
      TaskStates: { app: { State: 'running' } },
    });
  }).filter((allocation) => allocation !== undefined);
  const [from, to] = [new Date(AT - DAY_MS).toISOString(), new Date(AT).toISOString()];
  const written = allocations.flatMap(({ id: allocId }) =>
    (['stdout', 'stderr'] as const).map((stream) => ({ allocId, task: 'app', stream, bytes: 1e8, from, to })),
  );
  const node = readNode({ ID: '9', Name: 'node' });
  return recordingOf({ node, allocDir: '/nomad/alloc', allocations, logs: { at: to, written } });
};

const SINK = `[sinks.loki]
type = "loki"
inputs = ["{{input}}"]
endpoint = "http://127.0.0.1:3100"
encoding.codec = "json"
acknowledgements.enabled = true
labels.job = "\\{{ nomad.job_name }}"
labels.level = "\\{{ level }}"
`;

/** A Git checkout whose `json` says one field more than its base. */
const makeCheckout = async (dir: string): Promise<void> => {
  const git = (...args: string[]) =>
    promisify(execFile)('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...args], { cwd: dir });
  await mkdir(join(dir, 'recordings'), { recursive: true });
  await writeFile(join(dir, 'recordings/node.json'), JSON.stringify(recording(Number(values.allocations))));
  for (const profile of PROFILES)
    await cp(join(packageRoot(), 'templates/samples', profile), join(dir, 'templates/profiles', profile), {
      recursive: true,
    });
  await mkdir(join(dir, 'templates/vector'), { recursive: true });
  await writeFile(join(dir, 'templates/vector/sink.toml.hbs'), SINK);
  await writeFile(join(dir, 'nvl.yaml'), 'templates: templates\nroot: root\n');
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'base');
  const file = join(dir, 'templates/profiles/json/transform.toml.hbs');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/^source = '''$/m, '$&\n.team = "a"'));
};

const dir = await mkdtemp(join(tmpdir(), 'nvl-bench-review-'));
try {
  const program = writePackage(join(dir, 'package'));
  const cwd = join(dir, 'checkout');
  await makeCheckout(cwd);
  const args = ['review', 'main', '--vector-binary', '/no/vector'];
  const found: { clock: number; processor: number }[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1)
    found.push(await timeNvl({ program, args, cwd, output: join(dir, 'review.md') }));
  const { clock = 0, processor = 0 } = medians(found);
  console.log(
    `nvl review of ${values.allocations} allocations, the median of ${values.rounds}: ${clock.toFixed(1)} s by the clock, ${processor.toFixed(1)} s of a processor`,
  );
  console.log((await readFile(join(dir, 'review.md'), 'utf8')).split('<details>')[0]);
} finally {
  await rm(dir, { recursive: true, force: true });
}
