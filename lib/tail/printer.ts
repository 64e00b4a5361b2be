import type { Colors, Formatter } from 'picocolors/types.js';
import type { EngineEvent } from '../engine/event.ts';
import { exactJson } from '../exact-json.ts';
import { type LogStream, parseLinkName } from '../link-name.ts';
import { asPlain } from '../vrl/values.ts';
import { prettyLine } from './pretty.ts';
import { safeJson } from './safe-text.ts';
import { type TailedTask, taskLabel } from './tailed-task.ts';

/** How events are written: `json`, a line each as a sink writes it, or for people. */
export type TailFormat = 'json' | 'pretty';

/** Writes events of a task. Resolves when whoever reads them has taken them. */
export type Printer = (task: TailedTask, events: readonly EngineEvent[]) => Promise<void>;

export const createPrinter = ({
  format,
  isTerminal,
  colors,
  write,
}: {
  format: TailFormat;
  /** Nothing that could do something on one is written then. */
  isTerminal: boolean;
  colors: Colors;
  /** Resolves when it takes more. */
  write: (text: string) => Promise<void>;
}): Printer => {
  const paints = createPaints(colors);
  const lineOf = (task: TailedTask, { event, lines }: EngineEvent): string => {
    const plain = asPlain(event) as Record<string, unknown>;
    if (format === 'pretty') {
      const label = taskLabel(task);
      return prettyLine({ event: plain, label, stream: streamOf(lines[0]?.file), colors, paint: paints(label) });
    }
    const json = exactJson(plain) ?? '';
    return isTerminal ? safeJson(json) : json;
  };
  return async (task, events) => {
    if (events.length > 0) await write(events.map((event) => `${lineOf(task, event)}\n`).join(''));
  };
};

const streamOf = (file: string | undefined): LogStream | undefined =>
  parseLinkName(file?.split('/').at(-1) ?? '')?.stream;

/** A colour for each task, in their order; after the last one the first again. */
export const createPaints = (colors: Colors): ((label: string) => Formatter) => {
  const known = new Map<string, Formatter>();
  const palette = [
    colors.cyan,
    colors.magenta,
    colors.blue,
    colors.green,
    colors.yellow,
    colors.cyanBright,
    colors.magentaBright,
    colors.blueBright,
  ];
  return (label) => {
    const paint = known.get(label) ?? palette[known.size % palette.length] ?? colors.cyan;
    known.set(label, paint);
    return paint;
  };
};
