/**
 * `npm run bench:tests [-- --rounds 3 --only json,nginx]`: prints how long `nvl test` takes of each sample alone, and of all together, where
 * no Vector is: by the clock, and by the processor's time of all its threads. It runs what is published, from its start, and keeps nothing.
 */
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectFolder } from '../test/support/nvl.ts';
import { writePackage } from '../test/support/package.ts';
import { listOf } from './support/report-run.ts';
import { median } from './support/statistics.ts';
import { timeNvl } from './support/time-nvl.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, only: { type: 'string', default: '' } },
});

const dir = await mkdtemp(join(tmpdir(), 'nvl-bench-tests-'));
try {
  const program = writePackage(join(dir, 'package'));
  await mkdir(join(dir, 'templates'));
  await cp(join(projectFolder, 'templates/samples'), join(dir, 'templates/profiles'), { recursive: true });
  const only = listOf(values.only);
  const samples = (await readdir(join(dir, 'templates/profiles'), { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => only.length === 0 || only.includes(name));
  if (samples.length === 0) throw new Error(`no sample is named ${values.only}`);
  const timed = async (names: readonly string[]) => {
    const args = ['test', 'templates', ...names, '--vector-binary', '/no/vector'];
    const rounds = [];
    for (let round = 0; round < Number(values.rounds); round += 1)
      rounds.push(await timeNvl({ program, args, cwd: dir }));
    return {
      clock: median(rounds.map(({ clock }) => clock)) ?? 0,
      processor: median(rounds.map(({ processor }) => processor)) ?? 0,
    };
  };
  const each: { name: string; clock: number; processor: number }[] = [];
  for (const name of samples) each.push({ name, ...(await timed([name])) });
  const say = (name: string, { clock, processor }: { clock: number; processor: number }) =>
    console.log(`${name.padEnd(16)} ${clock.toFixed(2)} s by the clock, ${processor.toFixed(2)} s of a processor`);
  for (const one of each.toSorted((a, b) => b.clock - a.clock)) say(one.name, one);
  say(`all ${samples.length}`, await timed(samples));
} finally {
  await rm(dir, { recursive: true, force: true });
}
