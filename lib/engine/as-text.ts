import { exactJson } from '../exact-json.ts';
import { asPlain, type VrlValue } from '../vrl/values.ts';

/** A value as Vector writes it into a text: a text as it is, anything else as its JSON, nothing for null. Pure. */
export const asText = (value: VrlValue): string => {
  const plain = asPlain(value);
  if (plain === null) return '';
  return typeof plain === 'string' ? plain : (exactJson(plain) ?? '');
};
