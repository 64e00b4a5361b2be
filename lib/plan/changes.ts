import { isDeepStrictEqual } from 'node:util';
import { compare } from '../order.ts';
import { type Component, componentsOf } from '../render/components.ts';
import { type Block, blocksOf } from '../render/file.ts';

/** What becomes different, component by component, each list sorted. */
export type Changes = {
  added: readonly Component[];
  changed: readonly Component[];
  removed: readonly Component[];
  /** Blocks by key and heading, for people. */
  blocks: readonly { key: string; heading: string; change: 'added' | 'changed' | 'removed' }[];
};

/**
 * Compares two generated files block by block; only blocks whose text differs are parsed, so that one new task among
 * thousands costs one block.
 */
export const changesBetween = ({ before, after }: { before: string; after: string }): Changes => {
  const changes = { added: [] as Component[], changed: [] as Component[], removed: [] as Component[] };
  const blocks: { key: string; heading: string; change: 'added' | 'changed' | 'removed' }[] = [];
  if (before === after) return { ...changes, blocks };
  const [old, next] = [blocksOf(before), blocksOf(after)];
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
    blocks: blocks.sort((a, b) => compare(a.heading, b.heading) || compare(a.key, b.key)),
  };
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
