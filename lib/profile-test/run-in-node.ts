import { profileTemplates, refusedTemplate } from '../apply/refused-template.ts';
import type { TemplateFiles } from '../config/read-templates.ts';
import { programRefusal } from '../engine/check-programs.ts';
import { createEngine, type Engine, type EngineStep } from '../engine/engine.ts';
import type { EngineEvent } from '../engine/event.ts';
import { readProgramsFrom } from '../engine/read-program.ts';
import type { NvlError } from '../errors.ts';
import { isOfPipeline } from '../ids.ts';
import { linkName } from '../link-name.ts';
import type { Block } from '../render/file.ts';
import type { Rendered } from '../render/render.ts';
import type { Templates } from '../render/templates.ts';
import { vectorTableFiles } from '../render/vector-tables.ts';
import type { VectorRefusal } from '../vector/proof/report.ts';
import { checkVectorConfig } from '../vector-check/check.ts';
import { readVectorConfig } from '../vector-check/read-config.ts';
import { asPlain } from '../vrl/values.ts';
import type { Vrl } from '../vrl/vrl.ts';
import type { Event } from './case.ts';
import { wholeLines } from './open-ends.ts';
import type { RanInNvl, RunObserver } from './run-observer.ts';
import type { CaseRun, PipelineRun } from './run-pipeline.ts';
import { pipelinesOf, type RunCase, renderTests, type TaskErrors } from './session.ts';
import { LINKS_DIR, type SyntheticTask, syntheticTask } from './synthetic-task.ts';
import { longestLines, lostLines } from './too-long.ts';
import { unread } from './unread.ts';

/**
 * Runs cases through the real pipeline without Vector: a task per case, rendered as a node's tasks are, and what is rendered run in Node.
 * A template that cannot be rendered, or that VRL's compiler refuses, or that does not run here is the error of its own cases, and the
 * others run.
 */
export const runInNode = async ({
  cases,
  templates,
  files,
  shownPath,
  cwd,
  vrl,
  observer,
  signal,
}: {
  cases: readonly RunCase[];
  templates: Templates;
  /** What the templates were compiled from. */
  files: TemplateFiles['files'];
  shownPath: (path: string) => string;
  /** From where a template's paths to files with VRL lead. */
  cwd: string;
  vrl: Vrl;
  observer?: RunObserver | undefined;
  signal: AbortSignal;
}): Promise<PipelineRun> => {
  const session = {
    cases: cases.map((testCase) => ({ testCase, task: syntheticTask({ testCase, linksDir: LINKS_DIR }) })),
    templates,
    files,
    shownPath,
    folders: { links: LINKS_DIR },
  };
  const startMs = Date.now();
  const rendered = renderTests({ session, isIn: () => true, mayShare: () => true });
  const engine = createEngine({
    text: rendered.text,
    tables: vectorTableFiles({ ...rendered, linksDir: LINKS_DIR }),
    vrl: observer?.wrapVrl(vrl) ?? vrl,
    readProgram: readProgramsFrom(cwd),
    startMs,
  });
  const errors: TaskErrors = new Map(rendered.refused.map(({ key, errors: found }) => [key, found]));
  await judge({ session, rendered, engine, errors });
  signal.throwIfAborted();
  const tasks = tasksOf({ session, rendered });
  const steps = await runAll({ engine, tasks: tasks.filter(({ id }) => !errors.has(id)) });
  signal.throwIfAborted();
  observer?.ran(ranOf({ session, rendered, engine, errors }));
  const longest = longestLines(rendered.text);
  const runs = session.cases.map(({ testCase, task: { context } }) => {
    const { id } = context;
    return caseRun({ id, testCase, task: tasks.find((one) => one.id === id), engine, errors, steps, longest });
  });
  return { runs, readTimes: { fromMs: startMs, toMs: lastReadMs({ startMs, tasks }) } };
};

type Session = Pick<Parameters<typeof renderTests>[0]['session'], 'cases' | 'templates'> & {
  cases: readonly { testCase: RunCase; task: SyntheticTask }[];
  files: TemplateFiles['files'];
  shownPath: (path: string) => string;
};

type TaskFile = { id: string; pipeline: string; path: string; bytes: Buffer };

const tasksOf = ({ session, rendered }: { session: Session; rendered: Rendered }): TaskFile[] => {
  const pipelines = pipelinesOf(rendered);
  return session.cases.flatMap(({ testCase: { stream, bytes }, task: { context } }) => {
    const pipeline = pipelines.get(context.id);
    const name = linkName({ stem: context.id, stream, index: 0 });
    return pipeline === undefined
      ? []
      : [{ id: context.id, pipeline, path: `${LINKS_DIR}/${pipeline}/${name}`, bytes }];
  });
};

