import { NvlError } from '../errors.ts';
import { holdsMark } from './file.ts';
import { type BlockSubject, gateBlock } from './gate.ts';
import { silentRemaps } from './keep-lines.ts';
import type { OwnLogs } from './source-options.ts';
import { traceLines } from './trace-lines.ts';

/** What the gate says of a block. */
export type BlockVerdict = {
  isSound: boolean;
  errors: readonly NvlError[];
  /** The remaps that do not say what becomes of a line they abort on: what stands in their ids behind the task's stem. */
  silent: readonly string[];
};

export type TemplateText = { path: string; text: string };

/**
 * Whether a rendered block defines nothing but what its kind may define, with the template's line where it does. The id and
 * the logs are those of the context that it was rendered for. Pure.
 */
export const judgeBlock = ({
  template,
  kind,
  text: rendered,
  context,
}: {
  template: TemplateText;
  kind: BlockSubject['kind'];
  text: string;
  context: object;
}): BlockVerdict => {
  const text = rendered.trim();
  const { id = '' } = context as { id?: string };
  const own = kind === 'source' ? ownLogsOf(context) : undefined;
  const problems = gateBlock({ text, kind, id, own });
  // Looked up once for all of them: that reads the whole template and the whole text.
  const lines = problems.some(({ line }) => line !== undefined) ? linesOf({ template, text }) : [];
  const errors = problems.map(({ message, line }) =>
    refusedBlock({ template, message, line: line === undefined ? undefined : lines[line - 1] }),
  );
  if (holdsMark(text)) {
    errors.push(refusedBlock({ template, message: 'a line opens with "# nvl:", which nvl itself writes' }));
  }
  const isSound = errors.length === 0;
  return { isSound, errors, silent: isSound && kind === 'transform' ? silentRemaps({ text, id }) : [] };
};

/** Of a task's context; a node's has no logs. */
const ownLogsOf = (context: object): OwnLogs | undefined => {
  const { logs, alloc } = context as { logs?: { include: readonly unknown[] }; alloc?: { id: string } };
  return logs && { include: logs.include.map(String), allocId: alloc?.id ?? '' };
};

/** A line of the rendered text, and of the template where it comes from, as far as that is known. */
type Line = { rendered: string; origin: number | undefined };

const linesOf = ({ template, text }: { template: TemplateText; text: string }): Line[] => {
  const origins = traceLines({ template: template.text, rendered: text });
  return text.split('\n').map((line, index) => ({ rendered: line.trim(), origin: origins[index] }));
};

export const refusedBlock = ({
  template,
  message,
  line,
  advice = 'docs/templates.md says what each block may define',
}: {
  template: TemplateText;
  message: string;
  line?: Line | undefined;
  advice?: string;
}): NvlError =>
  new NvlError('blockRefused', {
    message,
    facts: {
      ...(line?.origin === undefined ? { from: template.path } : { at: `${template.path}:${line.origin}` }),
      rendered: line?.rendered,
    },
    advice,
  });
