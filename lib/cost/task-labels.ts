import { parse, stringify } from 'smol-toml';
import { createEngine } from '../engine/engine.ts';
import { NvlError } from '../errors.ts';
import { objectOf, textsOf } from '../json.ts';
import { type LogStream, linkName, STREAMS } from '../link-name.ts';
import { compare } from '../order.ts';
import type { Row } from '../pipelines/row.ts';
import { componentsOf } from '../render/components.ts';
import type { Block } from '../render/file.ts';
import { vectorTableFiles } from '../render/vector-tables.ts';
import type { VrlObject } from '../vrl/values.ts';
import type { SampleSide } from './run-sample.ts';

/** An event that holds the labels of a task and nothing that its profile makes, by its stream. */
export type TaskLabels = ReadonlyMap<LogStream, VrlObject>;

/**
 * The labels of all tasks, by their stems: a line of each stream goes through nvl's own transforms, past the profiles, which may drop it. Tasks of
 * a labels template that does not run here are left out.
 */
export const taskLabels = async ({
  rendered,
  text,
  linksDir,
  vrl,
}: Omit<SampleSide, 'rendered' | 'readProgram'> & {
  rendered: { blocks: readonly Block[]; rows: readonly Row[] };
  /** The generated file. */
  text: string;
}): Promise<Map<string, TaskLabels>> => {
  const { rows } = rendered;
  const found = new Map<string, Map<LogStream, VrlObject>>();
  const cut = withoutProfiles({ blocks: rendered.blocks, tables: objectOf(parse(text)).enrichment_tables });
  const engine = createEngine({ text: cut, tables: vectorTableFiles({ text, rows, linksDir }), vrl });
  const files = new Map(
    rows.flatMap(({ stem, pipeline }) =>
      STREAMS.map(
        (stream) => [`${linksDir}/${pipeline}/${linkName({ stem, stream, index: 0 })}`, { stem, stream }] as const,
      ),
    ),
  );
  const { outputs } = await engine
    .push([...files.keys()].map((path) => ({ path, bytes: LINE })))
    .catch((error: unknown) => {
      if (error instanceof NvlError) return { outputs: new Map() };
      throw error;
    });
  for (const { event, lines } of [...outputs].flatMap(([id, events]) => (id.endsWith('_out') ? events : []))) {
    const of = files.get(lines[0]?.file ?? '');
    if (of === undefined) continue;
    const own = found.get(of.stem) ?? new Map<LogStream, VrlObject>();
    found.set(of.stem, own.set(of.stream, event));
  }
  return found;
};

const LINE = Buffer.from('x\n');

/** The same pipelines without what profiles do to lines, and to how they are read. */
const withoutProfiles = ({ blocks, tables }: { blocks: readonly Block[]; tables: unknown }): string => {
  const sources: Record<string, object> = {};
  const transforms: Record<string, object> = {};
  for (const { key, text } of blocks.filter(({ kind }) => kind === 'pipeline')) {
    const parts = [...componentsOf(text).values()];
    const own = parts.filter(({ component: { kind } }) => kind === 'source').map(({ component: { id } }) => id);
    for (const { component, table } of parts)
      if (component.kind === 'source') sources[component.id] = plainSource(objectOf(table));
    let inputs = own.sort(compare);
    for (const id of [`${key}_in`, `${key}_out`]) {
      const table = parts.find(({ component }) => component.kind === 'transform' && component.id === id)?.table;
      if (table === undefined) continue;
      transforms[id] = { ...objectOf(table), inputs };
      inputs = [id];
    }
  }
  return stringify({ ...(tables === undefined ? {} : { enrichment_tables: tables }), sources, transforms });
};

const plainSource = ({ include, ...options }: Readonly<Record<string, unknown>>): object => ({
  type: 'file',
  include: textsOf(include),
  ...Object.fromEntries(KEYS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]))),
});

/** Names of fields that nvl's transforms may read. */
const KEYS = ['file_key', 'host_key', 'offset_key'];
