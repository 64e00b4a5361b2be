import { parseToml } from '../config/parse-toml.ts';
import type { Parsed } from '../config/parsed.ts';
import { isOwnedId, LOGS_ID } from '../ids.ts';
import { isTable, type Table } from '../table.ts';
import { joinFaults, linesId } from './joined-lines.ts';
import { ownMetadataWrites } from './own-metadata.ts';
import { type OwnLogs, sourceFindings } from './source-options.ts';

/**
 * One rendered block: `id` is the stem of its task's components, and means nothing for a sink. `own`: what a source may
 * read; undefined where that is not known.
 */
export type BlockSubject = {
  text: string;
  kind: 'source' | 'transform' | 'labels' | 'sink';
  id: string;
  own?: OwnLogs | undefined;
};

/** What a block does that it may not, and in which of its lines. */
export type Problem = { message: string; line?: number };

/**
 * The structural gate over one block: what Vector accepts and then dies of, or what one task's block must not do to all
 * others. A source block defines the source `<id>`, and perhaps `<id>_lines` which joins its lines; a transform block transforms `<id>_<name>`, among them
 * `<id>_parse`, which read nothing but their own task; the labels are `<id>_out` alone; a sink block defines sinks, and
 * transforms that prepare the labelled lines for them, under ids that are not nvl's. Pure.
 */
export const gateBlock = ({ text, kind, id, own }: BlockSubject): Problem[] => {
  const parsed = parseToml(text);
  if (parsed.faults.length > 0) {
    return parsed.faults.map(({ line, text: message }) => ({ message, ...(line === undefined ? {} : { line }) }));
  }
  const table = TABLES[kind];
  const tree = isTable(parsed.tree) ? parsed.tree : {};
  const second = SECOND_TABLES[kind];
  const sections = second === undefined ? [table] : [table, second];
  const shapes = sections.flatMap((section) => shapeFindings({ tree, section }));
  if (shapes.length > 0) return withLines({ parsed, findings: shapes });
  const components = componentsIn({ tree, table });
  const beside = second === undefined ? [] : componentsIn({ tree, table: second });
  const preparing = kind === 'sink' ? beside : [];
  return withLines({
    parsed,
    findings: [
      ...Object.keys(tree)
        .filter((key) => !sections.includes(key))
        .map((key) => ({ path: [key], message: strangerMessage({ key, kind }) })),
      ...[...components, ...preparing].flatMap((component) => idFindings({ component, kind, id })),
      ...missing({ components, kind, id }),
      ...preparing.flatMap((component) => preparingFindings({ component, preparing })),
      ...cycleFindings(preparing),
      ...(kind === 'source' ? components.flatMap((component) => readFindings({ component, own })) : []),
      ...(kind === 'source' ? beside.flatMap((component) => joinFindings({ component, id })) : []),
      ...(kind === 'transform' || kind === 'labels' ? inputFindings({ components, id }) : []),
      ...(kind === 'transform' ? [...components.flatMap(forgeryFindings), ...cycleFindings(components)] : []),
    ],
  });
};

const TABLES = { source: 'sources', transform: 'transforms', labels: 'transforms', sink: 'sinks' } as const;

/** What a block may define beside: a sink block, transforms between the labelled lines and its sinks; a source block, what joins its lines. */
const SECOND_TABLES: Partial<Record<BlockSubject['kind'], string>> = { sink: 'transforms', source: 'transforms' };

/** An id that is also a safe name for the folder in which Vector keeps the component's checkpoints. */
export const COMPONENT_ID = /^[A-Za-z0-9_-]+$/;

export type GatedComponent = { id: string; path: string[]; table: Table };
type Finding = { path: string[]; message: string };

export const componentsIn = ({ tree, table }: { tree: Table; table: string }): GatedComponent[] =>
  isTable(tree[table])
    ? Object.entries(tree[table]).map(([id, value]) => ({ id, path: [table, id], table: isTable(value) ? value : {} }))
    : [];

