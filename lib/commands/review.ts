import { resolve } from 'node:path';
import { rootPaths } from '../apply/paths.ts';
import type { Config } from '../config/config.ts';
import { NvlError } from '../errors.ts';
import { tableText } from '../pipelines/table.ts';
import { diffOnce } from '../plan/diff-once.ts';
import { unifiedDiff } from '../plan/format-text.ts';
import { makePlan } from '../plan/plan.ts';
import { regroupedBetween } from '../plan/regrouped.ts';
import { makeReport } from '../plan/report.ts';
import { tableDiff } from '../plan/table-diff.ts';
import { TABLE_NAME } from '../render/tables.ts';
import { loadBaseConfig } from '../review/base-config.ts';
import { baseTemplates } from '../review/base-templates.ts';
import { type Review, reviewJson, reviewMarkdown } from '../review/format.ts';
import { findBase } from '../review/git.ts';
import { groupingOf } from '../review/grouping.ts';
import { withCommit } from '../review/lay-out-commit.ts';
import { placeInBase } from '../review/place.ts';
import { recordingsDir, recordingsIn } from '../review/recordings.ts';
import { staticRisks } from '../review/risks.ts';
import { runLines } from '../review/run-lines.ts';
import { sideOf } from '../review/side.ts';
import { checkText } from '../wiring/check-text.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import { configFor, type Flags, textFlag } from '../wiring/prepare.ts';
import { proveText } from '../wiring/prove-text.ts';

/** `nvl review [BASE]`: what the templates of this checkout change against those of a base, as Markdown for a pull request. */
export const review = async ({ io, flags, args }: { io: Io; flags: Flags; args: string[] }): Promise<number> => {
  const checkout = await findBase({ cwd: io.cwd, base: args[0] });
  const config = await configFor({ io, flags });
  const recordings = await recordingsOf({ io, flags, top: checkout.top });
  return withCommit(checkout, async ({ dir, missing }) => {
    const inBase = (file: string): string => placeInBase({ top: checkout.top, dir, file });
    const named = textFlag(flags, 'config') ?? (io.env.NVL_CONFIG || undefined);
    const { config: baseConfig, notes } = await loadBaseConfig({
      cwd: io.cwd,
      env: io.env,
      flags,
      named,
      head: config,
      inBase,
    });
    const templates = baseTemplates({ templates: baseConfig.templates, inBase, dir, missing });
    const [base, head] = [
      await sideOf({ config: { ...baseConfig, templates: templates.dir }, recordings, isBase: true }),
      await sideOf({ config, recordings, isBase: false }),
    ];
    const [live, name] = [base.rendered.text, 'nomad.toml'];
    const liveTable = tableText(base.rendered.rows);
    const isJson = textFlag(flags, 'format') === 'json';
    const plan = makePlan({ rendered: head.rendered, live: { text: live, table: liveTable }, loaded: undefined });
    const report = makeReport({
      plan,
      live: base.rendered.text,
      refused: head.rendered.refused,
      notes: [...head.notes, ...head.rendered.notes],
      templates: head.templates,
      backlog: undefined,
      regrouped: regroupedBetween({ before: groupingOf(base, ' in the base'), after: groupingOf(head) }),
    });
    const ran = await runLines({ cwd: io.cwd, config, base, head, report, inBase, signal: io.signal });
    const found: Review = {
      base: args[0] ?? checkout.commit.slice(0, 12),
      tasks: head.tasks.length,
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
      proof: await proofOf({ io, config, text: head.rendered.text, hasVector: ran.hasVector }),
      notes: [...notes, ...templates.notes],
      notDone: ran.notDone,
    };
    io.out(isJson ? reviewJson(found) : reviewMarkdown(found));
    return exitOf({ found, flags });
  });
};

/** By Vector, or where none is by nvl itself. */
const proofOf = async ({
  io,
  config,
  text,
  hasVector,
}: {
  io: Io;
  config: Config;
  text: string;
  hasVector: boolean;
}): Promise<Review['proof']> =>
  hasVector
    ? { by: 'Vector', ...(await proveText({ io, config, text })) }
    : { by: 'nvl', ...(await checkText({ text, linksDir: rootPaths(config.root).links })), unproven: [] };

const exitOf = ({ found, flags }: { found: Review; flags: Flags }): number => {
  const { report, tests, proof } = found;
  if (proof?.isGood === false) return EXIT.refused;
  const isSound =
    report.faults.length === 0 &&
    report.refused.length === 0 &&
    (tests ?? []).every(({ failed }) => failed.length === 0);
  if (!isSound) return EXIT.error;
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
