import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { compileSafe } from '../../../lib/render/safe/index.ts';
import type { Cell } from './cell.ts';
import { contextOf, expected, isSame, normal } from './check.ts';

/**
 * A real Vector for the cells of the table: each value becomes a block of its own, whose event is compared with the
 * value.
 */
export const hasVector = (): boolean => spawnSync('vector', ['--version']).status === 0;

export type Block = { cell: Cell; value: unknown; number: number; text: string };

/** A block for each value that the cell takes. */
export const blocksOf = (cell: Cell, values: readonly unknown[], firstNumber: number): Block[] => {
  const template = compileSafe({ name: cell.name, text: cell.template });
  const { real } = cell;
  const taken = values.filter(
    (value) => expected(cell, value) === 'exact' && !('except' in real && real.except?.(value)),
  );
  return taken.map((value, index) => {
    const number = firstNumber + index;
    const rendered = template.render(contextOf(value, number));
    if (!rendered.ok) throw new Error(`${cell.name} refused ${JSON.stringify(value)}: ${rendered.refusals[0]?.why}`);
    return { cell, value, number, text: rendered.text };
  });
};

const fixed = (dataDir: string): string => `data_dir = ${JSON.stringify(dataDir)}

[sources.in]
type = "demo_logs"
format = "shuffle"
lines = ["hello"]
count = 1
interval = 0

[sinks.out]
type = "console"
inputs = ["in", "o*"]
encoding.codec = "json"
`;

/** What marks a block's event with its number. */
const marked = ({ number, text }: Block): string => {
  const program = text.includes('log_to_metric') ? `.namespace = "${number}"` : `.cell = ${number}`;
  return `${text}\n[transforms.o${number}]\ntype = "remap"\ninputs = ["c${number}"]\nsource = '${program}'\n`;
};

type Ran = { code: number; stdout: string; stderr: string };
type Interpolation = 'on' | 'off';

