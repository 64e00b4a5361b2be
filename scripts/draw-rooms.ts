/**
 * `npm run draw:rooms`: draws the rooms of `lib/` and what they import into docs/architecture.md, as a Mermaid diagram. Leaves
 * are left out: nearly every room stands on them. An arrow that a longer way says as well is left out too.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readImports, roomOf } from './imports.ts';

const PAGE = join(import.meta.dirname, '..', 'docs', 'architecture.md');
const [OPEN, CLOSE] = ['```mermaid\n', '```\n'];

export type Arrow = { from: string; to: string };

/** What each room imports, without leaves: rooms that import nothing but other leaves. */
export const roomArrows = (): Arrow[] => {
  const all = new Map<string, Arrow>();
  for (const { from, to } of readImports()) {
    const arrow = { from: roomOf(from), to: roomOf(to) };
    if (arrow.from !== arrow.to && arrow.from !== 'bin') all.set(`${arrow.from} ${arrow.to}`, arrow);
  }
  const arrows = [...all.values()];
  const isFolder = new Set(
    readImports()
      .flatMap(({ from, to }) => [from, to])
      .filter((file) => file.split('/').length > 2)
      .map(roomOf),
  );
  const isLeaf = (room: string): boolean =>
    !isFolder.has(room) && arrows.every(({ from, to }) => from !== room || isLeaf(to));
  return arrows.filter(({ from, to }) => !isLeaf(from) && !isLeaf(to));
};

/** Without the arrows that go without saying, since a longer way leads there too. Pure; for a graph without loops. */
export const withoutShortcuts = (arrows: readonly Arrow[]): Arrow[] => {
  const next = new Map<string, string[]>();
  for (const { from, to } of arrows) next.set(from, [...(next.get(from) ?? []), to]);
  const reaches = (from: string, to: string): boolean =>
    from === to || (next.get(from) ?? []).some((room) => reaches(room, to));
  return arrows.filter(({ from, to }) => !(next.get(from) ?? []).some((room) => room !== to && reaches(room, to)));
};

/** Pure. */
export const mermaidOf = (arrows: readonly Arrow[]): string =>
  ['flowchart TD', ...arrows.map(({ from, to }) => `  ${from} --> ${to}`).sort(), ''].join('\n');

/** The page with its diagram drawn anew. Pure. */
export const withDiagram = ({ page, diagram }: { page: string; diagram: string }): string => {
  const start = page.indexOf(OPEN) + OPEN.length;
  return page.slice(0, start) + diagram + page.slice(page.indexOf(CLOSE, start));
};

if (import.meta.main) {
  const diagram = mermaidOf(withoutShortcuts(roomArrows()));
  writeFileSync(PAGE, withDiagram({ page: readFileSync(PAGE, 'utf8'), diagram }));
}
