import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { projectFolder } from '../support/nvl.ts';
import { needs, vector } from '../support/programs.ts';

const run = async (script: string, ...args: string[]): Promise<string> => {
  const file = join(projectFolder, 'bench', `${script}.ts`);
  const { stdout } = await promisify(execFile)(process.execPath, [file, '--quick', ...args], { timeout: 580_000 });
  return stdout;
};

/** The cell of a row in the one column that a run of one contender has. */
const cell = (printed: string, row: string): string =>
  new RegExp(`^\\| ${row} +\\| +([^|]+?) \\|$`, 'm').exec(printed)?.[1] ?? `no row ${row}`;

test('bench:scale measures a node with nvl, and the cost of one more task', needs(vector), async () => {
  const printed = await run('scale', '--sizes', '2', '--only', 'nvl');
  expect(cell(printed, "Vector's memory")).toMatch(/^\d+ MiB$/);
  expect(cell(printed, "daemon's memory")).toMatch(/^\d+ MiB$/);
  expect(cell(printed, '… first line never came')).toBe('0');
  expect(cell(printed, '… reload')).toMatch(/ms$/);
});

test('bench:throughput counts each line that a bare source reads', needs(vector), async () => {
  const printed = await run('throughput', '--parse', 'plain', '--only', 'bare');
  expect(cell(printed, 'processor an event')).toMatch(/^\d+\.\d µs$/);
  expect(cell(printed, 'lines written')).toMatch(/^\d\d,\d{3}$/);
  expect(cell(printed, 'lines lost')).toBe('0');
  expect(cell(printed, 'lines too many')).toBe('0');
});

test('bench:short counts the lines of tasks whose folders are gone at once', needs(vector), async () => {
  const printed = await run('short', '--only', 'nvl');
  expect(cell(printed, 'lines written')).toBe('60');
  expect(FAULTS.map((row) => cell(printed, row))).toEqual(FAULTS.map(() => '0'));
  // A folder is there for a fifth of a second, in which a busy machine may not let nvl look once. What it took is whole.
  expect(cell(printed, '… tasks that lost a part')).toBe('0');
  expect(Number(cell(printed, 'lost'))).toBeLessThan(60);
});

test(
  'bench:pressure counts the lines of tasks that stay, that rotate, and that come and go',
  needs(vector),
  async () => {
    const printed = await run('pressure', '--only', 'nvl');
    expect(cell(printed, 'tasks')).toBe('24');
    expect(cell(printed, 'lines written')).toMatch(/^\d,\d{3}$/);
    expect(['lost', ...FAULTS].map((row) => cell(printed, row))).toEqual(['lost', ...FAULTS].map(() => '0'));
  },
);

const FAULTS = ['repeated', 'unlabelled', 'mislabelled', 'torn or foreign'];
