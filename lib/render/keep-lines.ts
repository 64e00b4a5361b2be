import { parse, type TomlTable } from 'smol-toml';

/**
 * A profile that can't parse a line must not lose it, and Vector's `remap` drops an event when its program aborts, unless
 * told otherwise. Which remaps of a transform block do not say: their suffixes behind the task's stem. Pure.
 */
export const silentRemaps = ({ text, id }: { text: string; id: string }): string[] => {
  const { transforms = {} } = parse(text) as { transforms?: TomlTable };
  return Object.entries(transforms)
    .filter(([, table]) => isRemap(table) && !('drop_on_abort' in table))
    .map(([name]) => name.slice(id.length));
};

/**
 * Says it for them, right below their table's head. A profile that means to drop writes `drop_on_abort = true`. Undefined
 * when a table has no head of its own to write below: then its author has to say.
 */
export const withKeptLines = ({
  text,
  id,
  suffixes,
}: {
  text: string;
  id: string;
  suffixes: readonly string[];
}): string | undefined => {
  let kept = text;
  for (const suffix of suffixes) {
    const head = `[transforms.${id}${suffix}]`;
    const at = `\n${kept}`.indexOf(`\n${head}`);
    if (at === -1) return undefined;
    const end = at + head.length;
    kept = `${kept.slice(0, end)}\n${KEEP}${kept.slice(end)}`;
  }
  return kept;
};

const KEEP = '# A line that this program gives up on goes on as it came.\ndrop_on_abort = false';

const isRemap = (table: unknown): table is TomlTable =>
  typeof table === 'object' && table !== null && 'type' in table && table.type === 'remap';
