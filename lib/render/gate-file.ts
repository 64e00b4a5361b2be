import { parseToml } from '../config/parse-toml.ts';
import type { Parsed } from '../config/parsed.ts';
import { LOGS_ID, NONE_ID } from '../ids.ts';
import { isTable } from '../table.ts';
import {
  badIdMessage,
  COMPONENT_ID,
  componentsIn,
  cycleFindings,
  deadlyFindings,
  type GatedComponent,
  inputsOf,
  type Problem,
} from './gate.ts';

/**
 * The gate over a whole generated file, as the last look before it goes live: kept and carried blocks are in it too.
 * Only sources, transforms and sinks, no id twice, no source that ends Vector, and nvl's own two components in their
 * places. Problems come without their lines: to look those up in a file of thousands of blocks takes longer than a cycle may.
 */
export type FileGate = (file: { text: string }) => Problem[];

/**
 * A gate that knows the sections of the file before: a file differs from it in few, and only those are parsed. A section
 * begins at a line that starts with `# nvl:` (lib/render/file.ts) and must be sound TOML alone.
 */
export const createFileGate = (): FileGate => {
  let known = new Map<string, Section>();
  return ({ text }) => {
    const texts = text.split(/^(?=# nvl:)/m);
    const sections = texts.map((one) => known.get(one) ?? readSection(one));
    known = new Map(texts.map((one, index) => [one, sections[index] as Section]));
    const faults = sections.flatMap(({ faults: own }, index) => faultsOf({ own, texts, index }));
    return faults.length > 0 ? faults : findFileProblems(sections);
  };
};

export const gateFile: FileGate = (file) => createFileGate()(file);

/** What the gate has to know of a section, and no more: it is kept for each task. */
type Section = {
  faults: Parsed['faults'];
  strangers: string[];
  /** Of all components: `sources.x` and its like, and `x`. */
  components: { name: string; id: string }[];
  deadly: string[];
  /** With their inputs alone. */
  transforms: GatedComponent[];
};

const FILE_TABLES = ['sources', 'transforms', 'sinks'] as const;

/** Only nvl's own section names the table. */
const isOwnTable = ({ text, key }: { text: string; key: string }): boolean =>
  key === 'enrichment_tables' && text.startsWith('# nvl:own ');

const readSection = (text: string): Section => {
  const { tree: parsed, faults } = parseToml(text);
  const tree = isTable(parsed) ? parsed : {};
  const [sources = [], transforms = [], sinks = []] = FILE_TABLES.map((table) => componentsIn({ tree, table }));
  return {
    faults,
    strangers: Object.keys(tree).filter(
      (key) => !FILE_TABLES.some((table) => table === key) && !isOwnTable({ text, key }),
    ),
    components: [...sources, ...transforms, ...sinks].map(({ id, path }) => ({ name: path.join('.'), id })),
    deadly: sources.flatMap(deadlyFindings).map(({ message }) => message),
    transforms: transforms.map(({ id, path, table }) => ({ id, path, table: { inputs: inputsOf(table) } })),
  };
};

/** Only a faulty section has its lines counted from the start of the file. */
const faultsOf = ({
  own,
  texts,
  index,
}: {
  own: Parsed['faults'];
  texts: readonly string[];
  index: number;
}): Problem[] =>
  own.map(({ line, text: message }) => ({
    message,
    ...(line === undefined ? {} : { line: line + texts.slice(0, index).join('').split('\n').length - 1 }),
  }));

const findFileProblems = (sections: readonly Section[]): Problem[] => {
  const components = sections.flatMap((section) => section.components);
  const names = new Set(components.map(({ name }) => name));
  return [
    ...[...new Set(sections.flatMap(({ strangers }) => strangers))].map(
      (key) => `[${key}] has no place in the generated file`,
    ),
    ...components.flatMap(({ id }) => (COMPONENT_ID.test(id) ? [] : [badIdMessage(id)])),
    ...twiceIn(components.map(({ name }) => name)).map((name) => `${name} is defined twice`),
    ...(names.has(`sources.${NONE_ID}`) ? [] : [`the source ${NONE_ID} is missing`]),
    ...(names.has(`transforms.${LOGS_ID}`) ? [] : [`the transform ${LOGS_ID} is missing`]),
    ...sections.flatMap(({ deadly }) => deadly),
    ...cycleFindings(sections.flatMap(({ transforms }) => transforms)).map(({ message }) => message),
  ].map((message) => ({ message }));
};

const twiceIn = (names: readonly string[]): string[] => {
  const seen = new Set<string>();
  return [...new Set(names.filter((name) => seen.has(name) || !seen.add(name)))];
};
