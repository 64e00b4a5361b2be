import { componentsOf } from '../render/components.ts';
import { type Block, namesOfPipeline } from '../render/file.ts';
import { sourceFindings } from '../render/source-options.ts';
import type { Templates } from '../render/templates.ts';
import { profileShown } from '../render/used-templates.ts';
import type { BlockRisk } from './node-risks.ts';

/** Options of source templates that can lose or repeat lines. Pure. */
export const sourceRisks = ({ blocks, templates }: { blocks: readonly Block[]; templates: Templates }): BlockRisk[] => {
  const looked = new Set<string>();
  return blocks.flatMap((block): BlockRisk[] => {
    const template = profileShown({ templates, shown: namesOfPipeline(block.heading)?.profile ?? '' })?.source;
    if (block.kind !== 'pipeline' || template === undefined) return [];
    return [...componentsOf(block.text).values()].flatMap(({ component, table }) => {
      if (component.kind !== 'source') return [];
      const { include: _, ...options } = table as Record<string, unknown>;
      // Tasks of one template say the same again and again.
      const key = `${template.path} ${JSON.stringify(options)}`;
      if (looked.has(key)) return [];
      looked.add(key);
      return sourceFindings({ table: table as Record<string, unknown>, own: undefined })
        .filter(({ verdict }) => verdict === 'risk')
        .map(({ option, why }) => ({
          kind: 'source',
          message: `${option} ${why}`,
          template,
          shownBy: Object.hasOwn(options, option) ? new RegExp(`^\\s*(?:\\[.*\\.)?${option}\\b`) : /^\s*\[sources\./,
        }));
    });
  });
};
