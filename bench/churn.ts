import { parseArgs } from 'node:util';
import { isAbsent, nomad, type Program, vector } from '../test/support/programs.ts';
import { runChurn } from './support/run-churn.ts';
import { toTable } from './support/table.ts';

// What becomes of every line while tasks come and go: `npm run bench:churn [-- --jobs 50 --at-once 10 --keep]`.
const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '50' },
    'at-once': { type: 'string', default: '10' },
    keep: { type: 'boolean', default: false },
  },
});

const versionOf = (program: Program) => `${program.name} ${program.version}`;
const programs = [nomad, vector];
const absent = programs.find(isAbsent);
if (absent === undefined) {
  const say = (words: string) => process.stderr.write(`${new Date().toISOString()} ${words}\n`);
  const churn = await runChurn({
    batchJobs: Number(values.jobs),
    atOnce: Number(values['at-once']),
    keep: values.keep,
    say,
  });
  process.stdout.write(
    `${toTable(churn)}\n\n` +
      `${churn.tasks} tasks in ${Math.round(churn.tookMs / 1000)} s; ${programs.map(versionOf).join(', ')}.\n` +
      `Rotated files that begin like another: ${churn.filesAlike}. Events that no writer wrote: ${churn.unknown.length}.\n`,
  );
} else {
  process.stderr.write(`bench:churn needs Nomad and Vector: ${absent.absent}\n`);
  process.exitCode = 1;
}
