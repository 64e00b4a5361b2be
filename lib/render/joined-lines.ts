import { isTable, type Table } from '../table.ts';
import { componentsOf } from './components.ts';

/** The transform of a source block in which lines become one event; no other may stand there. */
export const linesId = (id: string): string => `${id}_lines`;

/** What gives a pipeline's lines: its source, or what joins them. Pure. */
export const givesLines = ({ source, id }: { source: string; id: string }): string =>
  source.includes(linesId(id)) && componentsOf(source).has(`transform ${linesId(id)}`) ? linesId(id) : id;

/**
 * What is wrong with a transform of a source block: it joins lines of one file, which tells them apart, so that tasks can share
 * it though it keeps state; and it leaves the file's name as it is, by which nvl finds the task. Pure.
 */
export const joinFaults = ({ own, id, table }: { own: string; id: string; table: Table }): string[] => {
  if (own !== linesId(id))
    return [`a source block may join lines in {{id}}_lines, and define no other transform: not ${own}`];
  return RULES.filter(({ isKept }) => !isKept(table, id)).map(({ message }) => `{{id}}_lines ${message}`);
};

/**
 * The block with the offset of its lines, which nvl has the source note, left as it is: `reduce` adds numbers up. Pure.
 *
 * @source https://vector.dev/docs/reference/configuration/transforms/reduce/#merge_strategies
 */
export const keepsOffset = ({ text, id, field }: { text: string; id: string; field: string }): string => {
  const head = `[transforms.${linesId(id)}]\n`;
  // A table of its own may be written only once.
  const isTaken = new RegExp(
    String.raw`^\s*(?:merge_strategies\s*=|\[transforms\.${linesId(id)}\.merge_strategies\])`,
    'm',
  );
  return isTaken.test(text) ? text : text.replace(head, `${head}merge_strategies.${field} = "discard"\n`);
};

type Rule = { isKept: (table: Table, id: string) => boolean; message: string };

const RULES: readonly Rule[] = [
  { isKept: ({ type }) => type === 'reduce', message: 'has to be of type reduce' },
  {
    isKept: ({ inputs }, id) => Array.isArray(inputs) && inputs.length === 1 && inputs[0] === id,
    message: 'has to read the source: inputs = ["{{id}}"]',
  },
  {
    isKept: ({ group_by: by }) => Array.isArray(by) && by.includes('file'),
    message: 'has to tell files apart: group_by = ["file"]',
  },
  {
    isKept: ({ merge_strategies: merged }) => !isTable(merged) || merged.file === undefined,
    message: 'must leave the file’s name as it is: no merge_strategies.file',
  },
];
