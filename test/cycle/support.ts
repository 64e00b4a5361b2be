import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { planCycle, runCycle } from '../../lib/cycle.ts';
import type { CycleDeps, CycleResult, Proof } from '../../lib/cycle-deps.ts';
import { NvlError } from '../../lib/errors.ts';
import { LogKeeper } from '../../lib/files/keep-logs.ts';
import type { LogAccess } from '../../lib/files/log-access.ts';
import { newMemory } from '../../lib/memory.ts';
import type { Allocation } from '../../lib/nomad/allocation.ts';
import type { ListFault } from '../../lib/nomad/read-element.ts';
import { rowsOf } from '../../lib/pipelines/table.ts';
import { type Block, blocksOf } from '../../lib/render/file.ts';
import type { Templates } from '../../lib/render/templates.ts';
import type { State } from '../../lib/state/state.ts';
import type { DeliveryTrouble } from '../../lib/vector/process/delivery.ts';
import { aConfig, anAnswer, someTemplates } from '../support/builders.ts';
import { aLog } from '../watch/support.ts';

export const T0 = 1_000 * 3_600_000;

type Reloaded = Awaited<ReturnType<CycleDeps['reload']>>;
export const reloaded: Reloaded = { kind: 'reloaded' };

/**
 * A node to run cycles on: links, logs and Vector's data folder are real, in a folder of the test's own; Nomad, Vector,
 * the output root and the clock are this object's fields. `steps` tells what was done, in its order.
 */
export const aNode = async (given: { allocations?: Allocation[]; config?: Parameters<typeof aConfig>[0] } = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-cycle-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { log, lines } = aLog();
  const places = { links: join(folder, 'links'), held: join(folder, 'held'), pins: join(folder, 'pins') };
  for (const place of Object.values(places)) await mkdir(place);
  const node = {
    folder,
    files: new LogKeeper({ places, log }),
    linksDir: join(folder, 'links'),
    dataDir: join(folder, 'data'),
    allocDir: join(folder, 'alloc'),
    allocations: given.allocations ?? [],
    hasLeader: true,
    over: new Set<string>(),
    faults: [] as ListFault[],
    exists: 'gone' as 'present' | 'gone' | 'hidden',
    config: aConfig(given.config),
    templates: await someTemplates(),
    live: undefined as string | undefined,
    table: undefined as string | undefined,
    staged: '',
    generations: [] as string[],
    /** The templates that Vector took last, as they are kept. */
    kept: undefined as string | undefined,
    state: { schema: 1, installedAt: 0, tasks: {} } as State,
    memory: newMemory(),
    troubles: [] as DeliveryTrouble[],
    surroundings: 'the own files' as string | undefined,
    now: T0,
    ending: new AbortController(),
    /** What Vector makes of a candidate; and of each reload, in their order, and `reloaded` from then on. */
    judge: (_: { text: string; blocks: readonly Block[] }): Proof => ({ ok: true, warnings: [] }),
    reloads: [] as Reloaded[],
    steps: [] as string[],
    /** At each reload: the rows and pipelines that Vector was told of, and what lay where it reads. */
    told: [] as { pipelines: string[]; rows: string[]; links: string[] }[],
    logged: lines,
    /** Where Vector reads, as `<pipeline>/<stem>.<stream>.<index>`. */
    links: async () => (await readdir(places.links, { recursive: true })).filter((name) => name.includes('/')).sort(),
    /** Which tasks have rows, by their stems. */
    rows: () => rowsOf(node.table).map(({ stem }) => stem),
    /** Which pipeline a task's row names; of one that has just moved, the new one. */
    pipelineOf: (stem: string) =>
      node.state.tasks[stem]?.pipeline ?? rowsOf(node.table).find((row) => row.stem === stem)?.pipeline,
    /** Of the live file. */
    pipelines: () => [...blocksOf(node.live ?? '').values()].flatMap(({ key, kind }) => (kind === 'sink' ? [] : [key])),
    cycle: (): Promise<CycleResult> => runCycle(node.deps()),
    plan: () => planCycle(node.deps()),
    deps: (): CycleDeps => ({
      config: node.config,
      nodeSource: {
        ask: async () => {
          const { allocations, allocDir, hasLeader, over, faults } = node;
          return { ...anAnswer(...allocations), allocDir, hasLeader, over, faults };
        },
        exists: async () => node.exists,
      },
      templates: node.templates,
      store: {
        read: () => structuredClone(node.state),
        write: (state) => {
          if (JSON.stringify(state) !== JSON.stringify(node.state)) node.steps.push('remember');
          node.state = structuredClone(state);
        },
        hold: (state) => node.deps().store.write(state),
      },
      memory: node.memory,
      linksDir: node.linksDir,
      logAccess: node.files,
      dataDir: node.dataDir,
      ownAllocId: undefined,
      isRecorded: false,
      surroundings: node.surroundings,
      troubles: () => node.troubles,
      disk: {
        readLive: async () => node.live,
        readTable: async () => node.table,
        hasTables: async () => true,
        writeTable: async ({ table }) => {
          node.steps.push('write the table');
          node.table = table;
        },
        stage: async (text) => {
          node.steps.push('stage');
          node.staged = text;
        },
        swap: async () => {
          node.steps.push('swap');
          node.live = node.staged;
        },
        restore: async (text) => {
          node.steps.push('restore');
          node.live = text;
        },
        keepGeneration: async (text) => {
          if (node.generations.at(-1) !== text) node.generations.push(text);
        },
        readTemplates: async () => node.kept,
        keepTemplates: async (text) => {
          if (node.kept !== text) node.steps.push('keep the templates');
          node.kept = text;
        },
        setTemplatesAside: async () => {
          node.steps.push('set the templates aside');
          node.kept = undefined;
          return 'aside';
        },
        lastGeneration: async (fits) => node.generations.findLast(fits),
      },
      prove: async (candidate) => {
        node.steps.push('prove');
        return node.judge(candidate);
      },
      reload: async ({ added }) => {
        node.steps.push(`reload, new: ${added.length}`);
        node.told.push({ pipelines: node.pipelines(), rows: node.rows(), links: await node.links() });
        return node.reloads.shift() ?? reloaded;
      },
      now: () => node.now,
      log,
      signal: node.ending.signal,
    }),
    /** Lets nvl start anew: what it had in memory is gone. */
    restart: () => {
      node.memory = newMemory();
      node.files = new LogKeeper({ places, log });
    },
  };
  return node;
};

