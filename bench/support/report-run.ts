import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { vector } from '../../test/support/programs.ts';
import { type Section, writeSection } from './page.ts';

/** What a run was: the machine, the programs, how long, and who was left out. */
export const runNotes = ({
  began,
  what,
  absent,
}: {
  began: number;
  what: string;
  absent: readonly string[];
}): string[] => [
  `Measured ${new Date(began).toISOString().slice(0, 10)} in ${Math.round((Date.now() - began) / 60_000)} min: ${what} ` +
    `Vector ${vector.version ?? 'absent'}, Node ${process.versions.node}, ${cpus().length} cores (${modelOf()}), ` +
    `load average before ${loadBefore}.`,
  ...absent.map((words) => `Left out: ${words}.`),
];

/** What else the machine was doing. */
const loadBefore = (loadavg()[0] ?? 0).toFixed(1);

const modelOf = (): string =>
  /model name\s*:\s*(.+)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim() ?? 'of unknown make';

/** Prints what was measured, and puts it into a page of docs/ if asked to. */
export const publish = async ({
  section,
  isWritten,
  page = 'benchmarks.md',
}: {
  section: Section;
  isWritten: boolean;
  page?: string;
}): Promise<void> => {
  process.stdout.write(`${section.text}\n`);
  if (!isWritten) return;
  await writeSection(section, page);
  process.stderr.write(`written to docs/${page}\n`);
};

export const say = (words: string): void => void process.stderr.write(`${new Date().toISOString()} ${words}\n`);

/** Whether a run has taken its time: what is left of it is not begun any more. */
export const isOver = ({ began, minutes }: { began: number; minutes: number }): boolean =>
  Date.now() - began > minutes * 60_000;

/** Names and sizes that a flag lists. */
export const listOf = (flag: string): string[] =>
  flag
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
