import { NvlError } from '../errors.ts';

export type Address = {
  /** What requests go to; of a unix socket a stand-in that only fills the Host header. */
  origin: string;
  socketPath: string | undefined;
  /** Name and password that stood in the address. */
  auth: { user: string; password: string } | undefined;
  /** The address without name and password, for messages. */
  shown: string;
};

/**
 * Reads `http://`, `https://` and `unix://` addresses as Nomad's own client does (api/api.go): the path of an http
 * address counts for nothing, and a socket's path is taken as it is written. Throws `configInvalid`.
 */
export const readAddress = (address: string): Address => {
  if (address.startsWith('unix://')) return readSocket(address);
  const url = URL.parse(address);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw invalid(`Nomad's address has to begin with http://, https:// or unix://`, withoutAuth(address));
  }
  const auth = url.username === '' ? undefined : { user: decoded(url.username), password: decoded(url.password) };
  return { origin: url.origin, socketPath: undefined, auth, shown: url.origin };
};

const readSocket = (address: string): Address => {
  const socketPath = address.slice('unix://'.length);
  if (socketPath === '') throw invalid(`Nomad's address names no socket`, address);
  return { origin: 'http://127.0.0.1', socketPath, auth: undefined, shown: address };
};

const withoutAuth = (address: string): string => address.replace(/^([^@/]*\/\/)?[^@/]*@/, '$1');

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const invalid = (message: string, address: string) =>
  new NvlError('configInvalid', {
    message,
    facts: { from: 'nomad.address (--address, NOMAD_ADDR)', said: JSON.stringify(address) },
    advice: 'write it like http://127.0.0.1:4646, or unix:///path/to/api.sock',
  });
