import { isDeepStrictEqual } from 'node:util';
import { compare } from '../order.ts';
import type { Row } from '../pipelines/row.ts';
import { isSameRow } from '../pipelines/same-row.ts';
import { type Component, componentsOf } from '../render/components.ts';
import { type Block, blocksOf } from '../render/file.ts';

/** What becomes different, component by component, each list sorted. */
export type Changes = {
  added: readonly Component[];
  changed: readonly Component[];
  removed: readonly Component[];
  /** Blocks by key and heading, for people. */
  blocks: readonly BlockChange[];
  /** Tasks by stem and heading: one is changed where its pipeline is another, or says something else of it. */
  tasks: readonly RowChange[];
};

export type BlockChange = { key: string; heading: string; change: 'added' | 'changed' | 'removed' };

/** `from` and `to`: its pipelines, where it moves. */
export type RowChange = BlockChange & { from?: string; to?: string };

type Side = { text: string; rows: readonly Row[] };

/**
 * Compares two generated files block by block; only blocks whose text differs are parsed, so that one new task among
 * thousands costs one block.
 */
export const changesBetween = ({ before, after }: { before: Side; after: Side }): Changes => {
  const changes = { added: [] as Component[], changed: [] as Component[], removed: [] as Component[] };
  const blocks: BlockChange[] = [];
  const isSame = before.text === after.text;
  const [old, next] = isSame ? [NO_BLOCKS, NO_BLOCKS] : [blocksOf(before.text), blocksOf(after.text)];
  for (const key of new Set([...old.keys(), ...next.keys()])) {
    const [from, to] = [old.get(key), next.get(key)];
    if (from?.text === to?.text) continue;
    compareBlocks({ from, to, changes });
    const change = from === undefined ? 'added' : to === undefined ? 'removed' : 'changed';
    blocks.push({ key, heading: (to ?? from)?.heading ?? '', change });
  }
  const sorted = (list: Component[]) => list.sort((a, b) => compare(a.kind, b.kind) || compare(a.id, b.id));
  return {
    added: sorted(changes.added),
    changed: sorted(changes.changed),
    removed: sorted(changes.removed),
    blocks: blocks.sort(byHeading),
    tasks: taskChanges({ before: before.rows, after: after.rows, pipelines: new Set(blocks.map(({ key }) => key)) }),
  };
};

const NO_BLOCKS: ReadonlyMap<string, Block> = new Map();

const byHeading = (a: BlockChange, b: BlockChange): number => compare(a.heading, b.heading) || compare(a.key, b.key);

const taskChanges = ({
  before,
  after,
  pipelines,
}: {
  before: readonly Row[];
  after: readonly Row[];
  /** Those that change. */
  pipelines: ReadonlySet<string>;
}): RowChange[] => {
  const next = new Map(after.map((row) => [row.stem, row]));
  const old = new Map<string, Row>();
  // A task that has just moved has a row in each of its pipelines.
  for (const row of before)
    if (!old.has(row.stem) || next.get(row.stem)?.pipeline === row.pipeline) old.set(row.stem, row);
  return [...new Set([...old.keys(), ...next.keys()])]
    .flatMap((key): RowChange[] => {
      const [from, to] = [old.get(key), next.get(key)];
      const heading = (to ?? from)?.about ?? '';
      if (from === undefined) return [{ key, heading, change: 'added' }];
      if (to === undefined) return [{ key, heading, change: 'removed' }];
      if (from.pipeline !== to.pipeline)
        return [{ key, heading, change: 'changed', from: from.pipeline, to: to.pipeline }];
      return isSameRow(from, to) && !pipelines.has(to.pipeline) ? [] : [{ key, heading, change: 'changed' }];
    })
    .sort(byHeading);
};

const compareBlocks = ({
  from,
  to,
  changes,
}: {
  from: Block | undefined;
  to: Block | undefined;
  changes: { added: Component[]; changed: Component[]; removed: Component[] };
}): void => {
  const [old, next] = [componentsOf(from?.text ?? ''), componentsOf(to?.text ?? '')];
  for (const [name, { component, table }] of next) {
    const was = old.get(name);
    if (was === undefined) changes.added.push(component);
    else if (!isDeepStrictEqual(was.table, table)) changes.changed.push(component);
  }
  for (const [name, { component }] of old) if (!next.has(name)) changes.removed.push(component);
};
