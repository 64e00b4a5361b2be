import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type { ServerOptions } from 'node:https';
import os from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Config } from '../../lib/config/config.ts';
import { makeCertificate } from './certificates.ts';
import { aClient, always, startFakeNomad } from './fake-nomad.ts';

const ca = makeCertificate({ name: 'Nomad CA', isCa: true });
const otherCa = makeCertificate({ name: 'Other CA', isCa: true });
const server = makeCertificate({
  name: 'client.global.nomad',
  issuer: ca,
  names: ['client.global.nomad'],
  ips: ['127.0.0.1'],
});
const unnamed = makeCertificate({ name: 'client.global.nomad', issuer: ca, names: ['client.global.nomad'] });
const expired = makeCertificate({ name: 'old', issuer: ca, ips: ['127.0.0.1'], days: 0 });
const client = makeCertificate({ name: 'cli.global.nomad', issuer: ca });
const stranger = makeCertificate({ name: 'stranger', issuer: otherCa });

let folder: string;
const at = (name: string) => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(os.tmpdir(), 'nvl-'));
  await mkdir(at('cas/..v1'), { recursive: true });
  await mkdir(at('nothing'));
  await Promise.all(
    Object.entries({
      'ca.pem': ca.pem,
      'other-ca.pem': otherCa.pem,
      'cas/..v1/ca.pem': ca.pem,
      'cas/other.pem': otherCa.pem,
      'cas/README': 'certificates of our CAs',
      'client.pem': client.pem,
      'client-key.pem': client.keyPem,
      'stranger.pem': stranger.pem,
      'stranger-key.pem': stranger.keyPem,
      'no.pem': 'no certificate',
    }).map(([name, text]) => writeFile(at(name), text)),
  );
  await symlink('..v1', at('cas/..data'));
  execFileSync('mkfifo', [at('fifo')]);
  await symlink('../fifo', at('cas/to-a-fifo'));
  return () => rm(folder, { recursive: true });
});

const tlsOf = ({ pem, keyPem }: { pem: string; keyPem: string }): ServerOptions => ({ cert: pem, key: keyPem });
const mutual: ServerOptions = { ...tlsOf(server), ca: ca.pem, requestCert: true, rejectUnauthorized: true };

const ask = async ({ tls, settings = {} }: { tls?: ServerOptions; settings?: Partial<Config['nomad']> }) => {
  const { address } = await startFakeNomad({ answer: always({ body: '[1]' }), ...(tls === undefined ? {} : { tls }) });
  return (await aClient({ address, ...settings }).nodeAllocations('n1')).allocations;
};

test.each<[string, ServerOptions, () => Partial<Config['nomad']>]>([
  ['a CA file', tlsOf(server), () => ({ caCert: at('ca.pem') })],
  ['a CA folder, with folders, links and other files in it', tlsOf(server), () => ({ caPath: at('cas') })],
  ['the CA file before the folder', tlsOf(server), () => ({ caCert: at('ca.pem'), caPath: at('nothing') })],
  ['the name it is given', tlsOf(unnamed), () => ({ caCert: at('ca.pem'), tlsServerName: 'client.global.nomad' })],
  ['anyone, if told so', tlsOf(expired), () => ({ tlsSkipVerify: true })],
  [
    'one who asks for a certificate',
    mutual,
    () => ({ caCert: at('ca.pem'), clientCert: at('client.pem'), clientKey: at('client-key.pem') }),
  ],
])('trusts: %s', async (_, tls, settings) => {
  expect(await ask({ tls, settings: settings() })).toEqual([1]);
});

