/**
 * `npm run write:examples`: writes into docs/samples.md, between the marks of each sample, which fields it has and what becomes of
 * some lines, as its tests say. Which lines, and which event they become, stands in the mark.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { shippedTemplatesDir } from '../lib/config/read-templates.ts';
import { findTests } from '../lib/profile-test/find-tests.ts';
import { exampleSection, readExampleMark, type SampleTests } from './docs/sample-examples.ts';

const PAGE = join(import.meta.dirname, '..', 'docs', 'samples.md');

/** What the tests of every shipped sample say. */
export const readSampleTests = async (): Promise<SampleTests[]> => {
  const profiles = readdirSync(join(shippedTemplatesDir(), 'samples')).sort();
  const found = await findTests({ dir: undefined, profiles });
  return found.map(({ profile, cases }) => {
    const real = cases.find(({ file }) => basename(file) === 'real.yaml');
    return {
      name: profile,
      lines: real === undefined ? [] : linesOf(real.bytes),
      events: real?.events ?? [],
      everyEvent: cases.flatMap(({ events }) => events ?? []),
    };
  });
};

/** The page with what stands between its marks written anew. Pure. */
export const withExamples = ({ page, samples }: { page: string; samples: readonly SampleTests[] }): string =>
  page.replace(MARKED, (_, open: string) => {
    const mark = readExampleMark(open);
    const tests = samples.find(({ name }) => name === mark.name);
    if (tests === undefined) throw new Error(`there is no sample ${mark.name}`);
    return `<!-- ${open} -->\n${exampleSection({ mark, tests })}\n<!-- /sample -->`;
  });

/** Every mark of the page. Pure. */
export const marksOf = (page: string): ReturnType<typeof readExampleMark>[] =>
  [...page.matchAll(MARKED)].map(([, open = '']) => readExampleMark(open));

const MARKED = /<!-- (sample:[^\n]+) -->\n[\s\S]*?<!-- \/sample -->/g;

const linesOf = (bytes: Buffer): Buffer[] => {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\n', at);
    lines.push(bytes.subarray(at, end === -1 ? bytes.length : end));
    at = end === -1 ? bytes.length : end + 1;
  }
  return lines;
};

if (import.meta.main) {
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(PAGE, withExamples({ page, samples: await readSampleTests() }));
}
