import { type BlockSubject, gateBlock } from '../apply/structure.ts';
import { NvlError } from '../errors.ts';
import { holdsMark } from './file.ts';
import type { Refusal } from './safe/refusal.ts';
import type { BlockKind, Template } from './templates.ts';

export type RenderedBlock = { ok: true; text: string } | { ok: false; errors: readonly NvlError[] };

/**
 * One template for one task (or node) to the text of its block, checked: each value was put safely, and the block
 * defines nothing but what its kind may define. Pure.
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
  const problems = gateBlock({ text, kind, id } satisfies BlockSubject);
  const errors = problems.map(({ message, line }) => refusedBlock({ template, message, line, text }));
  if (holdsMark(text)) {
    errors.push(
      refusedBlock({ template, message: 'a line opens with "# nvl:", which nvl itself writes', line: undefined, text }),
    );
  }
  return errors.length === 0 ? { ok: true, text } : { ok: false, errors };
};

const refusedValue = ({ site, place, value, why, instead }: Refusal): NvlError =>
  new NvlError('valueRefused', {
    message: `${site.expression} cannot stand here: ${why}`,
    facts: { at: `${site.template}:${site.line}:${site.column}`, place, value },
    ...(instead === undefined ? {} : { advice: `write instead: ${instead}` }),
  });

const refusedBlock = ({
  template,
  message,
  line,
  text,
}: {
  template: Template;
  message: string;
  line: number | undefined;
  text: string;
}): NvlError =>
  new NvlError('blockRefused', {
    message,
    facts: { from: template.path, rendered: line === undefined ? undefined : text.split('\n')[line - 1]?.trim() },
    advice: 'docs/templates.md says what each block may define',
  });
