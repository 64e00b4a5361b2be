import { basename } from 'node:path';
import type { Colors, Formatter } from 'picocolors/types.js';
import type { EngineEvent } from '../engine/event.ts';
import { exactJson } from '../exact-json.ts';
import { type LogStream, parseLinkName } from '../link-name.ts';
import { eventChanges } from '../preview/trace-event.ts';
import { OFFSET_FIELD } from '../render/read-fields.ts';
import { prettyLine } from '../tail/pretty.ts';
import { safeText } from '../tail/safe-text.ts';
import { taskLabel } from '../tail/tailed-task.ts';
import { asPlain } from '../vrl/values.ts';
import type { TappedLine } from './pairing.ts';

/** A line and what came of it, as JSON: an object with lists of events, each as a sink writes it. Pure. */
export const lineJson = ({ task: { job, task, alloc }, before, after, edited }: TappedLine): string =>
  exactJson({
    job,
    task,
    alloc,
    before: before === undefined ? null : plainOf(before),
    after: after.map(plainOf),
    ...(edited === undefined ? {} : { with: edited.events.map(plainOf) }),
  }) ?? '';

/** The same for people, in several lines: the fields that changed are marked. Whatever events hold, it does nothing on a terminal. Pure. */
export const lineText = ({
  line: { task, before, after, edited, why },
  colors,
  paint,
}: {
  line: TappedLine;
  colors: Colors;
  /** Of the task's own. */
  paint: Formatter;
}): string => {
  const stream = streamOf(before);
  const shown = (event: EngineEvent): string =>
    prettyLine({ event: plainOf(withoutOffset(event)), label: undefined, stream, colors, paint });
  const changed = (changes: readonly string[]): string[] =>
    changes.map((change) => `    ${marked({ change, colors })}`);
  const rows = [paint(safeText(taskLabel({ allocId: task.alloc, task: task.task })))];
  rows.push(`  before  ${before === undefined ? UNSEEN : shown(before)}`);
  if (after.length === 0 && before !== undefined) rows.push(`  after   ${NOTHING}${droppedBy(why)}`);
  for (const event of after) {
    rows.push(`  after   ${shown(event)}`);
    if (before !== undefined) rows.push(...changed(eventChanges({ before, after: event, isLeftOut: isSameForAll })));
  }
  if (edited === undefined) return rows.join('\n');
  if (edited.events.length === 0) rows.push(`  with    ${NOTHING}${droppedBy(edited.dropped[0])}`);
  edited.events.forEach((event, index) => {
    const from = after[index] ?? before;
    const changes = from === undefined ? [] : eventChanges({ before: from, after: event });
    const isSame = after[index] !== undefined && changes.length === 0;
    rows.push(`  with    ${isSame ? SAME : shown(event)}`);
    rows.push(...changed(changes));
  });
  return rows.join('\n');
};

const UNSEEN = '(not seen, or several lines)';
const NOTHING = '(nothing)';
const SAME = '(the same)';

const plainOf = ({ event }: EngineEvent): Record<string, unknown> => asPlain(event) as Record<string, unknown>;

const streamOf = (before: EngineEvent | undefined): LogStream | undefined => {
  const file = before?.event.file;
  return typeof file === 'string' ? parseLinkName(basename(file))?.stream : undefined;
};

const withoutOffset = ({ event: { [OFFSET_FIELD]: _, ...event }, ...rest }: EngineEvent): EngineEvent => ({
  ...rest,
  event,
});

/** What each line has: labels, and what the source says of the file. */
const isSameForAll = (path: string): boolean => SAME_FOR_ALL.has(path.split('.', 2)[1] ?? '');

const SAME_FOR_ALL: ReadonlySet<string> = new Set(['nomad', 'file', 'host', 'source_type', OFFSET_FIELD]);

const droppedBy = (dropped: TappedLine['why']): string =>
  dropped === undefined ? '' : safeText(`: dropped by ${dropped.component}: ${dropped.why}`);

const marked = ({ change, colors }: { change: string; colors: Colors }): string => {
  const paint = { '+': colors.green, '-': colors.red, '~': colors.yellow }[change.charAt(0)];
  const text = safeText(change);
  return paint === undefined ? text : paint(text);
};
