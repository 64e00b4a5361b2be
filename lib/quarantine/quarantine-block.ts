import type { CycleDeps } from '../cycle-deps.ts';
import type { NvlError } from '../errors.ts';
import type { Block } from '../render/file.ts';

/** Leaves a block out of what is rendered, as long as it is the same. */
export const quarantineBlock = ({
  block,
  error,
  memory,
}: {
  block: Block;
  error: NvlError;
  memory: CycleDeps['memory'];
}): void => {
  const texts = memory.quarantined.get(block.key) ?? new Map<string, NvlError>();
  memory.quarantined.set(block.key, texts.set(block.text, error));
};
