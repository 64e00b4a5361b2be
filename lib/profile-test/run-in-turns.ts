import type { Templates } from '../render/templates.ts';
import { takenForOne } from './mark-cases.ts';
import type { PipelineRun, RunCase } from './run-pipeline.ts';
import { around, runShared } from './run-shared.ts';
import { pipelinesOf, renderTests } from './session.ts';
import { LINKS_DIR, syntheticTask } from './synthetic-task.ts';

/**
 * The same as `runShared`, for any number of cases: one Vector after the other, since it compiles and holds all pipelines before it reads
 * a line. The sinks are judged once, for a task of each profile.
 */
export const runInTurns = async ({
  cases,
  provesSinks = false,
  ...rest
}: Parameters<typeof runShared>[0]): Promise<PipelineRun> => {
  const [first = [], ...others] = turnsOf({ cases, templates: rest.templates });
  if (others.length === 0) return runShared({ cases, provesSinks, ...rest });
  const turns: PipelineRun[] = [];
  for (const turn of [first, ...others]) turns.push(await runShared({ cases: turn, ...rest }));
  return {
    runs: turns.flatMap(({ runs }) => runs),
    readTimes: around(turns.map(({ readTimes }) => readTimes)),
    proofs: provesSinks
      ? (await runShared({ cases: silentOnes(cases), provesSinks: true, ...rest })).proofs
      : undefined,
  };
};

/** Cases in their order, as many at a time as one Vector is good for. Pure. */
export const turnsOf = ({
  cases,
  templates,
  mostPipelines = MOST_PIPELINES,
  mostCases = MOST_CASES,
}: {
  cases: readonly RunCase[];
  templates: Templates;
  mostPipelines?: number;
  mostCases?: number;
}): RunCase[][] => {
  const pipelineOf = cases.length > mostPipelines ? pipelinesFor({ cases, templates }) : () => '';
  const turns: RunCase[][] = [];
  let pipelines = new Set<string>();
  for (const [index, one] of cases.entries()) {
    const turn = turns.at(-1);
    const pipeline = pipelineOf(index);
    if (turn !== undefined && turn.length < mostCases && (pipelines.has(pipeline) || pipelines.size < mostPipelines)) {
      turn.push(one);
    } else {
      turns.push([one]);
      pipelines = new Set();
    }
    pipelines.add(pipeline);
  }
  return turns;
};

/** A pipeline takes Vector some 4 MB and a tenth of a second; each turn waits once for what is held together. */
const MOST_PIPELINES = 400;

/** Of each case Vector holds up to three files open, and 4,096 are what a process may have on many a machine. */
const MOST_CASES = 1_000;

/** By the index of a case. One that cannot be rendered has none, and is no burden. */
const pipelinesFor = ({
  cases,
  templates,
}: Pick<Parameters<typeof turnsOf>[0], 'cases' | 'templates'>): ((index: number) => string) => {
  const session = {
    cases: cases.map((testCase) => ({ testCase, task: syntheticTask({ testCase, linksDir: LINKS_DIR }) })),
    templates,
    folders: { links: LINKS_DIR },
  };
  const rendered = renderTests({ session, isIn: () => true, mayShare: () => true });
  const pipelines = pipelinesOf(rendered);
  const alone = new Set(takenForOne(rendered));
  return (index) => {
    const id = session.cases[index]?.task.context.id ?? '';
    return alone.has(id) ? id : (pipelines.get(id) ?? '');
  };
};

/** The first case of each profile, which writes nothing. */
export const silentOnes = (cases: readonly RunCase[]): RunCase[] =>
  [...new Map([...cases].reverse().map((one) => [one.profile, one])).values()].map((one) => ({
    ...one,
    bytes: Buffer.alloc(0),
  }));
