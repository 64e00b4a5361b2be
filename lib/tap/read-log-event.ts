import { type EngineEvent, inOrder } from '../engine/event.ts';
import { textOfBytes } from '../engine/text-of-bytes.ts';
import { readProtobuf } from '../vector/api/protobuf.ts';
import { type VrlObject, VrlTimestamp, type VrlValue } from '../vrl/values.ts';

/** An event of Vector's. `id`: what its source gave it, and every event that is made of it keeps; empty where it has none. */
export type VectorEvent = { id: string; event: EngineEvent };

/**
 * Reads a log event with its metadata. Throws a RangeError for bytes that are none.
 *
 * @source vector 0.57.0: `Log` in lib/vector-core/proto/event.proto
 */
export const readLogEvent = (log: Buffer): VectorEvent => {
  const members: [string, VrlValue][] = [];
  let metadata: Metadata = { id: '', value: {}, secrets: {} };
  for (const { number, value } of readProtobuf(log)) {
    if (typeof value === 'bigint') continue;
    // An event that is no object has one field here, that means nothing, and stands in field 2: nvl's pipelines make none.
    if (number === 1) members.push(memberOf(value, readValue));
    else if (number === 4) metadata = readMetadata(value);
  }
  const { id, value, secrets } = metadata;
  return { id, event: { event: inOrder(members), metadata: value, secrets, lines: [] } };
};

type Metadata = { id: string; value: VrlObject; secrets: Record<string, string> };

const readMetadata = (bytes: Buffer): Metadata => {
  const found: Metadata = { id: '', value: {}, secrets: {} };
  for (const { number, value } of readProtobuf(bytes)) {
    if (typeof value === 'bigint') continue;
    if (number === 1) found.value = objectOr(readValue(value));
    else if (number === 6) found.secrets = readSecrets(value);
    else if (number === 7) found.id = value.toString('hex');
  }
  return found;
};

const objectOr = (value: VrlValue): VrlObject =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? (value as VrlObject)
    : {};

const readSecrets = (bytes: Buffer): Record<string, string> =>
  Object.fromEntries(
    [...readProtobuf(bytes)].flatMap(({ number, value }) =>
      number === 1 && typeof value !== 'bigint' ? [memberOf(value, (text) => text.toString('utf8'))] : [],
    ),
  );

/** A member of a map: its name, and what is read of its value. */
const memberOf = <T>(bytes: Buffer, read: (value: Buffer) => T): [string, T] => {
  let name = '';
  let found: Buffer = Buffer.alloc(0);
  for (const { number, value } of readProtobuf(bytes)) {
    if (typeof value === 'bigint') continue;
    if (number === 1) name = value.toString('utf8');
    else if (number === 2) found = value;
  }
  return [name, read(found)];
};

const readValue = (bytes: Buffer): VrlValue => {
  for (const { number, value } of readProtobuf(bytes)) {
    const read = typeof value === 'bigint' ? PLAIN[number]?.(value) : COMPOSED[number]?.(value);
    if (read !== undefined) return read;
  }
  return null;
};

const PLAIN: Readonly<Record<number, (value: bigint) => VrlValue>> = {
  4: (value) => BigInt.asIntN(64, value),
  5: (value) => floatOf(value),
  6: (value) => value !== 0n,
};

const COMPOSED: Readonly<Record<number, (value: Buffer) => VrlValue>> = {
  1: textOfBytes,
  2: (value) => timestampOf(value),
  7: (value) => inOrder(itemsIn(value).map((member) => memberOf(member, readValue))),
  8: (value) => itemsIn(value).map(readValue),
};

/** What repeats in a map or an array. */
const itemsIn = (bytes: Buffer): Buffer[] =>
  [...readProtobuf(bytes)].flatMap(({ number, value }) => (number === 1 && typeof value !== 'bigint' ? [value] : []));

const floatOf = (bits: bigint): number => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(bits);
  return bytes.readDoubleLE();
};

const timestampOf = (bytes: Buffer): VrlTimestamp => {
  let [seconds, nanos] = [0n, 0n];
  for (const { number, value } of readProtobuf(bytes)) {
    if (typeof value !== 'bigint') continue;
    if (number === 1) seconds = BigInt.asIntN(64, value);
    else if (number === 2) nanos = value;
  }
  return new VrlTimestamp(momentText({ seconds, nanos: Number(nanos) }));
};

/** As Vector writes times: no more digits than they need, by threes; outside the years 0 to 9999 as `VrlTimestamp` has them. */
const momentText = ({ seconds, nanos }: { seconds: bigint; nanos: number }): string => {
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) return `@${seconds}.${String(nanos).padStart(9, '0')}`;
  const head = new Date(Number(seconds) * 1_000).toISOString().slice(0, -'.000Z'.length);
  const digits = String(nanos).padStart(9, '0');
  const fraction = digits.endsWith('000000') ? digits.slice(0, 3) : digits.replace(/000$/, '');
  return `${head}${nanos === 0 ? '' : `.${fraction}`}Z`;
};

const FIRST_SECOND = BigInt(Date.parse('0000-01-01T00:00:00Z')) / 1_000n;
const LAST_SECOND = BigInt(Date.parse('9999-12-31T23:59:59Z')) / 1_000n;
