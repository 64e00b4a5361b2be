import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export type Certificate = { name: string; pem: string; keyPem: string; key: KeyObject };

/**
 * Makes an X.509 certificate (RFC 5280) with a P-256 key, signed by `issuer` or by itself: Node can read certificates
 * but not make them, and a program that can is not everywhere. `names` are DNS names, `ips` IPv4 addresses.
 */
export const makeCertificate = ({
  name,
  issuer,
  names = [],
  ips = [],
  isCa = false,
  days = 2,
}: {
  name: string;
  issuer?: Certificate;
  names?: string[];
  ips?: string[];
  isCa?: boolean;
  /** How long it is valid from yesterday on; 0 is a certificate that has expired. */
  days?: number;
}): Certificate => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const yesterday = Date.now() - DAY_MS;
  const alternatives = [
    ...names.map((dns) => der(0x82, ascii(dns))),
    ...ips.map((ip) => der(0x87, Buffer.from(ip.split('.').map(Number)))),
  ];
  const extensions = [
    sequence(
      oid('551d13'),
      der(0x01, Buffer.from([0xff])),
      der(0x04, sequence(...(isCa ? [der(0x01, Buffer.from([0xff]))] : []))),
    ),
    ...(alternatives.length === 0 ? [] : [sequence(oid('551d11'), der(0x04, sequence(...alternatives)))]),
  ];
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    sequence(ECDSA_WITH_SHA256),
    distinguishedName(issuer?.name ?? name),
    sequence(time(yesterday - DAY_MS), time(yesterday + days * DAY_MS)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', toBeSigned, issuer?.key ?? privateKey);
  const whole = sequence(toBeSigned, sequence(ECDSA_WITH_SHA256), der(0x03, Buffer.from([0]), signature));
  return {
    name,
    key: privateKey,
    keyPem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    pem: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
};

const DAY_MS = 86_400_000;

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};

const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');
const ECDSA_WITH_SHA256 = oid('2a8648ce3d040302');

const distinguishedName = (name: string): Buffer =>
  sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));

/** UTCTime, which is enough until 2049. */
const time = (ms: number): Buffer =>
  der(0x17, ascii(`${new Date(ms).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
