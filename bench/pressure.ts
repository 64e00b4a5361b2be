import { parseArgs } from 'node:util';
import { listOf } from './support/report-run.ts';
import { benchShort } from './support/short-bench.ts';
import { figure } from './support/table.ts';

// What becomes of each line on a full node where allocations come and go: `npm run bench:pressure [-- --tasks 1000 --rate 20
// --seconds 120 --only nvl --quick --keep --write]`. --write puts the result into docs/benchmarks.md.
const { values } = parseArgs({
  options: {
    tasks: { type: 'string' },
    rate: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const standing = Number(values.tasks ?? (values.quick ? 20 : 1_000));
const perSecond = Number(values.rate ?? (values.quick ? 4 : 20));
const seconds = Number(values.seconds ?? (values.quick ? 6 : 120));
const loud = { loudTasks: values.quick ? 1 : 5, loudBytesASecond: values.quick ? 500_000 : 200_000 };
const [lineEveryMs, maxBytes, removeAfterMs] = [1_000, 2 ** 20, values.quick ? 8_000 : 30_000];

/** They live for 1 to 5 s. */
const each = (number: number) => {
  const lives = 1 + (number % 5);
  return { lines: 4 * lives, writingMs: lives * 1_000 };
};

await benchShort({
  name: 'pressure',
  title: 'Lines that were lost under pressure',
  what:
    `${figure(standing)} tasks that stay and write a line a second each, ${loud.loudTasks} of them ` +
    `${loud.loudBytesASecond / 1_000} kB a second, beside them ${perSecond} allocations a second for ${seconds} s, which live for 1 to 5 s and ` +
    `end with a line without newline; files rotate at 1 MB, and a folder is removed ${removeAfterMs / 1_000} s after its task.`,
  short: { tasksAMinute: perSecond * 60, seconds, each, isLastBare: true, removeAfterMs },
  standing,
  load: { lineEveryMs, ...loud },
  maxBytes,
  // A last line without newline comes when its task has been over for the removal delay.
  quietMs: values.quick ? 20_000 : 45_000,
  only: listOf(values.only),
  isQuick: values.quick,
  keep: values.keep,
  isWritten: values.write,
});
