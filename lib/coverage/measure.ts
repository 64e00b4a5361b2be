import type { RanInNvl, RanTask } from '../profile-test/run-observer.ts';
import type { ProfileResult } from '../profile-test/test-profiles.ts';
import { givenTo } from '../render/compose.ts';
import { givesLines } from '../render/joined-lines.ts';
import { inId } from '../render/labels/shapes.ts';
import { partialsOf } from '../render/partials.ts';
import { parseOnce } from '../render/safe/index.ts';
import type { Profile, Template } from '../render/templates.ts';
import { silentCases, unsetParameters } from './blind-spots.ts';
import { type Branch, type Coverage, comparePlaces, type ProfileCoverage, type Unmeasured } from './coverage.ts';
import { fileCoverages } from './file-coverage.ts';
import { type ProgramFile, pipelineBranches } from './pipeline-branches.ts';
import { createBranchTally } from './tally.ts';
import { armBranches } from './template/arm-branches.ts';
import { createTemplateTracer, type TemplateTrace, type TemplateTracer } from './template/trace.ts';
import type { TracedLine } from './template/traced-lines.ts';
import type { VrlWatch } from './vrl/watch.ts';

/** What a run's tests exercise of the folder's own templates, by profile and by file. Pure. */
export const measureCoverage = ({
  run,
  results,
  watch,
  isOwn,
  programFile,
}: {
  run: RanInNvl;
  /** What came of the same run. */
  results: readonly ProfileResult[];
  watch: Pick<VrlWatch, 'seen'>;
  /** Whether a template is the folder's, and not one that comes with nvl. */
  isOwn: (file: string) => boolean;
  programFile: (path: string) => ProgramFile | undefined;
}): Coverage => {
  const tracer = createTemplateTracer(partialsOf(run.templates.partials).sources);
  const printed = new Map<string, number>();
  const texts = new Map(textsIn(run).map(({ path, text }) => [path, text]));
  const readProgram = (path: string): ProgramFile | undefined => {
    const read = programFile(path);
    if (read !== undefined) texts.set(read.file, read.text);
    return read;
  };
  const byProfile = Map.groupBy(run.tasks, ({ testCase }) => testCase.profile);
  const profiles = results.flatMap((result): ProfileCoverage[] => {
    const profile = run.templates.profiles.get(result.profile);
    if (profile === undefined) return [];
    const tasks = byProfile.get(result.profile) ?? [];
    const found = measureProfile({ profile, tasks, run, watch, tracer, printed, programFile: readProgram });
    const hasOwn = [profile.source, profile.transform].some((template) => template && isOwn(template.path));
    // All of it comes with nvl.
    if (!hasOwn && result.cases.length === 0) return [];
    const isUntested = result.cases.length === 0;
    return [
      {
        profile: result.profile,
        isUntested,
        silent: silentCases(result),
        unset: isUntested ? [] : unsetParameters({ profile, tasks, linksDir: run.linksDir }),
        branches: found?.branches.filter(({ at }) => isOwn(at.file)).sort((a, b) => comparePlaces(a.at, b.at)),
        unmeasured: found?.unmeasured.filter(({ at }) => isOwn(at.file)) ?? [],
      },
    ];
  });
  return { profiles, files: fileCoverages({ profiles, printed, texts, isOwn }) };
};

/** The task of a profile without cases stands for none. */
const isCase = ({ testCase }: RanTask): boolean => testCase.name !== '';

const textsIn = ({
  templates: { profiles, labels, partials },
}: RanInNvl): readonly { path: string; text: string }[] => [
  ...[...profiles.values()].flatMap(({ source, transform }) => [
    source,
    ...(transform === undefined ? [] : [transform]),
  ]),
  labels,
  ...partials,
];

type Measuring = {
  run: RanInNvl;
  watch: Pick<VrlWatch, 'seen'>;
  tracer: TemplateTracer;
  programFile: (path: string) => ProgramFile | undefined;
  profile: Profile;
};

