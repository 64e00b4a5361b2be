import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { type ChangeCosts, changeCosts } from '../cost/change-costs.ts';
import { type CostLimits, readLimit } from '../cost/limits.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import type { PlanReport } from '../plan/report.ts';
import type { ReviewSide } from '../review/side.ts';
import { vectorCwd } from '../vector/config/command.ts';
import type { Vrl } from '../vrl/vrl.ts';
import type { Io } from '../wiring/io.ts';
import { type Flags, textFlag } from '../wiring/prepare.ts';

/** What a review's change costs; undefined where nothing changes. */
export const reviewCosts = async ({
  io,
  flags,
  config,
  limits,
  inBase,
  base,
  head,
  report,
  recordings,
  vrl,
}: {
  io: Io;
  flags: Flags;
  config: Config;
  limits: CostLimits;
  inBase: (file: string) => string;
  base: ReviewSide;
  head: ReviewSide;
  report: PlanReport;
  recordings: readonly NodeSnapshot[];
  vrl: Vrl;
}): Promise<ChangeCosts | undefined> => {
  if (!report.hasChanges) return undefined;
  const cwd = vectorCwd({ config, cwd: io.cwd });
  return changeCosts({
    before: { ...base, cwd: existsSync(inBase(cwd)) ? inBase(cwd) : cwd },
    after: { ...head, cwd },
    changed: report.jobs.flatMap(({ tasks }) => tasks.map(({ id }) => id)),
    snapshots: recordings,
    templatesDir: config.templates,
    lines: Array.isArray(flags.lines) ? flags.lines.map(String) : [],
    cwd: io.cwd,
    limits,
    vrl,
  });
};

/** Throws `usage` for a limit that is none. */
export const limitsIn = (flags: Flags): CostLimits => ({
  bytesPerDay: readLimit({ limit: 'bytesPerDay', text: textFlag(flags, 'maxGbDay') }),
  dropShare: readLimit({ limit: 'dropShare', text: textFlag(flags, 'maxDropShare') }),
  streams: readLimit({ limit: 'streams', text: textFlag(flags, 'maxStreams') }),
});
