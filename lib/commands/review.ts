import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { collectTasks, optedOut } from '../collect/collect.ts';
import { contextsOf, optOutNotes } from '../collect/contexts.ts';
import type { Config } from '../config/config.ts';
import type { TemplateFiles } from '../config/read-templates.ts';
import { readTemplates } from '../config/read-templates.ts';
import { nodeContext, type TaskContext } from '../context/context.ts';
import { NvlError } from '../errors.ts';
import { recordingSource } from '../nomad/node-source.ts';
import { diffOnce } from '../plan/diff-once.ts';
import { unifiedDiff } from '../plan/format-text.ts';
import { makePlan } from '../plan/plan.ts';
import { makeReport, type Report } from '../plan/report.ts';
import { ownFields } from '../profile-test/compare.ts';
import { findTests } from '../profile-test/find-tests.ts';
import { type PipelineRun, runPipeline } from '../profile-test/run-pipeline.ts';
import { hasPassed, testProfiles } from '../profile-test/test-profiles.ts';
import type { Note } from '../render/refused.ts';
import { type Rendered, renderNode } from '../render/render.ts';
import { compileTemplates, type Templates } from '../render/templates.ts';
import { loadBaseConfig } from '../review/base-config.ts';
import { baseTemplates } from '../review/base-templates.ts';
import { type Review, reviewJson, reviewMarkdown } from '../review/format.ts';
import { findBase } from '../review/git.ts';
import { withCommit } from '../review/lay-out-commit.ts';
import { type CaseRuns, droppedFields, lineChanges } from '../review/lines.ts';
import { placeInBase } from '../review/place.ts';
import { type Risk, staticRisks } from '../review/risks.ts';
import { findVector } from '../vector/process/find.ts';
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
    const isJson = textFlag(flags, 'format') === 'json';
    const plan = makePlan({ rendered: head.rendered.text, live: base.rendered.text, loaded: undefined });
    const report = makeReport({
      plan,
      live: base.rendered.text,
      refused: head.rendered.refused,
      notes: [...head.notes, ...head.rendered.notes],
      templates: head.templates,
      backlog: undefined,
    });
    const ran = await runLines({ io, config, base, head, report, inBase });
    const found: Review = {
      base: args[0] ?? checkout.commit.slice(0, 12),
      tasks: head.tasks.length,
      report,
      diff: isJson ? unifiedDiff({ plan, live, name }) : diffOnce({ before: live, after: plan.text, name }),
      lines: ran.lines,
      tests: ran.tests,
      risks: [
        ...staticRisks({
          base: { ...base, blocks: base.rendered.blocks },
          head: { ...head, blocks: head.rendered.blocks },
          report,
        }),
        ...ran.risks,
      ],
      proof: ran.hasVector ? await proveText({ io, config, text: head.rendered.text }) : undefined,
      notes: [...notes, ...templates.notes],
      notDone: ran.notDone,
    };
    io.out(isJson ? reviewJson(found) : reviewMarkdown(found));
    return exitOf({ found, flags });
  });
};

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
  if (named !== undefined) return [path.resolve(io.cwd, named)];
  const dir = path.join(top, 'recordings');
  const files = existsSync(dir) ? (await readdir(dir)).filter((name) => name.endsWith('.json')).sort() : [];
  if (files.length > 0) return files.map((name) => path.join(dir, name));
  throw new NvlError('recordingUnreadable', {
    message: 'there is no recording to render',
    facts: { looked: dir },
    advice: 'record a node into it: nvl context --record recordings/node.json',
  });
};

type ReviewSide = {
  templates: Templates;
  files: TemplateFiles['files'];
  rendered: Rendered;
  tasks: TaskContext[];
  /** Opt-outs that are no clear ones. */
  notes: Note[];
  isThere: boolean;
};

