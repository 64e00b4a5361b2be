import type { Templates } from '../render/templates.ts';

/** Whether any template names something of a node that its allocations do not say. Pure. */
export const readsNode = ({ profiles, labels }: Pick<Templates, 'profiles' | 'labels'>): boolean =>
  [labels, ...[...profiles.values()].flatMap(({ source, transform }) => [source, transform])].some(
    (template) => template !== undefined && NAMES_NODE.test(template.text),
  );

const NAMES_NODE = /\{\{[^{}]*\bnode\.(?!id\b|name\b)/;
