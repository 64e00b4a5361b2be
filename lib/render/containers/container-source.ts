import { stringify } from 'smol-toml';
import { tomlText } from '../../toml-text.ts';
import { componentsOf } from '../components.ts';
import { linesId } from '../joined-lines.ts';
import { IN_ID, LATE_ID } from './shared-text.ts';

/**
 * What a pipeline of containers has in place of its profile's source: those lines of the node's one source of containers that are
 * of its tasks, each with the name of the file that it would stand in. What joins lines of a file joins these too; other options of the source are of
 * files, and have no counterpart. Pure.
 */
export const containerSource = ({ source, id }: { source: string; id: string }): string => {
  const joined = componentsOf(source).get(`transform ${linesId(id)}`)?.table;
  const lines = joined === undefined ? [] : [stringify({ transforms: { [linesId(id)]: joined } }).trim()];
  return [
    `[transforms.${id}]
# Written by nvl: the lines of this pipeline's containers, in place of a source of files.
type = "filter"
inputs = ["${IN_ID}", "${LATE_ID}"]
${conditionOf(id)}`,
    ...lines,
  ].join('\n\n');
};

/** The pipelines of a generated text that read containers. */
export const containerPipelinesIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(CONDITIONS)].map(([, id = '']) => id));

const conditionOf = (id: string): string => `condition = '%nvl.pipeline == "${id}"'`;

const CONDITIONS = /^condition = '%nvl\.pipeline == "(\w+)"'$/gm;

/**
 * The text of a pipeline as where its lines come from files, so that lines can be run through it without an engine: what is behind
 * the source is the same. Any other text as it is. Pure.
 */
export const asOfFiles = ({ text, id, linksDir }: { text: string; id: string; linksDir: string }): string => {
  const start = text.indexOf(`[transforms.${id}]\n`);
  const end = text.indexOf(conditionOf(id));
  if (start === -1 || end < start) return text;
  const source = `[sources.${id}]\ntype = "file"\ninclude = [${tomlText(`${linksDir}/${id}/*`)}]\nhost_key = ""`;
  return `${text.slice(0, start)}${source}${text.slice(end + conditionOf(id).length)}`;
};
