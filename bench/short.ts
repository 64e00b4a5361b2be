import { parseArgs } from 'node:util';
import { listOf } from './support/report-run.ts';
import { benchShort } from './support/short-bench.ts';

// What becomes of the lines of many short tasks: `npm run bench:short [-- --rate 1000 --seconds 60 --lines 10 --only nvl --quick
// --keep --write]`. --write puts the result into docs/benchmarks.md.
const { values } = parseArgs({
  options: {
    rate: { type: 'string' },
    seconds: { type: 'string' },
    lines: { type: 'string', default: '10' },
    standing: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const tasksAMinute = Number(values.rate ?? (values.quick ? 120 : 1_000));
const seconds = Number(values.seconds ?? (values.quick ? 3 : 60));
const lines = Number(values.lines);
await benchShort({
  name: 'short',
  title: 'Lines of short tasks that were lost',
  what: `${tasksAMinute} tasks a minute for ${seconds} s, ${lines} lines each within 0.2 s; each folder is removed as its task ends.`,
  // As on a node beyond `gc_max_allocs`.
  short: { tasksAMinute, seconds, each: () => ({ lines, writingMs: 200 }), isLastBare: false, removeAfterMs: 0 },
  standing: Number(values.standing),
  quietMs: values.quick ? 15_000 : 25_000,
  only: listOf(values.only),
  isQuick: values.quick,
  keep: values.keep,
  isWritten: values.write,
});
