/** A field of a message in protobuf: its number, and a whole number (or the bits of a float), or the bytes of a text or message. */
export type ProtobufField = { number: number; value: bigint | Buffer };

/**
 * The fields of a message as they stand, whatever they mean. Throws a RangeError for bytes that are no message.
 *
 * @source https://protobuf.dev/programming-guides/encoding/
 */
export const readProtobuf = function* (bytes: Buffer): Generator<ProtobufField> {
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at);
    const number = Number(tag.value >> 3n);
    const field = readValue({ bytes, at: tag.next, wireType: Number(tag.value & 7n) });
    yield { number, value: field.value };
    at = field.next;
  }
};

const readValue = ({
  bytes,
  at,
  wireType,
}: {
  bytes: Buffer;
  at: number;
  wireType: number;
}): { value: bigint | Buffer; next: number } => {
  if (wireType === VARINT) return readVarint(bytes, at);
  if (wireType === EIGHT_BYTES) return { value: bytes.readBigUInt64LE(at), next: at + 8 };
  if (wireType === FOUR_BYTES) return { value: BigInt(bytes.readUInt32LE(at)), next: at + 4 };
  if (wireType !== LENGTH) throw new RangeError(`protobuf has no wire type ${wireType}`);
  const length = readVarint(bytes, at);
  const next = length.next + Number(length.value);
  if (next > bytes.length) throw new RangeError('a field is longer than its message');
  return { value: bytes.subarray(length.next, next), next };
};

const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH = 2;
const FOUR_BYTES = 5;

const readVarint = (bytes: Buffer, start: number): { value: bigint; next: number } => {
  // Most are of one byte: tags, and lengths of short texts.
  const first = bytes[start];
  if (first !== undefined && first < 0x80) return { value: BigInt(first), next: start + 1 };
  let value = 0n;
  for (let at = start; at < start + MOST_VARINT_BYTES; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - start));
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: at + 1 };
  }
  throw new RangeError('a number without an end');
};

const MOST_VARINT_BYTES = 10;

/** A message of texts, messages, and whole numbers from 0 on, in the order in which they are given. */
export const writeProtobuf = (
  fields: readonly (readonly [number: number, value: string | number | Buffer])[],
): Buffer =>
  Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === 'number') return [varint(number * 8 + VARINT), varint(value)];
      const bytes = typeof value === 'string' ? Buffer.from(value) : value;
      return [varint(number * 8 + LENGTH), varint(bytes.length), bytes];
    }),
  );

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) + 0x80);
  return Buffer.from([...bytes, left]);
};