/** Its links, with some of what is done with them replaced. */
export const logAccessWith = ({ logAccess }: CycleDeps, changed: Partial<LogAccess>): LogAccess => ({
  findLost: () => logAccess.findLost(),
  open: (task) => logAccess.open(task),
  close: (task) => logAccess.close(task),
  settle: (known) => logAccess.settle(known),
  filesOf: (task) => logAccess.filesOf(task),
  isGone: (where) => logAccess.isGone(where),
  linkedOf: (task) => logAccess.linkedOf(task),
  owns: (key) => logAccess.owns(key),
  gaveUp: (task) => logAccess.gaveUp(task),
  ...changed,
});

export type TestNode = Awaited<ReturnType<typeof aNode>>;

export const useTemplates = async (node: TestNode, files: Record<string, string>): Promise<Templates> => {
  node.templates = await someTemplates(files);
  return node.templates;
};

/** Appends to a task's log, where Nomad keeps it. */
export const writeLog = async ({
  node,
  allocId,
  task = 'app',
  text,
}: {
  node: TestNode;
  allocId: string;
  task?: string;
  text: string;
}) => {
  const dir = join(node.allocDir, allocId, 'alloc', 'logs');
  await mkdir(dir, { recursive: true });
  await appendFile(join(dir, `${task}.stdout.0`), text);
  return join(dir, `${task}.stdout.0`);
};

/** Vector's note of how far it has read a source's files. */
export const writePositions = async ({
  node,
  id,
  positions,
}: {
  node: TestNode;
  id: string;
  positions: { dev: bigint; ino: bigint; at: bigint }[];
}) => {
  const entries = positions.map(({ dev, ino, at }) => `{"fingerprint":{"dev_inode":[${dev},${ino}]},"position":${at}}`);
  await mkdir(join(node.dataDir, id), { recursive: true });
  await writeFile(join(node.dataDir, id, 'checkpoints.json'), `{"version":"1","checkpoints":[${entries.join(',')}]}`);
};

/** A judge that refuses each block for which `isBad`, and blames it. */
export const refusing =
  (isBad: (block: Block) => boolean, said = 'no') =>
  ({ blocks }: { blocks: readonly Block[] }): Proof => {
    const bad = blocks.filter(isBad);
    const error = new NvlError('vectorRefused', { message: 'Vector refused the new config', facts: { said } });
    if (bad.length === 0) return { ok: true, warnings: [] };
    return { ok: false, error, blamed: bad.map((block) => ({ block, error })) };
  };
