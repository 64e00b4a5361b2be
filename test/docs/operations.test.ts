import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSource, sourceFiles } from '../../scripts/imports.ts';
import { projectFolder } from '../support/nvl.ts';

// The pages for whoever runs nvl: what they say that it prints, and what they say that it takes.

const read = (page: string): string => readFileSync(join(projectFolder, 'docs', page), 'utf8');

/** Texts of several words that stand between backquotes in the first cell of a table's row. */
const printedIn = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| ') || line.startsWith('- **'))
    .flatMap((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].flatMap(([, said = '']) => said))
    .filter((said) => said.split(' ').length > 2 && !/^(?:nvl|nomad|systemctl|logs|identity) /.test(said));

/** What stands between values: `…` is one, and so is what comes before or behind a colon. */
const fragments = (said: string): string[] =>
  said.split(/…|: |; |, N /).flatMap((part) => (part.trim().includes(' ') ? [part.trim()] : []));

/** In another program's words. */
const OTHERS: readonly string[] = ['Too many open files'];

const source = sourceFiles(['lib'])
  .map(readSource)
  .join('\n')
  // As it is printed.
  .replaceAll(/\$\{LOGS_ID\}/g, 'nomad_logs')
  .replaceAll(/\\'/g, "'");

test('texts of a first cell are found, and cut where a value stands', () => {
  const row = '| `no task of … is known on this node`, `SAFE` | it `runs here or there` |';
  expect(printedIn(row)).toEqual(['no task of … is known on this node']);
  expect(fragments('no task of … is known on this node')).toEqual(['no task of', 'is known on this node']);
});

test.each(['operations.md', 'troubleshooting.md'])('what %s says that nvl prints is what nvl prints', (page) => {
  const said = printedIn(read(page)).filter((one) => !OTHERS.includes(one));
  expect(said.length).toBeGreaterThan(15);
  expect(said.filter((one) => fragments(one).some((part) => !source.includes(part)))).toEqual([]);
});

/** The numbers of a row of a page's table, in its order. */
const numbersOf = (row: string): number[] =>
  [...row.matchAll(/[\d,]+(?:\.\d+)?/g)].map(([number]) => Number(number.replaceAll(',', '')));

const SIZES = read('operations.md').split('<!-- sizing -->')[1]?.split('<!-- /sizing -->')[0] ?? '';

test.each([100, 1_000, 3_000])(
  'what operations.md says that %i tasks take is what was measured, within a third',
  (tasks) => {
    const said = SIZES.split('\n')
      .map(numbersOf)
      .find(([first]) => first === tasks);
    const measured =
      read('benchmarks.md')
        .split('## Scale')[1]
        ?.split(`### ${tasks.toLocaleString('en')} tasks`)[1] ?? '';
    const ofNvl = (row: string): number =>
      numbersOf(
        measured
          .split('\n')
          .find((line) => line.startsWith(`| ${row} `))
          ?.split('|')
          .at(-2) ?? '',
      )[0] ?? Number.NaN;
    const rows = ["daemon's memory", "Vector's memory", 'open files', 'idle processor', '… idle processor'].map(ofNvl);
    expect(said?.slice(1)).toHaveLength(rows.length);
    for (const [index, value] of rows.entries()) expect(said?.[index + 1]).toSatisfy(within(value));
  },
);

const within = (measured: number) => (said: number) => said > measured / 1.34 && said < measured * 1.34;
