import { appendFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Config } from '../config/config.ts';
import { configSchema } from '../config/schema.ts';
import { createDemoNode, type DemoNode } from '../demo/node.ts';
import { withPipelines } from '../demo/run-pipelines.ts';
import { startScenario } from '../demo/scenario.ts';
import { createShow } from '../demo/show.ts';
import { withDaemon } from '../demo/show-daemon.ts';
import { tellEnd, tellKept } from '../demo/show-end.ts';
import { tellLines } from '../demo/show-lines.ts';
import { type StepInput, tellAllocation, tellDryRun, tellEdit, tellNode } from '../demo/show-steps.ts';
import { createTally } from '../demo/show-tally.ts';
import { DEMO_PROFILES, writeDemoTemplates } from '../demo/show-templates.ts';
import { NvlError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type FoundVector, findVector } from '../vector/process/find.ts';
import { colorsOf, EXIT, type Io } from '../wiring/io.ts';
import { createLogger } from '../wiring/logger.ts';
import type { Flags } from '../wiring/prepare.ts';
import { colorFlag } from './render.ts';

/**
 * `nvl demo`: a simulated node, and on it the real cycle, daemon and Vector, told step by step on stdout. Everything
 * lies in a temporary folder that goes with it. Without a Vector that can be used nvl runs the pipelines itself, and what only a Vector
 * shows is left out.
 */
export const demo = async ({ io, flags }: { io: Io; flags: Flags }): Promise<number> => {
  const isKept = flags.keep === true;
  const folder = await mkdtemp(join(tmpdir(), 'nvl-demo-'));
  const signal = AbortSignal.any([io.signal, ...(isKept ? [] : [AbortSignal.timeout(MOST_MS)])]);
  const colors = colorsOf({ io, wanted: colorFlag(flags) });
  const show = createShow({ out: io.out, colors, isWatched: io.isTty, signal });
  const node = await createDemoNode({ dataDir: join(folder, 'nomad'), seed: SEED });
  try {
    const places = {
      deliveredFile: join(folder, 'delivered.ndjson'),
      templatesDir: join(folder, 'templates'),
    };
    const { deliveredFile, templatesDir } = places;
    await writeDemoTemplates({ dir: templatesDir, deliveredFile });
    const config = demoConfig({ folder, address: node.address, templatesDir, env: io.env });
    const stage: Stage = {
      show,
      config,
      io: quietIo({ io, folder, signal }),
      templatesDir,
      colors,
      node,
      deliveredFile,
    };
    const vector = await findVector({ command: { ...config.vector, cwd: folder }, signal }).catch(whyNot);
    show.title('nvl demo', 'why' in vector ? WITHOUT_VECTOR : withVector(vector));
    const end = async (input: StepInput) => {
      if (isKept) await tellKept({ ...input, ...places, ended: io.signal });
    };
    return 'why' in vector
      ? await tellWithout({ stage, why: vector.why, end })
      : await tellAll({ stage, vector, folder, end });
  } catch (error) {
    if (!io.signal.aborted) throw await withLastWords({ error: signal.aborted ? tookTooLong() : error, folder });
    show.gap();
    show.say('Ended early; nothing is left behind.');
    return EXIT.done;
  } finally {
    await node.close();
    await rm(folder, { recursive: true, force: true });
  }
};

/** Of the node's ids and lines: any number does. */
const SEED = 2;
/** A busy machine takes three times as long as others. */
const MOST_MS = 90_000;
/** A step of the node's life: short enough for each way of logging to be seen at once. */
const STEP_MS = 120;

const WITHOUT_VECTOR = 'A simulated Nomad node; nvl is real. It takes a few seconds.';
const LEFT_OUT =
  'What only a real Vector shows is left out: its reloads, an allocation that starts and stops, the last line of a task that ends, and the count of all lines.';
const withVector = ({ version }: FoundVector) =>
  `A simulated Nomad node; nvl's daemon and Vector ${version} are real. It takes 20 seconds.`;

/** Where the steps are played. */
type Stage = Omit<StepInput, 'tally'> & { node: DemoNode; deliveredFile: string };

