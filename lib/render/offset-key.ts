import { isTable } from '../table.ts';
import { componentsOf } from './components.ts';
import { keepsOffset } from './joined-lines.ts';

/** Where a source says at which byte of its file a line begins. */
export type Offset = { field: string /** Nobody but nvl asked for it. */; isOwn: boolean };

/**
 * Has a file source note the offset of each line, so that a task that comes from another pipeline is not sent again. Undefined
 * offset where the template writes its table in a way that has no head of its own, or its source is none of files. Pure.
 */
export const withOffset = ({
  text,
  id,
}: {
  text: string;
  id: string;
}): { text: string; offset: Offset | undefined } => {
  const table = componentsOf(text).get(`source ${id}`)?.table;
  if (!isTable(table) || table.type !== 'file') return { text, offset: undefined };
  const own = table.offset_key;
  if (typeof own === 'string' && /^\.?[A-Za-z_]\w*$/.test(own))
    return { text, offset: { field: own.replace(/^\.?/, '.'), isOwn: false } };
  const head = `[sources.${id}]\n`;
  const at = own === undefined ? `\n${text}`.indexOf(`\n${head}`) : -1;
  if (at === -1) return { text, offset: undefined };
  const end = at + head.length;
  const noted = `${text.slice(0, end)}offset_key = "${FIELD}"\n${text.slice(end)}`;
  return {
    text: keepsOffset({ text: noted, id, field: FIELD }),
    offset: { field: `.${FIELD}`, isOwn: true },
  };
};

const FIELD = 'nvl_offset';
