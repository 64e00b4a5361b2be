import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAbsent, vector } from '../../test/support/programs.ts';
import { chooseContenders, RARE_ASKERS } from './contenders.ts';
import { publish, runNotes, say } from './report-run.ts';
import { measureShort, type ShortSettings } from './run-short.ts';
import { type ShortRow, shortReport } from './short-report.ts';

/** One run of tasks that come and go, with each contender in turn: prints what became of their lines. */
export const benchShort = async ({
  name,
  title,
  what,
  only,
  isQuick,
  isWritten,
  ...settings
}: ShortSettings & {
  /** Of its section in docs/benchmarks.md. */
  name: string;
  title: string;
  /** What the run was, as a sentence. */
  what: string;
  only: string[];
  isQuick: boolean;
  isWritten: boolean;
}): Promise<void> => {
  const began = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'nvl-bench-program-'));
  try {
    if (isAbsent(vector)) throw new Error(`bench:${name} needs Vector: ${vector.absent}`);
    const leaveOut = isQuick ? RARE_ASKERS : [];
    const { contenders, absent } = chooseContenders({ folder, yardsticks: [], only, leaveOut });
    const rows: ShortRow[] = [];
    for (const contender of contenders) {
      say(contender.name);
      const figures = await measureShort({ contender, settings }).catch((error: unknown) => {
        say(`${contender.name} failed: ${error instanceof Error ? error.message : String(error)}`);
        return {};
      });
      rows.push({ contender: contender.name, figures });
    }
    await publish({ section: shortReport({ name, title, rows, notes: runNotes({ began, what, absent }) }), isWritten });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
