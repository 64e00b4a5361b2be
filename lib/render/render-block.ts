import { NvlError } from '../errors.ts';
import { refusedBlock } from './judge-block.ts';
import { withKeptLines } from './keep-lines.ts';
import type { Cell, Refusal } from './safe/index.ts';
import type { Template } from './templates.ts';

/** The values that stand in a text, by their expressions, and what its conditions and rounds came to. */
export type Reads = {
  values: readonly (readonly [expression: string, value: unknown])[];
  decisions: readonly unknown[];
};

/** `reads`: what decides what the text is; `cells`: what is looked up for each line instead. */
export type RenderedBlock = { reads: Reads } & (
  | { ok: true; text: string; cells: readonly Cell[] }
  | { ok: false; errors: readonly NvlError[] }
);

/**
 * One template for one task (or node) to the text of its block, checked: each value was put safely, and the block
 * defines nothing but what its kind may define. A transform's remaps keep the lines that they abort on, unless they say
 * otherwise. Pure.
 */
export const renderBlock = ({
  template,
  context,
  hasColumns = false,
}: {
  template: Template;
  context: object;
  /** Values of VRL programs are looked up in the table. */
  hasColumns?: boolean;
}): RenderedBlock => {
  if (template.compiled === undefined) return { ok: false, errors: template.faults, reads: NO_READS };
  const rendered = template.compiled.render(context, { hasColumns });
  const reads = { values: rendered.reads, decisions: rendered.decisions };
  if (!rendered.ok) return { ok: false, errors: rendered.refusals.map(refusedValue), reads };
  const { cells } = rendered;
  const { isSound, errors, silent } = rendered.verdict;
  if (!isSound) return { ok: false, errors, reads };
  const text = rendered.text.trim();
  if (silent.length === 0) return { ok: true, text, reads, cells };
  const { id = '' } = context as { id?: string };
  const kept = withKeptLines({ text, id, suffixes: silent });
  return kept === undefined
    ? { ok: false, errors: [lostLines(template)], reads }
    : { ok: true, text: kept, reads, cells };
};

const NO_READS: Reads = { values: [], decisions: [] };

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