/** What VRL's compiler refuses, and what does not run here, by the tasks of its pipeline. */
const judge = async ({
  session: { cases, templates, files, shownPath },
  rendered,
  engine,
  errors,
}: {
  session: Session;
  rendered: Rendered;
  engine: Engine;
  errors: TaskErrors;
}): Promise<void> => {
  const refused = await engine.check();
  const profiles = new Map(cases.map(({ task: { context } }) => [context.id, context.profile]));
  for (const block of rendered.blocks) {
    const stems = rendered.rows.filter(({ pipeline }) => pipeline === block.key).map(({ stem }) => stem);
    const isOwn = ({ component }: { component: string }) => isOfPipeline({ component, pipeline: block.key });
    const refusals = [
      ...faultsOf(block).filter(({ component }) => component !== undefined && isOwn({ component })),
      ...refused.filter(isOwn).map(programRefusal),
    ];
    const own = {
      ...profileTemplates({ templates, profile: profiles.get(stems[0] ?? '') ?? '' }),
      files,
    };
    const wrong: NvlError[] = [
      ...(refusals.length === 0
        ? []
        : refusedTemplate({ block, refusals, said: undefined, templates: own, shownPath })),
      ...engine.notRun.filter(isOwn).map(({ error }) => error),
    ];
    if (wrong.length > 0) for (const stem of stems) errors.set(stem, wrong);
  }
};

/** What nvl's own check has against the options of a block. */
const faultsOf = ({ text }: Block): VectorRefusal[] =>
  checkVectorConfig({ config: readVectorConfig([{ file: 'the block', text }]), isWhole: false })
    .filter(({ severity }) => severity === 'error')
    .map(({ line, ...one }) => (line === undefined ? one : { ...one, blockLine: line }));

/** As on a node: the lines are read, what waits for more of them is let go, and a last one without its end comes once its file is gone. */
const runAll = async ({ engine, tasks }: { engine: Engine; tasks: readonly TaskFile[] }): Promise<EngineStep[]> => {
  const steps = [await engine.push(tasks), await engine.release()];
  const open = tasks.filter(({ bytes }) => wholeLines({ bytes }) < bytes.length);
  if (open.length > 0) steps.push(await engine.end(open.map(({ path }) => path)), await engine.release());
  return steps;
};

const ranOf = ({ session, rendered, engine, errors }: Parameters<typeof judge>[0]): RanInNvl => {
  const pipelines = pipelinesOf(rendered);
  return {
    templates: session.templates,
    blocks: rendered.blocks,
    programs: engine.programs,
    tasks: session.cases.map(({ testCase, task: { context } }) => ({
      testCase,
      context,
      pipeline: errors.has(context.id) ? undefined : pipelines.get(context.id),
    })),
    linksDir: LINKS_DIR,
  };
};

const caseRun = ({
  id,
  testCase: { bytes },
  task,
  engine,
  errors,
  steps,
  longest,
}: {
  id: string;
  testCase: RunCase;
  task: TaskFile | undefined;
  engine: Engine;
  errors: TaskErrors;
  steps: readonly EngineStep[];
  longest: ReadonlyMap<string, number>;
}): CaseRun => {
  const own = errors.get(id);
  if (task === undefined || own !== undefined) return { events: [], errors: own ?? [], said: [], lost: [] };
  const { pipeline, path } = task;
  const isOwn = ({ lines }: EngineEvent): boolean => lines.some(({ file }) => file === path);
  const failed = steps.flatMap((step) => step.failed).filter(({ component }) => isOfPipeline({ component, pipeline }));
  const isRead = bytes.length === 0 || engine.reads(path);
  const most = longest.get(pipeline);
  return {
    events: steps
      .flatMap(({ outputs }) => outputs.get(`${pipeline}_out`) ?? [])
      .filter(isOwn)
      .map(plainEvent),
    errors: [...failed.map(({ error }) => error), ...(isRead ? [] : [unread()])],
    said: saidOf({ pipeline, steps, isOwn }),
    lost: most === undefined ? [] : lostLines({ bytes, longest: most }),
  };
};

const plainEvent = ({ event }: EngineEvent): Event => asPlain(event) as Event;

/** What was dropped on the way, each reason once. */
const saidOf = ({
  pipeline,
  steps,
  isOwn,
}: {
  pipeline: string;
  steps: readonly EngineStep[];
  isOwn: (event: EngineEvent) => boolean;
}): string[] => {
  const own = steps.flatMap(({ dropped }) => dropped).filter(({ event }) => isOwn(event));
  return [...new Set(own.map(({ component, why }) => `${component.replace(pipeline, '{{id}}')} dropped it: ${why}`))];
};

/** Each line has a µs of its own. */
const lastReadMs = ({ startMs, tasks }: { startMs: number; tasks: readonly TaskFile[] }): number => {
  const bytes = tasks.reduce((sum, task) => sum + task.bytes.length, 0);
  return Math.max(Date.now(), startMs + Math.ceil(bytes / 1_000) + 1);
};
