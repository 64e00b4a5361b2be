import { rootPaths } from '../apply/paths.ts';
import type { Config } from '../config/config.ts';
import { readProgramsFrom } from '../engine/read-program.ts';
import { droppedText } from '../preview/dropped-text.ts';
import { createPaints } from '../tail/printer.ts';
import { safeJson, safeText } from '../tail/safe-text.ts';
import { taskLabel } from '../tail/tailed-task.ts';
import { createWhere } from '../tail/where.ts';
import { type ApiPlace, apiPlace, withApiAdvice } from '../tap/api-place.ts';
import { lineJson, lineText } from '../tap/line-text.ts';
import { type TapCounts, type TapDeps, tap } from '../tap/tap.ts';
import { vectorCwd } from '../vector/config/command.ts';
import { createVrlPool } from '../vrl/vrl-pool.ts';
import { editedPipelines } from '../wiring/edited-pipelines.ts';
import { colorsOf, EXIT, type Io } from '../wiring/io.ts';
import { openLivePipelines } from '../wiring/live-pipelines.ts';
import { configFor, type Flags, textFlag } from '../wiring/prepare.ts';
import { readTeamFiles } from '../wiring/running-vector.ts';
import { colorFlag } from './render.ts';
import { countOf } from './tail.ts';

/** `nvl tap JOB[/TASK]`: a job's lines as the running Vector has them, before and after, and what edited templates would make of them. */
export const tapCommand = async ({
  io,
  flags,
  args,
  rest,
}: {
  io: Io;
  flags: Flags;
  args: string[];
  /** Behind `--`: the Vector that nvl runs. */
  rest: string[];
}): Promise<number> => {
  const [name = ''] = args;
  const most = flags.count === undefined ? undefined : countOf({ flags, name: 'count' });
  const config = await configFor({ io, flags });
  const place = await placeOf({ io, flags, config, rest });
  const vrl = createVrlPool();
  try {
    // Before anything is asked: it is the person's own text.
    const where = await createWhere({ source: textFlag(flags, 'where'), vrl });
    const readProgram = readProgramsFrom(vectorCwd({ config, cwd: io.cwd }));
    const run = { paths: rootPaths(config.root), vrl, readProgram };
    const live = openLivePipelines({ name, run });
    const say = (line: string): void => io.err(`nvl: ${line.split('\n').map(safeText).join('\n')}\n`);
    const templates = textFlag(flags, 'with');
    const openEdited = templates && editedPipelines({ io, flags, config, templates, live, run, say });
    say(await live.describe(place.url));
    say(SAMPLE_WORDS);
    const counts = await tap({
      ...place,
      sample: SAMPLE,
      look: live.look,
      openLive: live.open,
      openEdited: openEdited || undefined,
      where,
      show: showing({ io, flags }),
      onDropped: flags.dropped === true ? tellDropped(io) : () => {},
      most,
      say,
      signal: io.signal,
    });
    for (const line of endWords({ counts, isShown: flags.dropped === true })) say(line);
  } catch (error) {
    throw withApiAdvice(error, place);
  } finally {
    await vrl.close();
  }
  return EXIT.done;
};

/** All that Vector has, but for a flood: more would make it keep too much for a client that is slow. */
const SAMPLE = { limit: 5_000, intervalMs: 100 };

const SAMPLE_WORDS = `Vector shows a tap at most ${SAMPLE.limit} events each ${SAMPLE.intervalMs} ms, and leaves out what it cannot hand on: this is no count`;

const placeOf = async ({
  io,
  flags,
  config,
  rest,
}: {
  io: Io;
  flags: Flags;
  config: Config;
  rest: string[];
}): Promise<ApiPlace> => {
  const { api } = await readTeamFiles({ config, cwd: io.cwd, rest });
  return apiPlace({ asked: textFlag(flags, 'url'), api });
};

const showing = ({ io, flags }: { io: Io; flags: Flags }): TapDeps['show'] => {
  const colors = colorsOf({ io, wanted: colorFlag(flags) });
  const paints = createPaints(colors);
  const textOf: (line: Parameters<TapDeps['show']>[0]) => string =
    textFlag(flags, 'format') === 'json'
      ? (line) => (io.isTty ? safeJson(lineJson(line)) : lineJson(line))
      : (line) => lineText({ line, colors, paint: paints(labelOf(line)) });
  return async (line) => {
    io.out(`${textOf(line)}\n`);
    await io.outTakesMore?.();
  };
};

const labelOf = ({ task: { alloc, task } }: Pick<Parameters<TapDeps['show']>[0], 'task'>): string =>
  taskLabel({ allocId: alloc, task });

const tellDropped =
  (io: Io): TapDeps['onDropped'] =>
  ({ why, before, ...line }) => {
    if (before === undefined) return;
    const text = droppedText({ component: why?.component ?? 'Vector', why: why?.why ?? NOT_KNOWN, event: before });
    io.err(`${safeText(labelOf(line))} ${text.trimEnd().split('\n').map(safeText).join('\n')}\n`);
  };

const NOT_KNOWN = 'nvl’s own engine does not run this pipeline, so it cannot say why';

const endWords = ({ counts: { dropped, missing }, isShown }: { counts: TapCounts; isShown: boolean }): string[] => [
  ...(dropped === 0 || isShown ? [] : [`${dropped} lines gave no event: --dropped shows them, and why`]),
  ...(missing === 0
    ? []
    : [
        `of ${missing} lines not all was seen: they are not in Vector's sample, or wait for others, or were joined with them`,
      ]),
];
