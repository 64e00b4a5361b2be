import type { NvlError } from '../errors.ts';

/**
 * What ships of a task, or a sink, in place of its own blocks. `live`: those it has live. `lastGood`: its profile as Vector
 * last took it. `default`: the default source without any transform, marked. `shippedLabels`: its own, with the labels that
 * come with nvl. `nodeSink`: its own, through the node's sink. `nothing`: it is left out.
 */
export type Instead = 'live' | 'lastGood' | 'default' | 'shippedLabels' | 'nodeSink' | 'nothing';

/** A task, or a sink, whose own blocks can't be used as they are, why, and what ships in their place. */
export type RefusedBlock = { key: string; heading: string; errors: readonly NvlError[]; instead: Instead };

/** A task of which something is told that changes nothing of how it ships. */
export type Note = { key: string; heading: string; errors: readonly NvlError[] };

/** For people, before the heading of what it is about. */
export const INSTEAD_WORDS: Readonly<Record<Instead, string>> = {
  live: 'kept as it was',
  lastGood: 'ships by the last good version of its profile',
  default: 'ships by default, unparsed and marked',
  shippedLabels: 'ships with the labels that come with nvl, marked',
  nodeSink: "goes to the node's own sink, marked",
  nothing: 'left out',
};

/** What ships in place of a block, and which task or sink it is: `left out: default / web / app`. */
export const insteadLine = ({ instead, heading }: Pick<RefusedBlock, 'instead' | 'heading'>): string =>
  `${INSTEAD_WORDS[instead]}: ${heading}`;

/** The first of each that reads the same. */
export const withoutRepeats = (errors: readonly NvlError[]): NvlError[] => [
  ...new Map(errors.map((error) => [JSON.stringify([error.code, error.message, error.facts]), error])).values(),
];

/**
 * What is rendered, if this task has the profile that it asks for. One whose profile can't be rendered ships by another one; somebody who tries the
 * profile wants to know why. Throws what refuses it.
 */
export const throughGate = <T extends { refused: readonly RefusedBlock[] }>({
  rendered,
  stem,
}: {
  rendered: T;
  stem: string;
}): T => {
  const [error] = rendered.refused.find(({ key }) => key === stem)?.errors ?? [];
  if (error !== undefined) throw error;
  return rendered;
};