const vector = (args: string[], interpolation: Interpolation): Promise<Ran> =>
  new Promise((resolve) => {
    // $HOME and the names that hostile values refer to exist, so that a reference would show.
    const env = {
      ...process.env,
      HOME: '/replaced',
      X: 'replaced',
      VECTOR_LOG: 'error',
      ...(interpolation === 'on' && { VECTOR_DANGEROUSLY_ALLOW_ENV_VAR_INTERPOLATION: 'true' }),
    };
    execFile('vector', args, { env, maxBuffer: 1 << 28, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
  });

/**
 * V8 13.6 (Node 24) takes the key `a\b` for `a\` where it has parsed an object with that key before, so JSON.parse
 * would misread what Vector wrote.
 */
const readEvent = (line: string): Record<string, unknown> => parse(line);

const inFolder = async <T>(use: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-safe-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/**
 * Runs the blocks in one Vector until its sources end; says of each block whose event is not the value what came
 * instead.
 */
export const runBlocks = async (blocks: readonly Block[], interpolation: Interpolation): Promise<string[]> => {
  const first = await eventsOf(blocks, interpolation);
  if (typeof first === 'string') return [first];
  // A Vector whose sources all end as it starts loses an event now and then, whatever the event is.
  const late = blocks.filter((block) => !first.has(block.number));
  const second = late.length > 0 ? await eventsOf(late, interpolation) : first;
  if (typeof second === 'string') return [second];
  return blocks.flatMap((block) => misread(block, first.get(block.number) ?? second.get(block.number)));
};

const eventsOf = (
  blocks: readonly Block[],
  interpolation: Interpolation,
): Promise<Map<number, Record<string, unknown>> | string> =>
  inFolder(async (folder) => {
    const file = join(folder, 'vector.toml');
    await writeFile(file, [fixed(folder), ...blocks.map(marked)].join('\n'));
    const { code, stdout, stderr } = await vector(['-q', '-c', file], interpolation);
    if (code !== 0 || stdout === '') return `Vector ended with ${code}: ${stderr.slice(0, 3000)}`;
    const events = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map(readEvent);
    return new Map(events.map((event) => [Number(event.cell ?? event.namespace), event]));
  });

const misread = ({ cell, value, text, number }: Block, event: Record<string, unknown> | undefined): string[] => {
  const { real } = cell;
  if (!('event' in real)) return [];
  const name = `${cell.place}, ${cell.name}, ${JSON.stringify(value)}`;
  if (!event) return [`${name}: no event ${number} from ${text}`];
  const want = normal(real.want ? real.want(value) : cell.want ? cell.want(value) : String(value));
  const got = normal(real.event(event));
  return isSame(got, want) ? [] : [`${name}: got ${JSON.stringify(got)} from ${text}`];
};

/** Has Vector check the blocks without running them; its report if it refuses one. */
export const validateBlocks = (blocks: readonly Block[], interpolation: Interpolation): Promise<string[]> =>
  inFolder(async (folder) => {
    const file = join(folder, 'vector.toml');
    const sourceSinks = blocks
      .filter(({ text }) => text.includes('[sources.c'))
      .map(({ number }) => `[sinks.o${number}]\ntype = "blackhole"\ninputs = ["c${number}"]\n`);
    await writeFile(
      file,
      [fixed(folder).replace(', "o*"', ''), ...blocks.map(({ text }) => text), ...sourceSinks].join('\n'),
    );
    const { code, stdout, stderr } = await vector(['validate', '--no-environment', file], interpolation);
    return code === 0 ? [] : [`${stdout}${stderr}`.slice(0, 3000)];
  });

/**
 * Files named after each value side by side, and for each a file source whose glob holds that value: says of each
 * source what it read beside or instead of its own file.
 */
export const readNamedFiles = (names: readonly string[]): Promise<string[]> =>
  inFolder(async (folder) => {
    const template = compileSafe({
      name: 'glob',
      text: '[sources.c{{i}}]\ntype = "file"\ninclude = ["{{dir}}/{{v}}.log"]\nread_from = "beginning"\nfingerprint.strategy = "device_and_inode"\n',
    });
    const blocks = names.map((name, i) => {
      const rendered = template.render({ i, dir: folder, v: name });
      if (!rendered.ok) throw new Error(rendered.refusals[0]?.why);
      return rendered.text;
    });
    await Promise.all(names.map((name, i) => writeFile(join(folder, `${name}.log`), `${i}\n`)));
    const marks = names.map(
      (_, i) => `[transforms.o${i}]\ntype = "remap"\ninputs = ["c${i}"]\nsource = '.cell = ${i}'\n`,
    );
    await writeFile(join(folder, 'vector.toml'), [fixed(folder), ...blocks, ...marks].join('\n'));
    const events = await linesUntil(join(folder, 'vector.toml'), names.length + 1);
    const read = events.filter((event) => event.cell !== undefined);
    const wrong = read.filter(({ cell, message }) => String(cell) !== message);
    const missing = names.filter((_, i) => !read.some(({ cell }) => cell === i));
    return [
      ...wrong.map(({ cell, message }) => `${names[Number(cell)]} also matched ${names[Number(message)]}`),
      ...missing.map((name) => `${JSON.stringify(name)} was not read`),
    ];
  });

/** Runs a Vector that does not end by itself until it has written so many lines, and a moment longer. */
const linesUntil = (file: string, count: number): Promise<Record<string, unknown>[]> =>
  new Promise((resolve) => {
    const child = spawn('vector', ['-q', '-c', file], { env: { ...process.env, VECTOR_LOG: 'error' } });
    let stdout = '';
    const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
    child.stdout.on('data', (data: Buffer) => {
      const before = stdout.split('\n').length;
      stdout += data.toString();
      if (before <= count && stdout.split('\n').length > count) setTimeout(() => child.kill('SIGTERM'), 1_500);
    });
    child.on('close', () => {
      clearTimeout(limit);
      const lines = stdout.split('\n').filter((line) => line !== '');
      resolve(lines.map(readEvent));
    });
  });
