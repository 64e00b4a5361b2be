import { LOGS_ID, NONE_ID, TABLE_ID_PATTERN } from '../ids.ts';
import { changesBetween } from '../plan/changes.ts';
import { componentsOf } from '../render/components.ts';
import { type Block, blocksOf } from '../render/file.ts';
import { namedIn } from '../vector/proof/report.ts';

/**
 * Which blocks of a file are to blame that Vector did not take, by what it said: those whose component it names; none when it
 * names only others, such as a sink in a file of the team's. Where it names nothing, what is new since the file it runs:
 * the sinks, else the blocks that were there with another text (a template was edited), else those that are new. So a job
 * that has just arrived is blamed last. Pure.
 */
export const blameFor = ({
  bad,
  good,
  said,
}: {
  bad: string;
  /** The file that Vector runs or goes back to. */
  good: string | undefined;
  said: string;
}): { blocks: readonly Block[]; names: readonly string[] } => {
  const blocks = blocksOf(bad);
  const names = namedIn(said).filter((name) => !isOwnPart(name));
  if (names.length > 0) return { blocks: [...blocks.values()].filter((block) => defines(block, names)), names };
  const changes = changesBetween({
    before: { text: good ?? '', rows: [] },
    after: { text: bad, rows: [] },
  }).blocks.flatMap(({ key, change }) => {
    const block = change === 'removed' ? undefined : blocks.get(key);
    return block === undefined ? [] : [{ block, rank: block.kind === 'sink' ? 0 : change === 'changed' ? 1 : 2 }];
  });
  const first = Math.min(...changes.map(({ rank }) => rank));
  return { blocks: changes.filter(({ rank }) => rank === first).map(({ block }) => block), names };
};

/**
 * Whether Vector (0.57) refused for want of its data folder (`data_dir`), which it says of each source that it starts: of that
 * no block is to blame, and it may be put right without any change of the file. Pure.
 */
export const isOverDataDir = (said: string): boolean => OVER_DATA_DIR.test(said.replaceAll('\\"', '"'));

const OVER_DATA_DIR =
  /\bdata_dir "[^"]*" (?:does not exist|is not writable)|\bCould not create subdirectory "[^"]*" inside of data dir\b/;

/**
 * Whether Vector (0.57) could not read a table of tasks: it says so once, and then that each program is bad that looks a row up.
 * Of that no block is to blame. Pure.
 */
export const isOverTable = (said: string): boolean => OVER_TABLE.test(said.replaceAll('\\"', '"'));

const OVER_TABLE = new RegExp(`Enrichment Table "(?:${TABLE_ID_PATTERN})"`);

/** What nvl writes itself breaks by what it carries: it says nothing of whose that was. */
const isOwnPart = (name: string): boolean => name === NONE_ID || name === LOGS_ID || name.startsWith(`${LOGS_ID}_`);

/** Only a block that holds the name is parsed: one among thousands. */
const defines = (block: Block, names: readonly string[]): boolean => {
  const held = names.filter((name) => block.text.includes(name));
  if (held.length === 0) return false;
  return [...componentsOf(block.text).values()].some(({ component }) => held.includes(component.id));
};

/** Whether each of the blamed blocks reads otherwise in this file, or is not in it. */
export const fitsAgain = ({ text, blamed }: { text: string; blamed: readonly Block[] }): boolean => {
  const blocks = blocksOf(text);
  return blamed.every(({ key, text: bad }) => blocks.get(key)?.text !== bad);
};
