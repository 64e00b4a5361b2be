import { exactJson } from '../exact-json.ts';
import { asPlain, type VrlValue } from '../vrl/values.ts';

/** A value as Vector writes it into a text: a text as it is, an object or a list as its JSON. Pure. */
export const asText = (value: VrlValue): string => {
  if (value === null) return '<null>';
  if (typeof value === 'number') return decimalText(value);
  const plain = asPlain(value);
  return typeof plain === 'string' ? plain : (exactJson(plain) ?? '');
};

/** A float as Rust writes it into a text: without an exponent, and without a point where it is whole. Pure. */
export const decimalText = (value: number): string => {
  if (!Number.isFinite(value)) return String(value).replace('Infinity', 'inf');
  if (Object.is(value, -0)) return '-0';
  const [, sign = '', whole = '', fraction = '', exponent] = PARTS.exec(String(value)) ?? [];
  if (exponent === undefined) return String(value);
  const digits = whole + fraction;
  const by = Number(exponent);
  return by < 0 ? `${sign}0.${'0'.repeat(-by - 1)}${digits}` : `${sign}${digits.padEnd(by + 1, '0')}`;
};

/** JavaScript writes an exponent from 1e21 on, which has more zeros than a float has digits, and below 1e-6. */
const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;
