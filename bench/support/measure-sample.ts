import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { renderOf } from '../../test/render/support.ts';
import { aContext } from '../../test/support/builders.ts';
import { type RealFile, samplesWith } from '../../test/support/cross-samples.ts';
import { writeRendered } from '../../test/support/deliver-rendered.ts';
import { type RunningVector, startVector } from '../../test/support/vector.ts';
import { cpuSeconds } from './proc.ts';
import { fileSource } from './yardsticks.ts';

/** Processor time of Vector: µs for each line, and ms until it runs, in which it compiles the programs. */
export type Cost = { lineMicros: number; startMs: number };

/** Of one file: a file source and nothing else, nvl's labels alone behind it, and the sample that the file is of before them. */
export type SampleCost = Readonly<Record<'bare' | 'labels' | 'sample', Cost>>;

/** Reads so many lines of the file, over and over from its start, by each. */
export const measureSample = async ({ file, lines }: { file: RealFile; lines: number }): Promise<SampleCost> => {
  const bytes = repeated({ file, lines });
  return {
    bare: await measure({ bytes, lines, prepare: bareIn }),
    labels: await measure({ bytes, lines, prepare: (folder) => sampleIn({ folder, profile: 'default' }) }),
    sample: await measure({ bytes, lines, prepare: (folder) => sampleIn({ folder, profile: file.name }) }),
  };
};

/** The configuration, and what puts the lines where it reads them. */
type Prepared = { config: string; write: (bytes: Buffer) => Promise<void> };

const measure = async ({
  bytes,
  lines,
  prepare,
}: {
  bytes: Buffer;
  lines: number;
  prepare: (folder: string) => Promise<Prepared>;
}): Promise<Cost> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-bench-sample-'));
  try {
    const { config, write } = await prepare(folder);
    const vector = await startVector({ folder, configs: [config] });
    try {
      const started = cpuSeconds(vector.pid);
      await write(bytes);
      return { lineMicros: ((await settled(vector)) - started) * (1e6 / lines), startMs: started * 1_000 };
    } finally {
      await vector.end();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const BLACKHOLE = '[sinks.away]\ntype = "blackhole"\ninputs = ["{{input}}"]\nacknowledgements.enabled = true\n';

const bareIn = async (folder: string): Promise<Prepared> => {
  const [config, logs] = [join(folder, 'bare.toml'), join(folder, 'logs')];
  await mkdir(logs);
  await writeFile(
    config,
    `${fileSource({ id: 'logs', include: [join(logs, '*')] })}\n${BLACKHOLE.replace('{{input}}', 'logs')}`,
  );
  return { config, write: (bytes) => writeFile(join(logs, 'stdout.0'), bytes) };
};

const sampleIn = async ({ folder, profile }: { folder: string; profile: string }): Promise<Prepared> => {
  const task = aContext({ taskMeta: { nvl_profile: profile } });
  const rendered = await renderOf({ templates: await samplesWith(BLACKHOLE), tasks: [task] });
  const { config, writeLogs } = await writeRendered({ rendered, folder });
  return { config, write: (bytes) => writeLogs(new Map([[task.id, { 'stdout.0': bytes }]])) };
};

/** A line of a megabyte is none that a program writes all day. */
const LONGEST_LINE = 4_096;

const repeated = ({ file, lines }: { file: RealFile; lines: number }): Buffer => {
  const own: Buffer[] = [];
  for (let from = 0; from < file.bytes.length; ) {
    const end = file.bytes.indexOf(10, from) + 1 || file.bytes.length;
    if (end - from <= LONGEST_LINE) own.push(file.bytes.subarray(from, end));
    from = end;
  }
  return Buffer.concat(Array.from({ length: lines }, (_, index) => own[index % own.length] as Buffer));
};

/** Processor time when it has read all: when it takes next to none for three seconds. */
const settled = async (vector: RunningVector): Promise<number> => {
  let [before, quiet] = [cpuSeconds(vector.pid), 0];
  for (let second = 0; second < 120 && quiet < 3; second += 1) {
    await sleep(1_000);
    const now = cpuSeconds(vector.pid);
    quiet = now - before < 0.06 ? quiet + 1 : 0;
    before = now;
  }
  return before;
};