const tellAll = async ({
  stage,
  vector,
  folder,
  end,
}: {
  stage: Stage;
  vector: FoundVector;
  folder: string;
  end: (input: StepInput) => Promise<void>;
}): Promise<number> => {
  const { config, io } = stage;
  const tally = createTally({ ...stage, signal: io.signal });
  const input: StepInput = { ...stage, tally };
  const globals = join(folder, 'vector.toml');
  await writeFile(globals, `data_dir = ${JSON.stringify(folder)}\n`);
  const scenario = await startTasks(tally.node);
  try {
    return await withDaemon(
      { config, io, log: logOf(stage), vectorArgs: [vector.file, '--config', globals] },
      async (heard) => {
        await tellNode(input);
        await tellLines(input);
        await tellAllocation({ ...input, heard });
        await tellDryRun(input);
        await tellEdit(input);
        await end(input);
        await scenario.stop();
        await tally.settle();
        const counts = tally.counts();
        await tellEnd({ ...input, outcome: { counts, heard } });
        return counts.lost + counts.repeated + counts.mislabelled === 0 ? EXIT.done : EXIT.error;
      },
    );
  } finally {
    await scenario.stop();
  }
};

const startTasks = (node: DemoNode) => startScenario({ node, seed: SEED, profiles: DEMO_PROFILES, stepMs: STEP_MS });

const logOf = ({ config, io }: Stage): Log => createLogger({ config: config.log, isTty: false, write: io.err });

const tellWithout = ({
  stage,
  why,
  end,
}: {
  stage: Stage;
  why: string;
  end: (input: StepInput) => Promise<void>;
}): Promise<number> => {
  const { show, node, io } = stage;
  show.gap();
  show.say(`${why}: nvl itself runs the pipelines here, with Vector's own language. ${LEFT_OUT}`);
  return withPipelines({ ...stage, log: logOf(stage), allocDir: node.allocDir }, async (collect) => {
    const tally = createTally({ ...stage, collect, signal: io.signal });
    const input: StepInput = { ...stage, tally };
    const scenario = await startTasks(tally.node);
    try {
      await tellNode(input);
      await tellLines(input);
      await tellDryRun(input);
      await tellEdit(input);
      await end(input);
      await tellEnd({ ...input, outcome: undefined });
      return EXIT.done;
    } finally {
      await scenario.stop();
    }
  });
};

const whyNot = (error: unknown): { why: string } => {
  if (!(error instanceof NvlError)) throw error;
  return { why: error.code === 'vectorMissing' ? 'There is no vector on the PATH' : error.message };
};

/** Settings of the person's own for another Nomad or Vector count for nothing here. */
const demoConfig = ({
  folder,
  address,
  templatesDir,
  env,
}: {
  folder: string;
  address: string;
  templatesDir: string;
  env: Io['env'];
}): Config => ({
  ...configSchema.parse({
    nomad: { address, interval: '2s' },
    collect: { removalDelay: '1s' },
    templates: templatesDir,
    root: join(folder, 'root'),
    vector: {
      drain: '5s',
      env: Object.fromEntries(Object.entries(PLAIN_VECTOR).filter(([name]) => env[name] !== undefined)),
    },
    log: { format: 'json' },
  }),
  file: undefined,
});

/** What is set for a Vector elsewhere, and would hide what this one says of its reloads. */
const PLAIN_VECTOR = {
  VECTOR_LOG: 'info',
  LOG: 'info',
  VECTOR_LOG_FORMAT: 'text',
  VECTOR_QUIET: '0',
  VECTOR_WATCH_CONFIG: 'false',
};

/** What nvl and Vector log goes into files of the demo's folder: only the story is for the terminal. */
const quietIo = ({ io, folder, signal }: { io: Io; folder: string; signal: AbortSignal }): Io => {
  const append = (name: string, text: string) => appendFileSync(join(folder, name), text);
  return {
    ...io,
    out: () => {},
    err: (text) => append(LOGS.nvl, text),
    stderr: new Writable({
      write: (chunk, _encoding, done) => {
        append(LOGS.Vector, String(chunk));
        done();
      },
    }),
    env: {},
    cwd: folder,
    isTty: false,
    isErrTty: false,
    signal,
  };
};

const LOGS = { nvl: 'nvl.log', Vector: 'vector.log' } as const;

const tookTooLong = () =>
  new NvlError('demoStuck', { message: `the demo did not come to its end within ${MOST_MS / 1_000} s` });

/** What the two said last is gone with the folder otherwise. */
const withLastWords = async ({ error, folder }: { error: unknown; folder: string }): Promise<unknown> => {
  if (!(error instanceof NvlError) || error.code !== 'demoStuck') return error;
  const lastOf = async (name: string) => {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-4).join('\n') || undefined;
  };
  return new NvlError('demoStuck', {
    message: error.message,
    facts: { 'nvl said': await lastOf(LOGS.nvl), 'Vector said': await lastOf(LOGS.Vector) },
    advice: 'try again when the machine is less busy; if it stays so, please report it with these lines',
  });
};
