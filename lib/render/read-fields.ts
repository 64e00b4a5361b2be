import { isTable } from '../table.ts';
import { componentsOf } from './components.ts';
import { keepsOffset } from './joined-lines.ts';

/** Where a source says at which byte of its file a line begins. */
export type Offset = { field: string /** Nobody but nvl asked for it. */; isOwn: boolean };

/**
 * Which fields the source writes into an event beside the message. `offset` is undefined where the source is none of files, where
 * the template writes its table without a plain head, and where its own `offset_key` is no plain name; `hasHost`: the node's name
 * may stand in `.host`.
 */
export type ReadFields = { offset: Offset | undefined; hasHost: boolean };

/**
 * Has a file source note the offset of each line, so that a task that comes from another pipeline is not sent again, and
 * not the node's name, which nobody reads: to write it and to take it away costs each line. Pure.
 */
export const withReadFields = ({ text, id }: { text: string; id: string }): { text: string } & ReadFields => {
  const table = componentsOf(text).get(`source ${id}`)?.table;
  if (!isTable(table) || table.type !== 'file') return { text, offset: undefined, hasHost: true };
  const head = `[sources.${id}]\n`;
  const at = `\n${text}`.indexOf(`\n${head}`);
  const canAdd = (key: string): boolean => at !== -1 && table[key] === undefined;
  const [addsOffset, addsHost] = [canAdd('offset_key'), canAdd('host_key')];
  const end = at + head.length;
  const added = `${addsOffset ? `offset_key = "${OFFSET_FIELD}"\n` : ''}${addsHost ? 'host_key = ""\n' : ''}`;
  const noted = added === '' ? text : `${text.slice(0, end)}${added}${text.slice(end)}`;
  return {
    text: addsOffset ? keepsOffset({ text: noted, id, field: OFFSET_FIELD }) : noted,
    offset: addsOffset ? { field: `.${OFFSET_FIELD}`, isOwn: true } : offsetOf(table.offset_key),
    hasHost: !addsHost && table.host_key !== '',
  };
};

/** That of a template's own, if it is a plain name. */
const offsetOf = (own: unknown): Offset | undefined =>
  typeof own === 'string' && /^\.?[A-Za-z_]\w*$/.test(own)
    ? { field: own.replace(/^\.?/, '.'), isOwn: false }
    : undefined;

/** What nvl has a source note, and takes away again behind it. */
export const OFFSET_FIELD = 'nvl_offset';
