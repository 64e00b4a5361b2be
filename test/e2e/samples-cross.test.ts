import { beforeAll, expect, test } from 'vitest';
import { isParser } from '../../bench/support/samples-report.ts';
import { crossSamples, linesIn, mangled, type Pair, realFiles, sampleNames } from '../support/cross-samples.ts';
import { needs, vector } from '../support/programs.ts';

// A line of another program in a task's log is the rule, not an exception: a sample takes it for its own only where it is.

const files = realFiles();
let pairs: Pair[] = [];
beforeAll(async () => {
  if (vector.version !== undefined) pairs = await crossSamples({ profiles: sampleNames(), files });
});

test('each sample has a file of at least 60 real-looking lines, good and bad', () => {
  expect(files.map(({ name }) => name)).toEqual(sampleNames());
  for (const file of files) expect({ ...file, lines: linesIn(file).length >= 60 }).toMatchObject({ lines: true });
});

test('what no sample parses goes on as it came, marked, and no line is lost', needs(vector), () => {
  for (const { profile, file, events } of pairs.filter(({ profile }) => isParser(of(profile)))) {
    const lines = files.filter(({ name }) => name === file).flatMap(linesIn);
    expect({ profile, file, mangled: mangled({ lines, events }) }).toEqual({ profile, file, mangled: [] });
  }
});

const of = (profile: string): Pair[] => pairs.filter((pair) => pair.profile === profile);
