import { NvlError } from '../errors.ts';
import { refusedBlock } from './judge-block.ts';
import { withKeptLines } from './keep-lines.ts';
import type { Refusal } from './safe/index.ts';
import type { Template } from './templates.ts';

export type RenderedBlock = { ok: true; text: string } | { ok: false; errors: readonly NvlError[] };

/**
 * One template for one task (or node) to the text of its block, checked: each value was put safely, and the block
 * defines nothing but what its kind may define. A transform's remaps keep the lines that they abort on, unless they say
 * otherwise. Pure.
 */
export const renderBlock = ({ template, context }: { template: Template; context: object }): RenderedBlock => {
  if (template.compiled === undefined) return { ok: false, errors: template.faults };
  const rendered = template.compiled.render(context);
  if (!rendered.ok) return { ok: false, errors: rendered.refusals.map(refusedValue) };
  const { isSound, errors, silent } = rendered.verdict;
  if (!isSound) return { ok: false, errors };
  const text = rendered.text.trim();
  if (silent.length === 0) return { ok: true, text };
  const { id = '' } = context as { id?: string };
  const kept = withKeptLines({ text, id, suffixes: silent });
  return kept === undefined ? { ok: false, errors: [lostLines(template)] } : { ok: true, text: kept };
};

const lostLines = (template: Template): NvlError =>
  refusedBlock({
    template,
    message: 'a remap does not say what becomes of a line that it aborts on',
    advice: 'write drop_on_abort = false in it',
  });

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
