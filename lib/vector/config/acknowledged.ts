import { isTable } from '../../table.ts';

/**
 * What `acknowledgements` says, of a sink or of all of them: `true` and `{ enabled = true }` mean the same. Undefined: it is not
 * said.
 */
export const isAcknowledged = (value: unknown): boolean | undefined => {
  const said = isTable(value) ? value.enabled : value;
  return typeof said === 'boolean' ? said : undefined;
};
