import { hash } from 'node:crypto';
import { belowHeads, HEAD } from './heads.ts';
import { canMeasure, withMeasures } from './measures.ts';

/**
 * Writes into a pipeline's components how they are connected, so that Vector restarts the source where that changes. Vector
 * (0.57) takes a reader off a component that stays before it connects the next one: lines in between go nowhere and count
 * as delivered, and after a refusal it panics. A source that restarts first waits until all it has read is delivered
 * (docs/decisions/0013). The text of a single `_parse` is no change of the kind: Vector holds lines back for it. Pure.
 */
export const tagConnections = ({
  id,
  source,
  stream,
  transform,
  labels,
  isMeasured: isAsked = false,
}: {
  id: string;
  source?: string | undefined;
  stream?: string | undefined;
  transform?: string | undefined;
  labels?: string | undefined;
  /** Vector counts for each task, and times each transform: of all components, which all change with it, or of none. */
  isMeasured?: boolean;
}): string => {
  const parts = [source, stream, transform, labels].filter((part) => part !== undefined);
  const isMeasured = isAsked && parts.every((text) => canMeasure({ text, id }));
  const isSingle = transform?.match(HEAD)?.length === 1;
  const wires = parts.flatMap((part) => [...(part.match(HEAD) ?? []), ...(part.match(INPUTS) ?? [])]);
  const way = shortDigest([...wires, ...(isMeasured ? [MEASURED] : [])]);
  // A source block of two components: what joins the lines stays connected only if its source restarts with it.
  const joined = source?.match(HEAD)?.length === 1 ? undefined : source;
  const all = shortDigest([
    way,
    ...(joined === undefined ? [] : [joined]),
    stream,
    isSingle ? undefined : transform,
    labels,
  ]);
  const told = isMeasured ? parts.map((text) => withMeasures({ text, id })) : parts;
  return told.map((part, index) => tagged({ part, id, tag: parts[index] === source ? all : way })).join('\n\n');
};

/** The block's text in the file: behind each tag, what of nvl's own reads the labelled lines beside `nomad_logs`. */
export const withCollector = (text: string, collector: string | undefined): string =>
  collector === undefined ? text : text.replaceAll(TAG, `$1 ${collector}"`);

export const withoutCollector = (text: string): string => text.replaceAll(TAG, '$1"');

/** The block as its templates made it. */
export const withoutConnections = (text: string): string => text.replaceAll(TAG_LINE, '');

const MEASURED = 'measured';

const KEY = 'graph.node_attributes.nvl';
const TAG = new RegExp(`^(${KEY.replaceAll('.', '\\.')} = "[0-9a-f]+)(?: [^"\\n]*)?"$`, 'gm');
const TAG_LINE = new RegExp(`^${KEY.replaceAll('.', '\\.')} = ".*"\\n`, 'gm');

const INPUTS = /[\n.]inputs *= *\[[^\]]*\]/g;
/** A template with graph attributes of its own, in whatever form, is left as it is: a key may stand only once. */
const HAS_GRAPH = /^\s*(?:\[.*\.)?graph\b/m;

const tagged = ({ part, id, tag }: { part: string; id: string; tag: string }): string =>
  part.includes('graph') && HAS_GRAPH.test(part)
    ? part
    : belowHeads({ text: part, id, lineOf: () => `${KEY} = "${tag}"` });

const shortDigest = (texts: readonly (string | undefined)[]): string =>
  hash('sha256', JSON.stringify(texts), 'hex').slice(0, 8);
