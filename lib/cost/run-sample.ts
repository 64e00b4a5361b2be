import { createEngine, type Engine, type EngineStep } from '../engine/engine.ts';
import type { EngineEvent, LineOrigin } from '../engine/event.ts';
import type { ReadProgram } from '../engine/transform.ts';
import { NvlError } from '../errors.ts';
import { exactJson } from '../exact-json.ts';
import { isOfPipeline } from '../ids.ts';
import { linkName } from '../link-name.ts';
import { type Component, componentsOf } from '../render/components.ts';
import { assembleFile, type Block } from '../render/file.ts';
import type { Rendered } from '../render/render.ts';
import { vectorTableFiles } from '../render/vector-tables.ts';
import { isTable, type Table } from '../table.ts';
import { asPlain } from '../vrl/values.ts';
import type { Vrl } from '../vrl/vrl.ts';
import type { Passed, SampleLines, UnknownRun } from './sample.ts';

/** Where samples run: one side's pipelines. */
export type SampleSide = {
  rendered: Pick<Rendered, 'blocks' | 'rows'>;
  linksDir: string;
  vrl: Vrl;
  readProgram: ReadProgram;
};

/** `events`: as the sinks get them. */
export type RanSample = (Passed & { events: readonly EngineEvent[] }) | UnknownRun;

/** Runs lines through the pipeline of a task, as if it had written them, a file for each log of the sample. */
export const runSample = async ({
  block,
  stem,
  sample,
  side: { rendered, linksDir, vrl, readProgram },
}: {
  /** The pipeline. */
  block: Block;
  /** Of the task. */
  stem: string;
  sample: SampleLines;
  side: SampleSide;
}): Promise<RanSample> => {
  const parts = [...componentsOf(block.text).values()];
  const why = whyUnknown(typesIn(parts));
  if (why !== undefined) return { unknown: why };
  const text = assembleFile({ blocks: [block], templates: [], linksDir });
  const engine = createEngine({
    text,
    tables: vectorTableFiles({ text, rows: rendered.rows, linksDir }),
    vrl,
    readProgram,
  });
  const files = filesOf({ block, stem, sample, linksDir, isRepeated: typesIn(parts).has('sample') });
  try {
    const steps = await stepsOf({ engine, block, files });
    return 'unknown' in steps ? steps : passedOf({ block, files, steps: steps.ran, delimiter: delimiterIn(parts) });
  } catch (error) {
    if (!(error instanceof NvlError)) throw error;
    return { unknown: error.message };
  }
};

type Parts = readonly { component: Component; table: unknown }[];
type SampleFile = { path: string; bytes: Buffer };

const typesIn = (parts: Parts): ReadonlySet<unknown> =>
  new Set(parts.flatMap(({ component, table }) => (component.kind === 'transform' ? (table as Table).type : [])));

/** What a few lines at once cannot tell. */
const whyUnknown = (types: ReadonlySet<unknown>): string | undefined => {
  if (types.has('throttle')) return 'what its throttle drops depends on how fast lines come';
  if (types.has('sample') && (types.has('dedupe') || types.has('reduce')))
    return 'its sample needs more lines than there are, and its dedupe or reduce would join the same ones';
  return undefined;
};

/** One in a hundred is not seen in a few lines. */
const ENOUGH_LINES = 2_000;
const MOST_BYTES = 4_000_000;

const filesOf = ({
  block: { key },
  stem,
  sample: { logs },
  linksDir,
  isRepeated,
}: {
  block: Block;
  stem: string;
  sample: SampleLines;
  linksDir: string;
  isRepeated: boolean;
}): SampleFile[] => {
  const whole = logs.map(({ stream, bytes }) => ({ stream, bytes: bytes.at(-1) === NEWLINE ? bytes : withEnd(bytes) }));
  const lines = whole.reduce((sum, { bytes }) => sum + linesIn(bytes, '\n'), 0);
  const size = whole.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const times = isRepeated
    ? Math.max(1, Math.min(Math.ceil(ENOUGH_LINES / Math.max(1, lines)), Math.floor(MOST_BYTES / Math.max(1, size))))
    : 1;
  return whole.map(({ stream, bytes }, index) => ({
    path: `${linksDir}/${key}/${linkName({ stem, stream, index })}`,
    bytes: times === 1 ? bytes : Buffer.concat(Array.from({ length: times }, () => bytes)),
  }));
};

