import { gunzipSync } from 'node:zlib';

/**
 * What Vector's file source (0.57) reads of a file that begins with these bytes: one with gzip's signature is unpacked. Of one that is then no
 * gzip nothing is read, here also where it begins as one. Undefined for a file that is read as it is.
 */
export const unpack = (bytes: Buffer): Buffer | undefined => {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) return undefined;
  try {
    return gunzipSync(bytes);
  } catch {
    return Buffer.alloc(0);
  }
};

const SIGNATURE = Buffer.from([0x1f, 0x8b]);
