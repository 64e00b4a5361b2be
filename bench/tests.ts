/**
 * `npm run bench:tests [-- --rounds 3 --only json,nginx]`: prints how long `nvl test` takes of each sample alone, and of all together, where
 * no Vector is: by the clock, and by the processor's time of all its threads. It runs what is published, from its start, and keeps nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sampleNames } from '../test/support/cross-samples.ts';
import { writePackage } from '../test/support/package.ts';
import { listOf } from './support/report-run.ts';
import { medians } from './support/statistics.ts';
import { timeNvl } from './support/time-nvl.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, only: { type: 'string', default: '' } },
});

const only = listOf(values.only);
const samples = sampleNames().filter((name) => only.length === 0 || only.includes(name));
if (samples.length === 0) throw new Error(`no sample is named ${values.only}`);

const dir = await mkdtemp(join(tmpdir(), 'nvl-bench-tests-'));
try {
  const program = writePackage(join(dir, 'package'));
  // Without a folder of templates, they are those that come with nvl.
  const timed = async (names: readonly string[]) => {
    const args = ['test', ...names, '--vector-binary', '/no/vector'];
    const rounds = [];
    for (let round = 0; round < Number(values.rounds); round += 1)
      rounds.push(await timeNvl({ program, args, cwd: dir }));
    return medians(rounds);
  };
  const each: ({ name: string } & Awaited<ReturnType<typeof timed>>)[] = [];
  for (const name of samples) each.push({ name, ...(await timed([name])) });
  const say = (name: string, { clock = 0, processor = 0 }: Awaited<ReturnType<typeof timed>>) =>
    console.log(`${name.padEnd(16)} ${clock.toFixed(2)} s by the clock, ${processor.toFixed(2)} s of a processor`);
  for (const one of each.toSorted((a, b) => (b.clock ?? 0) - (a.clock ?? 0))) say(one.name, one);
  say(`all ${samples.length}`, await timed(samples));
} finally {
  await rm(dir, { recursive: true, force: true });
}
