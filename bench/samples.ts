import { parseArgs } from 'node:util';
import { crossSamples, realFiles, sampleNames } from '../test/support/cross-samples.ts';
import { measureSample, type SampleCost } from './support/measure-sample.ts';
import { listOf, publish, runNotes, say } from './support/report-run.ts';
import { costSection, linesSection } from './support/samples-report.ts';

// What each sample makes of its file of real lines and of all others', and what a line costs: `npm run bench:samples [-- --only
// json,nginx --lines 50000 --rounds 1 --quick --write]`. --write puts the tables into docs/samples.md.
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    lines: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});

const began = Date.now();
const files = realFiles();
const only = listOf(values.only);
const isIn = (name: string): boolean => only.length === 0 || only.includes(name);
const lines = Number(values.lines ?? (values.quick ? 2_000 : 50_000));
const rounds = Number(values.rounds ?? 1);

say(`${sampleNames().length} samples over ${files.length} files`);
const pairs = await crossSamples({ profiles: sampleNames().filter(isIn), files });
await publish({ section: linesSection({ pairs, files }), isWritten: values.write, page: 'samples.md' });

const costs = new Map<string, SampleCost[]>();
for (let round = 1; round <= rounds; round += 1) {
  for (const file of files.filter(({ name }) => isIn(name))) {
    say(`round ${round}: ${file.name}`);
    costs.set(file.name, [...(costs.get(file.name) ?? []), await measureSample({ file, lines })]);
  }
}
const what = `${lines} lines of each sample’s file, read at once behind a sink that takes all; the medians of ${rounds} rounds.`;
const notes = runNotes({ began, what, absent: [] });
await publish({ section: costSection({ costs, notes }), isWritten: values.write, page: 'samples.md' });
