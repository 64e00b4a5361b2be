import { resolve } from 'node:path';
import { rootPaths } from '../apply/paths.ts';
import type { Config } from '../config/config.ts';
import type { CostLimits } from '../cost/limits.ts';
import { NvlError } from '../errors.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import { tableText } from '../pipelines/table.ts';
import { diffOnce } from '../plan/diff-once.ts';
import { unifiedDiff } from '../plan/format-text.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import { regroupedBetween } from '../plan/regrouped.ts';
import { makeReport, type PlanReport } from '../plan/report.ts';
import { tableDiff } from '../plan/table-diff.ts';
import { TABLE_NAME } from '../render/tables.ts';
import { loadBaseConfig } from '../review/base-config.ts';
import { baseTemplates } from '../review/base-templates.ts';
import { type Review, reviewJson, reviewMarkdown } from '../review/format.ts';
import { findBase } from '../review/git.ts';
import { groupingOf } from '../review/grouping.ts';
import { type LaidOut, withCommit } from '../review/lay-out-commit.ts';
import { placeInBase } from '../review/place.ts';
import { readRecordings, recordingsDir, recordingsIn } from '../review/recordings.ts';
import { staticRisks } from '../review/risks.ts';
import { runLines } from '../review/run-lines.ts';
import { type ReviewSide, sideOf } from '../review/side.ts';
import { vectorCwd } from '../vector/config/command.ts';
import type { Vrl } from '../vrl/vrl.ts';
import { createVrlPool } from '../vrl/vrl-pool.ts';
import { checkText } from '../wiring/check-text.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import { configFor, type Flags, textFlag } from '../wiring/prepare.ts';
import { proveText } from '../wiring/prove-text.ts';
import { limitsIn, reviewCosts } from './review-costs.ts';
import { reviewPlan } from './review-plan.ts';

/** `nvl review [BASE]`: what the templates of this checkout change against those of a base, as Markdown for a pull request. */
export const review = async ({ io, flags, args }: { io: Io; flags: Flags; args: string[] }): Promise<number> => {
  const planFile = textFlag(flags, 'plan');
  if (planFile !== undefined) return reviewPlan({ io, flags, file: planFile });
  const limits = limitsIn(flags);
  const checkout = await findBase({ cwd: io.cwd, base: args[0] });
  const config = await configFor({ io, flags });
  const recordings = await readRecordings(await recordingsOf({ io, flags, top: checkout.top }));
  // One for all that is run and checked: to start it takes a second of a processor.
  const vrl = createVrlPool();
  // Begun while both sides are rendered. What fails here fails again for the first who asks.
  vrl.version().catch(() => {});
  try {
    return await withCommit(checkout, async (laidOut) => {
      const base = args[0] ?? checkout.commit.slice(0, 12);
      const found = await compare({ io, flags, config, limits, recordings, vrl, base, top: checkout.top, laidOut });
      io.out(textFlag(flags, 'format') === 'json' ? reviewJson(found) : reviewMarkdown(found));
      return exitOf({ found, flags });
    });
  } finally {
    await vrl.close();
  }
};

type Compared = {
  io: Io;
  flags: Flags;
  config: Config;
  limits: CostLimits;
  recordings: readonly NodeSnapshot[];
  vrl: Vrl;
  /** As people know it. */
  base: string;
  /** Of the checkout. */
  top: string;
  laidOut: LaidOut;
};

