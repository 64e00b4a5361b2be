import type { Row } from '../pipelines/row.ts';
import type { Block } from '../render/file.ts';
import type { Template, Templates } from '../render/templates.ts';
import { sinkFieldRisks } from './sink-fields.ts';
import { sourceRisks } from './source-risks.ts';
import { transformRisks } from './transform-risks.ts';

/** What nvl and Vector accept, and a person should know of. `at`: the template's file and line. */
export type NodeRisk = { kind: NodeRiskKind; message: string; at: string };

export type NodeRiskKind = 'source' | 'transform' | 'unknownField' | 'unconfined';

/** One finding in a block: which of its lines shows it, where one does. */
export type BlockRisk = { kind: NodeRiskKind; message: string; template: Template; shownBy: RegExp };

/** Risks that the rendered blocks show, each once however many tasks have it, in the order of their templates. Pure. */
export const nodeRisks = ({
  blocks,
  rows,
  templates,
}: {
  blocks: readonly Block[];
  /** By which tasks are counted. */
  rows: readonly Row[];
  templates: Templates;
}): NodeRisk[] => {
  const found = [
    ...sourceRisks({ blocks, templates }),
    ...transformRisks({ blocks, templates }),
    ...sinkFieldRisks({ blocks, rows, templates }),
  ];
  const risks = new Map<string, NodeRisk>();
  for (const { kind, message, template, shownBy } of found) {
    const key = `${template.path} ${message}`;
    if (!risks.has(key)) risks.set(key, { kind, message, at: placeIn({ template, shownBy }) });
  }
  return [...risks.values()].sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
};

/** A risk as one line of text. */
export const riskText = ({ message, at }: NodeRisk): string => `${at}: ${message}`;

const placeIn = ({ template: { path, text }, shownBy }: Pick<BlockRisk, 'template' | 'shownBy'>): string => {
  const index = text.split('\n').findIndex((line) => shownBy.test(line) && !/^\s*(?:#|\{\{!)/.test(line));
  return index === -1 ? path : `${path}:${index + 1}`;
};