/** What is no table says nothing of its own: whatever else would be told of it is beside the point. */
const shapeFindings = ({ tree, section }: { tree: Table; section: string }): Finding[] => {
  const value = tree[section];
  if (value === undefined) return [];
  if (!isTable(value)) return [{ path: [section], message: `${section} is no table: write [${section}.…]` }];
  return Object.entries(value).flatMap(([id, component]) => {
    if (isTable(component)) return [];
    const name = `${section}.${id}`;
    const message = Array.isArray(component)
      ? `[[${name}]] makes a list of tables: write [${name}], with one bracket on each side`
      : `${name} is no table: write [${name}]`;
    return [{ path: [section, id], message }];
  });
};

const strangerMessage = ({ key, kind }: { key: string; kind: BlockSubject['kind'] }): string =>
  `[${key}] has no place in a ${kind} block, which may only define [${TABLES[kind]}.…]${
    SECOND_WORDS[kind] ?? ''
  }${GLOBAL_HINTS[key] ?? ''}`;

const SECOND_WORDS: Partial<Record<BlockSubject['kind'], string>> = {
  sink: ' and [transforms.…] before them',
  source: ' and [transforms.{{id}}_lines], which joins its lines',
};

const GLOBAL_HINTS: Readonly<Record<string, string>> = {
  data_dir: ': it is a global option, for a Vector file of your own',
  api: ': it is a global option, for a Vector file of your own',
  acknowledgements: ': set it in each sink',
  secret: ': secrets belong in a Vector file of your own',
  enrichment_tables: ': tables belong in a Vector file of your own',
};

export const badIdMessage = (id: string): string =>
  `the id ${JSON.stringify(id)} has a character other than letters, digits, _ and -`;

const idFindings = ({
  component: { id: own, path },
  kind,
  id,
}: {
  component: GatedComponent;
  kind: BlockSubject['kind'];
  id: string;
}): Finding[] => {
  const say = (message: string): Finding[] => [{ path, message }];
  if (!COMPONENT_ID.test(own)) return say(badIdMessage(own));
  if (kind === 'sink')
    return isOwnedId(own) ? say(`the ${path[0]?.slice(0, -1)} ${own} has an id that nvl keeps for itself`) : [];
  if (kind === 'source') return own === id ? [] : say(`the source must be called {{id}}, not ${own}`);
  if (kind === 'labels') return own === `${id}_out` ? [] : say(`the labels are one transform, {{id}}_out, not ${own}`);
  if (!own.startsWith(`${id}_`) || own.length === id.length + 1) {
    return say(`a transform must be called {{id}}_ and a name, not ${own}`);
  }
  const isTaken = ['out', 'in'].some((name) => own === `${id}_${name}`);
  if (own === linesId(id)) return say('{{id}}_lines joins lines: it belongs into the source block');
  return isTaken ? say(`{{id}}_${own.slice(id.length + 1)} is written by nvl itself`) : [];
};

const missing = ({
  components,
  kind,
  id,
}: {
  components: GatedComponent[];
  kind: BlockSubject['kind'];
  id: string;
}): Finding[] => {
  const wanted = { source: id, transform: `${id}_parse`, labels: `${id}_out`, sink: undefined }[kind];
  if (wanted === undefined) return components.length > 0 ? [] : [{ path: [], message: 'no sink is defined' }];
  if (components.some((component) => component.id === wanted)) return [];
  return [{ path: [], message: `the ${kind} block lacks {{id}}${wanted.slice(id.length)}, which what follows reads` }];
};

/** A source reads the task's own log and deletes nothing; Vector ends over a file source without a path. */
const readFindings = ({
  component: { id, path, table },
  own,
}: {
  component: GatedComponent;
  own: OwnLogs | undefined;
}): Finding[] =>
  sourceFindings({ table, own })
    .filter(({ verdict }) => verdict === 'refused')
    .map(({ option, why }) => ({
      path: table[option] === undefined ? path : [...path, option],
      message: `the source ${id}: ${option} ${why}`,
    }));

const joinFindings = ({
  component: { id: own, path, table },
  id,
}: {
  component: GatedComponent;
  id: string;
}): Finding[] => joinFaults({ own, id, table }).map((message) => ({ path, message }));

