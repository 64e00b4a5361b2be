import { connect } from 'node:http2';
import { hasCode, messageOf, NvlError } from '../../errors.ts';

/** A call of Vector's API: `method` of its service, with a message in protobuf. */
export type ApiCall = { url: string; method: string; request: Buffer; signal: AbortSignal };

/**
 * The messages that Vector's API answers with, as they come, until it has no more or the signal aborts; who takes none holds the
 * connection up. Throws `vectorApiAway` where nobody answers or the connection ends, `vectorApiAnswer` for what is no
 * answer of it.
 *
 * @source vector 0.57.0: gRPC without TLS, `proto/vector/observability.proto`
 */
export const callApi = async function* ({ url, method, request, signal }: ApiCall): AsyncGenerator<Buffer> {
  if (signal.aborted) return;
  const session = connect(url, { settings: { initialWindowSize: WINDOW_BYTES } });
  const end = (): void => session.destroy();
  signal.addEventListener('abort', end, { once: true });
  const isLate = { yet: false };
  const timer = setTimeout(() => {
    isLate.yet = true;
    end();
  }, CONNECT_MS);
  let failed: unknown;
  session.on('error', (error) => {
    failed ??= error;
  });
  session.on('connect', () => {
    clearTimeout(timer);
    session.setLocalWindowSize(WINDOW_BYTES);
  });
  try {
    const stream = session.request({
      ':method': 'POST',
      ':path': `/${SERVICE}/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const status = new Map<string, string>();
    const note = (headers: Readonly<Record<string, unknown>>): void => {
      for (const name of [':status', 'grpc-status', 'grpc-message'])
        if (headers[name] !== undefined) status.set(name, String(headers[name]));
    };
    stream.on('response', note).on('trailers', note);
    stream.end(framed(request));
    yield* messagesIn(stream);
    checkStatus({ url, status });
  } catch (error) {
    if (signal.aborted) return;
    throw apiFault({ url, error: failed ?? error, isLate: isLate.yet });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
    end();
  }
};

const SERVICE = 'vector.observability.v1.ObservabilityService';
const CONNECT_MS = 10_000;
const WINDOW_BYTES = 1_048_576;

/** Before each message of gRPC: whether it is packed, and its length. */
const HEAD_BYTES = 5;
const MOST_BYTES = 67_108_864;

const framed = (message: Buffer): Buffer => {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

/** The messages in a body of gRPC, which may be torn anywhere. */
const messagesIn = async function* (stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  let needed = HEAD_BYTES;
  for await (const part of stream) {
    parts.push(part);
    size += part.length;
    if (size < needed) continue;
    let bytes = Buffer.concat(parts);
    for (needed = neededFor(bytes); bytes.length >= needed; needed = neededFor(bytes)) {
      yield bytes.subarray(HEAD_BYTES, needed);
      bytes = bytes.subarray(needed);
    }
    parts = [bytes];
    size = bytes.length;
  }
};

const neededFor = (bytes: Buffer): number => {
  if (bytes.length < HEAD_BYTES) return HEAD_BYTES;
  const length = bytes.readUInt32BE(1);
  // Vector packs nothing unless it is asked to.
  if (bytes[0] !== 0 || length > MOST_BYTES) throw new RangeError('what it sends is no message of gRPC');
  return HEAD_BYTES + length;
};

const checkStatus = ({ url, status }: { url: string; status: ReadonlyMap<string, string> }): void => {
  const [http, grpc] = [status.get(':status'), status.get('grpc-status')];
  if (http === '200' && grpc === '0') return;
  if (grpc === undefined && (http === undefined || http === '200'))
    throw apiAway({ url, why: 'it ended the connection' });
  const said = status.get('grpc-message');
  throw new NvlError('vectorApiAnswer', {
    message: `what answers at ${url} is no API of Vector 0.57 or newer, or refuses`,
    facts: { said: `status ${http ?? 'none'}, gRPC ${grpc ?? 'none'}${said === undefined ? '' : `: ${said}`}` },
  });
};

const apiFault = ({ url, error, isLate }: { url: string; error: unknown; isLate: boolean }): NvlError => {
  if (error instanceof NvlError) return error;
  if (isLate) return apiAway({ url, why: `no connection within ${CONNECT_MS / 1_000} s` });
  const isHttp2Fault = hasCode(error, 'ERR_HTTP2_ERROR', 'ERR_HTTP2_SESSION_ERROR') || error instanceof RangeError;
  if (!isHttp2Fault) return apiAway({ url, why: messageOf(error), cause: error });
  return new NvlError('vectorApiAnswer', {
    message: `what answers at ${url} is no API of Vector`,
    facts: { said: messageOf(error) },
    cause: error,
  });
};

const apiAway = ({ url, why, cause }: { url: string; why: string; cause?: unknown }): NvlError =>
  new NvlError('vectorApiAway', { message: `Vector's API does not answer at ${url}`, facts: { said: why }, cause });
