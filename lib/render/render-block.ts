import { NvlError } from '../errors.ts';
import { holdsMark } from './file.ts';
import { type BlockSubject, gateBlock } from './gate.ts';
import { silentRemaps, withKeptLines } from './keep-lines.ts';
import type { Refusal } from './safe/check/refusal.ts';
import type { OwnLogs } from './source-options.ts';
import type { BlockKind, Template } from './templates.ts';
import { traceLines } from './trace-lines.ts';

export type RenderedBlock = { ok: true; text: string } | { ok: false; errors: readonly NvlError[] };

/** What is known of a block's shape: which of its remaps do not say what becomes of a line they abort on. */
type Shape = { silent: readonly string[] };

/** Shapes that passed the gate; they go with the templates that they belong to. */
const sound = new WeakMap<object, Shape>();

/**
 * One template for one task (or node) to the text of its block, checked: each value was put safely, and the block
 * defines nothing but what its kind may define. Pure. Plain values can't change a shape, so blocks that differ in those
 * alone pass the gate once for all of them.
 */
export const renderBlock = ({
  template,
  kind,
  id,
  context,
}: {
  template: Template;
  kind: BlockKind;
  id: string;
  context: object;
}): RenderedBlock => {
  if (template.compiled === undefined) return { ok: false, errors: template.faults };
  const rendered = template.compiled.render(context);
  if (!rendered.ok) return { ok: false, errors: rendered.refusals.map(refusedValue) };
  const text = rendered.text.trim();
  let shape = rendered.shape === undefined ? undefined : sound.get(rendered.shape);
  if (shape === undefined) {
    const errors = gate({ template, kind, id, text, own: kind === 'source' ? ownLogsOf(context) : undefined });
    if (errors.length > 0) return { ok: false, errors };
    shape = { silent: kind === 'transform' ? silentRemaps({ text, id }) : [] };
    if (rendered.shape !== undefined) sound.set(rendered.shape, shape);
  }
  return shape.silent.length === 0 ? { ok: true, text } : keepLines({ template, text, id, suffixes: shape.silent });
};

const gate = ({
  template,
  kind,
  id,
  text,
  own,
}: {
  template: Template;
  kind: BlockKind;
  id: string;
  text: string;
  own: OwnLogs | undefined;
}): NvlError[] => {
  const problems = gateBlock({ text, kind, id, own } satisfies BlockSubject);
  // Looked up once for all of them: that reads the whole template and the whole text.
  const lines = problems.some(({ line }) => line !== undefined) ? linesOf({ template, text }) : [];
  const errors = problems.map(({ message, line }) =>
    refusedBlock({ template, message, line: line === undefined ? undefined : lines[line - 1] }),
  );
  if (!holdsMark(text)) return errors;
  const message = 'a line opens with "# nvl:", which nvl itself writes';
  return [...errors, refusedBlock({ template, message })];
};

/** Of a task's context; a node's has no logs. */
const ownLogsOf = (context: object): OwnLogs | undefined => {
  const { logs, alloc } = context as { logs?: { include: readonly unknown[] }; alloc?: { id: string } };
  return logs && { include: logs.include.map(String), allocId: alloc?.id ?? '' };
};

const keepLines = ({
  template,
  text,
  id,
  suffixes,
}: {
  template: Template;
  text: string;
  id: string;
  suffixes: readonly string[];
}): RenderedBlock => {
  const kept = withKeptLines({ text, id, suffixes });
  if (kept !== undefined) return { ok: true, text: kept };
  const message = 'a remap does not say what becomes of a line that it aborts on';
  return {
    ok: false,
    errors: [refusedBlock({ template, message, advice: 'write drop_on_abort = false in it' })],
  };
};

const refusedValue = ({ site, place, value, why, instead }: Refusal): NvlError =>
  new NvlError('valueRefused', {
    // A fault of the whole has no expression, and no value either.
    message: site.expression === '' ? why : `${site.expression} cannot stand here: ${why}`,
    facts: {
      at: `${site.template}:${site.line}:${site.column}`,
      ...(site.expression === '' ? {} : { place, value: value === '' ? 'the empty text' : value }),
    },
    ...(instead === undefined ? {} : { advice: `write instead: ${instead}` }),
  });

/** A line of the rendered text, and of the template where it comes from, as far as that is known. */
type Line = { rendered: string; origin: number | undefined };

const linesOf = ({ template, text }: { template: Template; text: string }): Line[] => {
  const origins = traceLines({ template: template.text, rendered: text });
  return text.split('\n').map((line, index) => ({ rendered: line.trim(), origin: origins[index] }));
};

const refusedBlock = ({
  template,
  message,
  line,
  advice = 'docs/templates.md says what each block may define',
}: {
  template: Template;
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
