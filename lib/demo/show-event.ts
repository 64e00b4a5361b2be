import { type Show, wrap } from './show.ts';
import type { DemoEvent } from './show-tally.ts';
import { OFFSET } from './show-templates.ts';

/** The lines that an event was made of, and below them the event: its labels, then what its profile made of the text. */
export const showEvent = ({ show, event, lines }: { show: Show; event: DemoEvent; lines: readonly string[] }): void => {
  show.row('before', lines.map((line) => wrap(line.replaceAll('\t', TAB), PAIRS_WIDTH).join('\n')).join('\n'));
  show.row('after', labelPairs(event));
  const fields = pairs(fieldsOf({ event, lines }));
  if (fields !== '') show.row('', fields);
};

const TAB = ' '.repeat(4);

/** Nomad's order, from the outside in; an id is known by its first eight characters. */
export const labelPairs = ({ nomad }: DemoEvent): string => {
  const { namespace, job_name, group_name, task_name, alloc_id, node_name, stream } = nomad;
  return pairs({
    namespace,
    job_name,
    group_name,
    task_name,
    alloc_id: `${alloc_id?.slice(0, 8)}...`,
    node_name,
    stream,
  });
};

/** What is known of any line first, and the longest last: a terminal cuts it. A message that is the line itself is not said again. */
const fieldsOf = ({ event, lines }: { event: DemoEvent; lines: readonly string[] }): Record<string, unknown> => {
  const { timestamp, level, message, ...rest } = event;
  const known = { timestamp, level, message: message === lines.join('\n') ? undefined : message };
  const others = Object.entries(rest)
    .filter(([name]) => !OWN_FIELDS.has(name))
    .sort(([, a], [, b]) => lengthOf(a) - lengthOf(b));
  return Object.fromEntries([...Object.entries(known), ...others].filter(([, value]) => value !== undefined));
};

/** What Vector itself adds to a line of a file, and nvl's labels. */
const OWN_FIELDS: ReadonlySet<string> = new Set([OFFSET, 'nomad', 'file', 'host', 'source_type']);

const lengthOf = (value: unknown): number => JSON.stringify(value).length;

const PAIRS_WIDTH = 85;

/** `name=value`, as many in a line as go into it. */
export const pairs = (fields: Readonly<Record<string, unknown>>): string => {
  const lines: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    const pair = `${name}=${typeof value === 'string' && !/\s/.test(value) ? value : JSON.stringify(value)}`;
    const last = lines.at(-1);
    if (last === undefined || last.length + pair.length + 2 > PAIRS_WIDTH) lines.push(pair);
    else lines[lines.length - 1] = `${last}  ${pair}`;
  }
  return lines.join('\n');
};
