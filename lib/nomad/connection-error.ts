import { NvlError, type NvlErrorParts } from '../errors.ts';

/**
 * What kept an answer from coming, as an `NvlError`: `nomadAway` for all that waiting or a setting may fix, so that a
 * daemon tries again, and `nomadAnswer` when something that is not Nomad answers.
 */
export const asConnectionError = ({ error, shown }: { error: unknown; shown: string }): NvlError => {
  if (error instanceof NvlError) return error;
  const code = codeOf(error);
  const known = REASONS.find(({ codes }) => codes.test(code));
  const reason: Pick<Reason, 'message' | 'advice'> = known ?? { message: 'Nomad at ADDRESS cannot be asked' };
  return new NvlError(known?.isNotNomad === true ? 'nomadAnswer' : 'nomadAway', {
    message: reason.message.replace('ADDRESS', () => shown),
    facts: { said: error instanceof Error ? saidBy(error, code) : String(error) },
    ...(reason.advice === undefined ? {} : { advice: reason.advice }),
    cause: error,
  });
};

/** The error of an answer that ended before its end. */
export const cutShort = (cause: unknown): Error =>
  Object.assign(new Error('the answer ends in its middle', { cause }), { code: 'ECONNRESET' });

type Reason = Pick<NvlErrorParts, 'message' | 'advice'> & { codes: RegExp; isNotNomad?: true };

/** By the codes of Node (net, tls, http, zlib) and OpenSSL; the first that matches. */
const REASONS: Reason[] = [
  {
    codes: /^ECONNREFUSED$/,
    message: 'Nothing listens at ADDRESS',
    advice: 'start the Nomad agent, or set nomad.address (--address, NOMAD_ADDR)',
  },
  {
    codes: /^(ENOENT|ENOTSOCK|ENOTDIR)$/,
    message: 'There is no socket at ADDRESS',
    advice: "set nomad.address (--address, NOMAD_ADDR); a task's own socket is in its secrets folder",
  },
  {
    codes: /^(EACCES|EPERM)$/,
    message: 'nvl may not connect to ADDRESS',
    advice: 'run nvl as a user who may write to that socket',
  },
  {
    codes: /^(ENOTFOUND|EAI_AGAIN)$/,
    message: 'The host of ADDRESS has no known IP address',
    advice: 'check nomad.address (--address, NOMAD_ADDR)',
  },
  {
    codes: /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$/,
    message: 'No connection to Nomad at ADDRESS came about',
    advice: 'check nomad.address (--address, NOMAD_ADDR) and the firewall',
  },
  {
    codes: /SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|CERT_UNTRUSTED|CERT_CHAIN_TOO_LONG|INVALID_CA/,
    message: 'nvl does not know who signed the certificate of Nomad at ADDRESS',
    advice: "give nvl Nomad's CA with --ca-cert FILE, NOMAD_CACERT or nomad.caCert",
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME/,
    message: 'The certificate of Nomad at ADDRESS is for another name',
    advice: 'set --tls-server-name, NOMAD_TLS_SERVER_NAME or nomad.tlsServerName, often client.global.nomad',
  },
  {
    codes: /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    message: 'The certificate of Nomad at ADDRESS is not valid at this time',
    advice: "renew the agent's certificate, or set this machine's clock",
  },
  {
    codes:
      /ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_(EXPIRED|UNKNOWN|REVOKED))/,
    message: 'Nomad at ADDRESS does not accept the client certificate of nvl, or nvl has none',
    advice:
      'set --client-cert and --client-key, NOMAD_CLIENT_CERT and NOMAD_CLIENT_KEY, signed by a CA that Nomad knows',
  },
  {
    codes: /^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|ERR_SSL_HTTP_REQUEST)$/,
    message: 'What listens at ADDRESS does not speak TLS',
    advice: 'write the address with http:// if Nomad runs without TLS',
  },
  {
    codes: /^(ERR_SSL_|EPROTO$|ERR_TLS_|ERR_OSSL_)/,
    message: 'No TLS connection to Nomad at ADDRESS came about',
    advice: 'compare the tls block of the agent with the TLS settings of nvl',
  },
  {
    codes: /^(HPE_|Z_DATA_ERROR$)/,
    message: 'What listens at ADDRESS does not answer as Nomad does',
    advice: "use the port of Nomad's HTTP API (4646), with https:// if it has TLS",
    isNotNomad: true,
  },
  {
    codes: /^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/,
    message: 'Nomad at ADDRESS cut the connection before its answer was complete',
    advice: 'see whether the agent restarts; nvl asks again by itself',
  },
];

const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return '';
  return 'code' in error && error.code !== undefined ? String(error.code) : error.name;
};

/** OpenSSL's reason without its address and source file, and nothing about how to start Node. */
const saidBy = (error: Error, code: string): string => {
  const openssl = /error:[0-9A-F]{8}:[^:]*:[^:]*:([^:]+):/.exec(error.message)?.[1];
  const said = openssl ?? error.message.replace(/; if the root CA is installed locally.*/s, '');
  return said.replace(/\s+/g, ' ').trim() || code;
};