const compare = async ({ base: shownBase, laidOut, top, ...given }: Compared): Promise<Review> => {
  const { io, flags, config, recordings, vrl } = given;
  const inBase = (file: string): string => placeInBase({ top, dir: laidOut.dir, file });
  const { base, notes } = await baseSide({ ...given, inBase, laidOut });
  const head = await sideOf({ config, recordings, isBase: false });
  const [live, name] = [base.rendered.text, 'nomad.toml'];
  const liveTable = tableText(base.rendered.rows);
  const plan = makePlan({ rendered: head.rendered, live: { text: live, table: liveTable }, loaded: undefined });
  const report = reportOf({ base, head, plan });
  const [ran, costs] = await Promise.all([
    runLines({ cwd: io.cwd, config, base, head, report, inBase, vrl, signal: io.signal }),
    reviewCosts({ ...given, inBase, base, head, report }),
  ]);
  const isJson = textFlag(flags, 'format') === 'json';
  return {
    base: shownBase,
    tasks: head.tasks.length,
    jobs: new Set([...base.tasks, ...head.tasks].map(({ namespace, job }) => `${namespace} ${job.id}`)).size,
    report,
    diff: isJson ? unifiedDiff({ plan, live, name }) : diffOnce({ before: live, after: plan.text, name }),
    tableDiff: tableDiff({ before: liveTable, after: plan.table, name: TABLE_NAME }),
    lines: ran.lines,
    tests: ran.tests,
    risks: [
      ...staticRisks({
        base: { templates: base.templates, ...base.rendered },
        head: { templates: head.templates, ...head.rendered },
        report,
      }),
      ...ran.risks,
    ],
    costs,
    proof: await proofOf({ io, config, vrl, text: head.rendered.text, hasVector: ran.hasVector }),
    notes,
    notDone: ran.notDone,
  };
};

/** `notes`: what the base is, where that is not plain. */
const baseSide = async ({
  io,
  flags,
  config,
  recordings,
  inBase,
  laidOut: { dir, missing },
}: Pick<Compared, 'io' | 'flags' | 'config' | 'recordings' | 'laidOut'> & {
  inBase: (file: string) => string;
}): Promise<{ base: ReviewSide; notes: string[] }> => {
  const named = textFlag(flags, 'config') ?? (io.env.NVL_CONFIG || undefined);
  const given = { cwd: io.cwd, env: io.env, flags, named, head: config, inBase };
  const { config: baseConfig, notes } = await loadBaseConfig(given);
  const templates = baseTemplates({ templates: baseConfig.templates, inBase, dir, missing });
  const base = await sideOf({ config: { ...baseConfig, templates: templates.dir }, recordings, isBase: true });
  return { base, notes: [...notes, ...templates.notes] };
};

const reportOf = ({ base, head, plan }: { base: ReviewSide; head: ReviewSide; plan: Plan }): PlanReport =>
  makeReport({
    plan,
    live: base.rendered.text,
    refused: head.rendered.refused,
    notes: [...head.notes, ...head.rendered.notes],
    templates: head.templates,
    backlog: undefined,
    regrouped: regroupedBetween({ before: groupingOf(base, ' in the base'), after: groupingOf(head) }),
  });

/** By Vector, or where none is by nvl itself. */
const proofOf = async ({
  io,
  config,
  text,
  vrl,
  hasVector,
}: {
  io: Io;
  config: Config;
  text: string;
  vrl: Vrl;
  hasVector: boolean;
}): Promise<Review['proof']> =>
  hasVector
    ? { by: 'Vector', ...(await proveText({ io, config, text })) }
    : { by: 'nvl', ...(await checkText({ text, vrl, ...placesIn({ io, config }) })), unproven: [] };

const placesIn = ({ io, config }: { io: Io; config: Config }) => ({
  linksDir: rootPaths(config.root).links,
  programDir: vectorCwd({ config, cwd: io.cwd }),
});

const exitOf = ({ found, flags }: { found: Review; flags: Flags }): number => {
  const { report, tests, proof, costs } = found;
  if (proof?.isGood === false) return EXIT.refused;
  const isSound =
    report.faults.length === 0 &&
    report.refused.length === 0 &&
    (tests ?? []).every(({ failed }) => failed.length === 0);
  if (!isSound) return EXIT.error;
  if (costs !== undefined && costs.limits.over.length > 0) return EXIT.overLimit;
  return flags.detailedExitcode === true && report.hasChanges ? EXIT.changes : EXIT.done;
};

/** Named by --allocations, else every file of `recordings/` at the top of the checkout. */
const recordingsOf = async ({ io, flags, top }: { io: Io; flags: Flags; top: string }): Promise<string[]> => {
  const named = textFlag(flags, 'allocations');
  if (named !== undefined) return [resolve(io.cwd, named)];
  const files = await recordingsIn(top);
  if (files.length > 0) return files;
  throw new NvlError('recordingUnreadable', {
    message: 'there is no recording to render',
    facts: { looked: recordingsDir(top) },
    advice: 'record a node into it: nvl context --record recordings/node.json',
  });
};
