import { parse } from 'smol-toml';
import { nodeContext, type TaskContext } from '../../lib/context/context.ts';
import type { NvlError } from '../../lib/errors.ts';
import { type Block, blocksOf } from '../../lib/render/file.ts';
import type { LastGood } from '../../lib/render/last-good.ts';
import { type Rendered, renderNode } from '../../lib/render/render.ts';
import type { Templates } from '../../lib/render/templates.ts';
import { aNode, LINKS, someTemplates } from '../support/builders.ts';

/** Renders with what a node would have: the shipped templates, and nothing live. */
export const renderOf = async ({
  templates,
  tasks = [],
  live = '',
  carried = [],
  quarantined = [],
  hasSinks = true,
  lastGood,
}: {
  templates?: Templates;
  tasks?: readonly TaskContext[];
  live?: string;
  carried?: readonly string[];
  quarantined?: readonly { block: Block; error: NvlError }[];
  hasSinks?: boolean;
  lastGood?: LastGood;
} = {}): Promise<Rendered> => {
  const texts = new Map<string, Map<string, NvlError>>();
  for (const { block, error } of quarantined)
    texts.set(block.key, (texts.get(block.key) ?? new Map()).set(block.text, error));
  return renderNode({
    templates: templates ?? (await someTemplates()),
    tasks,
    node: nodeContext(aNode()),
    hasSinks,
    linksDir: LINKS,
    live: blocksOf(live),
    carried: new Set(carried),
    quarantined: texts,
    ...(lastGood === undefined ? {} : { lastGood }),
  });
};

export type Component = { type: string; inputs?: string[]; [option: string]: unknown };
export type Components = Record<'sources' | 'transforms' | 'sinks', Record<string, Component>>;

export const componentsIn = (text: string): Components => ({ sources: {}, transforms: {}, sinks: {}, ...parse(text) });

/** The words that nvl puts into each line of a task that does not ship as its job asks, as VRL holds them. */
export const markOf = ({ text }: Rendered, { id }: TaskContext): string | undefined => {
  const { transforms } = componentsIn(text);
  const source = [transforms[`${id}_marked`], transforms[`${id}_parse`]].map((one) => one?.source).join('\n');
  return /^\.nvl\.profile_error = "(.*)"$/m.exec(String(source))?.[1];
};

/** Whoever was left out, and why. */
export const refusedIn = ({ refused }: Rendered) =>
  refused.map(({ key, instead, errors }) => ({ key, instead, why: errors.map(({ message }) => message) }));
