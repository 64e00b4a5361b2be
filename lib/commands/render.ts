import { randomBytes } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { FILE_NAME } from '../apply/paths.ts';
import type { Config } from '../config/config.ts';
import { planCycle } from '../cycle.ts';
import type { Looked } from '../cycle-deps.ts';
import type { TaskFiles } from '../files/log-access.ts';
import { rowsOf } from '../pipelines/table.ts';
import { diffOnce } from '../plan/diff-once.ts';
import { paintDiff, reportText, unifiedDiff } from '../plan/format-text.ts';
import type { Plan } from '../plan/plan.ts';
import { regroupedBetween } from '../plan/regrouped.ts';
import { type Backlog, makeReport, type PlanReport } from '../plan/report.ts';
import { firstLines, tableDiff } from '../plan/table-diff.ts';
import { TABLE_NAME } from '../render/tables.ts';
import { vectorTableFiles } from '../render/vector-tables.ts';
import { whereWritten } from '../render/where-written.ts';
import { tomlText } from '../toml-text.ts';
import { colorsOf, EXIT, type Io } from '../wiring/io.ts';
import { type Flags, readOnlyDeps, textFlag } from '../wiring/prepare.ts';
import { withNode } from '../wiring/with-node.ts';

/** `nvl render`: the configuration on stdout, in a folder, or as a change against what is live. */
export const render = ({ io, flags }: { io: Io; flags: Flags }): Promise<number> => {
  return withNode({ io, flags }, async (node) => {
    const deps = await readOnlyDeps(node);
    const { plan, rendered, looked } = await planCycle(deps);
    const report = makeReport({
      plan,
      live: looked.live,
      refused: rendered.refused,
      notes: rendered.notes,
      templates: deps.templates,
      regrouped: regroupedBetween({
        before: { rows: rowsOf(looked.table) },
        after: {
          rows: rendered.rows,
          deciders: rendered.deciders,
          placeOf: (decider) => whereWritten({ decider, templates: deps.templates }),
        },
      }),
      backlog:
        node.isRecorded || flags.dryRun !== true
          ? undefined
          : await backlogOf({ changes: plan.changes, looked, files: deps.logAccess }),
    });
    const isSound = report.refused.length === 0 && report.faults.length === 0;
    if (flags.dryRun === true) {
      const [live, name] = [looked.live, join('live', FILE_NAME)];
      const isJson = textFlag(flags, 'format') === 'json';
      const diff = isJson ? unifiedDiff({ plan, live, name }) : diffOnce({ before: live, after: plan.text, name });
      const table = tableDiff({ before: looked.table, after: plan.table, name: join('rows', TABLE_NAME) });
      await showDry({ report, diff, table, io, flags, config: node.config });
      if (!isSound) return EXIT.error;
      return flags.detailedExitcode === true && report.hasChanges ? EXIT.changes : EXIT.done;
    }
    const out = textFlag(flags, 'out');
    if (out === undefined) io.out(plan.text);
    else await writeTo({ dir: resolve(io.cwd, out), plan, linksDir: deps.linksDir });
    if (!isSound || report.notes.length > 0 || report.warnings.length > 0)
      io.err(
        `${reportText({ report: { ...report, hasChanges: false, next: '' }, colors: colorsOf({ io, wanted: colorFlag(flags) }) })}\n`,
      );
    return isSound ? EXIT.done : EXIT.error;
  });
};

const showDry = async ({
  report,
  diff,
  table,
  io,
  flags,
  config,
}: {
  report: PlanReport;
  diff: string;
  /** The change of the table of rows. */
  table: string;
  io: Io;
  flags: Flags;
  config: Config;
}): Promise<void> => {
  switch (textFlag(flags, 'format') ?? 'text') {
    case 'json':
      io.out(`${JSON.stringify({ ...report, diff, tableDiff: table }, undefined, 2)}\n`);
      return;
    case 'markdown':
      io.out((await import('../plan/format-markdown.ts')).reportMarkdown({ report, diff, table }));
      return;
    case 'github': {
      const templatesDir = relative(io.cwd, config.templates ?? 'templates');
      io.out((await import('../plan/format-github.ts')).reportGithub({ report, templatesDir }));
      return;
    }
    default: {
      const colors = colorsOf({ io, wanted: colorFlag(flags) });
      for (const text of [diff, firstLines(table)]) io.out(text === '' ? '' : `${paintDiff({ diff: text, colors })}\n`);
      io.err(`${reportText({ report, colors })}\n`);
    }
  }
};

/** What lies there already of the tasks that are new: all of it is read from its beginning. */
const backlogOf = async ({
  changes,
  looked: { collectedTasks, snapshot },
  files: taskFiles,
}: {
  changes: Pick<Plan['changes'], 'tasks'>;
  looked: Pick<Looked, 'collectedTasks' | 'snapshot'>;
  files: TaskFiles;
}): Promise<Backlog> => {
  const added = new Set(changes.tasks.filter(({ change }) => change === 'added').map(({ key }) => key));
  const backlog = { tasks: 0, files: 0, bytes: 0 };
  for (const { id, decision } of collectedTasks) {
    if (!added.has(id) || decision.record === undefined) continue;
    const names = { ...decision.record, id, allocDir: snapshot.allocDir };
    const files = await taskFiles.filesOf(names).catch(() => undefined);
    const filled = (files ?? []).filter((file) => file.size > 0n);
    backlog.tasks += filled.length === 0 ? 0 : 1;
    backlog.files += filled.length;
    backlog.bytes += filled.reduce((sum, file) => sum + Number(file.size), 0);
  }
  return backlog;
};

/** The file with its table beside it, which it names there: Vector can run what was written. */
const writeTo = async ({
  dir,
  plan: { text, table, rows },
  linksDir,
}: {
  dir: string;
  plan: Plan;
  linksDir: string;
}): Promise<void> => {
  await mkdir(dir, { recursive: true });
  await putIn({ dir, name: TABLE_NAME, text: table });
  let written = text;
  for (const [file, lines] of vectorTableFiles({ text, rows, linksDir })) {
    const name = basename(file);
    await putIn({ dir, name, text: lines });
    written = written.replace(tomlText(file), () => tomlText(join(dir, name)));
  }
  await putIn({ dir, name: FILE_NAME, text: written });
};

const putIn = async ({ dir, name, text }: { dir: string; name: string; text: string }): Promise<void> => {
  // Beside it first: a link that somebody else put in a shared folder is replaced, and what it leads to is not written to.
  const beside = join(dir, `.${name}-${randomBytes(4).toString('hex')}`);
  await writeFile(beside, text, { flag: 'wx' });
  await rename(beside, join(dir, name));
};

export const colorFlag = (flags: Flags): boolean | undefined =>
  typeof flags.color === 'boolean' ? flags.color : undefined;
