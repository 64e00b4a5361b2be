import { parseArgs } from 'node:util';
import { measureMemory } from './support/measure-memory.ts';

// What nvl itself takes while tasks come and go, beside a Vector that takes nothing, in MiB of resident memory:
// `npm run bench:memory [-- --tasks 60 --seconds 120 --source --vector vector]`. It runs what is published; --source this
// checkout, --vector a real Vector.
const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '120' },
    vector: { type: 'string' },
    source: { type: 'boolean', default: false },
  },
});

const { started, settled, highest, cycles, cpuSeconds, highestOfVector } = await measureMemory({
  tasks: Number(values.tasks),
  seconds: Number(values.seconds),
  isSource: values.source,
  vector: values.vector,
});
const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
process.stdout.write(
  `${values.tasks} tasks, ${cycles} of them replaced in ${values.seconds} s: ` +
    `${mib(started)} with all tasks live, ${mib(settled)} at the end (median of the last third), ${mib(highest)} at most, ${cpuSeconds.toFixed(1)} s of processor time\n` +
    `its children (Vector, and its proofs): ${mib(highestOfVector)} at most\n`,
);
