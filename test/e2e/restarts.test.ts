import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, aNomad } from '../commands/support.ts';
import { aRawAllocation, idOfTask } from '../support/builders.ts';
import { startNvl } from '../support/nvl.ts';
import { needs, vector } from '../support/programs.ts';
import { readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// Short tasks come and go while nvl and its real Vector are told to end and start again: what each wrote arrives once, its
// last line too, with a newline or without one.

const TASKS = 12;
const EVERY_MS = 250;
/** Of each batch of tasks: nvl is told to end when so many have finished, and starts again this much later. */
const RESTARTS = [
  { after: 4, awayMs: 0 },
  { after: 6, awayMs: 1_500 },
  { after: 8, awayMs: 300 },
];

/** A node on which tasks start, write some lines and finish; most leave their last line open. A witness writes all the time. */
const aBusyNode = async (folder: string) => {
  const nomad = await aNomad(folder);
  const allocations = new Map<number, unknown>();
  const expected: string[] = [];
  let started = 0;
  let finished = 0;
  const tell = (index: number, given: Parameters<typeof aRawAllocation>[0]): void => {
    allocations.set(index, aRawAllocation({ id: idOfTask(index), job: `job-${index}`, ...given }));
    nomad.setAllocations([...allocations.values()]);
  };
  const begin = async (index: number) => {
    tell(index, { status: 'running' });
    const logs = join(nomad.allocDir, idOfTask(index), 'alloc', 'logs');
    await mkdir(logs, { recursive: true });
    return async (line: string, end = '\n'): Promise<void> => {
      await appendFile(join(logs, 'app.stdout.0'), `${line}${end}`);
      expected.push(line);
    };
  };
  const runTask = async (): Promise<void> => {
    started += 1;
    const index = started;
    const write = await begin(index);
    const count = index % 5 === 0 ? 1 : 8;
    for (let at = 1; at <= count; at += 1) {
      await sleep(30);
      await write(`task ${index} line ${at}`, at < count || index % 3 === 0 ? '\n' : '');
    }
    tell(index, { status: 'complete', finishedAt: new Date().toISOString() });
    finished += 1;
  };
  return {
    nomad,
    expected,
    finished: () => finished,
    runBatch: async (): Promise<void> => {
      const tasks = Array.from({ length: TASKS }, async (_, at) => {
        await sleep(at * EVERY_MS);
        await runTask();
      });
      await Promise.all(tasks);
    },
    /** Until it is told to stop. */
    runWitness: async () => {
      const write = await begin(99_999);
      let isOver = false;
      const writing = (async () => {
        for (let at = 0; !isOver; at += 1) {
          await write(`witness line ${at}`);
          await sleep(50);
        }
      })();
      return () => {
        isOver = true;
        return writing;
      };
    },
  };
};

test(
  'nvl and its Vector end by SIGTERM and start again three times: no line is lost, none comes twice',
  needs(vector),
  async () => {
    const folder = await aFolder();
    const node = await aBusyNode(folder);
    const endWitness = await node.runWitness();
    onTestFinished(endWitness);
    const start = () =>
      startNvl({
        folder,
        config: {
          nomad: { address: node.nomad.address, interval: '1s' },
          reload: { settle: '5ms:20ms' },
          collect: { removalDelay: '1s' },
        },
      });
    let nvl = await start();
    onTestFinished(async () => void (await nvl.end()));
    const got = async () => (await readEvents(nvl.delivered)).map(({ message }) => message ?? '');
    const delivers = async () => {
      const before = (await got()).length;
      await waitUntil('a line', async () => (await got()).length > before, { timeoutMs: 60_000 });
    };
    const batches: Promise<void>[] = [];
    for (const { after, awayMs } of RESTARTS) {
      await delivers();
      const enough = node.finished() + after;
      batches.push(node.runBatch());
      await waitUntil(`${after} more tasks to finish`, () => node.finished() >= enough, { everyMs: 5 });
      expect(await nvl.end()).toBe(0);
      await sleep(awayMs);
      nvl = await start();
    }
    await delivers();
    await Promise.all([...batches, node.runBatch()]);
    await endWitness();

    const lost = async () => {
      const seen = new Set(await got());
      return node.expected.filter((line) => !seen.has(line));
    };
    // What is missing after that is told below.
    await waitUntil('all lines', async () => (await lost()).length === 0, { timeoutMs: 60_000 }).catch(() => {});
    await sleep(2_000);
    const lines = await got();
    expect({
      lost: await lost(),
      repeated: lines.filter((line, at) => lines.indexOf(line) !== at),
      strange: lines.filter((line) => !node.expected.includes(line)),
    }).toEqual({ lost: [], repeated: [], strange: [] });
  },
);
