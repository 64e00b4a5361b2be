import { parse } from 'smol-toml';
import { nodeContext, type TaskContext } from '../../lib/context/context.ts';
import type { NvlError } from '../../lib/errors.ts';
import { type Block, blocksOf } from '../../lib/render/file.ts';
import { type Rendered, renderNode } from '../../lib/render/render.ts';
import type { Templates } from '../../lib/render/templates.ts';
import { aNode, LINKS, someTemplates } from '../support/builders.ts';

/** Renders with what a node would have: the shipped templates, and nothing live. */
export const renderOf = async ({
  templates,
  tasks = [],
  live = '',
  carried = [],
  barred = [],
  hasSinks = true,
}: {
  templates?: Templates;
  tasks?: readonly TaskContext[];
  live?: string;
  carried?: readonly string[];
  barred?: readonly { block: Block; error: NvlError }[];
  hasSinks?: boolean;
} = {}): Promise<Rendered> => {
  const texts = new Map<string, Map<string, NvlError>>();
  for (const { block, error } of barred)
    texts.set(block.key, (texts.get(block.key) ?? new Map()).set(block.text, error));
  return renderNode({
    templates: templates ?? (await someTemplates()),
    tasks,
    node: nodeContext(aNode()),
    hasSinks,
    linksDir: LINKS,
    live: blocksOf(live),
    carried: new Set(carried),
    barred: texts,
  });
};

export type Component = { type: string; inputs?: string[]; [option: string]: unknown };
export type Components = Record<'sources' | 'transforms' | 'sinks', Record<string, Component>>;

export const componentsIn = (text: string): Components => ({ sources: {}, transforms: {}, sinks: {}, ...parse(text) });

/** Whoever was left out, and why. */
export const refusedIn = ({ refused }: Rendered) =>
  refused.map(({ key, isKept, errors }) => ({ key, isKept, why: errors.map(({ message }) => message) }));