/** Undefined where none of its tasks could be run. `printed`: how many cases render a line, by `file:line`; it grows. */
const measureProfile = ({
  tasks,
  printed,
  ...given
}: Measuring & { tasks: readonly RanTask[]; printed: Map<string, number> }):
  | { branches: Branch[]; unmeasured: Unmeasured[] }
  | undefined => {
  const tally = createBranchTally();
  const unmeasured = new Map<string, Unmeasured>();
  const known = new Set<string>();
  for (const task of tasks) {
    const { pipeline } = task;
    const traced = pipeline === undefined ? undefined : traceTask({ ...given, task, pipeline });
    if (pipeline === undefined || traced === undefined) continue;
    const { lines, rendered, files, labels } = traced;
    const arms = armBranches({ files, rendered: isCase(task) ? rendered : [], armsIn: given.tracer.armsIn });
    for (const arm of arms) tally.add(arm);
    if (isCase(task)) countLines(lines, printed);
    if (known.has(pipeline)) continue;
    known.add(pipeline);
    const programFile = (path: string): ProgramFile | undefined => {
      const read = given.programFile(path);
      if (read !== undefined && isCase(task)) countProgram(read, printed);
      return read;
    };
    const found = pipelineBranches({ ...given, pipeline, traced: lines, labels, programFile });
    for (const branch of found.branches) tally.add(branch);
    for (const one of found.unmeasured) unmeasured.set(`${one.at.file}:${one.at.line} ${one.why}`, one);
  }
  return known.size === 0 ? undefined : { branches: tally.all(), unmeasured: [...unmeasured.values()] };
};

type TracedTask = {
  lines: TracedLine[];
  rendered: TemplateTrace['arms'];
  /** What its templates are made of. */
  files: string[];
  labels: string;
};

/** Renders a task's templates once more; undefined where one of them cannot be. */
const traceTask = ({
  run: { templates, blocks, linksDir },
  tracer,
  profile,
  task: { context },
  pipeline,
}: Measuring & { task: RanTask; pipeline: string }): TracedTask | undefined => {
  const { given } = givenTo({ pipeline, linksDir, profile, context });
  const { source, transform } = profile;
  const toml = blocks.find(({ key }) => key === pipeline)?.text ?? '';
  const last = transform === undefined ? givesLines({ source: toml, id: pipeline }) : `${pipeline}_parse`;
  const parts: { template: Template; input: string }[] = [
    { template: source, input: '' },
    ...(transform === undefined ? [] : [{ template: transform, input: inId(pipeline) }]),
    { template: templates.labels, input: last },
  ];
  const traces = parts.map(({ template: { path, text }, input }) =>
    tracer.trace(parseOnce({ name: path, text }), { ...given, input }),
  );
  const whole = traces.filter((trace) => trace !== undefined);
  if (whole.length < parts.length) return undefined;
  return {
    lines: whole.flatMap(({ lines }) => [...lines]),
    rendered: whole.flatMap(({ arms }) => [...arms]),
    files: [...new Set(parts.flatMap(({ template }) => tracer.filesOf(template.path)))],
    labels: templates.labels.path,
  };
};

/** Each line of a template once, however often a block repeats it. */
const countLines = (lines: readonly TracedLine[], printed: Map<string, number>): void => {
  const own = lines.flatMap(({ pieces }) =>
    pieces.flatMap(({ text, at, isValue }) => (isValue || text.trim() === '' ? [] : [`${at.file}:${at.line}`])),
  );
  for (const line of new Set(own)) printed.set(line, (printed.get(line) ?? 0) + 1);
};

/** A file with VRL runs whole, once a pipeline. */
const countProgram = ({ file, text }: ProgramFile, printed: Map<string, number>): void => {
  for (const [row, line] of text.split('\n').entries()) {
    const key = `${file}:${row + 1}`;
    if (line.trim() !== '') printed.set(key, (printed.get(key) ?? 0) + 1);
  }
};
