import {
  type Document,
  isScalar,
  LineCounter,
  type ParseOptions,
  parseDocument,
  type Scalar,
  type ScalarTag,
  type SchemaOptions,
  type Tags,
  visit,
} from 'yaml';
import { floatText } from '../exact-json.ts';
import { MATCHER_TAGS } from './matchers.ts';

/** How test files are read and written: numbers lose no digit, and one that is there stays as it is written. */
const customTags = (tags: Tags): Tags => [
  ...MATCHER_TAGS,
  FLOAT,
  ...tags.map((tag) => (typeof tag === 'object' && isNumberTag(tag) ? asWritten(tag) : tag)),
];

export const TEST_YAML = { customTags, intAsBigInt: true } satisfies ParseOptions & SchemaOptions;

/** Opens a test file for reading or for writing its expectations again. */
export const parseTestFile = (text: string): { document: Document; lineAt: (offset: number) => number } => {
  const counter = new LineCounter();
  const document = parseDocument(text, { ...TEST_YAML, lineCounter: counter, prettyErrors: false });
  return { document, lineAt: (offset) => counter.linePos(offset).line };
};

/** A float of an event's. It is never met in a text: the tags behind it read those. */
const FLOAT: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  identify: (value) => typeof value === 'number',
  default: true,
  test: /(?!)/,
  resolve: Number,
  stringify: ({ value }) => floatText(value as number),
};

const isNumberTag = (tag: object): tag is ScalarTag =>
  'tag' in tag && (tag.tag === 'tag:yaml.org,2002:int' || tag.tag === 'tag:yaml.org,2002:float');

const asWritten = (tag: ScalarTag): ScalarTag => ({
  ...tag,
  stringify: (node, ...rest) => node.source ?? tag.stringify?.(node, ...rest) ?? String(node.value),
});

/**
 * Makes every name in the document what is written (`1.0: x` is a field named `1.0`), and likewise numbers where `isText` says that only
 * texts are meant; what two readers could take differently is a fault. To be called before the document is made plain.
 */
export const takeAsWritten = ({
  document,
  isText,
}: {
  document: Document;
  isText: (path: readonly string[]) => boolean;
}): { offset: number; message: string }[] => {
  const faults: { offset: number; message: string }[] = [];
  visit(document, {
    Map: (_, map) => {
      const names = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? nameOf(key) : String(key);
        if (names.has(name)) faults.push({ offset: offsetOf(key), message: `${name} is there twice` });
        names.add(name);
      }
    },
    Pair: (_, { key }) => {
      if (isScalar(key)) key.value = nameOf(key);
    },
    Scalar: (place, node, parents) => {
      const { value, source } = node;
      if (place === 'key' || (typeof value !== 'number' && typeof value !== 'bigint') || source === undefined) return;
      if (isText(pathOf(parents))) node.value = source;
      else if (typeof value === 'number') node.value = exactly(value, source);
      if (typeof value === 'number' && !Number.isFinite(value)) {
        faults.push({ offset: offsetOf(node), message: `${source} never comes: JSON has no such number` });
      }
    },
  });
  return faults;
};

/** A name as it is written, also where it looks like a number. */
export const nameOf = ({ value, source }: Scalar): string =>
  typeof value === 'string' ? value : (source ?? String(value));

/** `9007199254740993.0` means that number, not the float that is nearest to it. */
const exactly = (value: number, source: string): number | bigint => {
  const [, digits] = /^([-+]?\d+)\.0*$/.exec(source) ?? [];
  return digits === undefined || Number.isSafeInteger(value) ? value : BigInt(digits);
};

const offsetOf = (node: unknown): number =>
  (node as { range?: [number, number, number] | null } | null)?.range?.[0] ?? 0;

/** The names of the mappings around a node, from the outermost. */
const pathOf = (parents: readonly unknown[]): string[] =>
  parents.flatMap((parent) => {
    const { key } = (parent ?? {}) as { key?: unknown };
    return isScalar(key) ? [nameOf(key)] : [];
  });