test.each<[string, ServerOptions, () => Partial<Config['nomad']>, RegExp, RegExp]>([
  ['an unknown CA', tlsOf(server), () => ({}), /does not know who signed/, /NOMAD_CACERT/],
  ['another CA', tlsOf(server), () => ({ caCert: at('other-ca.pem') }), /does not know who signed/, /NOMAD_CACERT/],
  [
    'a certificate signed by itself',
    tlsOf(makeCertificate({ name: 'self', ips: ['127.0.0.1'] })),
    () => ({}),
    /does not know who/,
    /NOMAD_CACERT/,
  ],
  ['another name', tlsOf(unnamed), () => ({ caCert: at('ca.pem') }), /for another name/, /NOMAD_TLS_SERVER_NAME/],
  [
    'another name than it is given',
    tlsOf(server),
    () => ({ caCert: at('ca.pem'), tlsServerName: 'else' }),
    /for another name/,
    /tls-server-name/,
  ],
  ['an old certificate', tlsOf(expired), () => ({ caCert: at('ca.pem') }), /not valid at this time/, /renew/],
  ['none of our own', mutual, () => ({ caCert: at('ca.pem') }), /client certificate/, /NOMAD_CLIENT_CERT/],
  [
    'a CA file that is missing',
    tlsOf(server),
    () => ({ caCert: at('gone.pem') }),
    /CA certificate .* cannot be used/,
    /nomad\.caCert/,
  ],
  [
    'a CA file without certificate',
    tlsOf(server),
    () => ({ caCert: at('no.pem') }),
    /CA certificate .* cannot be used/,
    /nomad\.caCert/,
  ],
  [
    'a FIFO for a CA file, which is not waited on',
    tlsOf(server),
    () => ({ caCert: at('fifo') }),
    /CA certificate .* cannot be used/,
    /nomad\.caCert/,
  ],
  [
    'a FIFO for a client key',
    mutual,
    () => ({ caCert: at('ca.pem'), clientCert: at('client.pem'), clientKey: at('fifo') }),
    /client key .* cannot be used/,
    /clientKey/,
  ],
  [
    'a CA folder without certificate',
    tlsOf(server),
    () => ({ caPath: at('nothing') }),
    /CA folder .* cannot be used/,
    /nomad\.caPath/,
  ],
  [
    'a key of another certificate',
    tlsOf(server),
    () => ({ caCert: at('ca.pem'), clientCert: at('client.pem'), clientKey: at('stranger-key.pem') }),
    /cannot be used/,
    /clientKey/,
  ],
])('does not trust: %s', async (_, tls, settings, message, advice) => {
  await expect(ask({ tls, settings: settings() })).rejects.toMatchObject({
    code: 'nomadAway',
    message: expect.stringMatching(message),
    advice: expect.stringMatching(advice),
  });
});

test('TLS to a port without it', async () => {
  const { address } = await startFakeNomad({ answer: always({}) });
  await expect(aClient({ address: address.replace('http:', 'https:') }).agentSelf()).rejects.toMatchObject({
    code: 'nomadAway',
    message: expect.stringMatching(/does not speak TLS/),
  });
});

test('what OpenSSL says is shown without its inner life', async () => {
  const failure = ask({ tls: mutual, settings: { caCert: at('ca.pem') } });
  await expect(failure).rejects.toMatchObject({ facts: { said: 'tlsv13 alert certificate required' } });
});

test('half a key pair is refused at once', () => {
  expect(() => aClient({ address: 'https://127.0.0.1', clientCert: at('client.pem') })).toThrow(
    expect.objectContaining({ code: 'configInvalid' }),
  );
});

test('renewed certificate files are used by the next connection', async () => {
  const { address } = await startFakeNomad({
    tls: mutual,
    answer: (request, response) => {
      response.writeHead(200, { 'x-nomad-index': '1', connection: 'close' }).end(JSON.stringify([request.httpVersion]));
    },
  });
  const files = { caCert: at('ca.pem'), clientCert: at('client.pem'), clientKey: at('client-key.pem') };
  await writeFile(files.clientCert, stranger.pem);
  await writeFile(files.clientKey, stranger.keyPem);
  const nomad = aClient({ address, ...files });
  await expect(nomad.nodeAllocations('n1')).rejects.toMatchObject({ code: 'nomadAway' });
  await writeFile(files.clientCert, client.pem);
  await writeFile(files.clientKey, client.keyPem);
  expect((await nomad.nodeAllocations('n1')).allocations).toEqual(['1.1']);
});