const sideOf = async ({
  config,
  recordings,
  isBase,
}: {
  config: Config;
  recordings: string[];
  isBase: boolean;
}): Promise<ReviewSide> => {
  const isThere = config.templates === undefined || existsSync(config.templates);
  const read = isThere || !isBase ? await readTemplates(config.templates) : { dir: '', files: [], profileFolders: [] };
  const templates = compileTemplates(read);
  const linksDir = path.join(config.root, 'links');
  const tasks: TaskContext[] = [];
  const notes: Note[] = [];
  let node: object = {};
  for (const file of recordings) {
    const nodeSource = await recordingSource({
      allocationsFile: file,
      nodeFile: undefined,
      allocDir: config.nomad.allocDir,
    });
    const snapshot = await nodeSource.ask();
    const collectedTasks = await collectTasks({
      snapshot,
      nodeSource,
      state: { schema: 1, installedAt: 0, tasks: {} },
      config,
      dataDir: undefined,
      ownAllocId: undefined,
      isRecorded: true,
      now: 0,
      signal: new AbortController().signal,
    });
    tasks.push(...contextsOf({ snapshot, collectedTasks, linksDir }));
    notes.push(...optOutNotes(optedOut({ snapshot, config, ownAllocId: undefined })));
    node = { ...nodeContext(snapshot.node), ...snapshot.node.status };
  }
  const rendered = renderNode({
    templates,
    tasks: isThere ? tasks : [],
    node,
    hasSinks: isThere && config.sinks !== 'none',
    linksDir,
    live: new Map(),
    carried: new Set(),
    barred: new Map(),
  });
  return { templates, files: read.files, rendered, tasks, notes, isThere };
};

type Lines = {
  lines: Review['lines'];
  tests: Review['tests'];
  risks: readonly Risk[];
  notDone: string[];
  hasVector: boolean;
};

/** Runs the cases of every profile whose tasks change, on both sides, through the Vector on the PATH. */
const runLines = async ({
  io,
  config,
  base,
  head,
  report,
  inBase,
}: {
  io: Io;
  config: Config;
  base: ReviewSide;
  head: ReviewSide;
  report: Report;
  inBase: (file: string) => string;
}): Promise<Lines> => {
  const command = { binary: config.vector.binary, env: config.vector.env, cwd: config.vector.cwd ?? io.cwd };
  // What a template names by a relative path, such as a file with VRL, is the base's own.
  const baseCwd = existsSync(inBase(command.cwd)) ? inBase(command.cwd) : command.cwd;
  const vector = await findVector({ command, signal: io.signal }).catch((error: unknown) => error);
  if (vector instanceof Error) {
    return {
      lines: [],
      tests: undefined,
      risks: [],
      hasVector: false,
      notDone: [`lines and tests, since ${vector.message}`],
    };
  }
  const changed = new Set(
    report.jobs.flatMap(({ tasks }) =>
      tasks.filter(({ change }) => change !== 'removed').map(({ profile }) => profile),
    ),
  );
  const names = [...changed].filter((name) => head.templates.profiles.has(name)).sort();
  if (names.length === 0) return { lines: [], tests: [], risks: [], notDone: [], hasVector: true };
  const shownPath = (file: string): string => path.relative(io.cwd, file);
  const run = await testProfiles({ dir: config.templates, names, command, shownPath, signal: io.signal });
  const known = names.filter((name) => base.templates.profiles.has(name) && base.isThere);
  const cases = (await findTests({ dir: config.templates, profiles: known })).flatMap((tests) => tests.cases);
  const before: PipelineRun =
    cases.length === 0
      ? { runs: [], readTimes: run.readTimes }
      : await runPipeline({
          cases,
          templates: base.templates,
          files: base.files,
          command: { ...command, cwd: baseCwd },
          shownPath,
          signal: io.signal,
        });
  const beforeOf = new Map(cases.map((one, index) => [`${one.file}:${one.line}`, before.runs[index]]));
  const runs = run.profiles.flatMap(({ cases: results }): CaseRuns[] =>
    results.map(({ testCase, events, isRun }) => {
      const old = beforeOf.get(`${testCase.file}:${testCase.line}`);
      return {
        testCase,
        before:
          old === undefined || old.errors.length > 0
            ? undefined
            : old.events.map((event) => ownFields({ event, readTimes: before.readTimes })),
        after: isRun ? events.map((event) => ownFields({ event, readTimes: run.readTimes })) : undefined,
      };
    }),
  );
  return {
    lines: lineChanges(runs),
    risks: droppedFields(runs),
    hasVector: true,
    notDone: names
      .filter((name) => run.profiles.every((result) => result.profile !== name || result.cases.length === 0))
      .map((name) => `lines of the profile ${name}, which has no tests`),
    tests: run.profiles
      .filter(({ cases: results, errors }) => results.length > 0 || errors.length > 0)
      .map(({ profile, cases: results, errors }) => ({
        profile,
        passed: results.filter(hasPassed).length,
        failed: [
          ...results.filter((result) => !hasPassed(result)).map(({ testCase }) => testCase.name),
          ...errors.map(({ message }) => message),
        ],
      })),
  };
};