/**
 * What of it ends Vector, or blinds nvl, for all tasks. A block that is live from before keeps its other options: one task's
 * must not hold up the rest.
 */
export const deadlyFindings = (component: GatedComponent): Finding[] =>
  readFindings({ component, own: undefined }).filter(
    ({ path: [, , option] }) => option === undefined || option === 'data_dir' || option === 'include',
  );

/** Another task's lines would get this one's labels; a glob may catch the labels themselves, which is a circle. */
const inputFindings = ({ components, id }: { components: GatedComponent[]; id: string }): Finding[] =>
  components.flatMap(({ id: own, path, table }) =>
    inputsOf(table).flatMap((input) => {
      if (/[*?[\]{}!]/.test(input))
        return [{ path, message: `${own} reads ${input}: name each input, without a glob` }];
      const isOwn =
        (input === id || input.startsWith(`${id}_`) || input.startsWith(`${id}.`)) && !isBehind({ input, id });
      return isOwn
        ? []
        : [{ path, message: `${own} reads ${input}, which is not a part of its own task before the labels` }];
    }),
  );

/** The labels take the stream, and nvl's marks, from there. */
const forgeryFindings = ({ id, path, table }: GatedComponent): Finding[] =>
  (typeof table.source === 'string' ? ownMetadataWrites(table.source) : []).map((written) => ({
    path: [...path, 'source'],
    message: `the transform ${id} writes ${written}, in which nvl notes the stream and its marks: take another name in the metadata, as in %mine`,
  }));

/** It stands behind the labels: it may read the labelled lines, whole or those of one sink, and its own kind. */
const preparingFindings = ({
  component: { id: own, path, table },
  preparing,
}: {
  component: GatedComponent;
  preparing: GatedComponent[];
}): Finding[] => {
  const isOwn = (input: string) => preparing.some(({ id }) => input === id || input.startsWith(`${id}.`));
  const isLabelled = (input: string) => input === LOGS_ID || input.startsWith(`${LOGS_ID}_`);
  return inputsOf(table)
    .filter((input) => /[*?[\]{}!]/.test(input) || !(isLabelled(input) || isOwn(input)))
    .map((input) => ({
      path,
      message: `${own} reads ${input}, which is neither {{input}} nor a transform of this block`,
    }));
};

/** The labels stand behind all else of their pipeline. */
const isBehind = ({ input, id }: { input: string; id: string }): boolean => {
  return input.split('.')[0] === `${id}_out`;
};

export const inputsOf = (table: Table): string[] =>
  Array.isArray(table.inputs) ? table.inputs.filter((input) => typeof input === 'string') : [];

/** Vector 0.57 overflows its stack over transforms in a circle that no sink reads, and aborts: in validate and in a reload. */
export const cycleFindings = (components: GatedComponent[]): Finding[] => {
  const readers = new Map(components.map((component) => [component.id, component]));
  const done = new Set<string>();
  const findings: Finding[] = [];
  const visit = (component: GatedComponent, way: string[]): void => {
    if (way.includes(component.id)) {
      const circle = [...way.slice(way.indexOf(component.id)), component.id].reverse();
      findings.push({
        path: component.path,
        message: `transforms feed each other in a circle: ${circle.join(' -> ')}`,
      });
    }
    if (done.has(component.id) || way.includes(component.id)) return;
    for (const input of inputsOf(component.table)) {
      const next = readers.get(input) ?? readers.get(input.split('.')[0] ?? '');
      if (next !== undefined) visit(next, [...way, component.id]);
    }
    done.add(component.id);
  };
  for (const component of components) visit(component, []);
  return findings;
};

/** Lines are looked up only for what was found: that reads the text over and over. */
const withLines = ({ parsed, findings }: { parsed: Parsed; findings: Finding[] }): Problem[] =>
  findings.map(({ path, message }) => {
    const line = path.length === 0 ? undefined : parsed.lineOf(path);
    return line === undefined ? { message } : { message, line };
  });
