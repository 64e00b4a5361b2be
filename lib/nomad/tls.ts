import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecureContext } from 'node:tls';
import type { Config } from '../config/config.ts';
import { readBounded } from '../config/read-bounded.ts';
import { NvlError } from '../errors.ts';
import { loadTls } from './node-http.ts';

type Files = { ca: string[] | undefined; cert: string | undefined; key: string | undefined };

/**
 * Makes the secure context of a connection from the certificate files, as they are at that moment: a daemon outlives
 * its certificates. It is made anew only when a file's content changed. A CA file wins over a CA folder, as in Nomad's
 * client; with neither, the roots of Node and of the system are trusted.
 * Throws `configInvalid` at once for half a key pair, and `nomadAway` later for a file that cannot be used.
 */
export const createSecureContexts = (settings: Config['nomad']): (() => Promise<SecureContext>) => {
  if ((settings.clientCert === undefined) !== (settings.clientKey === undefined)) throw halfPair(settings);
  let made: { from: string; context: SecureContext } | undefined;
  return async () => {
    const files = await readFiles(settings);
    const from = JSON.stringify(files);
    if (made?.from !== from) made = { from, context: createContext(files, settings) };
    return made.context;
  };
};

const readFiles = async ({ caCert, caPath, clientCert, clientKey }: Config['nomad']): Promise<Files> => {
  const [ca, cert, key] = await Promise.all([
    caCert !== undefined ? readCaFile(caCert) : caPath !== undefined ? readCaFolder(caPath) : undefined,
    clientCert === undefined ? undefined : readTlsFile(clientCert, 'client certificate'),
    clientKey === undefined ? undefined : readTlsFile(clientKey, 'client key'),
  ]);
  return { ca, cert, key };
};

const readCaFile = async (file: string): Promise<string[]> => {
  const text = await readTlsFile(file, 'CA certificate');
  if (!isPem(text)) throw tlsUnusable({ what: 'CA certificate', file, said: 'it holds no PEM certificate' });
  return [text];
};

/** Every PEM file below the folder. Links to folders are not entered: they are how mounted folders keep old versions. */
const readCaFolder = async (folder: string): Promise<string[]> => {
  const what = 'CA folder';
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw tlsUnusable({ what, file: folder, cause });
  });
  const files = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.sort().map((file) => readRegular(file).catch(() => '')));
  const certificates = texts.filter(isPem);
  if (certificates.length === 0)
    throw tlsUnusable({ what, file: folder, said: 'no file in it holds a PEM certificate' });
  return certificates;
};

const isPem = (text: string): boolean => text.includes('-----BEGIN CERTIFICATE-----');

const readTlsFile = async (file: string, what: string): Promise<string> => {
  try {
    return await readRegular(file);
  } catch (cause) {
    throw tlsUnusable({ what, file, cause });
  }
};

/** More than any list of certificates that a system keeps. */
const MOST_BYTES = 16_777_216;

const readRegular = async (file: string): Promise<string> => {
  const read = await readBounded({ file, mostBytes: MOST_BYTES });
  if ('why' in read) throw new Error(read.why);
  return read.bytes.toString('utf8');
};

const createContext = ({ ca, cert, key }: Files, settings: Config['nomad']): SecureContext => {
  try {
    return loadTls().createSecureContext({ ca: ca ?? knownRoots(), cert, key, minVersion: 'TLSv1.2' });
  } catch (cause) {
    const file = [settings.caCert ?? settings.caPath, settings.clientCert, settings.clientKey]
      .filter(Boolean)
      .join(', ');
    throw tlsUnusable({ what: 'certificates', file, cause });
  }
};

/** Node knows its own list of roots, Nomad's client that of the system: a company's own CA is only in the latter. */
const knownRoots = (): string[] => {
  const { getCACertificates } = loadTls();
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
};

const halfPair = ({ clientCert }: Config['nomad']): NvlError =>
  new NvlError('configInvalid', {
    message: 'A client certificate and its key go together, and only one is set',
    facts: {
      from: clientCert === undefined ? 'nomad.clientKey (NOMAD_CLIENT_KEY)' : 'nomad.clientCert (NOMAD_CLIENT_CERT)',
    },
    advice: 'set both of nomad.clientCert and nomad.clientKey, or neither',
  });

const tlsUnusable = ({
  what,
  file,
  said,
  cause,
}: {
  what: string;
  file: string;
  said?: string;
  cause?: unknown;
}): NvlError =>
  new NvlError('nomadAway', {
    message: `The ${what} for Nomad cannot be used`,
    facts: { from: file, said: said ?? (cause instanceof Error ? cause.message : undefined) },
    advice: 'check the files of nomad.caCert, nomad.caPath, nomad.clientCert and nomad.clientKey',
    cause,
  });
