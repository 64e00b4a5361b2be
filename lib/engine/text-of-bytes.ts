/** Bytes as VRL has them: a text where they are UTF-8. Pure. */
export const textOfBytes = (bytes: Buffer): string | Uint8Array => {
  try {
    return DECODER.decode(bytes);
  } catch {
    return new Uint8Array(bytes);
  }
};

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