const NEWLINE = 0x0a;
const withEnd = (bytes: Buffer): Buffer => (bytes.length === 0 ? bytes : Buffer.concat([bytes, Buffer.from('\n')]));

const delimiterIn = (parts: Parts): string => {
  const source = parts.find(({ component }) => component.kind === 'source')?.table;
  const delimiter = isTable(source) ? source.line_delimiter : undefined;
  return typeof delimiter === 'string' && delimiter !== '' ? delimiter : '\n';
};

/** The last one may have no end. */
const linesIn = (bytes: Buffer, delimiter: string): number => {
  let count = 0;
  let from = 0;
  for (let at = bytes.indexOf(delimiter); at !== -1; at = bytes.indexOf(delimiter, from)) {
    count += 1;
    from = at + Buffer.byteLength(delimiter);
  }
  return count + (from < bytes.length ? 1 : 0);
};

/** As on a node: lines are read, what waits for more of them is let go, and files end. */
const stepsOf = async ({
  engine,
  block,
  files,
}: {
  engine: Engine;
  block: Block;
  files: readonly SampleFile[];
}): Promise<{ ran: EngineStep[] } | UnknownRun> => {
  const [refused] = await engine.check();
  if (refused !== undefined) return { unknown: `VRL’s compiler refuses ${shortId(refused.component, block)}` };
  const [fault] = engine.notRun.filter(({ component }) => isOf(component, block));
  if (fault !== undefined) return { unknown: fault.error.message.replaceAll(block.key, '{{id}}') };
  if (files.some(({ path }) => !engine.reads(path)))
    return { unknown: 'its source does not read the task’s log files' };
  const ran = [await engine.push(files), await engine.release()];
  ran.push(await engine.end(files.map(({ path }) => path)), await engine.release());
  const [failed] = ran.flatMap((step) => step.failed);
  return failed === undefined ? { ran } : { unknown: failed.error.message };
};

const isOf = (id: string, { key }: Block): boolean => isOfPipeline({ component: id, pipeline: key });

/** As the template has it: `parse` for `{{id}}_parse`. */
const shortId = (id: string, { key }: Block): string => (id === key ? 'the source' : id.slice(key.length + 1));

const passedOf = ({
  block,
  files,
  steps,
  delimiter,
}: {
  block: Block;
  files: readonly SampleFile[];
  steps: readonly EngineStep[];
  delimiter: string;
}): RanSample => {
  const events = steps.flatMap(({ outputs }) => outputs.get(`${block.key}_out`) ?? []);
  const passed = new Set(events.flatMap(({ lines }) => lines.map(nameOf)));
  const reasons = new Map<string, number>();
  for (const { component, why, event } of steps.flatMap(({ dropped }) => dropped)) {
    // What is dropped on one way may pass on another.
    if (!isOf(component, block) || event.lines.some((line) => passed.has(nameOf(line)))) continue;
    const words = `${shortId(component, block)}: ${why}`;
    reasons.set(words, (reasons.get(words) ?? 0) + 1);
  }
  return {
    lines: files.reduce((sum, { bytes }) => sum + linesIn(bytes, delimiter), 0),
    passed: passed.size,
    bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
    eventBytes: events.reduce((sum, { event }) => sum + Buffer.byteLength(exactJson(asPlain(event)) ?? ''), 0),
    reasons,
    events,
  };
};

const nameOf = ({ file, number }: LineOrigin): string => `${number} ${file}`;
