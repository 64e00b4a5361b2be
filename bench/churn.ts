import { parseArgs } from 'node:util';
import { isAbsent, nomad, vector } from '../test/support/programs.ts';
import { publish, runNotes, say } from './support/report-run.ts';
import { runChurn } from './support/run-churn.ts';
import { toTable } from './support/table.ts';

// What becomes of every line while tasks come and go: `npm run bench:churn [-- --jobs 50 --at-once 10 --keep
// --write]`. --write puts the result into docs/benchmarks.md.
const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '50' },
    'at-once': { type: 'string', default: '10' },
    keep: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const absent = [nomad, vector].find(isAbsent);
if (absent === undefined) {
  const began = Date.now();
  const churn = await runChurn({
    batchJobs: Number(values.jobs),
    atOnce: Number(values['at-once']),
    keep: values.keep,
    say,
  });
  const what = `${churn.tasks} tasks of a real Nomad ${nomad.version}.`;
  const rest =
    `Rotated files that begin like another: ${churn.filesAlike}. ` +
    `Events that no writer wrote: ${churn.unknown.length}.`;
  await publish({
    section: {
      name: 'churn',
      text: [...runNotes({ began, what, absent: [] }), toTable(churn), rest].join('\n\n'),
      plots: {},
    },
    isWritten: values.write,
  });
} else {
  process.stderr.write(`bench:churn needs Nomad and Vector: ${absent.absent}\n`);
  process.exitCode = 1;
}
