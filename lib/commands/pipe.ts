import { planCycle } from '../cycle.ts';
import type { EngineEvent } from '../engine/event.ts';
import { readProgramsFrom } from '../engine/read-program.ts';
import { NvlError } from '../errors.ts';
import { exactJson } from '../exact-json.ts';
import type { LogStream } from '../link-name.ts';
import { didYouMean } from '../nearest.ts';
import { droppedText } from '../preview/dropped-text.ts';
import { openTaskPipeline, type PipelineStep, type TaskPipeline } from '../preview/task-pipeline.ts';
import { traceEvent } from '../preview/trace-event.ts';
import { renderTests } from '../profile-test/session.ts';
import { LINKS_DIR, syntheticTask } from '../profile-test/synthetic-task.ts';
import { throughGate } from '../render/refused.ts';
import type { Rendered } from '../render/render.ts';
import { vectorCwd } from '../vector/config/command.ts';
import { asPlain } from '../vrl/values.ts';
import { createVrl } from '../vrl/vrl.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import { configFor, type Flags, readOnlyDeps, templatesOf, textFlag } from '../wiring/prepare.ts';
import { withNode } from '../wiring/with-node.ts';
import { meantTasks, nothingFound } from './meant-tasks.ts';

/** `nvl pipe [JOB [TASK]] < lines`: what a profile makes of lines, at once and without Vector. */
export const pipe = async ({ io, flags, args }: { io: Io; flags: Flags; args: string[] }): Promise<number> => {
  const [job, task] = args;
  const given = job === undefined ? await ofProfile({ io, flags }) : await ofJob({ io, flags, job, task });
  const vrl = createVrl();
  try {
    const pipeline = await openTaskPipeline({
      ...given,
      vrl,
      readProgram: readProgramsFrom(given.programDir),
    });
    return await runLines({ io, flags, pipeline });
  } finally {
    await vrl.close();
  }
};

type Given = {
  rendered: Pick<Rendered, 'blocks' | 'rows'>;
  stem: string;
  linksDir: string;
  /** Where files with VRL are looked for. */
  programDir: string;
};

const streamOf = (flags: Flags): LogStream => (textFlag(flags, 'stream') === 'stderr' ? 'stderr' : 'stdout');

/** A task of a job that Nomad never knew. */
const ofProfile = async ({ io, flags }: { io: Io; flags: Flags }): Promise<Given> => {
  const config = await configFor({ io, flags });
  const templates = await templatesOf(config);
  const profile = textFlag(flags, 'profile') ?? 'default';
  const found = templates.profiles.get(profile);
  if (found === undefined)
    throw unknownName({ what: 'no profile is named', name: profile, known: templates.profiles.keys() });
  const params = paramsOf(flags);
  const known = Object.keys(found.settings.parameters);
  for (const name of Object.keys(params))
    if (!known.includes(name)) throw unknownName({ what: `the profile ${profile} has no parameter`, name, known });
  const testCase = {
    profile,
    name: '',
    file: '',
    line: 0,
    position: 0,
    task: {},
    params,
    stream: streamOf(flags),
    bytes: Buffer.alloc(0),
  };
  const task = syntheticTask({ testCase, linksDir: LINKS_DIR });
  const session = { cases: [{ testCase, task }], templates, folders: { links: LINKS_DIR } };
  const rendered = renderTests({ session, isIn: () => true });
  const stem = task.context.id;
  const programDir = vectorCwd({ config, cwd: io.cwd });
  return { rendered: throughGate({ rendered, stem }), stem, linksDir: LINKS_DIR, programDir };
};

const unknownName = ({ what, name, known }: { what: string; name: string; known: Iterable<string> }): NvlError => {
  const names = [...known].sort();
  return new NvlError('usage', {
    message: `${what} ${name}${didYouMean(name, names)}`,
    facts: { known: names.join(', ') || undefined },
  });
};

const paramsOf = (flags: Flags): Record<string, string> => {
  const given = Array.isArray(flags.param) ? flags.param.map(String) : [];
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at === -1) throw new NvlError('usage', { message: `--param ${text} has no value: write --param NAME=VALUE` });
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
};

/** The first task of the node that is meant; its equals have the same profile. */
const ofJob = ({
  io,
  flags,
  job,
  task,
}: {
  io: Io;
  flags: Flags;
  job: string;
  task: string | undefined;
}): Promise<Given> =>
  withNode({ io, flags }, async (node) => {
    const deps = await readOnlyDeps(node);
    const { rendered, looked } = await planCycle(deps);
    const [first] = meantTasks({ looked, job, task });
    if (first === undefined) throw nothingFound({ looked, job, task });
    const programDir = vectorCwd({ config: node.config, cwd: io.cwd });
    const { id: stem } = first;
    return { rendered: throughGate({ rendered, stem }), stem, linksDir: deps.linksDir, programDir };
  });

/** Prints events as they come. What waits for more lines is let go where none came for a while. */
const runLines = async ({ io, flags, pipeline }: { io: Io; flags: Flags; pipeline: TaskPipeline }): Promise<number> => {
  const print = printer({ io, flags });
  const stream = streamOf(flags);
  let last: Promise<void> = Promise.resolve();
  let failed: unknown;
  const inTurn = (step: () => Promise<PipelineStep>): Promise<void> => {
    last = last
      .then(async () => print(await step()))
      .catch((error: unknown) => {
        failed ??= error;
      });
    return last;
  };
  let idle: NodeJS.Timeout | undefined;
  for await (const bytes of io.readInput()) {
    clearTimeout(idle);
    await inTurn(() => pipeline.push({ stream, bytes }));
    if (failed !== undefined || io.signal.aborted) break;
    idle = setTimeout(() => void inTurn(() => pipeline.release()), IDLE_MS);
  }
  clearTimeout(idle);
  await inTurn(() => pipeline.release());
  await inTurn(() => pipeline.end());
  await inTurn(() => pipeline.release());
  if (failed !== undefined) throw failed;
  print.end();
  return EXIT.done;
};

const IDLE_MS = 1_000;

/** Events on stdout, one a line; what is said of them on stderr. */
const printer = ({ io, flags }: { io: Io; flags: Flags }) => {
  let droppedCount = 0;
  const print = ({ events, way, dropped }: PipelineStep): void => {
    for (const event of events) {
      if (flags.trace === true) io.out(`${traced({ event, way })}\n`);
      else io.out(`${jsonOf(event)}\n`);
    }
    droppedCount += dropped.length;
    if (flags.dropped === true) for (const one of dropped) io.err(droppedText(one));
  };
  print.end = (): void => {
    if (droppedCount > 0 && flags.dropped !== true)
      io.err(`${droppedCount} of the lines gave no event: --dropped shows them, and why\n`);
  };
  return print;
};

const jsonOf = ({ event }: EngineEvent): string => exactJson(asPlain(event)) ?? '';

const traced = ({ event, way }: { event: EngineEvent; way: PipelineStep['way'] }): string =>
  [`line ${numbersOf(event)}`, ...traceEvent({ event, way }).map((row) => `  ${row}`), `  => ${jsonOf(event)}`].join(
    '\n',
  );

const numbersOf = ({ lines }: EngineEvent): string => {
  const numbers = lines.map(({ number }) => number);
  return numbers.length <= 1 ? `${numbers[0] ?? '?'}` : `${Math.min(...numbers)} to ${Math.max(...numbers)}`;
};
